"""The builder's side in the kernel: it holds the bench, does what the page asks, and tells how it stands.

A message may come on a thread of its own while a cell runs. What is asked is planned on ``meta`` there and
touches nothing of the notebook; a network with weights is made on the main thread between two cells, for
drawing weights borrows the session's generators. Every answer carries the number of what was asked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import traitlets

from nnarch_nb.errors import NNArchError
from nnarch_nb.views.live.builder import told
from nnarch_nb.views.live.builder.bench import Bench
from nnarch_nb.views.live.builder.code import code_of, variable
from nnarch_nb.views.live.builder.script import script, style
from nnarch_nb.views.live.standing import Standing
from nnarch_nb.views.readable import readable

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.draft import Draft


class Builder(Standing):
    """A draft to work on; ``show`` puts it into the output of the cell under way."""

    _esm = script()
    _css = style()
    state = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    cell = traitlets.Unicode().tag(sync=True)

    def __init__(self, draft: Draft, variables: dict[str, Any]) -> None:
        self.bench = Bench(draft)
        self.variables = variables
        self.working = threading.Lock()
        self.loop = running_loop()
        super().__init__(state=told.state(self.bench), choices=told.choices())

    def show(self, cell: str, run: str) -> None:
        """Show it in this run of that cell, below which code is inserted."""
        self.cell = cell
        super().show(cell, run)

    def asked(self, kind: str, content: dict[str, Any]) -> None:
        """Do what the page asks."""
        if kind in ASKED:
            self.answer(content, ASKED[kind])
        elif kind == "use":
            self.on_main_thread(lambda: self.answer(content, Builder.use))

    def answer(
        self, content: dict[str, Any], do: Callable[[Builder, dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Send what ``do`` returns, or why it could not be, with the number of the question."""
        number = content.get("number")
        with self.working:
            reply: dict[str, Any] = {"line": "This failed within the builder; the traceback is in the log."}
            try:
                reply = do(self, content)
            except NNArchError as error:
                reply = {"line": readable(str(error)), "refused": True}
            finally:  # the page must not wait for an answer for ever
                self.send({"kind": content["kind"], "number": number, **reply})

    def act(self, content: dict[str, Any]) -> dict[str, Any]:
        try:
            line, refused = self.bench.do(str(content.get("act")), content), False
        except NNArchError as error:
            line, refused = str(error), True
        return {"state": told.state(self.bench, line, refused)}

    def draw(self, content: dict[str, Any]) -> dict[str, Any]:
        return told.picture(self.bench.readable)

    def code(self, content: dict[str, Any]) -> dict[str, Any]:
        name = str(content.get("name", ""))
        return {"code": code_of(str(content.get("form")), self.bench.draft, name, self.variables)}

    def use(self, content: dict[str, Any]) -> dict[str, Any]:
        """Keep the network in the notebook."""
        name = variable(str(content.get("name", "")))
        network = self.bench.draft.network()
        was = " in place of what had that name" if name in self.variables else ""
        self.variables[name] = network
        count = sum(parameter.numel() for parameter in network.parameters())
        return {"line": f"The notebook has it as {name}{was}: {count:,} parameters."}

    def on_main_thread(self, do: Callable[[], None]) -> None:
        """Do it between two cells; at once where there is no loop that could."""
        if self.loop is None or threading.current_thread() is threading.main_thread():
            do()
        else:
            self.loop.call_soon_threadsafe(do)


ASKED: dict[Any, Callable[[Builder, dict[str, Any]], dict[str, Any]]] = {
    "act": Builder.act,
    "draw": Builder.draw,
    "code": Builder.code,
}


def running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
