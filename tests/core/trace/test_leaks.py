"""A fake that stays where nothing can take it back is told of, and values are not run past it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace


def always() -> Iterator[Tensor]:
    table = torch.ones(4)
    while True:
        yield table


def test_a_fake_in_a_generator_under_way_is_noted() -> None:
    tables = always()

    class Draws(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + next(tables)

    result = trace(Draws(), as_call((4,)), confirm=True)
    assert (result.mode, result.confirmed) == ("fake", False)
    assert result.notes[0].startswith("1 tensors without values stay")


def test_an_ordinary_run_leaves_none() -> None:
    for model in (nn.Linear(4, 3), nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 3)), nn.LSTM(4, 2)):
        assert trace(model, as_call((2, 4))).notes == ()


@dataclass
class Output:
    hidden: Tensor


class AsksInVain(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return Output(x + 1).logits  # type: ignore[attr-defined,no-any-return]


class RaisesTensors(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        try:
            return AsksInVain()(x)
        except AttributeError as error:
            raise ValueError([x + 2]) from error


@pytest.mark.parametrize("kind", [AsksInVain, RaisesTensors])
def test_an_error_that_names_what_it_met_keeps_none(kind: type[nn.Module]) -> None:
    call = as_call(torch.ones(4, device="meta"))  # there the run on fakes has the last word
    result = trace(kind(), call)
    assert result.failure is not None
    assert (result.mode, result.notes) == ("fake", ())


@pytest.mark.parametrize("on", [True, False])
def test_the_search_for_garbage_is_as_it_was(on: bool) -> None:
    before = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        for model in (nn.Linear(4, 3), AsksInVain()):
            trace(model, as_call((4,)))
            assert gc.isenabled() is on
    finally:
        (gc.enable if before else gc.disable)()
