"""``data``: samples from a name, a file or memory, cut into train, validation and test.

Importing this module costs nothing: what reads and computes is imported when the verb runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nnarch_nb.core.data import Data
from nnarch_nb.core.types import DataLike, Source
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.sources import SOURCES, load_named

if TYPE_CHECKING:
    from nnarch_nb.verbs.data.loaded import Loaded


def data(
    source: Source,
    *,
    target: list[str] | str | None = None,
    drop: list[str] | None = None,
    text: str | None = None,
    level: Literal["word", "char"] = "word",
    max_len: int | None = None,
    vocab_size: int | None = None,
    window: int | None = None,
    horizon: int | None = None,
    size: int | None = None,
    val: float = 0.15,
    test: float = 0.15,
    normalize: bool = True,
    seed: int = 0,
    limit: int | None = None,
    root: str | None = None,
) -> Data:
    """Load data, cut it into train, validation and test, and normalize it.

    Parameters
    ----------
    source
        A name (``digits mnist-5k iris wine breast-cancer diabetes vowels co2 docstrings python-docs`` need
        no network; ``mnist fashion-mnist``), a CSV file, a ``.ts`` file of time series, a text file, a
        folder (``class/*.png``, ``class/*.txt``, the same below ``train`` and ``test``, ``images`` and
        ``masks``, text files, IDX files), a DataFrame (of pandas or polars), ``(x, y)``,
        ``(x, y, x_val, y_val)``, a Dataset, a list of pairs ``(x, y)``, a DataLoader, or a dict of these
        by split.
    target
        The column of a table to predict; several columns of 0 and 1, or a list of labels in each row of
        one, are labels; several columns of numbers are outputs.
    drop
        Columns of a table to leave out.
    text
        The column of a table that holds text, the only one then used besides the target.
    level
        What a token of text is: a word (a letter, where no spaces part the words) or a character.
    max_len
        The most tokens of a text; what is longer is cut. Left out, 95 % of the texts stay whole, up to 512.
    vocab_size
        The most entries of the vocabulary, the most frequent tokens of the training split; 10,000.
    window
        How many steps a network sees: of a table in order of time, to forecast; of a plain text, to say the
        next token (64 if left out).
    horizon
        How many steps after the window to forecast; 1 if left out.
    size
        The side to which images are resized; left out, unlike ones become as the most frequent size.
    val, test
        Shares of the samples to hold out, stratified by class. Splits that the source brings are kept.
    normalize
        Shift and scale each channel or column to mean 0 and deviation 1 on the training split.
    seed
        Of the shuffling. The session's random generators stay as they are.
    limit
        The most samples to keep, each class and split in proportion.
    root
        The folder of ``mnist`` or ``fashion-mnist``, instead of a download.

    Returns
    -------
    Data
        ``.train .val .test`` (each with ``.x`` ready for a network and ``.y``), ``.kind .form .shape
        .classes .features .vocabulary .normalization .bounds .notes``.

    Raises
    ------
    NNArchError
        The source is unknown, damaged or too small for what is asked, or the target is missing.

    Examples
    --------
    >>> data("iris")
    Data(iris: 106/22/22 samples of 4, 3 classes)
    >>> data("vowels").train.lengths[:5]
    tensor([16, 14, 16, 13, 21])
    >>> text = data((["good", "a bad day", "good day", "bad"] * 10, [1, 0, 1, 0] * 10), val=0, test=0)
    >>> text.vocabulary.decode(text.train.x[0].tolist())
    'good'

    Notes
    -----
    Rows with the same values go to the same split, so that nothing held out was seen in training;
    ``.notes`` says how many there were, and where that could not be done. What follows in time is cut in
    order: training first, the last part held out, no window across two splits.
    """
    options = Options(
        val=val, test=test, normalize=normalize, seed=seed, limit=limit,
        targets=columns_named("target", target), drop=columns_named("drop", drop),
        text=text if text is None else str(text), level=level, max_len=max_len, vocab_size=vocab_size,
        window=window, horizon=horizon, size=size,
    )  # fmt: skip
    if isinstance(source, Data):
        return unchanged(source, options, root)
    return made(source, options, root)


def as_data(data: DataLike, called: str = "df") -> Data:
    """Return what a user gave as data, as a ``Data``.

    A ``Data`` is returned unchanged, and a name or a path is loaded as by ``data``. Anything else is
    taken as what the network sees: it is not normalized, and integer labels are the network's class
    numbers as they stand.

    Parameters
    ----------
    data
        What it was.
    called
        The notebook's name of it, for what a message proposes.

    Examples
    --------
    >>> import torch
    >>> as_data((torch.rand(8, 3), torch.arange(8) % 2, torch.rand(4, 3), torch.arange(4) % 2))
    Data(tensors: 8/4/0 samples of 3, 2 classes)
    """
    if isinstance(data, Data):
        return data
    by_name = isinstance(data, (str, Path))
    options = Options(normalize=by_name, keep_numbers=not by_name)
    name = word(str(data)) if by_name else called
    return made(data, options, None, cure=f". Make data of it first, such as %nnarch data {name} --target")


def made(source: Any, options: Options, root: str | None, cure: str = "") -> Data:
    """Return the ``Data`` of a source; ``cure`` begins a line that names what to predict."""
    from nnarch_nb.verbs.data.finish import finish
    from nnarch_nb.verbs.data.loaded import NoTarget

    try:
        return finish(load(source, options, root), options)
    except NoTarget as error:
        raise NNArchError(f"{error}{cure} {word(error.column)} -o data" if cure else str(error)) from None


def word(name: str) -> str:
    """Return a name as a line of the magic takes it.

    Examples
    --------
    >>> word("prices.csv"), word("my file.csv")
    ('prices.csv', "'my file.csv'")
    """
    return name if re.fullmatch(r"[\w./\\:-]+", name) else repr(name)


def columns_named(option: str, names: Any) -> tuple[str, ...]:
    if isinstance(names, (list, tuple)):
        return tuple(dict.fromkeys(map(str, names)))
    if names is None or isinstance(names, str) or option == "target":
        return () if names is None else (str(names),)
    raise NNArchError(f"{option}={shorten(repr(names))} must be a list of column names")


def unchanged(source: Data, options: Options, root: str | None) -> Data:
    if options != Options() or root is not None:
        raise NNArchError(
            f"{source!r} is a Data already, which options cannot change: make it anew from its source"
        )
    return source


def load(source: Any, options: Options, root: str | None) -> Loaded:
    """Return the raw samples behind a name, a path or an object."""
    named = isinstance(source, str) and source in SOURCES
    if root is not None and not named:
        raise NNArchError(
            "root= is the folder of mnist or fashion-mnist; give other folders as the source itself"
        )
    if (options.targets or options.drop) and (named or not is_table(source)):
        raise NNArchError(
            f"target= and drop= name columns of a DataFrame, a CSV file or a dict of DataFrames by split, "
            f"not of {source if named else type(source).__name__}"
        )
    if named:
        return load_named(str(source), root, options)
    if isinstance(source, (str, Path)):
        from nnarch_nb.verbs.data import files

        return files.load(str(source), options)
    from nnarch_nb.verbs.data import memory

    return memory.load(source, options)


def is_table(source: Any) -> bool:
    """Tell whether the source may have named columns: a path, a DataFrame (known without pandas), a dict."""
    parts = source.values() if isinstance(source, Mapping) else [source]
    return isinstance(source, (str, Path)) or any(hasattr(part, "columns") for part in parts)
