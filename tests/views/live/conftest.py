"""A real kernel, shared by the tests of a module."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

LIMIT = 90  # seconds for a cell, on a busy machine

PRELUDE = """
import time, torch
from nnarch_nb.core import events
from nnarch_nb.verbs.train import train
from nnarch_nb.views.live import connect
torch.set_num_threads(1)
live = [True]
disconnect = connect(get_ipython(), lambda: live[0])
x = torch.randn(400, 4, generator=torch.Generator().manual_seed(0))
y = (x.sum(1) > 0).long()
data = (x[:300], y[:300], x[300:], y[300:])
class Slow(torch.nn.Sequential):
    def forward(self, x):
        time.sleep(.01)
        return super().forward(x)
quick = torch.nn.Linear(4, 2)
slow = Slow(torch.nn.Linear(4, 2))
"""


@dataclass
class Cell:
    """What one cell left: its outputs as a notebook would hold them, and every message on the way."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def shown(self) -> list[dict[str, Any]]:
        return [output["data"] for output in self.outputs if "data" in output]

    @property
    def printed(self) -> str:
        return "".join(output["text"] for output in self.outputs if "text" in output)


class Kernel:
    """Runs cells in a kernel and keeps their outputs by the rules of a notebook."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel()

    def run(self, code: str, meanwhile: Callable[[KernelManager, Cell], None] | None = None) -> Cell:
        """Run a cell to its end; ``meanwhile`` is called after every message."""
        cell, places = Cell(), {}
        request, end = self.client.execute(code), time.monotonic() + LIMIT
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            cell.messages.append(message)
            if message["content"].get("execution_state") == "idle":
                return cell
            take(message, cell, places)
            if meanwhile:
                meanwhile(self.manager, cell)
        raise TimeoutError(code)

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def take(message: dict[str, Any], cell: Cell, places: dict[str, dict[str, Any]]) -> None:
    kind, content = message["msg_type"], message["content"]
    name = content.get("transient", {}).get("display_id")
    if kind == "update_display_data":
        places[name]["data"] = content["data"]
    elif kind in ("display_data", "execute_result", "stream", "error"):
        cell.outputs.append({"kind": kind, **content})
        if name:
            places[name] = cell.outputs[-1]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        assert not kernel.run(PRELUDE).outputs
        yield kernel
    finally:
        kernel.stop()
