"""Architectures by name: each is a text in the layer language, so it can be read, changed and exported.

``FAMILIES`` is the one table, one file to an entry. It is free of torch, as help and Tab need its names.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families import cnn, mlp
from nnarch_nb.verbs.build.families.wanted import Family, Wanted

__all__ = ["FAMILIES", "Family", "Wanted"]

FAMILIES: dict[str, Family] = {
    "mlp": mlp.FAMILY,
    "cnn": cnn.FAMILY,
}
