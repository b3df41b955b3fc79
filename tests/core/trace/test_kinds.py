"""Networks that are wrapped, compiled, parametrized, shared among threads or that change themselves."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import Row, Trace, trace


def row(result: Trace, path: str) -> Row:
    return next(row for row in result.rows if row.path == path)


class Plain(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class Transforms(nn.Module):
    """Changes its class, its hooks, its children and its buffers when it runs."""

    def __init__(self, fails: bool = False) -> None:
        super().__init__()
        self.fc, self.fails = nn.Linear(4, 4), fails

    def forward(self, x: Tensor) -> Tensor:
        self.fc.register_forward_hook(lambda module, args, out: out)
        self.fc.register_full_backward_hook(lambda *_: None)
        self.register_buffer("late", x * 2)
        self.fc.extra = nn.Parameter(torch.zeros(3))
        x = self.fc(x)
        self.__class__ = Plain  # as lazy modules do
        if self.fails:
            raise ValueError("stop")
        return x


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_classes_hooks_and_tables_are_put_back(fails: bool, training: bool) -> None:
    model = Transforms(fails)
    before = {path: {name: dict(table) for name, table in vars(module).items() if isinstance(table, dict)}
              for path, module in model.named_modules()}  # fmt: skip
    result = trace(model, as_call((4,)), training=training)
    assert (result.failure is None) is not fails
    assert type(model) is Transforms
    assert before == {
        path: {name: dict(table) for name, table in vars(module).items() if isinstance(table, dict)}
        for path, module in model.named_modules()
    }
    assert result.params == 20 + 3  # as it would become, like a lazy layer


@pytest.mark.parametrize("fast", [True, False])
def test_the_fast_path_of_attention_is_as_it_was(fast: bool) -> None:
    before = torch.backends.mha.get_fastpath_enabled()
    try:
        torch.backends.mha.set_fastpath_enabled(fast)
        trace(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), as_call((5, 8)))
        trace(nn.Linear(4, 2), as_call((5,)))
        assert torch.backends.mha.get_fastpath_enabled() is fast
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def test_traces_in_several_threads_wait_for_each_other() -> None:
    model, found = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), []
    weight = model[0].weight

    def look() -> None:
        found.append(trace(model, as_call((4,))).macs)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [12] * 6
    assert model[0].weight is weight


def test_what_another_thread_does_with_a_module_is_not_noted() -> None:
    class Asks(nn.Module):
        """Lets a worker run one of its layers on the side."""

        def __init__(self) -> None:
            super().__init__()
            self.side, self.main = nn.ReLU(), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            worker = threading.Thread(target=self.side, args=(torch.ones(3),))
            worker.start()
            worker.join()
            return self.main(x)

    result = trace(Asks(), as_call((4,)))
    assert (row(result, "side").calls, row(result, "main").calls) == (0, 1)
    assert [step.name for step in result.operations] == ["input", "Linear", "output"]


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        lambda m: torch.compile(m, backend="eager"),
        lambda m: nn.DataParallel(torch.compile(m, backend="eager")),
    ],
)
def test_wrappers_are_looked_through(wrap: Any) -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    assert trace(wrap(model), as_call((4,))) == trace(model, as_call((4,)))


def test_a_compiled_part_is_looked_into() -> None:
    model = nn.Sequential(
        torch.compile(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), backend="eager"), nn.Linear(3, 2)
    )
    result = trace(model, as_call((4,)))
    assert (result.failure, result.mode, result.macs, result.params) == (None, "fake", 18, 23)


def test_a_script_with_buffers() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that scripts are of the past
        script = torch.jit.script(nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)))
    result = trace(script, as_call((1, 8, 8)))
    assert (result.params, result.output) == (48, (1, 4, 6, 6))


def test_a_script_within_a_network() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        script = torch.jit.script(nn.Sequential(nn.Linear(4, 3), nn.ReLU()))
    result = trace(nn.Sequential(script, nn.Linear(3, 2)), as_call((4,)))
    assert (result.failure, result.macs, result.params) == (None, 18, 23)
    assert [step.path for step in result.operations if step.kind == "module"] == ["0", "1"]


def test_what_a_parametrization_computes_stands_in_its_own_row() -> None:
    plain = nn.Linear(4, 3)
    normed = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3))
    result = trace(nn.Sequential(normed), as_call((4,)))
    own = row(result, "0.parametrizations.weight.0")
    assert own.macs == 4 * 3 + 3  # the weight by a vector, and that by another
    assert result.macs == trace(plain, as_call((4,))).macs + own.macs
    weighted = trace(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), as_call((4,)))
    assert (weighted.macs, weighted.params) == (12, 18)


def test_an_old_weight_norm() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = nn.utils.weight_norm(nn.Linear(4, 3))
    before = model.weight
    assert trace(model, as_call((4,))).macs == 12
    assert model.weight is before
