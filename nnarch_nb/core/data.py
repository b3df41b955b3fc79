"""What data IS here: three splits, a kind, and the normalization that made it.

The tensors in the splits are ready for a network. ``normalization`` leads back to raw units (pixels,
centimetres), in which people think and in which ``explain`` and ``attack`` speak.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nnarch_nb.core.result import Result

if TYPE_CHECKING:  # signatures are free of torch, so that importing the verbs is too
    import pandas as pd
    import torch

Kind = Literal["classification", "regression"]

# A float32 is off by up to 2^-24 of itself, after the subtraction and again after the division; as much
# again is for a mean and deviation that were rounded themselves.
ROUNDING = 2**-22


@dataclass(frozen=True, eq=False)
class Split:
    """One part of the data.

    Attributes
    ----------
    x
        Samples ready for a network, shape ``(n, *shape)``, float32 unless the source has integer tokens.
    y
        Targets: int64 class numbers of shape ``(n,)``, or float32 of shape ``(n, outputs)`` for regression.
    """

    x: torch.Tensor
    y: torch.Tensor

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Split(n={len(self)}, x={tuple(self.x.shape)}, y={tuple(self.y.shape)})"


@dataclass(frozen=True, eq=False)
class Normalization:
    """A shift and scale per channel (images) or per column (tables), computed on the training split.

    Attributes
    ----------
    mean, std
        Double tensors that broadcast against one sample: ``(c, 1, 1)`` for images, ``(features,)`` for
        tables. Their values are exact in the number type of the raw data, as nothing else leads back.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def apply(self, raw: torch.Tensor) -> torch.Tensor:
        """Return what the network sees for values in raw units."""
        return (raw - self.mean.to(raw)) / self.std.to(raw)

    def undo(self, x: torch.Tensor) -> torch.Tensor:
        """Return the raw values behind what the network sees.

        In double, then rounded once, which mostly finds the very number that was there. What lies as near
        to a whole number as float32 could bring ``x`` is that number: pixels, counts and the zeros of a
        category come back as they were.

        Examples
        --------
        >>> import torch
        >>> pixels, thirds = torch.arange(256.0), torch.tensor([0.1, 0.3], dtype=torch.float64) / 3
        >>> scale = Normalization(thirds[:1], thirds[1:])
        >>> torch.equal(scale.undo(scale.apply(pixels.double()).float()), pixels)
        True
        """
        scaled = x.double() * self.std.to(x.device)
        raw = scaled + self.mean.to(x.device)
        whole = raw.round() + 0.0  # no minus zero
        return whole.where((raw - whole).abs() <= ROUNDING * scaled.abs(), raw).to(x.dtype)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or the next like it that is not taken.

    Examples
    --------
    >>> free_name("split", ["a"]), free_name("split", ["split"])
    ('split', 'split_0')
    """
    return next(n for n in (name, *(f"{name}_{i}" for i in range(len(taken) + 1))) if n not in taken)


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
        ``classification`` or ``regression``.
    shape
        Of one sample, without the batch dimension.
    classes
        Class names by number; for regression the names of the targets.
    features
        Column names of a table; empty for images.
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

    def __repr__(self) -> str:
        sizes = "/".join(str(len(split)) for split in (self.train, self.val, self.test))
        what = f"{len(self.classes)} classes" if self.kind == "classification" else "regression"
        return f"Data({self.name}: {sizes} samples of {'×'.join(map(str, self.shape))}, {what})"

    @property
    def outputs(self) -> int:
        """How many numbers a network for this data returns per sample; two classes may do with one."""
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

        A table has its features as columns; of anything else each value of a sample is a column, ``x0``,
        ``x1`` and so on.
        """
        import pandas as pd

        frames = []
        for name in ("train", "val", "test"):
            split: Split = getattr(self, name)
            if not len(split):
                continue
            frame = pd.concat([self._samples(split), self._targets(split)], axis=1)
            frames.append(frame.assign(**{free_name("split", list(frame.columns)): name}))
        return pd.concat(frames, ignore_index=True)

    def _samples(self, split: Split) -> pd.DataFrame:
        import pandas as pd

        if not (self.features and self.normalization):
            raw = self.raw(split.x).flatten(1)
            return pd.DataFrame(
                raw.numpy(), columns=list(self.features or (f"x{i}" for i in range(raw.shape[1])))
            )
        # In double, or times in seconds would be one; the digits that float32 does not hold are rounded off.
        raw = self.raw(split.x.double())
        mean, std = self.normalization.mean, self.normalization.std
        error = 2e-7 * split.x.double().abs().amax(0) * std + 1e-14 * mean.abs()
        places = (-error.log10()).nan_to_num(posinf=0).clamp(max=300).floor().int().tolist()
        columns = zip(self.features, raw.T.numpy(), places, strict=True)
        return pd.DataFrame({name: values.round(place) for name, values, place in columns})

    def _targets(self, split: Split) -> pd.DataFrame:
        import pandas as pd

        if self.kind == "regression":
            return pd.DataFrame(split.y.numpy(), columns=list(self.classes))
        return pd.DataFrame({self.target: [self.classes[number] for number in split.y.tolist()]})
