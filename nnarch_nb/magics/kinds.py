"""The kinds of object a word may name: one table, by the annotation that asks for the object.

Everything here works without torch: a network can only live where torch was imported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnarch_nb.core.data import Data
from nnarch_nb.core.types import DataLike, Inputs, Network, Networks, Prompt, Source, Spec

SIZES = r"\s*-?\d{1,18}(?:\s*[,x×]\s*-?\d{1,18})*\s*,?\s*"
SHAPE = re.compile(rf"{SIZES}|\s*\({SIZES}\)\s*|\s*\[{SIZES}\]\s*")


def never(*_: Any) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """What a word may stand for where a signature asks for an object.

    Attributes
    ----------
    what
        Its name in messages and help.
    fits
        Whether a variable is offered by Tab and "did you mean".
    cure
        What to do when there is none.
    names
        The words it knows besides variables, such as data sets.
    named
        What such a name is the name of.
    same
        Whether a variable is what the name stands for.
    accepts, make
        Which words that name no variable are taken, and what is made of them.
    each
        What each part of ``a,b`` names, where several may be named: they become a dict by their names.
    """

    what: str
    fits: Callable[[Any], bool]
    cure: str = ""
    names: Callable[[], Iterable[str]] = tuple
    named: str = "data set"
    same: Callable[[Any, str], bool] = never
    accepts: Callable[[str], bool] = bool  # only asked where ``make`` is given
    make: Callable[[str], Any] | None = None
    each: Kind | None = None


def is_network(value: Any) -> bool:
    nn = getattr(sys.modules.get("torch"), "nn", None)
    return nn is not None and isinstance(value, nn.Module)


def is_networks(value: Any) -> bool:
    """Whether it is a network or holds several; the first few tell."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if isinstance(parts, (list, tuple)):
        return bool(parts) and all(map(is_network, parts[:8]))
    return is_network(value)


def library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def is_table(value: Any) -> bool:
    """Whether it holds numbers: a tensor, an array or a DataFrame."""
    return hasattr(type(value), "shape") and library(value) in {"torch", "numpy", "pandas"}


def is_tensor(value: Any) -> bool:
    return is_table(value) and library(value) == "torch"


def is_shape_of(value: Any) -> bool:
    """Whether it is a tuple of sizes; the first few tell, as Tab must not wait for a long list."""
    return isinstance(value, (tuple, list)) and bool(value) and all(type(item) is int for item in value[:8])


def is_input(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return is_shape_of(value) or any(map(is_tensor, value[:8]))
    if isinstance(value, dict):
        return any(map(is_tensor, value.values()))
    return isinstance(value, Data) or is_tensor(value)


def is_data(value: Any) -> bool:
    """Whether it may hold samples: a Data, a Dataset, a loader, or tables, alone or several."""
    feeds = sys.modules.get("torch.utils.data")
    forms = (Data, feeds.Dataset, feeds.DataLoader) if feeds is not None else (Data,)
    parts = list(value.values()) if isinstance(value, dict) else value
    if isinstance(parts, (tuple, list)):
        return bool(parts) and all(isinstance(part, forms) or is_table(part) for part in parts[:8])
    return isinstance(value, forms) or is_table(value)


def is_spec(value: Any) -> bool:
    return isinstance(value, (str, list)) and not is_input(value)


def always(*_: Any) -> bool:
    return True


def is_prompt(value: Any) -> bool:
    """Whether it is a text, ids, or several of them; the first few tell."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(type(item) is int or is_prompt(item) for item in value[:8])
    return isinstance(value, str) or (is_tensor(value) and not value.is_floating_point())


def is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, type)


def anything(value: Any) -> bool:
    return not isinstance(value, type(sys))


def data_sets() -> Iterable[str]:
    from nnarch_nb.verbs.data.sources import SOURCES

    return SOURCES


def families() -> Iterable[str]:
    from nnarch_nb.verbs.build.families.choice import names

    return names()


def names_data(word: str) -> bool:
    """Whether the word is a data set's name or looks like a path."""
    return word in data_sets() or any(mark in word for mark in "./\\") or is_path(word)


def is_path(word: str) -> bool:
    try:
        return Path(word).exists()
    except OSError:  # longer than a path can be
        return False


def loaded_from(value: Any, word: str) -> bool:
    return isinstance(value, Data) and value.name == word


def load_data(word: str) -> Any:
    import nnarch_nb

    return nnarch_nb.data(word)


def is_shape(word: str) -> bool:
    return SHAPE.fullmatch(word) is not None


def is_shape_or_data(word: str) -> bool:
    return is_shape(word) or word in data_sets() or is_path(word)


def shape_or_data(word: str) -> Any:
    return shape(word) if is_shape(word) else load_data(word)


def shape(word: str) -> tuple[int, ...]:
    """Return the sizes in ``1,28,28``, ``1x28x28`` or ``(1, 28, 28)``.

    Examples
    --------
    >>> shape("1,28,28"), shape("(3x32x32)"), shape("784")
    ((1, 28, 28), (3, 32, 32), (784,))
    """
    return tuple(map(int, re.findall(r"-?\d+", word)))


NETWORK = Kind("network", is_network, "Make one with %nnarch build, or in Python.")
KINDS: dict[Any, Kind] = {
    Network: NETWORK,
    Networks: Kind("network,…", is_networks, "Name networks as a,b, or a list of them.", each=NETWORK),
    Inputs: Kind(
        what="inputs",
        fits=is_input,
        cure="Give a shape such as 1,28,28, a variable or a data set's name.",
        names=data_sets,
        same=loaded_from,
        accepts=is_shape_or_data,
        make=shape_or_data,
    ),
    DataLike: Kind(
        what="data",
        fits=is_data,
        cure="Make one with %nnarch data, or give a data set's name.",
        names=data_sets,
        same=loaded_from,
        accepts=names_data,
        make=load_data,
    ),
    Source: Kind(
        what="data set",
        fits=is_data,
        cure="Give a data set's name, a path or a variable.",
        names=data_sets,
        accepts=names_data,
        make=str,
    ),
    Spec: Kind("architecture", is_spec, names=families, named="family", make=str),
    Prompt: Kind(
        "prompt",
        is_prompt,
        "Give a text in quotes, ids such as 3,4,5 or a variable.",
        accepts=always,
        make=str,
    ),
    Callable: Kind("function", is_function, "Define it in the notebook first."),
}
OBJECT = Kind("variable", anything, "Define it in the notebook first.")
