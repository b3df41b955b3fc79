"""What a trace says of a network that fails."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace


def test_the_article_s_network_fails_in_fc1(article_cnn: nn.Module) -> None:
    result = trace(article_cnn, as_call((1, 28, 28)))
    failure = result.failure
    assert failure is not None
    assert (failure.path, failure.kind, failure.inputs) == ("fc1", "Linear", ((1, 36864),))
    assert (failure.operation, failure.error, result.mode) == ("linear", "RuntimeError", "fake")
    assert "1x36864 and 9216x128" in failure.message
    assert [row.path for row in result.rows if row.calls] == ["conv1", "conv2", "dropout"]
    assert (result.output, result.params) == (None, 1_199_882)


def test_a_failure_between_layers_belongs_to_the_module_that_wrote_it() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.fc(x)

    model = nn.Sequential(nn.Linear(4, 4), Block())
    failure = trace(model, as_call((4,))).failure
    assert failure is not None
    assert (failure.path, failure.kind, failure.operation) == ("1", "Block", "add")


@pytest.mark.parametrize(
    ("error", "operation"),
    [(ValueError("no\n\nreason"), None), (KeyError("k"), None), (ZeroDivisionError(), None)],
)
def test_errors_of_the_network_s_own(error: Exception, operation: str | None) -> None:
    class Raises(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise error

    failure = trace(Raises(), as_call((4,))).failure
    assert failure is not None
    assert (failure.path, failure.kind, failure.error) == ("", "Raises", type(error).__name__)
    assert failure.operation is operation
    assert failure.message
    assert "\n" not in failure.message


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (nn.Linear(4, 2), (torch.zeros(1, 4), torch.zeros(1, 4))),
        (nn.Linear(4, 2), {"nonsense": torch.zeros(1, 4)}),
        (nn.Embedding(4, 2), torch.zeros(1, 4)),
        (nn.Linear(4, 2), torch.zeros(1, 4, dtype=torch.long)),
        (nn.Linear(4, 2).to("meta"), (5,)),
        (nn.Module(), (5,)),
    ],
)
def test_bad_calls_are_recorded_not_raised(model: nn.Module, inputs: Any) -> None:
    failure = trace(model, as_call(inputs, None, model)).failure
    assert failure is not None
    assert failure.message


@pytest.mark.parametrize("model", [nn.Linear(4, 2), nn.Conv1d(4, 2, 1)])
@pytest.mark.parametrize("dtype", [torch.long, torch.float64])
def test_mixed_types_fail_in_torch_s_own_words(model: nn.Module, dtype: torch.dtype) -> None:
    x = torch.zeros(1, 4, 4, dtype=dtype)
    with pytest.raises(RuntimeError) as said:
        model(x)
    result = trace(model, as_call(x))
    assert result.failure is not None
    assert str(said.value).startswith(result.failure.message)


def test_endless_recursion_is_a_failure() -> None:
    class Endless(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return self(x)

    failure = trace(Endless(), as_call((4,))).failure
    assert failure is not None
    assert failure.error == "RecursionError"


def test_an_error_caught_by_the_network_is_none() -> None:
    class Tries(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wrong, self.right = nn.Linear(5, 2), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            try:
                return self.wrong(x)
            except RuntimeError:
                return self.right(x)

    result = trace(Tries(), as_call((4,)))
    assert (result.failure, result.output) == (None, (1, 2))
    assert {row.path: row.calls for row in result.rows} == {"": 1, "wrong": 0, "right": 1}
