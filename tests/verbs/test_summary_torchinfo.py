"""torchinfo's figures, without the harm it does."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
import torchinfo
from torch import Tensor, nn
from torch.nn.utils import prune

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.summary import summary


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.norm = nn.Embedding(20, 8), nn.BatchNorm1d(8)
        self.head, self.idle = nn.Linear(8, 20, bias=False), nn.Linear(3, 3)
        self.head.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.embed(x).transpose(1, 2)).transpose(1, 2))


def state_of(model: nn.Module) -> list[Any]:
    flags = [(module.training, len(module._forward_hooks)) for module in model.modules()]
    tensors = [
        (id(tensor), tensor.device, tensor.clone()) for tensor in model.state_dict(keep_vars=True).values()
    ]
    return [flags, tensors]


def test_its_figures_are_its_own() -> None:
    model = Tied()
    theirs = torchinfo.summary(model, input_data=torch.zeros(1, 6, dtype=torch.long), verbose=0)
    said = summary(model, (6,), engine="torchinfo").torchinfo
    assert said is not None
    assert (said.params, said.macs) == (theirs.total_params, theirs.total_mult_adds)
    assert f"Total params: {theirs.total_params:,}" in said.text


def test_the_differences_are_explained() -> None:
    said = summary(Tied(), (6,), engine="torchinfo").torchinfo
    assert said is not None
    assert said.differences[0] == (
        "Parameters: 336 there, 188 here: weights used in several places count once here, every time there; "
        "layers that never ran are left out there."
    )
    assert (
        "Linear: 160 there, 960 here: it counts each weight once a sample, not once a step."
        in said.differences
    )
    assert any(line.startswith("Embedding: 160 there, 0 here") for line in said.differences)


def test_the_differences_add_up() -> None:
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
    result = summary(model, (5, 8), engine="torchinfo")
    assert result.torchinfo is not None
    kinds = [line.split(": ", 2)[1] for line in result.torchinfo.differences[1:]]
    pairs = [
        [int(part.split()[0].replace(",", "")) for part in kind.split(", ") if " " in part] for kind in kinds
    ]
    assert result.torchinfo.macs - result.macs == sum(a - b for a, b in pairs)


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_is_left(training: bool) -> None:
    model = Tied().train(training)
    model.norm.train(not training)
    before = state_of(model)
    summary(model, (6,), engine="torchinfo")
    after = state_of(model)
    assert before[0] == after[0]
    for (key, device, value), (key2, device2, value2) in zip(before[1], after[1], strict=True):
        assert (key, device) == (key2, device2)
        assert torch.equal(value, value2)


def test_the_network_is_freed_and_a_cache_of_the_user_kept() -> None:
    torchinfo.summary(nn.Linear(4, 2), (1, 4), verbose=0, cache_forward_pass=True)
    cached = dict(torchinfo.torchinfo._cached_forward_pass)
    model = Tied()
    alive = weakref.ref(model)
    result = summary(model, (6,), engine="torchinfo")
    del model
    gc.collect()
    assert alive() is None
    assert result.torchinfo is not None
    assert torchinfo.torchinfo._cached_forward_pass == cached


def test_weights_on_meta_stay() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(8, 4), nn.ReLU())
    weight = model[0].weight
    said = summary(model, torch.zeros(2, 8, device="meta"), engine="torchinfo").torchinfo
    assert said is not None
    assert said.params == 36
    assert model[0].weight is weight
    assert weight.is_meta


def test_a_network_it_fails_on_leaves_one_line_and_no_trace() -> None:
    class Odd(nn.Module):
        """Torchinfo knows no layer that returns an object of one's own."""

        def __init__(self) -> None:
            super().__init__()
            self.inner, self.out = Returns(), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.inner(x).x)

    class Returns(nn.Module):
        def forward(self, x: Tensor) -> Any:
            return type("Own", (), {"x": x})()

    model = Odd()
    before = state_of(model)
    assert summary(model, (4,)).params == 10
    with pytest.raises(NNArchError, match="torchinfo fails on Odd: TypeError"):
        summary(model, (4,), engine="torchinfo")
    assert [len(module._forward_hooks) for module in model.modules()] == [0, 0, 0]
    assert before[0] == state_of(model)[0]


def test_a_reason_is_given_where_it_is_proven() -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 4, bias=False))
    prune.l1_unstructured(model[0], "weight", 0.5)
    said = summary(model, (8,), engine="torchinfo").torchinfo
    assert said is not None
    assert said.differences == (
        "Parameters: 72 there, 104 here: pruned weights are left out there.",
        "Multiply-adds: 72 there, 96 here.",
        "Linear: 72 there, 96 here: it leaves out pruned weights, and it counts biases.",
    )


def test_a_reason_that_is_not_known_is_not_made_up() -> None:
    class Linear(nn.Module):
        """Takes its products as often as it likes."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(4, 4))

        def forward(self, x: Tensor) -> Tensor:
            return x @ self.weight @ self.weight

    said = summary(nn.Sequential(Linear()), (4,), engine="torchinfo").torchinfo
    assert said is not None
    assert "Linear: 16 there, 32 here: the reason is not known." in said.differences


class Nested(nn.Module):
    def __init__(self, levels: int) -> None:
        super().__init__()
        self.inner = Nested(levels - 1) if levels else nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


def test_deep_nesting_is_refused_and_not_waited_for() -> None:
    assert summary(Nested(8), (4,), engine="torchinfo").torchinfo is not None
    with pytest.raises(NNArchError, match="twice the time with each level of nesting, and Nested has 42"):
        summary(Nested(40), (4,), engine="torchinfo")
