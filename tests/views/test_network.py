"""A built network in text."""

import pytest

from nnarch_nb import build


@pytest.mark.parametrize(("spec", "told"), [("ReLU()", " 1 layer\n"), ("ReLU(), ReLU()", " 2 layers\n")])
def test_one_layer_is_told_in_the_singular(spec, told):
    assert told in build(spec, (4,))._repr_mimebundle_()["text/plain"]
