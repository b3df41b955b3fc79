"""A widget that stands in the place of a static result in the page, for as long as it lives.

The result stays in the cell's output, and nothing of it rests on the widget. A page that has put the widget
in the result's place says so; from then on the file refers to no widget, so that a notebook opened later
shows the result and nothing dead. When its view is gone the page says that too: then the widget closes, for
ipywidgets holds each one until it is closed.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import anywidget

from nnarch_nb.views.live.stop import keep_on_subshell

VIEW = "application/vnd.jupyter.widget-view+json"
_shown: WeakSet[Standing] = WeakSet()


class Standing(anywidget.AnyWidget):
    """What is to stand in a result's place; ``show`` puts it into the output of the cell under way."""

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.handle: Any = None
        self.place = ("", "")
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
        if kind == "placed" and self.handle is not None:
            # It stands in the result's place now; a notebook opened later must not look for it.
            self.handle.update(shown_as(""), raw=True)
        elif kind == "closed":
            self.close()
        elif kind is not None:
            self.asked(str(kind), content)

    def asked(self, kind: str, content: dict[str, Any]) -> None:
        """Do what else the page asks."""

    def close(self) -> None:
        """End the widget and what belongs to it."""
        _shown.discard(self)
        self.layout.close()
        super().close()


def shown_as(model: str) -> dict[str, Any]:
    """Return the output that shows this model; an empty name shows nothing."""
    return {"text/plain": "", VIEW: {"version_major": 2, "version_minor": 1, "model_id": model}}
