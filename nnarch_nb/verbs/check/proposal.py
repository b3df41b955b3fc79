"""A change that could mend a run: in words, and as something that can be held in place for a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nnarch_nb.verbs.check.finding import Case, Finding
from nnarch_nb.verbs.check.patches import Patch


class Proposal(NamedTuple):
    """A change in words, and the same as something that can be held in place for a trial."""

    text: str
    patch: Patch
    group: str = ""  # of changes of one kind, of which one that works is enough


Rule = Callable[[Case, Finding], Iterator[Proposal]]
