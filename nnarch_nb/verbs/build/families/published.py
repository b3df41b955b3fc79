"""The published configurations by name: which family, with what options, for what input.

The number of parameters is that of the reference implementation (torchvision, transformers) with the
standard head; a test builds each and compares to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Published:
    """One published configuration.

    Attributes
    ----------
    family
        Its name in ``FAMILIES``.
    options
        Of the family.
    input
        The shape of one sample that it was published with.
    classes
        That it was published with; None where its answer needs no number.
    parameters
        How many it has with these.
    source
        Where it was published.
    """

    family: str
    input: tuple[int, ...]
    classes: int | None
    parameters: int
    options: dict[str, Any] = field(default_factory=dict)
    source: str = ""


PUBLISHED: dict[str, Published] = {}
