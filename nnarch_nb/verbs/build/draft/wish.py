"""What a draft is for, apart from its text: input, classes, and the family that may have written it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nnarch_nb.core.data import Data
from nnarch_nb.core.room import memory_bytes
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.asked import example_from


@dataclass(frozen=True)
class Wish:
    """What a draft is for, apart from its text.

    Attributes
    ----------
    inputs
        The shape of one sample, a tensor, or the data; None where it is not known yet.
    classes
        How many answers; None where it is not said.
    name, seed
        As ``build`` takes them.
    family, options, wrote
        The family that was asked for, with what options, and the text it wrote: as long as that is the
        text, the network is the family's, its first weights too.
    """

    inputs: Any = None
    classes: int | None = None
    name: str | None = None
    seed: int = 0
    family: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    wrote: str = ""

    @property
    def data(self) -> Data | None:
        return self.inputs if isinstance(self.inputs, Data) else None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of one sample."""
        if self.inputs is None:
            return None
        if isinstance(self.inputs, tuple) and all(isinstance(size, int) for size in self.inputs):
            return self.inputs
        example = example_from(self.inputs)
        return None if example is None else tuple(example.shape[1:])


def checked(wish: Wish) -> Wish:
    """Return the wish if a sample of its input can be held in memory.

    Raises
    ------
    NNArchError
        It cannot, or it is no input.
    """
    if isinstance(wish.inputs, tuple) and all(type(size) is int for size in wish.inputs):
        needed = 4
        for size in wish.inputs:
            if size < 1:
                raise NNArchError("the sizes of a sample are whole numbers of 1 or more, such as 1,28,28")
            needed *= size
        if needed > memory_bytes():
            raise NNArchError("one sample of this input does not fit in memory; give smaller sizes")
        if not wish.inputs:
            raise NNArchError("a sample has at least one size, such as 1,28,28")
        return wish
    example_from(wish.inputs)
    return wish
