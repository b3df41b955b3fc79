"""Targets: whether they are classes or numbers to predict, and their encoding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from nnarch_nb.core.data import IGNORED, Kind
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import lists
from nnarch_nb.verbs.data.arrays import refuse_masked

# In a table, more different integers than this are amounts, not classes.
FEW = 20
# As given to a network, class numbers up to here are taken as they are.
MOST_NUMBERS = 1 << 16
MOST_SEGMENTS = 1 << 10
MASKED = 255  # the highest value of a mask of 8 bits: white, or a border that nobody labelled


@dataclass(frozen=True)
class Targets:
    """Encoded targets: class numbers with their names, or numbers to predict."""

    y: torch.Tensor
    kind: Kind
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def encode(values: Any, name: str = "y", few: int | None = None, keep_numbers: bool = False) -> Targets:
    """Return the targets as a network needs them.

    Parameters
    ----------
    values
        A tensor, array or list: text, truth values and integers are classes; other numbers are predicted.
        Lists of labels, one a sample, are labels.
    name
        What they are called in messages.
    few
        More different integers than this are numbers to predict; None takes every integer as a class.
    keep_numbers
        Whether integers from 0 up are class numbers already.

    Raises
    ------
    NNArchError
        A target is missing or infinite, or the shape is none of targets.
    """
    array = as_array(values, name)
    if lists.is_listed(array):
        return several(*lists.columns_of(array, name, max(FEW, len(array) // 2)), name)
    check_known(array, name)
    if len(array) and not array.size:
        raise NNArchError(
            f"{name} has shape {array.shape}: there is no target in it, nor a label in its lists"
        )
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "biuf" and is_binary(array):
        return several(array, tuple(f"{name}{i}" for i in range(array.shape[1])), name)
    if array.dtype.kind == "f":
        return numbers(array, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise NNArchError(
            f"{name} has shape {array.shape}: class numbers have shape (n,), labels (n, labels) of 0 and 1; "
            f"numbers to predict must be floats"
        )
    if array.dtype.kind in "iu":
        return integers(array, name, few, keep_numbers)
    return classes(array, name)


def is_binary(array: np.ndarray) -> bool:
    return bool(((array == 0) | (array == 1)).all())


def several(array: np.ndarray, names: tuple[str, ...], name: str) -> Targets:
    """Return columns of 0 and 1 as labels, of which a sample may have any; one 1 in each row is a class.

    Examples
    --------
    >>> several(np.eye(2), ("a", "b"), "y").names, several(np.eye(2), ("a", "b"), "y").kind
    (('a', 'b'), 'classification')
    >>> several(np.array([[1, 1], [0, 0]]), ("a", "b"), "y").kind
    'multi-label'
    """
    if (array.sum(axis=1) == 1).all():
        known = names if names[0] != f"{name}0" else tuple(map(str, range(len(names))))
        told = (f"{name} is one-hot: its {len(names)} columns taken as classes, of which each row has one",)
        return Targets(torch.from_numpy(array.argmax(axis=1).astype(np.int64)), "classification", known, told)
    return Targets(torch.from_numpy(array.astype(np.float32)), "multi-label", names)


def segments(array: np.ndarray, name: str) -> Targets:
    """Return the class of each pixel ``(n, height, width)``.

    255 is read as masks of 8 bits use it, where 254 does not occur, as it would in a set of so many
    classes: 0 and 255 alone are black and white, two classes; else it is the border that nobody labelled.

    Raises
    ------
    NNArchError
        A mask holds a number that is no class.
    """
    y = torch.from_numpy(array.astype(np.int64))
    notes: tuple[str, ...] = ()
    known = y.unique()
    if known.tolist() in ([0, MASKED], [MASKED]):
        y, notes = (y == MASKED).long(), (f"{MASKED} in {name} taken as class 1",)
    elif int(known[-1]) == MASKED and not bool((known == MASKED - 1).any()):
        y, notes = y.where(y != MASKED, IGNORED), (f"{MASKED} in {name} counts for nothing",)
    known = y.unique()
    known = known[known != IGNORED]
    if not len(known) or known[0] < 0 or known[-1] >= MOST_SEGMENTS:
        ends = f"{int(known[0])} to {int(known[-1])}" if len(known) else "nothing else"
        raise NNArchError(
            f"{name} holds {ends}: the class of a pixel is a number from 0 to {MOST_SEGMENTS - 1}, or "
            f"{IGNORED} where it counts for nothing"
        )
    return Targets(y, "segmentation", tuple(map(str, range(max(2, int(known[-1]) + 1)))), notes)


def as_array(values: Any, name: str) -> np.ndarray:
    refuse_masked(values, name)
    if lists.is_listed(values):
        return lists.as_objects(values)
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O" and not any(map(is_missing, array.flat)):
            array = np.array(array.tolist())
    except (ValueError, TypeError) as error:
        raise NNArchError(f"{name} is no array of targets: {shorten(error)}") from error
    if array.dtype.kind == "S":
        array = np.char.decode(array, errors="backslashreplace")
    if array.dtype.kind not in "biufOUT":
        raise NNArchError(f"{name} holds {array.dtype}, which is neither classes nor numbers to predict")
    if array.ndim == 0:
        raise NNArchError(f"{name} is a single value: there must be one target per sample")
    return array


def is_missing(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA, which is neither equal nor unequal to anything
        return True


def check_known(array: np.ndarray, name: str) -> None:
    """Refuse targets that are missing or infinite."""
    if array.dtype.kind == "f":
        unknown = int((~np.isfinite(array)).reshape(len(array), -1).any(axis=1).sum())
    elif array.dtype.kind == "O":
        unknown = sum(map(is_missing, array.flat))
    else:
        unknown = 0
    if unknown:
        raise NNArchError(
            f"{unknown:,} of {len(array):,} targets in {name} are missing or infinite (NaN, None, inf): "
            f"drop those rows first"
        )


def numbers(array: np.ndarray, name: str) -> Targets:
    if array.ndim > 2:
        raise NNArchError(
            f"{name} has shape {array.shape}: numbers to predict have shape (n,) or (n, outputs), and the "
            f"class of each pixel is an integer, (n, height, width)"
        )
    with np.errstate(over="ignore"):  # told below
        y = torch.from_numpy(np.ascontiguousarray(array.reshape(len(array), -1), np.float32))
    if torch.isinf(y).any():
        raise NNArchError(f"{name} holds numbers beyond what float32 can hold: scale it down")
    names = (name,) if y.shape[1] == 1 else tuple(f"{name}{i}" for i in range(y.shape[1]))
    notes: tuple[str, ...] = ()
    if len(np.unique(array)) <= FEW and (array == np.round(array)).all():
        notes = (f"regression, because {name} holds floats; make it integers for classes",)
    return Targets(y, "regression", names, notes)


def integers(array: np.ndarray, name: str, few: int | None, keep_numbers: bool) -> Targets:
    known = np.unique(array)
    if keep_numbers and len(known) and known[0] >= 0 and known[-1] < MOST_NUMBERS:
        names = tuple(str(i) for i in range(int(known[-1]) + 1))
        return Targets(torch.from_numpy(array.astype(np.int64)), "classification", names)
    if few is not None and len(known) > few:
        told = f"regression, because {name} has {len(known):,} different integers; make it text for classes"
        targets = numbers(array.astype(np.float64), name)
        return Targets(targets.y, targets.kind, targets.names, (told,))
    return classes(array, name)


def classes(array: np.ndarray, name: str) -> Targets:
    """Return labels of any kind as class numbers, in the order of the labels."""
    if array.dtype.kind == "O":
        array = array.astype(str)
    known, y = np.unique(array, return_inverse=True)
    if len(known) > max(FEW, len(array) // 2):
        raise NNArchError(
            f"{name} has {len(known):,} different values in {len(array):,} rows, which is no set of classes; "
            f"give numbers to predict as floats, or choose another target"
        )
    names = tuple(str(label) for label in known)
    plain = array.dtype.kind in "iu" and names == tuple(str(i) for i in range(len(names)))
    listed = ", ".join(f"{shorten(n, 20)}→{i}" for i, n in list(enumerate(names))[:4])
    told = lists.joined_note(names, name) if array.dtype.kind == "U" else ()
    if array.dtype.kind in "iu" and not plain:
        told = (f"labels renumbered from 0: {listed}{' …' if len(names) > 4 else ''}",)
    return Targets(torch.from_numpy(y.astype(np.int64)), "classification", names, told)
