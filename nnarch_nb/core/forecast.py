"""What a forecast is cut from: the whole series in raw units, with its times and the rows of each split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Forecast:
    """The series behind windows.

    Attributes
    ----------
    targets
        The columns that are forecast; each is among the channels of a window, too.
    window, horizon
        How many steps a network sees, and how many after them it says.
    values
        The targets in raw units, ``(rows, targets)`` float32, NaN where there was none.
    rows
        First row and end of each split.
    times
        The time of each row as text; empty where the source has none.
    """

    targets: tuple[str, ...]
    window: int
    horizon: int
    values: torch.Tensor
    rows: dict[str, tuple[int, int]]
    times: tuple[str, ...] = ()

    def __repr__(self) -> str:
        what = ", ".join(self.targets)
        return f"Forecast({what}: {self.horizon} steps from {self.window}, of {len(self.values):,} rows)"
