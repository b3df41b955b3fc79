"""Whether what was given are the network's own arguments, or data with labels to draw samples from.

A tuple ``(x, y)`` may be either: it is data where the network cannot take it as arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nnarch_nb.core.data import Data
from nnarch_nb.verbs.data import as_data
from nnarch_nb.verbs.data.parts import KEYS, is_reader

PAIRS = (2, 4, 6)  # lengths of (x, y), (x, y, x_val, y_val) and with a test split too


def data_of(inputs: Any, model: nn.Module) -> Data | None:
    """Return the data that ``inputs`` stands for; None where they are the network's arguments."""
    named = isinstance(inputs, (str, Path, Data)) or is_reader(inputs)
    return as_data(inputs) if named or is_labelled(inputs, model) else None


def is_labelled(inputs: Any, model: nn.Module) -> bool:
    if isinstance(inputs, Mapping):
        return {"x", "y"} <= inputs.keys() <= KEYS.keys() and not takes(model, **inputs)
    if not isinstance(inputs, (tuple, list)) or len(inputs) not in PAIRS:
        return False
    pairs = [*zip(inputs[::2], inputs[1::2], strict=True)]
    if not all(0 < rows(x) == rows(y) for x, y in pairs):
        return False
    # An optional second argument could take labels too, but nobody explains those.
    labels = takes(model, inputs[0]) and all(is_labels(y) for _, y in pairs)
    return labels or not takes(model, *inputs)


def rows(value: Any) -> int:
    """Return how many samples it holds; 0 for what holds none."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return len(value) if value.ndim else 0
    return len(value) if isinstance(value, (list, tuple)) or hasattr(value, "iloc") else 0


def is_labels(value: Any) -> bool:
    """Tell whether these are class numbers or names, one per sample."""
    labels = np.asarray(value.cpu() if isinstance(value, torch.Tensor) else value)
    return labels.ndim == 1 and labels.dtype.kind not in "fc"


def takes(model: nn.Module, *args: Any, **kwargs: Any) -> bool:
    """Tell whether the forward run has places for these arguments."""
    try:
        inspect.signature(model.forward).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:  # a forward without a signature may take anything
        return True
    return True
