"""The parts that all results share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure of the strip: large value, small unit or interval.

    ``measured`` marks what differs from run to run (seconds, trained figures), which tests skip.
    """

    value: str
    unit: str
    measured: bool = False


def heading(title: str, subtitle: str, strip: list[Figure]) -> str:
    """Return the title and strip as text, for terminals."""
    figures = "   ".join(f"{figure.value} {figure.unit}" for figure in strip)
    return f"{title}  {subtitle}" + (f"\n{figures}" if figures else "")


def columns(rows: list[list[str]], left: int = 1) -> str:
    """Return rows of text in aligned columns; the first ``left`` columns lean left, the others right.

    Examples
    --------
    >>> print(columns([["layer", "parameters"], ["fc1", "128"]]))
    layer  parameters
    fc1           128
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
