"""What is made small and what is reported: chosen by the kind of data and the outputs, one entry each."""

from __future__ import annotations

from collections.abc import Callable

from nnarch_nb.core.data import Data
from nnarch_nb.errors import pick
from nnarch_nb.verbs.train.objective.base import Objective as Objective
from nnarch_nb.verbs.train.objective.classes import Binary as Binary
from nnarch_nb.verbs.train.objective.classes import Classification as Classification
from nnarch_nb.verbs.train.objective.labels import MultiLabel as MultiLabel
from nnarch_nb.verbs.train.objective.numbers import Regression as Regression
from nnarch_nb.verbs.train.objective.numbers import r2 as r2
from nnarch_nb.verbs.train.objective.numbers import regression_of
from nnarch_nb.verbs.train.objective.pixels import Segmentation as Segmentation
from nnarch_nb.verbs.train.objective.tokens import NextToken as NextToken
from nnarch_nb.verbs.train.objective.values import Reconstruction

OBJECTIVES: dict[str, Callable[[Data], Objective]] = {
    "classification": lambda data: Classification(),
    "binary": lambda data: Binary(),
    "regression": regression_of,
    "multi-label": lambda data: MultiLabel(),
    "next-token": lambda data: NextToken(),
    "segmentation": lambda data: Segmentation(),
    "reconstruction": lambda data: Reconstruction(),
}


def objective_for(data: Data, outputs: int) -> Objective:
    """Return how so many outputs are judged; one output does for two classes."""
    binary = data.kind == "classification" and (data.outputs, outputs) == (2, 1)
    return pick("binary" if binary else data.kind, OBJECTIVES, "kind of data")(data)
