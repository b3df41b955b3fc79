"""Cut rows into splits: in proportion for every class, by one seed, copies of a row never apart.

How many rows of each class go where is settled first, by largest remainders, so that every figure is
the exact share rounded down or up. Then rows that occur more than once are placed as one, and single
rows fill what is left of each quota.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, shorten

# Copies are kept together as long as no class misses its share of a split by more than this: a split
# that is smaller than asked for is a lesser evil than one that was seen in training.
SLACK = 0.5
VARIED = 0.5  # of that share, below which copies are rather in two splits
BLOCK = 1024  # rows, so that no second copy of the data is made


@dataclass(frozen=True)
class Cut:
    """The rows of each split, shuffled, and what became of rows that occur more than once."""

    rows: dict[str, np.ndarray]
    repeated: int
    together: bool


def cut(rows: np.ndarray, labels: np.ndarray, copies: np.ndarray, shares: dict[str, float], seed: int) -> Cut:
    """Return the rows cut into ``train`` and the splits of ``shares``.

    Parameters
    ----------
    rows
        The numbers of the rows to cut.
    labels
        The class of each of these rows, from 0 up; all 0 for regression.
    copies
        The same number for rows that are copies of one another.
    shares
        The share of the rows that each split gets; ``train`` keeps the rest.
    seed
        Of the shuffling; the session's generators are not used.
    """
    rng = np.random.default_rng(seed)
    _, copies, sizes = np.unique(copies, return_inverse=True, return_counts=True)
    counts = np.bincount(labels)
    quota = quotas(counts, shares)
    quota["train"] = counts - sum(quota.values())
    place = placed(labels, copies, sizes, quota, rng)
    together = all(near(np.bincount(labels[place == i], minlength=len(counts)), quota[name])
                   for i, name in enumerate(quota))  # fmt: skip
    together = together and is_varied(copies, place == len(quota) - 1)
    if not together:
        place = placed(labels, np.arange(len(labels)), np.ones(len(labels), int), quota, rng)
    parts = {name: rng.permutation(rows[place == i]) for i, name in enumerate(quota)}
    return Cut(parts, int(sizes[sizes > 1].sum()), together)


def quotas(counts: np.ndarray, shares: dict[str, float]) -> dict[str, np.ndarray]:
    """Return how many rows of each class every split gets: its exact share, rounded down or up.

    Examples
    --------
    >>> {name: part.tolist() for name, part in quotas(np.array([50, 30]), {"val": 0.1, "test": 0.25}).items()}
    {'val': [5, 3], 'test': [13, 7]}
    """
    parts = {name: np.floor(counts * share + 1e-9).astype(int) for name, share in shares.items()}
    extra = np.zeros(len(counts), int)
    for name, share in shares.items():
        exact = counts * share
        left = round(counts.sum() * share) - int(parts[name].sum())
        # Classes that gave an extra row to no other split come first; each keeps a row for training.
        order = np.lexsort((parts[name] - exact, extra))
        open_ = [
            c
            for c in order
            if sum(p[c] for p in parts.values()) + 1 < counts[c] and exact[c] > parts[name][c]
        ]
        for c in open_[:left]:
            parts[name][c] += 1
            extra[c] += 1
    return parts


def placed(
    labels: np.ndarray,
    copies: np.ndarray,
    sizes: np.ndarray,
    quota: dict[str, np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the number of the split that each row goes to."""
    room = np.array(list(quota.values()))
    place = np.full(len(labels), -1)
    for group in shuffled_groups(copies, sizes, rng):
        need = np.bincount(labels[group], minlength=room.shape[1])
        fits = (room >= need).all(axis=1)
        weight = np.maximum(room @ need, 0) * (fits if fits.any() else 1)
        # Where nothing has room left, train, the last in the table, takes the rest.
        choice = rng.choice(len(room), p=weight / weight.sum()) if weight.sum() else len(room) - 1
        place[group] = choice
        room[choice] -= need
    for label in range(room.shape[1]):
        single = rng.permutation(np.flatnonzero((labels == label) & (place < 0)))
        ends = np.cumsum(np.maximum(room[:, label], 0))
        place[single] = np.minimum(np.searchsorted(ends, np.arange(len(single)), side="right"), len(room) - 1)
    return place


