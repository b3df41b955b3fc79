"""What a training run leaves behind, apart from the weights: its settings, its course and its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnarch_nb.core.result import Result
from nnarch_nb.core.stats import Estimate, Share

if TYPE_CHECKING:
    import pandas as pd

    from nnarch_nb.core.data import Kind

FAR = 1e6  # R² below minus this says no more by its digits
Stopped = Literal["finished", "early", "interrupted", "nonfinite"]


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes
    ----------
    epoch
        Its number, from 1.
    train_loss
        The mean over its batches, taken while the weights moved and with dropout on.
    val_loss, val_score
        On the validation split, after the epoch; None where there is none. The score is the run's metric,
        None where it is not defined.
    seconds
        Of the pass alone, without validation.
    share
        How much of the training data it saw: below 1 when it was stopped on the way.
    """

    epoch: int
    train_loss: float
    val_loss: float | None
    val_score: float | None
    seconds: float
    share: float = 1.0


@dataclass(frozen=True)
class Fit:
    """How well numbers are predicted, on ``n`` samples.

    Attributes
    ----------
    r2, rmse
        The share of variance explained, and the root of the mean squared error in the target's unit. R² is
        not a number where the targets do not vary.
    means, stds
        Mean and standard deviation of each target, on the same samples.
    binary
        Whether every target is 0 or 1, which may stand for classes.
    block
        How many neighbouring samples were drawn together for the intervals, as windows that overlap are.
    """

    r2: Estimate
    rmse: Estimate
    n: int
    means: tuple[float, ...]
    stds: tuple[float, ...]
    binary: bool
    block: int = 1


@dataclass(frozen=True)
class Score:
    """How well answers of many parts are given, on ``n`` samples.

    Attributes
    ----------
    figures
        By name, the run's metric first. Intervals are drawn over samples: the parts of one hang together.
    n, parts
        Samples, and labels, tokens, pixels or values judged in them.
    part
        What those are.
    """

    figures: dict[str, Estimate]
    n: int
    parts: int
    part: str

    @property
    def value(self) -> float:
        """The run's metric."""
        return next(iter(self.figures.values())).value


@dataclass(frozen=True, eq=False, repr=False)
class Run(Result):
    """A training run.

    Attributes
    ----------
    name, data_name
        What was trained, and on what.
    kind
        Of the data: ``classification``, ``regression``, ``multi-label``, ``next-token``, ``segmentation``
        or ``reconstruction``.
    settings
        The options it was given, by name.
    history
        One record an epoch, in order.
    best_epoch
        The epoch whose weights the network now has; 0 means those from before the run.
    loss
        What was made small, in words.
    metric
        What ``val_score`` in the history is: ``accuracy``, ``r2``, ``f1`` (of all labels together),
        ``token_accuracy`` or ``iou`` (the mean over classes).
    test, test_split
        The figures after training, with 95 % intervals, and the split they were measured on. No figures
        where the network returns NaN or infinity there.
    majority
        What the best constant answer would score on that split: for classes, the share of the most frequent
        one. None where the score is R², for which that is 0.
    n_train, n_val
        Samples learned from, and samples that chose the epoch.
    seconds
        Wall time of the whole run.
    device
        Where it ran.
    stopped
        ``finished``, ``early`` (no gain on validation for ``patience`` epochs), ``interrupted``, or
        ``nonfinite`` (the loss or a weight was no longer a finite number).
    like_probabilities
        Whether every answer on the test split, read as the logit of the second class, lies between 0 and 1:
        a sigmoid may have made it.
    standardized
        The last layer, through which a regression was learned in deviations of its targets; empty where the
        network has no such layer, or for other kinds.
    """

    name: str
    data_name: str
    kind: Kind
    settings: dict[str, Any]
    history: tuple[Epoch, ...]
    best_epoch: int
    loss: str
    metric: str
    test: Share | Fit | Score | None
    test_split: str
    majority: float | None
    n_train: int
    n_val: int
    seconds: float
    device: str
    stopped: Stopped
    like_probabilities: bool = False
    standardized: str = ""

    def __repr__(self) -> str:
        return (
            f"Run({self.name} on {self.data_name}: {len(self.history)} of {self.epochs_asked} epochs, "
            f"best {self.best_epoch}, {self.test_split} {self._score()})"
        )

    def _score(self) -> str:
        name = {"r2": "R²"}.get(self.metric, self.metric.replace("_", " "))
        value = self.score
        if value is None or math.isnan(value):
            return f"{name} not measured"
        if self.metric == "r2":  # without a floor: an answer far off is told in powers of ten
            return f"{name} {value:.3f}" if abs(value) < FAR else f"{name} {value:.2e}"
        return f"{name} {value:.1%}"

    @property
    def epochs_asked(self) -> int:
        return int(self.settings["epochs"])

    @property
    def score(self) -> float | None:
        """The run's metric on the held-out samples; None if not measured."""
        if self.test is None:
            return None
        return self.test.r2.value if isinstance(self.test, Fit) else self.test.value

    @property
    def accuracy(self) -> float | None:
        """The share of held-out samples classified rightly; None for other kinds, or if not measured."""
        return self.test.value if isinstance(self.test, Share) else None

    @property
    def r2(self) -> float | None:
        """The share of held-out variance explained; None where that is not the metric, or if not measured."""
        return self.score if self.metric == "r2" else None

    @property
    def best(self) -> Epoch | None:
        """The record of the epoch whose weights were kept; None if they are those from before the run."""
        return next((epoch for epoch in self.history if epoch.epoch == self.best_epoch), None)

    @property
    def samples_per_second(self) -> float:
        """How many samples a second were learned from, validation apart."""
        seen = sum(epoch.share for epoch in self.history) * self.n_train
        spent = sum(epoch.seconds for epoch in self.history)
        return seen / spent if spent else float("nan")

    def to_pandas(self) -> pd.DataFrame:
        """Return the history as a table, one row an epoch."""
        import pandas as pd

        names = ["epoch", "train_loss", "val_loss", "val_score", "seconds", "share"]
        rows = [[getattr(epoch, name) for name in names] for epoch in self.history]
        return pd.DataFrame(rows, columns=names).rename(columns={"val_score": f"val_{self.metric}"})
