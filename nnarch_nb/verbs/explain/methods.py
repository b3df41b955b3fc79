"""The one table of attribution methods, by Captum's own names.

A method is a function ``(scores, inputs, baselines, targets, steps) -> Maps`` in a file of its own;
the table names it as text, so that help and Tab import nothing.
"""

from __future__ import annotations

METHODS = {
    "integrated-gradients": "nnarch_nb.verbs.explain.integrated_gradients:integrated_gradients",
}


def methods() -> dict[str, str]:
    return METHODS
