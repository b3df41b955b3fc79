"""PyTorch's own data sets and loaders, read once into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from nnarch_nb.core.events import task
from nnarch_nb.core.rng import seeded
from nnarch_nb.errors import NNArchError, shorten

Pair = tuple[Any, Any, tuple[str, ...]]


def collect(reader: Any, seed: int) -> Pair:
    """Return all samples and targets of a Dataset or DataLoader, and how they were read.

    Raises
    ------
    NNArchError
        It has no length, is empty, or its items are no pairs of a sample and its target.
    """
    total, name = length(reader), type(reader).__name__
    if isinstance(reader, TensorDataset) and len(reader.tensors) == 2:
        return (*reader.tensors, ())
    # Random transforms and a shuffling loader draw from the session's generators: lend them seeded ones.
    with seeded(seed):
        items = list(progress(guarded(reader_items(reader), name), total, name))
    pairs = [pair(item, name) for item in items]
    if isinstance(reader, DataLoader):
        return *batches(pairs, name), (f"read from {name} in one pass{dropped(reader)}",)
    return *apart(pairs, name), ("each sample read once: random transforms are frozen",)


def length(reader: Any) -> int:
    stream = isinstance(reader.dataset if isinstance(reader, DataLoader) else reader, IterableDataset)
    try:
        total = len(reader)
    except (TypeError, NotImplementedError, AttributeError) as error:
        kind = "an IterableDataset" if stream else f"a {type(reader).__name__}"
        raise NNArchError(
            f"{kind} without a length cannot be split: collect its samples into tensors (x, y) first"
        ) from error
    if total == 0:
        raise NNArchError(f"the {type(reader).__name__} is empty: there is no sample in it")
    return total


def reader_items(reader: Any) -> Iterator[Any]:
    """Yield the items; a map-style data set need not know where it ends."""
    if isinstance(reader, (DataLoader, IterableDataset)):
        yield from reader
    else:
        yield from (reader[i] for i in range(len(reader)))


def guarded(items: Iterator[Any], name: str) -> Iterator[Any]:
    """Yield the items; where the user's code fails, say at which."""
    for number in count():
        try:
            item = next(items)
        except StopIteration:
            return
        except Exception as error:  # whatever the data set raises
            reason = f"{type(error).__name__}: {shorten(error, 120)}"
            raise NNArchError(
                f"item {number} of the {name} cannot be read: {reason}; mend it there"
            ) from error
        yield item


def progress(items: Iterable[Any], total: int, name: str) -> Iterator[Any]:
    with task("data", f"reading {name}", total, "item") as work:
        for done, item in enumerate(items, 1):
            yield item
            if work.stopping:
                raise KeyboardInterrupt  # half a data set is of no use
            if done % max(1, total // 100) == 0:
                work.advance(done)


def pair(item: Any, name: str) -> tuple[Any, Any]:
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return item[0], item[1]
    what = f"{len(item)} parts" if isinstance(item, (tuple, list)) else shorten(type(item).__name__)
    raise NNArchError(f"an item of the {name} is {what}: it must be a pair of a sample and its target")


def batches(pairs: list[tuple[Any, Any]], name: str) -> tuple[torch.Tensor, Any]:
    try:
        x = torch.cat([torch.as_tensor(x) for x, _ in pairs])
        ys = [y for _, y in pairs]
        if isinstance(ys[0], torch.Tensor):
            return x, torch.cat(ys)
        return x, [label for y in ys for label in y]
    except (TypeError, ValueError, RuntimeError) as error:
        raise NNArchError(f"the batches of the {name} cannot be joined: {shorten(error)}") from error


def is_pairs(value: Any) -> bool:
    """Tell whether this is a list of samples, each with its target: ``[(x, 0), (x, 1), …]``."""
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(item, tuple) and len(item) == 2 and is_one(item[1]) for item in value)
    )


def is_one(target: Any) -> bool:
    return bool(np.isscalar(target)) or getattr(target, "ndim", None) == 0


def apart(pairs: list[tuple[Any, Any]], name: str) -> tuple[list[Any], Any]:
    """Return the samples and the targets of pairs."""
    ys = [y for _, y in pairs]
    try:
        return [x for x, _ in pairs], torch.stack(ys) if isinstance(ys[0], torch.Tensor) else ys
    except (TypeError, RuntimeError) as error:
        raise NNArchError(f"the targets of the {name} cannot be joined: {shorten(error)}") from error


def dropped(loader: DataLoader[Any]) -> str:
    return ", its incomplete last batch left out as it asks" if loader.drop_last else ""
