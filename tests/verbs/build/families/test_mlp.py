"""``mlp``: what its options write."""

import pytest

from nnarch_nb import NNArchError, build


def test_options_stand_in_the_text():
    model = build("mlp", (6,), 3, width=16, depth=3, activation="gelu", norm="batch", dropout=0.5)
    hidden = "Linear(16), BatchNorm1d(), GELU(), Dropout(0.5)"
    assert model.spec == "\n".join([hidden] * 3 + ["Linear(3)"])


def test_residual_adds_every_layer_after_the_first():
    model = build("mlp", (6,), 3, width=16, depth=3, residual=True)
    assert model.spec.count("Residual(Linear(16), ReLU())") == 2
    assert sum(p.numel() for p in model.parameters()) == (7 + 17 + 17) * 16 + 17 * 3


@pytest.mark.parametrize("shape", [(3, 8, 8), (20, 2), (2, 3, 4, 5)])
def test_what_has_several_dimensions_is_flattened(shape):
    assert build("mlp", shape, 4).spec.startswith("Flatten()")


def test_a_table_has_no_steps_to_measure_over():
    with pytest.raises(NNArchError, match="a table has batch or layer"):
        build("mlp", (6,), 3, norm="instance")


def test_many_layers_are_written_once():
    model = build("mlp", (6,), 3, width=16, depth=20)
    assert model.spec == "Linear(16), ReLU()\nRepeat(19, Linear(16), ReLU())\nLinear(3)"
    assert sum(p.numel() for p in model.parameters()) == (7 + 19 * 17) * 16 + 17 * 3
    with pytest.raises(NNArchError, match="at most 10,000"):
        build("mlp", (6,), 3, depth=100_000)
