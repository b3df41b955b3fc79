"""The one text behind ``rnn``, ``lstm`` and ``gru``: they differ in the cell alone.

Each reads a series step by step, or tokens through an embedding, and answers once at the end (classes,
numbers, a forecast) or after each step (the next token). Samples that end early are packed, so that padding
costs nothing and changes nothing.
"""

from __future__ import annotations

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.steps import embedding, head, masking
from nnarch_nb.verbs.build.families.wanted import Wanted
from nnarch_nb.verbs.build.families.words import dropped, joined

FORMS = ("series", "tokens")
KINDS = ("classification", "regression", "multi-label", "next-token")


def recurrent(cell: str, wanted: Wanted, width: int, depth: int, dropout: float, bidirectional: bool) -> str:
    """Write the network around a cell.

    A network that reads both ways has no last step that has seen all, so it answers from the mean over the
    steps.
    """
    if bidirectional and wanted.kind == "next-token":
        raise NNArchError("bidirectional would see the next token before it answers; leave it out")
    if wanted.form == "tokens":
        first = joined(embedding(cell.lower(), wanted, width), dropped(dropout))
    else:
        first = masking(wanted)
    pooling = "MeanSteps()" if bidirectional else "Last()"
    layer = layers(cell, width, depth, dropout, bidirectional)
    return "\n".join(filter(None, [first, layer, head(wanted, pooling, dropout)]))


def layers(cell: str, width: int, depth: int, dropout: float, bidirectional: bool) -> str:
    """Return the recurrent layers; torch drops units between them, so of one layer none."""
    settings = [
        str(width),
        *([f"num_layers={depth}"] if depth > 1 else []),
        *([f"dropout={dropout:g}"] if depth > 1 and dropout else []),
        *(["bidirectional=True"] if bidirectional else []),
    ]
    return f"{cell}({', '.join(settings)})"
