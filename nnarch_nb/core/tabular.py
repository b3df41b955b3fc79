"""Data as a DataFrame: one row per sample in raw units, with its target and the name of its split."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from nnarch_nb.core.data import Data, Split


def as_frame(data: Data) -> pd.DataFrame:
    """Return the samples of all splits; what a column holds, ``Data.to_pandas`` tells."""
    import pandas as pd

    frames = []
    for name in ("train", "val", "test"):
        split: Split = getattr(data, name)
        if not len(split):
            continue
        frame = pd.concat([samples_of(data, split), targets_of(data, split)], axis=1)
        frames.append(frame.assign(**{free_name("split", list(frame.columns)): name}))
    return pd.concat(frames, ignore_index=True)


def samples_of(data: Data, split: Split) -> pd.DataFrame:
    import pandas as pd

    if data.vocabulary is not None:
        return pd.DataFrame({"text": [data.vocabulary.decode(ids) for ids in split.x.tolist()]})
    if not (data.features and data.normalization):
        raw = data.raw(split.x).flatten(1)
        return pd.DataFrame(
            raw.numpy(), columns=list(data.features or (f"x{i}" for i in range(raw.shape[1])))
        )
    # In double, or times in seconds would be one; the digits that float32 does not hold are rounded off.
    raw = data.raw(split.x.double())
    mean, std = data.normalization.mean, data.normalization.std
    error = 2e-7 * split.x.double().abs().amax(0) * std + 1e-14 * mean.abs()
    places = (-error.log10()).nan_to_num(posinf=0).clamp(max=300).floor().int().tolist()
    columns = zip(data.features, raw.T.numpy(), places, strict=True)
    return pd.DataFrame({name: values.round(place) for name, values, place in columns})


def targets_of(data: Data, split: Split) -> pd.DataFrame:
    import pandas as pd

    if data.kind in ("regression", "multi-label"):
        return pd.DataFrame(split.y.numpy(), columns=list(data.classes))
    if data.kind == "classification":
        return pd.DataFrame({data.target: [data.classes[number] for number in split.y.tolist()]})
    if data.kind == "next-token" and data.vocabulary is not None:
        return pd.DataFrame({"next": [data.vocabulary.decode(ids) for ids in split.y.tolist()]})
    raw = (data.raw(split.y) if data.kind == "reconstruction" else split.y).flatten(1)
    return pd.DataFrame(raw.numpy(), columns=[f"y{i}" for i in range(raw.shape[1])])


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or the next like it that is not taken.

    Examples
    --------
    >>> free_name("split", ["a"]), free_name("split", ["split"])
    ('split', 'split_0')
    """
    return next(n for n in (name, *(f"{name}_{i}" for i in range(len(taken) + 1))) if n not in taken)
