"""The explorer's side in the kernel: it holds the graph, and draws it anew when the page asks.

A message may come on a thread of its own while a cell runs, so that a training does not keep the
explorer waiting; one drawing is made at a time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import traitlets

from nnarch_nb.errors import NNArchError
from nnarch_nb.views import graph as view
from nnarch_nb.views.live.explorer import told
from nnarch_nb.views.live.explorer.script import script, style
from nnarch_nb.views.live.explorer.wishes import act
from nnarch_nb.views.live.standing import Standing
from nnarch_nb.views.readable import readable

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph


class Explorer(Standing):
    """A graph to move about in; ``show`` puts it into the output of the cell under way."""

    _esm = script()
    _css = style()
    alt = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    unlisted = traitlets.Int().tag(sync=True)

    def __init__(self, graph: Graph) -> None:
        rows = told.rows(graph)
        unlisted = len(graph.trace.rows) - len(rows)
        self.first = self.graph = graph
        self.drawing = threading.Lock()
        super().__init__(
            alt=readable(view.alt(graph)), picture=told.picture(graph), rows=rows, unlisted=unlisted
        )

    def asked(self, kind: str, content: dict[str, Any]) -> None:
        """Draw anew where the page asks for it."""
        if kind == "draw":
            self.draw(str(content.get("act")), str(content.get("path")))

    def draw(self, name: str, path: str) -> None:
        """Draw anew, and tell the page in one line if that cannot be."""
        with self.drawing:
            try:
                before = self.graph
                self.graph = self.first if name == "reset" else act(before, name, path)
                self.picture = told.picture(self.graph)
                line = remark(self.graph, before, self.first)
            except NNArchError as error:
                line = str(error)
            except Exception as error:  # the page must not wait for an answer for ever
                line = f"This could not be drawn: {type(error).__name__}."
                raise
            finally:
                self.send({"kind": "drawn", "line": readable(line)})


def remark(graph: Graph, before: Graph, first: Graph) -> str:
    """Return what a reader must know of the new picture that did not stand below the first."""
    notes = " ".join(note for note in graph.notes if note not in first.notes)
    if graph.nodes == before.nodes and graph.groups == before.groups:
        return notes or "It cannot be drawn otherwise."
    return notes
