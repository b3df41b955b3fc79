"""A result appears once: where its panel was, or as the value of the cell, never both.

A task's result is shown in its panel's place as soon as it is there, so that a session that breaks off
keeps it. Where the same cell then also ends with that result, IPython would show it again; until the
cell has ended, this one object is therefore printed as nothing. It still becomes ``_`` and ``Out[n]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnarch_nb.core.result import Result


class ShownOnce:
    """The results that already stand in the output of the cell under way."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.results: list[Result] = []  # held, so that no other object takes the id of one of them

    @property
    def printers(self) -> dict[int, Any]:
        # Asked before all others, and by object instead of by type.
        return self.shell.display_formatter.ipython_display_formatter.singleton_printers

    def add(self, result: Result) -> None:
        """Do not show this result again in this cell."""
        if not self.results:
            self.shell.events.register("post_run_cell", self.forget)
        self.results.append(result)
        self.printers[id(result)] = lambda shown: None

    def forget(self, *_: Any) -> None:
        """Let every result be shown again: the cell has ended."""
        if self.results:
            self.shell.events.unregister("post_run_cell", self.forget)
        while self.results:
            self.printers.pop(id(self.results.pop()), None)
