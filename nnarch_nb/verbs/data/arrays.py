"""Samples in memory, of whatever type, as one tensor of raw values."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import torch

from nnarch_nb.core.room import check_room
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.stacks import stacked

CHANNELS = (1, 3, 4)
FEWER = "give fewer samples or columns"
EXACT = 1 << 24  # float32 holds every whole number up to here


def as_samples(values: Any, name: str = "x") -> tuple[torch.Tensor, tuple[str, ...]]:
    """Return samples as a tensor ``(n, *shape)`` and what was assumed of them.

    Parameters
    ----------
    values
        A tensor, an array, a list of tensors, arrays or PIL images, or nested lists of numbers. 8-bit
        values stay pixels, long integers in rows stay tokens, all else becomes floats: of 64 bits where 32
        would lose digits.
    name
        What it is called in messages.

    Raises
    ------
    NNArchError
        The samples differ in shape or are no numbers.
    """
    x = as_tensor(values, name)
    if x.ndim == 0:
        raise NNArchError(f"{name} is a single number: its first dimension must count the samples")
    if len(x) and not x.numel():
        raise NNArchError(f"{name} has shape {tuple(x.shape)}: its samples hold no values, give them some")
    if x.ndim == 1:
        return as_float(x.reshape(-1, 1), name), (f"{name} of shape (n,) taken as one feature",)
    if x.dtype == torch.uint8:
        return pixels(x, name)
    if x.dtype == torch.int64 and x.ndim == 2 and isinstance(values, torch.Tensor):
        check_tokens(x, name)
        return x, ()
    return as_float(x, name), channels_note(x)


def check_tokens(x: torch.Tensor, name: str) -> None:
    least = int(x.min()) if x.numel() else 0
    if least < 0:
        raise NNArchError(
            f"{name} holds {least}, and long integers in rows are ids of tokens, 0 for padding and up: give "
            f"{name}.float() where they are numbers"
        )


def as_tensor(values: Any, name: str) -> torch.Tensor:
    if isinstance(values, torch.Tensor):
        if values.layout != torch.strided:
            check_room(values.numel(), f"{name} without its sparse layout", FEWER)
            values = values.to_dense()
        return values.detach().cpu()
    refuse_masked(values, name)
    if is_sparse(values):
        check_room(int(np.prod(values.shape)), f"{name} without its sparse layout", FEWER)
        values = values.toarray()
    if isinstance(values, (list, tuple)) and len(values):
        values = stacked(values, name)
        if isinstance(values, torch.Tensor):
            return values
    try:
        array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise NNArchError(f"{name} is no array: {shorten(error)}") from error
    if array.dtype.kind == "O" and all(isinstance(value, Real) for value in array.flat):
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise NNArchError(
            f"{name} holds {array.dtype}, not numbers: encode it first, or give a DataFrame with target="
        )
    if array.dtype.byteorder == ">" or (array.dtype.kind == "u" and array.itemsize > 1) or array.itemsize > 8:
        array = array.astype(np.float64)
    # A copy where numpy forbids writing, of which torch would warn, or where strides are not torch's.
    plain = array.flags.writeable and array.flags.c_contiguous
    return torch.from_numpy(array if plain else array.copy())


def is_sparse(values: Any) -> bool:
    """Tell whether this is one of SciPy's sparse matrices."""
    return hasattr(values, "toarray") and hasattr(values, "nnz")


def refuse_masked(values: Any, name: str) -> None:
    """Refuse a masked array, or a list with one, that masks anything: what lies below is no value."""
    parts = values if isinstance(values, (list, tuple)) else [values]
    masked = sum(int(np.ma.count_masked(part)) for part in parts if isinstance(part, np.ma.MaskedArray))
    if masked:
        raise NNArchError(
            f"{name} has {masked:,} masked values: fill them first, as with {name}.filled(0), or leave out "
            f"their samples"
        )


def pixels(x: torch.Tensor, name: str) -> tuple[torch.Tensor, tuple[str, ...]]:
    """Return 8-bit values with their channel in front; a channel at the end is refused, not guessed."""
    if x.ndim == 3:
        return x.unsqueeze(1), (f"{name} of 8-bit {x.shape[1]}×{x.shape[2]} taken as grey images",)
    if channels_last(x):
        shape = "×".join(map(str, x.shape[1:]))
        raise NNArchError(
            f"the images in {name} have their channels last ({shape}), and networks here take them first: "
            f"give {name}.transpose(0, 3, 1, 2) of an array or {name}.permute(0, 3, 1, 2) of a tensor"
        )
    return (x, ()) if x.ndim == 4 else (x.float(), ())


def channels_last(x: torch.Tensor) -> bool:
    return x.ndim == 4 and x.shape[3] in CHANNELS and x.shape[1] not in CHANNELS


def channels_note(x: torch.Tensor) -> tuple[str, ...]:
    if x.ndim == 3:
        steps, channels = x.shape[1:]
        each = "1 channel" if channels == 1 else f"{channels} channels"
        told = f"{steps}×{channels} taken as a series of {steps} steps of {each}"
        return (f"{told}; grey images have shape (n, 1, height, width)",)
    if not channels_last(x):
        return ()
    return (
        f"{x.shape[1]}×{x.shape[2]}×{x.shape[3]} is kept as it is; if channels come last, permute them first",
    )


def as_float(x: torch.Tensor, name: str) -> torch.Tensor:
    if x.is_complex():
        raise NNArchError(f"{name} holds complex numbers: give their parts as channels")
    wide = x.dtype in (torch.int32, torch.int64) and not narrow(x)
    return x.double() if wide or x.dtype == torch.float64 else x.float()


def narrow(x: torch.Tensor) -> bool:
    return not x.numel() or -EXACT <= int(x.min()) <= int(x.max()) <= EXACT


def all_finite(x: torch.Tensor) -> bool:
    """Tell whether every value is finite in float32: the ends are, and sooner found than a mask of all."""
    return bool(torch.isfinite(torch.stack(x.aminmax()).float()).all())


def image_bounds(x: torch.Tensor) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Return the range that pixels can take, judged by those there are, and how it was judged."""
    if x.dtype == torch.uint8:
        return (0.0, 255.0), ()
    if x.ndim != 4 or not x.is_floating_point() or not all_finite(x):
        return None, ()
    low, high = (float(end) for end in x.aminmax())
    for bounds in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        # Just above 1 is no picture of 255 levels, but one of 1 with noise.
        if bounds[0] <= low and bounds[1] / 10 <= high <= bounds[1]:
            return bounds, (
                f"range taken to be {bounds[0]:g} to {bounds[1]:g}: values lie from {low:.3g} to {high:.3g}",
            )
    return None, ("the range is the one seen in training",)
