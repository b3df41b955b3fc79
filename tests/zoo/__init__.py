"""Networks of every kind, each with its parameters and multiply-accumulates worked out by hand.

What is said of every network is tested over this one table, and peers are measured on it. A network is
one ``Entry`` in the file of its kind; ``entry`` has the arithmetic of the closed forms.
"""

from __future__ import annotations

from . import attentive, calls, convolutional, domains, huggingface, modern, recurrent, unusual, vision
from .entry import Cost, Entry

KINDS = {
    "vision": vision, "modern": modern, "convolutional": convolutional, "recurrent": recurrent,
    "attentive": attentive, "huggingface": huggingface, "domains": domains, "calls": calls,
    "unusual": unusual,
}  # fmt: skip
TABLE: dict[str, Entry] = {entry.name: entry for kind in KINDS.values() for entry in kind.ENTRIES}

__all__ = ["KINDS", "TABLE", "Cost", "Entry"]