def shuffled_groups(copies: np.ndarray, sizes: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the rows of each set of copies, the largest sets first."""
    rows = np.flatnonzero(sizes[copies] > 1)
    rows = rows[np.argsort(copies[rows], kind="stable")]
    groups = np.split(rows, np.cumsum(sizes[sizes > 1]))[:-1]
    return sorted((groups[i] for i in rng.permutation(len(groups))), key=len, reverse=True)


def is_varied(copies: np.ndarray, train: np.ndarray) -> bool:
    """Tell whether training has its share of the rows that differ, and is not the copies of a few alone."""
    unlike = len(np.unique(copies[train])) / len(np.unique(copies))
    return bool(unlike >= VARIED * train.mean())


def near(got: np.ndarray, wanted: np.ndarray) -> bool:
    return bool((np.abs(got - wanted) <= np.maximum(1, SLACK * wanted)).all())


def limited(rows: np.ndarray, labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return ``count`` of the rows, each class in proportion and with one row at least, in their order."""
    if count >= len(rows):
        return rows
    counts = np.bincount(labels)
    wanted = np.maximum(np.floor(counts * count / len(rows)), counts > 0).astype(int)
    remainder = counts * count / len(rows) - wanted
    while wanted.sum() != count:
        step = 1 if wanted.sum() < count else -1
        open_ = (wanted < counts) if step > 0 else (wanted > 1)
        best = int(np.argmax(np.where(open_, step * remainder, -np.inf)))
        wanted[best] += step
        remainder[best] -= step
    rng = np.random.default_rng(seed)
    kept = [rng.permutation(np.flatnonzero(labels == c))[:n] for c, n in enumerate(wanted)]
    return rows[np.sort(np.concatenate(kept))]


def copies_of(x: torch.Tensor) -> np.ndarray:
    """Return a number per row that is the same for rows with the same values."""
    seen: dict[bytes, int] = {}
    digests = (blake2b(row.data, digest_size=16).digest() for row in row_bytes(x))
    return np.fromiter((seen.setdefault(digest, len(seen)) for digest in digests), int, len(x))


def copies_of_texts(texts: Iterable[tuple[str, ...]]) -> np.ndarray:
    """Return a number per text that is the same for texts with the same tokens."""
    seen: dict[tuple[str, ...], int] = {}
    return np.array([seen.setdefault(text, len(seen)) for text in texts], int)


def row_bytes(x: torch.Tensor) -> Iterator[np.ndarray]:
    """Yield the bytes of each row, alike for values that are equal."""
    for block in x.split(BLOCK):
        plain = block + 0.0 if x.is_floating_point() else block  # -0.0 becomes 0.0
        yield from plain.flatten(1).contiguous().numpy().view(np.uint8)


def check_feasible(
    labels: np.ndarray, classes: tuple[str, ...], shares: dict[str, float], limit: int | None = None
) -> None:
    """Raise a one-line error where no stratified cut exists; ``limit`` is the one that left so few."""
    counts = np.bincount(labels, minlength=len(classes))
    seen = int((counts > 0).sum())
    rare = [shorten(name, 30) for name, count in zip(classes, counts, strict=False) if count == 1]
    if rare and seen > 1:
        cause = "" if limit is None else f", because of limit={limit}"
        raise NNArchError(
            f"{len(rare)} of {seen} classes ({', '.join(rare[:3])}{', …' if len(rare) > 3 else ''}) have a "
            f"single sample{cause}, which cannot be split; "
            f"{'raise the limit' if cause else 'drop them, add samples'}, or use val=0 and test=0"
        )
    for name, share in shares.items():
        size = round(len(labels) * share)
        if share and size < seen:
            raise NNArchError(
                f"{name}={share:g} of {len(labels):,} samples is {size}, too few for "
                f"{f'{seen} classes' if seen > 1 else 'a split'}; use a larger share, "
                f"{'more samples' if limit is None else 'a larger limit'}, {name}=0"
            )
