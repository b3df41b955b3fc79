"""Whatever torch answers to a wrong argument is told in one short line."""

from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import nn

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.build import modules
from nnarch_nb.verbs.build.language import COMBINATORS
from nnarch_nb.verbs.build.layers import known_layers, layer_called, reason
from nnarch_nb.verbs.build.modules import OWN_LAYERS
from nnarch_nb.verbs.build.network import COMBINED


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("GroupNorm(0)", (8, 4, 4)),
        ("PixelShuffle(0)", (8, 4, 4)),
        ("Conv2d(3, 2, 0)", (1, 8, 8)),
        ("LPPool1d(0, kernel_size=1)", (2, 8)),
        ("CrossMapLRN2d(0)", (3, 8, 8)),
    ],
)
def test_a_zero_that_torch_divides_by_is_named(written, shape):
    with pytest.raises(NNArchError, match="divides by a 0; give sizes of at least 1") as caught:
        build(written, shape)
    assert written in str(caught.value)


def test_torchs_list_of_overloads_is_cut_off():
    with pytest.raises(TypeError) as caught:
        torch.nn.functional.conv2d(1)
    assert "\n" in str(caught.value)
    assert "\n" not in reason(caught.value)


def test_an_error_without_words_is_told_by_its_name():
    assert reason(AssertionError()) == "AssertionError"


def test_a_layer_is_found_without_regard_to_case():
    assert (layer_called("relu"), layer_called("CONV2D"), layer_called("foo")) == ("ReLU", "Conv2d", None)


def test_every_name_of_the_language_has_a_maker():
    assert COMBINED.keys() == COMBINATORS.keys()
    assert not COMBINATORS.keys() & known_layers().keys()


def test_our_layers_stand_beside_torchs_and_hide_none():
    assert OWN_LAYERS.items() <= known_layers().items()
    assert not OWN_LAYERS.keys() & vars(nn).keys()
    written = [
        kind
        for path in Path(modules.__file__).parent.glob("*.py")
        for kind in vars(import_module(f"{modules.__name__}.{path.stem}")).values()
        if isinstance(kind, type)
        and issubclass(kind, nn.Module)
        and kind.__module__.startswith(modules.__name__)
    ]
    holders = {"Chain", "Repeat", "Residual", "Paths", "Add", "Concat"}
    assert {kind.__name__ for kind in written} == {*OWN_LAYERS, *holders}


def test_a_container_is_no_layer():
    assert not {"Sequential", "ModuleList", "CrossEntropyLoss", "LazyLinear"} & known_layers().keys()
