"""What goes from the builder into a cell: the class in plain PyTorch, or the line that builds it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.build.draft import Draft

CLASS = re.compile(r"^class (\w+)", re.MULTILINE)


def variable(name: str) -> str:
    """Return the name if a notebook can keep something by it.

    Raises
    ------
    NNArchError
        It is no name.
    """
    import keyword

    name = name.strip()
    if not name.isidentifier() or keyword.iskeyword(name):
        raise NNArchError(f"{name!r} is no name of a variable; write one such as model")
    return name


def python(draft: Draft, name: str, variables: Mapping[str, Any]) -> str:
    """Return the network as a class for torch alone, and the line that makes one."""
    code = draft.bare().to_python()
    return f"{code.rstrip()}\n\n\n{name} = {CLASS.findall(code)[-1]}()\n"


def cell(draft: Draft, name: str, variables: Mapping[str, Any]) -> str:
    """Return the ``%%nnarch build`` cell that builds the draft as it stands."""
    if draft.problem:
        raise NNArchError(draft.problem)
    wish = draft.wish
    words = [f"-o {name}", *inputs(draft, variables)]
    words += [] if wish.classes is None else [f"--classes {wish.classes}"]
    words += [f"--seed {wish.seed}"] if wish.seed else []
    words += [f"--name {wish.name!r}"] if wish.name else []
    if wish.family and wish.wrote == draft.text:
        return " ".join(["%nnarch build", wish.family, *words, *options(wish.options)])
    return f"{' '.join(['%%nnarch build', *words])}\n{draft.text.strip()}"


def inputs(draft: Draft, variables: Mapping[str, Any]) -> list[str]:
    """Return the input by the name it has in the notebook, else its shape."""
    given, shape = draft.wish.inputs, draft.wish.shape
    if shape is None:
        return []
    mine = (name for name, value in list(variables.items()) if value is given and not name.startswith("_"))
    named = next(mine, None) if not isinstance(given, tuple) else None
    return [f"--input {named or ','.join(map(str, shape))}"]


def options(given: Mapping[str, Any]) -> list[str]:
    return [
        f"--{'' if value is not False else 'no-'}{name.replace('_', '-')}"
        + ("" if isinstance(value, bool) else f" {value}")
        for name, value in given.items()
    ]


FORMS = {"python": python, "cell": cell}


def code_of(form: str, draft: Draft, name: str, variables: Mapping[str, Any]) -> str:
    """Return the code in one of ``FORMS``."""
    return pick(form, FORMS, "form")(draft, variable(name), variables)
