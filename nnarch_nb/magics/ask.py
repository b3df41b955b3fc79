"""The magic itself: a line comes in, a result goes out, and ``-o`` keeps it."""

from __future__ import annotations

import linecache
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from IPython.core.magic import needs_local_scope

from nnarch_nb.core.data import Data
from nnarch_nb.core.types import Source
from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.magics import line as lines
from nnarch_nb.magics.annotations import members
from nnarch_nb.magics.help import help_on, overview
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.parse import arguments
from nnarch_nb.magics.verbs import Verb, on_line

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nnarch_nb.magics.settings import NNArch

HELP = {"help", "--help", "-h"}


def make_magic(shell: InteractiveShell, verbs: Mapping[str, Verb], settings: NNArch) -> Callable[..., Any]:
    """Return the function that IPython calls for ``%nnarch`` and ``%%nnarch``."""

    @needs_local_scope
    def nnarch(line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        asked = lines.read(line)
        notebook = Notebook(ChainMap(dict(local_ns or {}), shell.user_ns), asked.quoted)
        result = answer(list(asked.words), cell, notebook, verbs, settings)
        if asked.store is not None:
            result = stored(result, asked.store, shell.user_ns)
        # IPython has a decorator for this; it reads the line as Python, which a path or `1x28` is not, and
        # takes the result from `x = %nnarch …;` too.
        return None if asked.silent and alone(sys._getframe(2)) else result

    def getdoc() -> str:
        return str(overview(verbs)._repr_mimebundle_()["text/plain"])

    # Where IPython looks for an object's own help: `%nnarch?` costs nothing before it is typed.
    vars(nnarch).update(getdoc=getdoc)
    return nnarch


def answer(
    words: list[str],
    cell: str | None,
    notebook: Notebook,
    verbs: Mapping[str, Verb],
    settings: NNArch,
) -> Any:
    """Return what the words ask for.

    Raises
    ------
    NNArchError
        They ask for nothing there is; or the verb has its own reason.
    """
    if cell is None and set(words[:1]) <= HELP:
        return help_on(words[1], verbs) if len(words) > 1 else overview(verbs)
    if not words:
        raise NNArchError(f"name a verb before the cell, such as %%nnarch build; known: {', '.join(verbs)}")
    verb = pick(on_line(words[0]), verbs, "verb")
    if HELP.intersection(words[1:]) - {"help"}:
        return help_on(verb.name, verbs)
    given = arguments(verb, words[1:], cell, notebook)
    return verb.function(**{**({} if made(given, verb) else settings.defaults(verb.parameters)), **given})


def stored(result: Any, name: str, variables: dict[str, Any]) -> Any:
    """Keep the result by its name; what is still under work remembers the name until it is used."""
    if hasattr(result, "kept_as"):
        return result.kept_as(name)
    variables[name] = result
    return result


def made(given: Mapping[str, Any], verb: Verb) -> bool:
    """Tell whether the source of data is a Data already, which is past all settings."""
    sources = (name for name, p in verb.parameters.items() if Source in members(p.annotation))
    return any(isinstance(given.get(name), Data) for name in sources)


def alone(frame: FrameType) -> bool:
    """Tell whether the line that runs there is a magic and no more, so that nobody keeps its result."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    return line.lstrip().startswith("get_ipython().")
