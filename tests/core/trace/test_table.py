"""What is said of every network, over the table of networks of every kind."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nnarch_nb.core.inputs import Call, as_call
from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.core.trace.run import real_run
from nnarch_nb.core.trace.setting import deeper, quiet, set_mode, unwrapped

from ...zoo import KINDS, TABLE, Cost, Entry
from ...zoo.portrait import changes, portrait

NAMES = [*TABLE]
SMALL = [name for name, entry in TABLE.items() if not entry.large]
FAKEABLE = [name for name in SMALL if not TABLE[name].values]
COUNTABLE = [name for name, entry in TABLE.items() if entry.torch_misses is not None]


def made(entry: Entry) -> tuple[nn.Module, Any]:
    """Return the network and its inputs; those that are too large to be computed with, on meta."""
    with torch.device("meta" if entry.large else "cpu"):
        torch.manual_seed(0)
        return entry.make(), entry.inputs()


@cache
def looked(name: str) -> tuple[Trace, list[str], weakref.ref[nn.Module]]:
    """Return the trace, what it changed, and whether the network is still there."""
    model, inputs = made(TABLE[name])
    before = portrait(model, inputs)
    result = trace(model, as_call(inputs, None, model))
    return result, changes(before, portrait(model, inputs)), weakref.ref(model)


def traced(name: str) -> Trace:
    return looked(name)[0]


def forced(model: nn.Module, call: Call) -> Trace:
    """Return the trace of a run on values, also where fakes would do."""
    inner = unwrapped(model)
    with quiet(), deeper(inner):
        return real_run(inner, call, "forced")


@contextmanager
def without_fused_kernels() -> Iterator[None]:
    fast = torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast)
        torch.backends.mha.set_fastpath_enabled(False)
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
        yield


def called(model: nn.Module, inputs: Any) -> Any:
    return model(**inputs) if isinstance(inputs, dict) else model(*inputs)


def break_in_the_middle(model: nn.Module, name: str) -> bool:
    """Let the layer in the middle of the run raise; False for a script, which takes no hook."""
    inner = unwrapped(model)
    ran = [row.path for row in traced(name).rows if row.calls]
    modules = dict(inner.named_modules())
    module = modules[[path for path in ran if path in modules][len(ran) // 2]]
    if isinstance(module, torch.jit.ScriptModule):
        return False

    def fail(*_: Any) -> None:
        raise ValueError("no luck")

    module.register_forward_hook(fail)
    return True


def test_the_table_has_every_network_under_a_name_of_its_own() -> None:
    assert len(TABLE) == sum(len(kind.ENTRIES) for kind in KINDS.values()) > 100


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs_by_the_closed_form_and_no_trace_is_left(name: str) -> None:
    entry, (result, changed, _) = TABLE[name], looked(name)
    assert changed == []
    assert result.failure is None
    assert Cost(result.params, result.macs) == entry.cost
    assert result.uncounted == entry.uncounted
    assert result.mode == ("real" if entry.values else "fake")


@pytest.mark.parametrize("name", FAKEABLE)
def test_a_run_on_values_says_the_same_and_leaves_no_trace(name: str) -> None:
    entry, fake = TABLE[name], traced(name)
    model, inputs = made(entry)
    before = portrait(model, inputs)
    real = forced(model, as_call(inputs, None, model))
    assert changes(before, portrait(model, inputs)) == []
    assert (real.failure, real.mode, real.macs, real.output) == (None, "real", fake.macs, fake.output)
    assert [step.name for step in real.operations] == [step.name for step in fake.operations]
    assert (real.edges, real.rows) == (fake.edges, fake.rows)


@pytest.mark.parametrize("way", ["as it may", "on values"])
@pytest.mark.parametrize("name", SMALL)
def test_an_error_in_the_middle_leaves_no_trace(name: str, way: str) -> None:
    model, inputs = made(TABLE[name])
    error = "ValueError"
    if not break_in_the_middle(model, name):
        inputs, error = (torch.zeros(2, 5),), "RuntimeError"
    call = as_call(inputs, None, model)
    before = portrait(model, inputs)
    result = trace(model, call) if way == "as it may" else forced(model, call)
    assert changes(before, portrait(model, inputs)) == []
    assert result.failure is not None
    assert result.failure.error == error


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", COUNTABLE)
def test_torch_s_own_counter_says_the_same_without_fused_kernels(name: str) -> None:
    entry = TABLE[name]
    model, inputs = made(entry)
    set_mode(model, training=False)
    with torch.no_grad(), without_fused_kernels(), FlopCounterMode(display=False) as counter:
        called(model, inputs)
    assert counter.get_total_flops() == 2 * (entry.cost.macs - (entry.torch_misses or 0))


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.published])
def test_published_figures(name: str) -> None:
    params, billions = TABLE[name].published or (0, 0.0)
    result = traced(name)
    assert result.params == params
    assert result.macs / 1e9 == pytest.approx(billions, abs=0.0006)


def test_networks_are_freed_while_their_traces_are_kept() -> None:
    looks = {name: looked(name) for name in NAMES}
    gc.collect()
    assert [name for name, (_, _, network) in looks.items() if network() is not None] == []


def test_the_portrait_sees_a_run() -> None:
    model, inputs = made(TABLE["counts its calls"])
    before = portrait(model, inputs)
    called(model, inputs)
    assert {".calls", ".log", "._buffers", "torch's generator"} <= {*changes(before, portrait(model, inputs))}
