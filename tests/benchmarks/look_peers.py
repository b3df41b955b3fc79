"""One look at each network of the table: time, memory, right or wrong, and what is left behind.

    python tests/benchmarks/look_peers.py [--repeats 3] [--torchview] [NAME ...]

Beside ``nnarch_nb.summary`` run torchinfo, ``torch.export`` and torch's own counter, each called as its
documentation shows; with ``--torchview`` also torchview (``pip install torchview graphviz``). Each look
runs in a fork of one process that holds the network: a crash or a hang takes nothing else along, and
all find the same network. The tools take turns, so that a busy spell of the machine meets each; figures
are medians of CPU time and of the growth of the peak of resident memory. Linux only.

Right means equal within 2 % to the closed form of ``tests/zoo``. Torchinfo counts biases and
normalizations too, which is much of a tiny network: so networks off by more than a factor 1.5, which
no convention explains, are counted apart.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import select
import signal
import statistics
import sys
import time
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import torch
from torch import nn

import nnarch_nb
from tests.zoo import TABLE, Entry
from tests.zoo.portrait import changes, portrait, session

LIMIT = 120  # seconds for one look
CLOSE, CONVENTION = 0.02, 1.5
Answer = tuple[Any, "int | None", "int | None"]  # the result, which is kept, parameters and MACs
LEFT = {
    "_parameters": "weights", "weights": "weights", "_buffers": "buffers", "generator": "random numbers",
    "hooks": "hooks", "inputs": "inputs",
}  # fmt: skip


def arguments(inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return ((), inputs) if isinstance(inputs, dict) else (inputs, {})


def look_bare(model: nn.Module, inputs: Any) -> Answer:
    """What a bare forward run costs: no look, but the yardstick."""
    args, kwargs = arguments(inputs)
    with torch.no_grad():
        return model.eval()(*args, **kwargs), None, None


def look_nnarch(model: nn.Module, inputs: Any) -> Answer:
    result = nnarch_nb.summary(model, inputs)
    return result, result.params, result.macs


def look_torchinfo(model: nn.Module, inputs: Any) -> Answer:
    import torchinfo

    result = torchinfo.summary(model, input_data=inputs, verbose=0)
    return result, result.total_params, result.total_mult_adds


def look_counter(model: nn.Module, inputs: Any) -> Answer:
    from torch.utils.flop_counter import FlopCounterMode

    args, kwargs = arguments(inputs)
    with FlopCounterMode(display=False) as counter:
        model(*args, **kwargs)
    return counter, None, counter.get_total_flops() // 2


def look_export(model: nn.Module, inputs: Any) -> Answer:
    result = torch.export.export(model, *arguments(inputs))
    unique = {id(parameter): parameter.numel() for parameter in result.parameters()}
    return result, sum(unique.values()), None


def look_torchview(model: nn.Module, inputs: Any) -> Answer:
    import torchview

    return torchview.draw_graph(model, input_data=inputs), None, None


def look_torchview_on_meta(model: nn.Module, inputs: Any) -> Answer:
    import torchview

    return torchview.draw_graph(model, input_data=inputs, device="meta"), None, None


TOOLS: dict[str, Callable[[nn.Module, Any], Answer]] = {
    "bare forward": look_bare,
    "nnarch_nb": look_nnarch,
    "torchinfo": look_torchinfo,
    "flop counter": look_counter,
    "torch.export": look_export,
}
VIEWS = {"torchview": look_torchview, "torchview, meta": look_torchview_on_meta}


def resident(field: str) -> float:
    """Return ``VmRSS`` or ``VmHWM``, the peak, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def measured(tool: str, held: list[Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """Look at what is held; say what it cost, what it said and, given what was there, what it left."""
    model, inputs = held
    before = before and before | session()  # Python seeds its generator anew in a fork
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    resident_before, started = resident("VmRSS"), time.process_time()
    said: dict[str, Any] = {}
    result: Any = None
    try:
        with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
            result, said["params"], said["macs"] = (TOOLS | VIEWS)[tool](model, inputs)
    except Exception as error:
        said["crash"] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    said |= {"cpu": time.process_time() - started, "mb": resident("VmHWM") - resident_before}
    if before:
        said["left"] = sorted({part_of(name) for name in changes(before, portrait(model, inputs))})
    network = weakref.ref(model)
    held.clear()
    del model, inputs
    gc.collect()
    said["alive"] = network() is not None and result is not None
    return said


def part_of(name: str) -> str:
    """Return which part of a network or of the session a change is about."""
    return next((part for ending, part in LEFT.items() if name.endswith(ending)), "attributes")


def forked(tool: str, held: list[Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """Do the same in a fork, and return a crash where it dies or takes too long."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = {"crash": "no answer"}
        try:
            answer = measured(tool, held, before)
        except BaseException:
            answer = {"crash": traceback.format_exc().splitlines()[-1]}
        finally:
            os.write(writer, json.dumps(answer).encode())
            os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], LIMIT)
    if not ready:
        os.kill(child, signal.SIGKILL)
    said = os.read(reader, 2**16)
    os.close(reader)
    os.waitpid(child, 0)
    died = {"crash": "died" if ready else f"over {LIMIT} s"}
    return json.loads(said) if said else died


def wrong(entry: Entry, said: dict[str, Any]) -> list[str]:
    """Return what is not right, as letters that the legend explains."""
    if "crash" in said:
        return ["C"]
    letters = []
    if said["params"] is not None and off(said["params"], entry.cost.params) > 1 + CLOSE:
        letters.append("P")
    if said["macs"] is not None and not entry.uncounted:
        ratio = off(said["macs"], entry.cost.macs)
        letters += ["M"] if ratio > 1 + CLOSE else []
        letters += ["F"] if ratio > CONVENTION else []
    return letters


def off(told: int, true: int) -> float:
    """Return by which factor it is off, 1 for right, whichever of the two is larger."""
    if told == true:
        return 1.0
    return float("inf") if not told or not true else max(told / true, true / told)


def looks_at(entry: Entry, tools: list[str], repeats: int) -> dict[str, dict[str, Any]]:
    torch.manual_seed(0)
    held = [entry.make(), entry.inputs()]
    before = portrait(*held)
    rounds = [
        {tool: forked(tool, held, None if again else before) for tool in tools} for again in range(repeats)
    ]
    return {tool: together([each[tool] for each in rounds]) for tool in tools}


def together(said: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the first round said, with the medians of all."""
    figures = {key: [each[key] for each in said if key in each] for key in ("cpu", "mb")}
    return said[0] | {key: statistics.median(values) for key, values in figures.items() if values}


def told(entry: Entry, said: dict[str, Any]) -> str:
    if "cpu" not in said:
        return f"{'':>7}{'':>6} C".ljust(20)
    left = "".join(part[0] for part in said["left"]) + ("+" if said["alive"] else "")
    letters = "".join(wrong(entry, said)) or "ok"
    return f"{1000 * said['cpu']:>7.0f}{said['mb']:>6.0f} {letters} {left}".ljust(20)


LEGEND = """
each: CPU ms, growth of the peak of resident memory in MB, then
  C crashed  P parameters off by over 2 %  M MACs off by over 2 %  F MACs off by over a factor 1.5
  left behind: w weights  b buffers  r random numbers  h hooks  i inputs  a attributes
  + its result keeps the network alive
"""


def conclusions(tools: list[str], found: dict[str, dict[str, dict[str, Any]]]) -> Iterator[str]:
    for tool in tools:
        said = {name: each[tool] for name, each in found.items()}
        ran = {name: each for name, each in said.items() if "crash" not in each}
        letters = {name: wrong(TABLE[name], each) for name, each in ran.items()}
        left = {part: sum(part in each["left"] for each in ran.values()) for part in set(LEFT.values())}
        left["attributes"] = sum("attributes" in each["left"] for each in ran.values())
        yield (
            f"{tool:<16} runs {len(ran)} of {len(said)}, "
            f"CPU {sum(each['cpu'] for each in ran.values()):.1f} s in all, "
            f"{1000 * statistics.median(each['cpu'] for each in ran.values()):.0f} ms in the middle, "
            f"at most {max(each['mb'] for each in ran.values()):.0f} MB"
        )
        for letter, what in (("P", "parameters off by over 2 %"), ("M", "MACs off by over 2 %"),
                             ("F", "MACs off by over a factor 1.5")):  # fmt: skip
            key = "params" if letter == "P" else "macs"
            counted = [name for name in ran if ran[name][key] is not None]
            if counted:
                yield f"{'':<16}   {what}: {sum(letter in letters[n] for n in counted)} of {len(counted)}"
        if tool == "bare forward":
            continue
        parts = [f"{part} {many}" for part, many in sorted(left.items()) if many]
        # What lives on after a bare run too is kept by itself, not by a look.
        kept = sum(
            each["alive"] > found[name]["bare forward"].get("alive", False) for name, each in ran.items()
        )
        for name, each in said.items():
            if "crash" in each:
                yield f"{'':<16}   crashed on {name}: {each['crash'][:110]}"
        yield f"{'':<16}   left behind: {', '.join(parts) or 'nothing'}; keeps {kept} networks alive"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="networks of the table (default: all)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--torchview", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    tools = [*TOOLS, *(VIEWS if given.torchview else ())]
    names = given.names or [*TABLE]
    looks_warm(tools)
    print(f"{'':<28}" + "".join(f"{tool:<20}" for tool in tools))
    found = {}
    for name in names:
        found[name] = looks_at(TABLE[name], tools, given.repeats)
        print(f"{name:<28}" + "".join(told(TABLE[name], found[name][tool]) for tool in tools), flush=True)
    print(LEGEND)
    print("\n".join(conclusions(tools, found)))


def looks_warm(tools: list[str]) -> None:
    """Let each tool import and fill what it keeps for a whole session, so that none pays for it below."""
    for tool in tools:
        with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
            (TOOLS | VIEWS)[tool](*[make() for make in (TABLE["mlp"].make, TABLE["mlp"].inputs)])
    TABLE["gpt-2"].make()


if __name__ == "__main__":
    main()
