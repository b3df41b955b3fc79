"""What every verb returns: numbers, and a way to be shown.

A result holds no HTML. When it is first displayed it asks the ``views`` room for its picture; this
is the one place where a room looks to its right, which keeps results rich in plain Python too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnarch_nb.core.files import as_path, write_whole


class Result:
    """Base of the frozen dataclasses that verbs return."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from nnarch_nb import views

        return views.bundle(self)

    def save(self, path: str | Path) -> Path:
        """Write the result as a file; the suffix chooses the form.

        Parameters
        ----------
        path
            Ends in ``.html`` (a page that opens offline), ``.txt``, or ``.png`` where there is a picture;
            a graph is also written as ``.svg`` and ``.dot``.

        Returns
        -------
        Path
            Where it was written, whole or not at all.

        Raises
        ------
        NNArchError
            The suffix is none of these, or the file cannot be written.
        """
        path = as_path(path)
        return write_whole(path, self._exported(path.suffix.lower()))

    def _exported(self, suffix: str) -> str | bytes:
        from nnarch_nb import views

        return views.export(self, suffix)


class OfClasses(Result):
    """A result that speaks of classes by their names, where these are known."""

    classes: tuple[str, ...]

    def named(self, number: int) -> str:
        """Return the name of a class, or its number."""
        return self.classes[number] if number < len(self.classes) else str(number)
