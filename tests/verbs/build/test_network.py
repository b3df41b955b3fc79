"""The names that layers get in a network."""

from nnarch_nb import build
from nnarch_nb.verbs.build.language import read
from nnarch_nb.verbs.build.plan import named


def test_a_name_loses_its_dimensions_and_no_letter():
    layers = read("Conv2d(8, 3), Sigmoid(), LogSigmoid(), Threshold(1, 1), Unfold(3), Fold(3, 3)")
    assert named(layers) == ["conv1", "sigmoid1", "logsigmoid1", "threshold1", "unfold1", "fold1"]


def test_no_two_layers_share_a_name():
    model = build(["ReLU6()", *["ReLU()"] * 61], (4,))
    assert len(model) == 62
