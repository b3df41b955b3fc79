"""The explorer's side in the kernel: it holds the graph, and draws it anew when the page asks.

A message may come on a thread of its own while a cell runs, so that a training does not keep the
explorer waiting; one drawing is made at a time. The page says when its view is gone: then the widget
closes, for ipywidgets holds each one until it is closed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import anywidget
import traitlets

from nnarch_nb.errors import NNArchError
from nnarch_nb.views import graph as view
from nnarch_nb.views.live.explorer import told
from nnarch_nb.views.live.explorer.script import script, style
from nnarch_nb.views.live.explorer.wishes import act
from nnarch_nb.views.live.stop import keep_on_subshell
from nnarch_nb.views.readable import readable

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph

_shown: WeakSet[Explorer] = WeakSet()
VIEW = "application/vnd.jupyter.widget-view+json"


class Explorer(anywidget.AnyWidget):
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
        super().__init__(
            alt=readable(view.alt(graph)), picture=told.picture(graph), rows=rows, unlisted=unlisted
        )
        self.first = self.graph = graph
        self.handle: Any = None
        self.place = ("", "")
        self.drawing = threading.Lock()
        self.on_msg(self.hear)
        if self.comm is not None:
            keep_on_subshell(self)

    def show(self, cell: str, run: str) -> None:
        """Show it in this run of that cell, and end those of earlier runs.

        The page ends them itself, unless it was reloaded in between.
        """
        from IPython.display import display

        for other in list(_shown):
            if other.place[0] == cell and other.place != (cell, run):
                other.close()
        self.place = (cell, run)
        _shown.add(self)
        self.handle = display(shown_as(self.model_id), raw=True, display_id=True)

    def hear(self, _: Any, content: Any, buffers: Any) -> None:
        """Do what the page asks; what it does not know it ignores."""
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "draw":
            self.draw(str(content.get("act")), str(content.get("path")))
        elif kind == "placed" and self.handle is not None:
            # It stands in the static picture's place now; a notebook opened later must not look for it.
            self.handle.update(shown_as(""), raw=True)
        elif kind == "closed":
            self.close()

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

    def close(self) -> None:
        """End the widget and what belongs to it."""
        _shown.discard(self)
        self.layout.close()
        super().close()


def remark(graph: Graph, before: Graph, first: Graph) -> str:
    """Return what a reader must know of the new picture that did not stand below the first."""
    notes = " ".join(note for note in graph.notes if note not in first.notes)
    if graph.nodes == before.nodes and graph.groups == before.groups:
        return notes or "It cannot be drawn otherwise."
    return notes


def shown_as(model: str) -> dict[str, Any]:
    """Return the output that shows this model; an empty name shows nothing."""
    return {"text/plain": "", VIEW: {"version_major": 2, "version_minor": 1, "model_id": model}}
