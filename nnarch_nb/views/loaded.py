"""What a file of weights had for a network: how much of it, and every name that did not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.loading.report import Loaded

MOST_NAMES = 100  # of one kind; more are counted


def html(loaded: Loaded) -> str:
    return render(
        "loaded.html.j2",
        title=title(loaded),
        subtitle=loaded.layout,
        strip=strip(loaded),
        head=head(loaded),
        freeze=loaded.freeze,
        lists=lists(loaded),
        trust=trust(loaded),
    )


def text(loaded: Loaded) -> str:
    parts = [heading(title(loaded), loaded.layout, strip(loaded)), "", *filter(None, [head(loaded)])]
    if loaded.freeze:
        parts.append(f"To train the head alone: {loaded.freeze}")
    for what, names, hidden in lists(loaded):
        parts += [
            "",
            f"{what}:",
            *(f"  {name}" for name in names),
            *([f"  and {hidden:,} more"] if hidden else []),
        ]
    return "\n".join([*parts, "", trust(loaded)])


def title(loaded: Loaded) -> str:
    return f"{loaded.name} with the weights of {loaded.path}"


def strip(loaded: Loaded) -> list[Figure]:
    tensors = len(loaded.matched) + len(loaded.missing)
    return [
        Figure(numbers.count(loaded.parameters), f"of {loaded.of:,} parameters"),
        Figure(f"{len(loaded.matched):,}", f"of {tensors:,} tensors matched"),
        Figure(f"{len(loaded.missing):,}", "missing in the file"),
        Figure(f"{len(loaded.unexpected):,}", "unexpected in the file"),
    ]


def head(loaded: Loaded) -> str:
    """Return what became of the layer that answers."""
    if loaded.replaced is None:
        return ""
    theirs, ours = loaded.replaced
    return (
        f"{loaded.head} is new: the file tells {theirs:,} classes apart, this network {ours:,}. "
        f"It has to be trained."
    )


def lists(loaded: Loaded) -> list[tuple[str, list[str], int]]:
    """Return every kind of name that needs a word, with what is left out of a long list."""
    kinds = {
        "Missing in the file (values as they were)": loaded.missing,
        "Unexpected in the file (not used)": loaded.unexpected,
        "In another form in the file": tuple(f"{name}: {how}" for name, how in loaded.reshaped),
        "Ignored (buffers, heads for pretraining)": loaded.ignored,
    }
    return [
        (
            f"{what}, {len(names):,}",
            [shorten(name) for name in names[:MOST_NAMES]],
            max(0, len(names) - MOST_NAMES),
        )
        for what, names in kinds.items()
        if names
    ]


def trust(loaded: Loaded) -> str:
    return (
        f"Matched by the names of {loaded.layout} and by shape; nothing in the file was executed. "
        f"How well the weights do was not checked."
    )
