"""What planned layers turned out to be, kept from one draft to the next.

Somebody who types asks for a plan at every letter, and all layers but one are as they were: with three
hundred of them planning anew took two seconds. What is kept is of layers that depend on what they get
alone; nothing of it has memory for weights.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import torch

from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.planning.flow import Flow

T = TypeVar("T")
MOST = 4096


class Known(Generic[T]):
    """Answers by what they are of; forgotten all at once when there are too many."""

    def __init__(self) -> None:
        self.answers: dict[Hashable, T] = {}

    def get(self, of: Hashable, make: Callable[[], T]) -> T:
        """Return the answer, made where it is not known; an error is not kept."""
        found = self.answers.get(of)
        if found is None:
            found = make()
            if len(self.answers) >= MOST:
                self.answers = {}
            self.answers[of] = found
        return found


def mark_of(layer: Layer, given: Any) -> Hashable:
    """Return what tells a layer by what was written: ``1``, ``1.0`` and ``True`` are three things there."""
    return layer.name, layer.own, repr(layer.args), repr(layer.kwargs), repr(given)


def mark_of_flow(flow: Flow) -> Hashable:
    x: torch.Tensor | None = flow.x
    return None if x is None else (tuple(x.shape), x.dtype), flow.padded, flow.first
