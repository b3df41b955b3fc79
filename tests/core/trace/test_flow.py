"""The dataflow: what leads to what, through functions, in-place writes and views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace


def flow(forward: Callable[..., Any], *modules: nn.Module, shape: tuple[int, ...] = (4,)) -> list[str]:
    """Return the edges of ``forward(x, *modules)`` as ``source>target``, by name."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList(modules)

        def forward(self, x: Tensor) -> Any:
            return forward(x, *self.parts)

    net = Net()
    result = trace(net, as_call(shape, None, net))
    assert result.failure is None, result.failure
    names = [operation.name for operation in result.operations]
    return [f"{names[edge.source]}>{names[edge.target]}" for edge in result.edges]


def test_a_skip_connection_makes_a_join() -> None:
    assert flow(lambda x, fc: x + F.relu(fc(x)), nn.Linear(4, 4)) == [
        "input>Linear", "Linear>relu", "input>add", "relu>add", "add>output",
    ]  # fmt: skip


def test_a_tensor_used_twice_makes_two_edges() -> None:
    assert flow(lambda x: x * x) == ["input>mul", "input>mul", "mul>output"]
    attention = nn.MultiheadAttention(4, 2, batch_first=True)
    assert flow(lambda x, a: a(x, x, x)[0], attention, shape=(3, 4)).count("input>MultiheadAttention") == 3


def test_cat_joins_a_list() -> None:
    assert flow(lambda x: torch.cat([x, x.relu()], 1)) == [
        "input>relu",
        "input>cat",
        "relu>cat",
        "cat>output",
    ]


def test_writing_into_a_view_reaches_its_base() -> None:
    def write(x: Tensor) -> Tensor:
        y = x.clone()
        first = y[:, 0]
        first += 1
        return y

    edges = flow(write)
    assert edges == ["input>clone", "clone>getitem", "getitem>add", "add>output"]


def test_an_assignment_to_an_index_is_a_step() -> None:
    def write(x: Tensor) -> Tensor:
        y = torch.zeros(1, 4)
        y[:, 1:] = x[:, 1:].tanh()
        return y

    assert flow(write) == ["input>getitem", "getitem>tanh", "tanh>setitem", "setitem>output"]


def test_in_place_layers_and_functions() -> None:
    def forward(x: Tensor, relu: nn.Module) -> Tensor:
        y = x * 2
        relu(y)
        return F.relu(y, inplace=True)

    assert flow(forward, nn.ReLU(inplace=True)) == ["input>mul", "mul>ReLU", "ReLU>relu", "relu>output"]


def test_dropout_that_returns_its_input_keeps_the_skip_apart() -> None:
    assert flow(lambda x, drop: x + drop(x), nn.Dropout(0.5)) == [
        "input>Dropout", "input>add", "Dropout>add", "add>output",
    ]  # fmt: skip


def test_constants_are_no_steps() -> None:
    assert flow(lambda x: x + torch.arange(4).float().cos()) == ["input>add", "add>output"]


def test_operators_and_properties_go_by_the_names_readers_know() -> None:
    assert flow(lambda x: 1 - x.T) == ["input>T", "T>rsub", "rsub>output"]


def test_edges_carry_shapes_and_steps_their_cost() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    result = trace(model, as_call((4,), None, model))
    assert [edge.shape for edge in result.edges] == [(1, 4), (1, 3), (1, 3)]
    assert [operation.macs for operation in result.operations] == [0, 12, 0, 0]
    assert [operation.path for operation in result.operations] == ["", "0", "1", ""]


def test_rows_mapped_over_are_followed() -> None:
    assert flow(lambda x: torch.vmap(lambda row: row.relu() + row)(x) * x, shape=(3, 4)) == [
        "input>relu", "relu>add", "input>add", "add>mul", "input>mul", "mul>output",
    ]  # fmt: skip


def test_layers_and_maps_within_maps_are_followed() -> None:
    def rows(x: Tensor, fc: nn.Module) -> Tensor:
        return torch.vmap(torch.vmap(lambda row: fc(row).sin()))(x).sum()

    assert flow(rows, nn.Linear(4, 4), shape=(3, 2, 4)) == [
        "input>Linear", "Linear>sin", "sin>sum", "sum>output",
    ]  # fmt: skip


def test_a_view_within_a_map_is_no_step_of_what_it_views() -> None:
    def both(x: Tensor) -> Tensor:
        return torch.vmap(lambda row: row.view(2, 2), out_dims=2)(x).exp() + x.sum()

    assert flow(both) == [
        "input>view", "view>permute", "permute>exp", "input>sum", "exp>add", "sum>add", "add>output",
    ]  # fmt: skip
