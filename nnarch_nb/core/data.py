"""What data IS here: three splits, a kind, and the normalization that made it.

The tensors in the splits are ready for a network. ``normalization`` leads back to raw units (pixels,
centimetres), in which people think and in which ``explain`` and ``attack`` speak.

Samples of different lengths share one tensor: steps after the end of a series are NaN, tokens after the
end of a text are 0. NaN survives arithmetic, so that a network that does not know of it fails loudly
instead of being silently wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from nnarch_nb.core.forecast import Forecast as Forecast
from nnarch_nb.core.normalization import ROUNDING as ROUNDING
from nnarch_nb.core.normalization import Normalization as Normalization
from nnarch_nb.core.result import Result
from nnarch_nb.core.tabular import as_frame
from nnarch_nb.core.tabular import free_name as free_name
from nnarch_nb.core.vocabulary import Vocabulary as Vocabulary

if TYPE_CHECKING:  # signatures are free of torch, so that importing the verbs is too
    import pandas as pd
    import torch

Kind = Literal["classification", "regression", "multi-label", "next-token", "segmentation", "reconstruction"]
Form = Literal["table", "image", "series", "tokens", "array"]

IGNORED = -100  # a target that counts for nothing, as in torch's cross-entropy
FORMS: dict[int, Form] = {1: "table", 2: "series", 3: "image"}  # by the dimensions of a sample


@dataclass(frozen=True, eq=False)
class Split:
    """One part of the data.

    Attributes
    ----------
    x
        Samples ready for a network, shape ``(n, *shape)``: float32, or int64 where they are tokens. A series
        is ``(steps, channels)``; its steps after the end are NaN, and tokens after the end are 0.
    y
        Targets, by the kind of data: class numbers ``(n,)`` int64; numbers ``(n, outputs)`` float32
        (regression); labels ``(n, labels)`` float32 of 0 and 1 (multi-label); the token after each
        ``(n, steps)`` int64 (next-token); the class of each pixel ``(n, height, width)`` int64
        (segmentation); what to give back ``(n, *shape)`` float32 (reconstruction). ``-100`` counts for
        nothing in a target of several numbers.
    """

    x: torch.Tensor
    y: torch.Tensor

    @property
    def form(self) -> Form:
        """What one sample is, judged by its dimensions and number type."""
        if self.x.dim() == 2 and not self.x.is_floating_point():
            return "tokens"
        return FORMS.get(self.x.dim() - 1, "array")

    @cached_property
    def lengths(self) -> torch.Tensor:
        """How many steps of each sample are real, int64 of shape ``(n,)``; 1 for what has no steps."""
        if self.form == "tokens":
            real = self.x != 0
        elif self.form == "series":
            real = ~self.x.isnan().all(dim=2)
        else:
            return self.x.new_ones(len(self.x)).long()
        steps = real.long().cumsum(1).argmax(1) + 1  # the last that is real
        return steps.where(real.any(1), 0)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Split(n={len(self)}, x={tuple(self.x.shape)}, y={tuple(self.y.shape)})"


@dataclass(frozen=True)
class Column:
    """One column of the table that the data came from.

    Attributes
    ----------
    name
        As the source calls it.
    kind
        ``number``, ``integer``, ``yes/no`` or ``category``.
    missing
        How many rows of the source had no value here.
    width
        How many features it became: 1, or one per value of a category.
    """

    name: str
    kind: Literal["number", "integer", "yes/no", "category"]
    missing: int = 0
    width: int = 1


@dataclass(frozen=True, eq=False, repr=False)
class Data(Result):
    """Samples and targets, split into train, validation and test; no row is in two of them.

    Attributes
    ----------
    name
        What the data is called in titles.
    train, val, test
        The splits; a split that was not given or asked for has length 0.
    kind
        What is asked of a network: ``classification``, ``regression``, ``multi-label``, ``next-token``,
        ``segmentation`` or ``reconstruction``; ``Split.y`` is accordingly.
    shape
        Of one sample, without the batch dimension.
    classes
        Class names by number; the names of the targets of a regression, of the labels of a multi-label set,
        the words of the vocabulary for next-token; empty for reconstruction.
    features
        Column names of a table; empty for all else.
    normalization
        How raw values became ``x``; None where they are one and the same.
    bounds
        Smallest and largest raw value possible (images) or seen in training (tables).
    notes
        What a reader should know to trust it: rows dropped, columns encoded, splits given or made.
    columns
        The columns of the source table in the order of ``features``; empty for images.
    target
        What the targets are called, such as the name of the target column.
    vocabulary
        The words behind the tokens of a text; None for all else.
    channels
        Names of the channels of a series, where they have any.
    forecast
        The series that windows were cut from; None for all else. Its targets are in ``y`` step by step:
        all targets one step ahead, all two steps ahead, and so on.
    """

    name: str
    train: Split
    val: Split
    test: Split
    kind: Kind
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    features: tuple[str, ...] = ()
    normalization: Normalization | None = None
    bounds: tuple[float, float] = (0.0, 1.0)
    notes: tuple[str, ...] = field(default=())
    columns: tuple[Column, ...] = ()
    target: str = "target"
    vocabulary: Vocabulary | None = None
    channels: tuple[str, ...] = ()
    forecast: Forecast | None = None

    def __repr__(self) -> str:
        sizes = "/".join(str(len(split)) for split in (self.train, self.val, self.test))
        what = {
            "classification": f"{len(self.classes)} classes",
            "multi-label": f"{len(self.classes)} labels",
            "segmentation": f"segmentation in {len(self.classes)} classes",
            "next-token": f"the next of {len(self.classes)} tokens",
        }.get(self.kind, self.kind)
        return f"Data({self.name}: {sizes} samples of {'×'.join(map(str, self.shape))}, {what})"

    @property
    def form(self) -> Form:
        """What one sample is: ``table``, ``image``, ``series``, ``tokens``; an ``array`` where unknown."""
        return self.held_out[1].form

    @property
    def padded(self) -> bool:
        """Whether a sample is shorter than ``shape`` and filled up at its end."""
        if self.form not in ("tokens", "series"):
            return False
        parts = (self.train, self.val, self.test)
        return any(bool((split.lengths < self.shape[0]).any()) for split in parts if len(split))

    @property
    def outputs(self) -> int:
        """How many numbers a network returns per sample, token or pixel; two classes may do with one.

        For reconstruction the channels of an image or series, the columns of a table.
        """
        if self.kind == "reconstruction":
            return self.shape[0] if self.form == "image" else self.shape[-1]
        return len(self.classes)

    @property
    def held_out(self) -> tuple[str, Split]:
        """The split that figures are reported on, with its name: test, else validation, else train."""
        for name in ("test", "val"):
            split: Split = getattr(self, name)
            if len(split):
                return {"val": "validation"}.get(name, name), split
        return "train", self.train

    def raw(self, x: torch.Tensor) -> torch.Tensor:
        """Return samples in raw units."""
        return self.normalization.undo(x) if self.normalization else x

    def ready(self, raw: torch.Tensor) -> torch.Tensor:
        """Return raw samples as the network sees them."""
        return self.normalization.apply(raw) if self.normalization else raw

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per sample in raw units, with its target and the name of its split.

        A table has its features as columns, a text the column ``text``; of anything else each value of a
        sample is a column, ``x0``, ``x1`` and so on.
        """
        return as_frame(self)
