"""A network is planned layer by layer before any of it is made: sizes, names, limits."""

import tracemalloc

import pytest
import torch

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.build.language import Layer, read
from nnarch_nb.verbs.build.planning import plan as planning
from nnarch_nb.verbs.build.planning.limits import refuse_too_many
from nnarch_nb.verbs.build.planning.plan import named, planned

from ..conftest import told_of


def plan_of(spec, shape):
    with torch.device("meta"):
        return planned(read(spec), torch.zeros(1, *shape))


def test_sizes_are_inferred_in_every_copy_and_path():
    model = build(
        """
        Repeat(3, Conv2d(8, 3, padding=1), BatchNorm2d(), ReLU())
        Residual(Conv2d(16, 3, stride=2, padding=1), shortcut=[Conv2d(16, 1, stride=2)])
        Concat(Conv2d(4, 1), [MaxPool2d(3, 1, 1), Conv2d(4, 1)])
        Add(Conv2d(8, 1), Conv2d(8, 3, padding=1)), Flatten(), Linear(10)
        """,
        (3, 8, 8),
    )
    assert model.repeat1[0].conv1.in_channels == 3
    assert model.repeat1[1].conv1.in_channels == 8
    assert model.residual1.shortcut.conv1.in_channels == 8
    assert model.concat1.path2.conv1.in_channels == 16
    assert model.linear1.in_features == 8 * 4 * 4
    assert model(torch.zeros(2, 3, 8, 8)).shape == (2, 10)


def test_copies_are_planned_once_where_nothing_changes(monkeypatch):
    calls = []
    settled = planning.settled
    monkeypatch.setattr(planning, "settled", lambda layer, x: calls.append(layer) or settled(layer, x))
    (copies,), flow = plan_of("Repeat(1000, Linear(8))", (4,))
    assert (len(calls), len(copies.inside), flow.shape) == (2, 1000, (8,))
    assert copies.bytes == 4 * (4 * 8 + 8 + 999 * (8 * 8 + 8))
    calls.clear()
    assert plan_of("Repeat(5, Conv1d(4, 3))", (4, 20))[1].shape == (4, 10)
    assert len(calls) == 5


def test_each_copy_has_weights_of_its_own():
    model = build("Repeat(2, Linear(4))", (4,))
    assert not torch.equal(model.repeat1[0].weight, model.repeat1[1].weight)


def test_names_say_where_a_layer_is():
    model = build(
        "block = [Conv2d(4, 3, padding=1), ReLU()]\n"
        "block, block, Residual(block), Residual(Conv2d(4, 1), shortcut=[Conv2d(4, 1)])\n"
        "Repeat(2, block), Repeat(2, ReLU(), Conv2d(4, 1)), Repeat(2, Conv2d(4, 1))\n"
        "Add(block, Conv2d(4, 1)), Branch(ReLU()), Residual(block, block)",
        (4, 6, 6),
    )
    assert [name for name, _ in model.named_parameters() if name.endswith("weight")] == [
        "block1.conv1.weight",
        "block2.conv1.weight",
        "residual1.body.conv1.weight",
        "residual2.body.conv1.weight",
        "residual2.shortcut.conv1.weight",
        "repeat1.0.conv1.weight",
        "repeat1.1.conv1.weight",
        "repeat2.0.conv1.weight",
        "repeat2.1.conv1.weight",
        "repeat3.0.weight",
        "repeat3.1.weight",
        "add1.path1.conv1.weight",
        "add1.path2.weight",
        "residual3.body.block1.conv1.weight",
        "residual3.body.block2.conv1.weight",
    ]


def test_no_two_siblings_share_a_name():
    layers = [
        Layer("ReLU6"),
        *[Layer("ReLU")] * 61,
        *[Layer("Branch", label="relu")] * 2,
        Layer("Branch", label="relu6_"),
    ]
    assert len(set(named(tuple(layers)))) == 65


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("Repeat(10**9, Linear(8))", "would have 1,000,000,001 layers; at most 10,000"),
        ("Repeat(300, Repeat(300, ReLU()))", "would have 90,301 layers"),
        ("Repeat(10**6, Repeat(10**6, Repeat(10**6, ReLU())))", "more than 10^15 layers"),
        ("Repeat(5000, Linear(100000))", "GiB but this machine has"),
        ("Linear(10**6), Linear(10**6)", "GiB but this machine has"),
        ("Positions(10**12)", "GiB but this machine has"),
        ("Positions(10**12, kind='sinusoidal')", "GiB but this machine has"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_made(spec, told):
    tracemalloc.start()
    try:
        assert told in told_of(spec, (4, 6))
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_parts_of_parts_are_counted_without_walking_them():
    layer = Layer("ReLU")
    for _ in range(60):
        layer = Layer("Branch", paths=((layer, layer),))
    with pytest.raises(NNArchError, match=r"more than 10\^15 layers"):
        refuse_too_many((layer,))


def test_unembed_needs_an_embedding_and_no_arguments():
    assert "there is none; add one" in told_of("Unembed()", (4, 6))
    assert "takes no arguments" in told_of("Linear(3), Unembed(5)", (4, 6))
    told = told_of("Embedding(12, 4), GLU(), Unembed()", (9,))
    assert "gets 2 features but the Embedding, whose weights it shares, has 4; write Linear(4) before" in told
    assert build("Embedding(12, 4), GLU(), Linear(4), Unembed()", (9,)).shapes[-1] == (9, 12)


def test_layers_that_follow_need_no_argument():
    model = build(
        "Conv2d(8, 3), BatchNorm2d(), InstanceNorm2d(affine=True), Flatten(2), Transpose(1, 2), LayerNorm(), "
        "RMSNorm(), ClassToken(), Positions(40), SelfAttention(2), First(), BatchNorm1d(), Linear(3)",
        (1, 8, 8),
    )
    assert model.shapes[-1] == (3,)
