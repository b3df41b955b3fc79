"""Small verbs, and an IPython shell that knows them, to try the magics on."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nnarch_nb import magics
from nnarch_nb.core.types import DataLike, Inputs, Network, OneOf, Source, Spec, WordOf
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import Verb

COLOURS = {"red": 1, "green": 2}


def paint(
    model: Network,
    inputs: Inputs | None = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    depth: int = 3,
    lr: float | Literal["auto"] = "auto",
    eps: tuple[float, ...] = (0.1,),
    bounds: tuple[float, float] | None = None,
    names: list[str] | None = None,
    layers: list[int] | None = None,
    colour: Annotated[str, OneOf(lambda: COLOURS)] = "red",
    colours: Annotated[list[str], OneOf(lambda: COLOURS)] | None = None,
    mode: Literal["fast", "exact", 3] = "fast",
    loss: str | Callable[..., Any] = "ce",
    quick: bool = False,
    batch_size: int = 64,
    seed: int = 0,
    device: str = "auto",
) -> dict[str, Any]:
    """Paint a network ``<b>`` in a colour.

    The paint is **wet** at first.

    Parameters
    ----------
    model
        The network; it is
        not touched.
    inputs, kwargs
        What it takes.
    depth
        How deep, from 1.
    colour
        Of the paint.

    Returns
    -------
    dict
        What was given.

    Raises
    ------
    NNArchError
        Never.

    Examples
    --------
    >>> 1 + 1
    2

    Notes
    -----
    After Itten, 1961.
    """
    return dict(locals())


def load(source: Source, *, limit: int | None = None, seed: int = 0) -> Any:
    """Load."""
    return source


def learn(model: Network, data: DataLike, *, epochs: int = 10) -> Any:
    """Learn."""
    return data


def told(data: DataLike, *, called: Annotated[str, WordOf("data")] | None = None) -> Any:
    """Tell."""
    return called


def make(spec: Spec, input: Inputs | None = None, *, classes: int | None = None) -> Any:
    """Make."""
    return spec, input, classes


def broken(model: Network) -> int:
    """Break."""
    return len(model)  # a bug: a network has no length


def stopped() -> None:
    """Stop."""
    raise KeyboardInterrupt


TOYS = (paint, load, learn, told, make, broken, stopped)


def toy(function: Callable[..., Any]) -> Verb:
    verb = Verb(function.__name__, "")
    vars(verb)["function"] = function  # the place a cached property is kept in
    return verb


@pytest.fixture
def verbs() -> dict[str, Verb]:
    return {function.__name__: toy(function) for function in TOYS}


@pytest.fixture
def model() -> torch.nn.Module:
    return torch.nn.Linear(4, 2)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def notebook(model: torch.nn.Module, said: list[str]) -> Notebook:
    variables = {"model": model, "x": torch.zeros(2, 4), "step": 0.5, "fn": torch.sigmoid, "_hidden": 1}
    return Notebook(variables, say=said.append)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """The one IPython that a process can have."""
    patch = pytest.MonkeyPatch()
    patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    config = Config(HistoryManager={"enabled": False}, InteractiveShell={"colors": "nocolor"})
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()
    patch.undo()


@pytest.fixture
def emptied(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """IPython without variables, which keeps its last result in ``_``.

    Python's own display, which doctest uses, leaves a ``_`` among the builtins, and IPython
    then takes the name for somebody else's.
    """
    monkeypatch.delattr(builtins, "_", raising=False)
    bare.reset(new_session=False)
    return bare


@pytest.fixture
def shell(emptied: InteractiveShell) -> Iterator[InteractiveShell]:
    """IPython with the magics loaded and no variables."""
    magics.load(emptied)
    yield emptied
    magics.unload(emptied)


@pytest.fixture
def toys(
    emptied: InteractiveShell, verbs: dict[str, Verb], monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """IPython with the magics loaded for the small verbs."""
    monkeypatch.setattr(magics, "verbs_of", lambda _: verbs)
    magics.load(emptied)
    yield emptied
    magics.unload(emptied)
