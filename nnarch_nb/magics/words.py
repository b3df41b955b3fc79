"""From a word to a value: the annotation of a parameter chooses how its word is read.

Where an object is asked for, the notebook's variable of that name comes first. Otherwise ``values`` says
how text becomes a number, a path or a switch, and a choice is one of its names.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.magics.annotations import choices, is_many, kind_of, members
from nnarch_nb.magics.kinds import Kind, is_network, is_path
from nnarch_nb.magics.notebook import MISSING, Notebook, nearly_names, unknown
from nnarch_nb.magics.values import PLAIN, Reader

NO_TEXT = "none"


def convert(annotation: Any, given: str | bool | list[str], label: str, notebook: Notebook) -> Any:
    """Return what the words given for a parameter stand for.

    Parameters
    ----------
    annotation
        The parameter's.
    given
        Its word, its words where it takes many, or the state of a switch.
    label
        What the parameter is called in messages.
    notebook
        Whose variables a word may name.

    Raises
    ------
    NNArchError
        The word names nothing, or is no such value.
    """
    if isinstance(given, bool):
        return given
    forms = members(annotation)
    if isinstance(given, str):
        return one(forms, given, label, notebook)
    single = [form for form in forms if not is_many(form)]
    parts = [part for text in given for part in pieces(text, label)]
    if len(parts) == 1 and any(form is not type(None) for form in single):
        return one(single, parts[0], label, notebook)
    if len(parts) == 1 and type(None) in forms and parts[0] == NO_TEXT:
        return None
    return many(next(filter(is_many, forms)), parts, label, notebook)


def pieces(text: str, label: str) -> list[str]:
    """Return the parts of ``a,b`` or ``(a, b)``."""
    inner = text.strip()
    if inner[:1] + inner[-1:] in ("()", "[]"):
        inner = inner[1:-1].strip().removesuffix(",")
    parts = [part.strip() for part in inner.split(",")]
    if not all(parts):
        raise NNArchError(f"{label}: a value is missing in {shorten(text)!r}; write a,b")
    return parts


def many(form: Any, parts: list[str], label: str, notebook: Notebook) -> Any:
    """Return the list or tuple of values that the annotation asks for."""
    inner = get_args(form) or (str,)
    if get_origin(form) is not tuple:
        return [one(members(inner[0]), part, label, notebook) for part in parts]
    if inner[-1] is Ellipsis:
        inner = inner[:1] * len(parts)
    if len(inner) != len(parts):
        raise NNArchError(f"{label} takes {len(inner)} values written a,b but got {len(parts)}")
    return tuple(one(members(i), part, label, notebook) for i, part in zip(inner, parts, strict=True))


def one(forms: list[Any], text: str, label: str, notebook: Notebook) -> Any:
    """Return what one word stands for: a variable, else a value, else an error."""
    kinds = [kind for kind in map(kind_of, forms) if kind is not None]
    readers = readers_of(forms)
    for kind in kinds:
        if kind.each is not None:
            return by_names(kind, kind.each, text, label, notebook)
    if kinds:
        taken = [kind for kind in kinds if kind.make is not None and kind.accepts(text)]
        if text not in notebook.quoted and nearly_names(text, notebook) and not is_path(text):
            taken = []
        textual = any(form in PLAIN or choices(form) for form in forms)
        found = MISSING if text in notebook.quoted and (taken or textual) else notebook.find(text)
        meant = found is not MISSING and (not textual or any(kind.fits(found) for kind in kinds))
        if meant and not tell_which(text, found, kinds, notebook):
            return found
        if taken and taken[0].make is not None:
            return taken[0].make(text)
    for reader in readers:
        try:
            return reader.read(text)
        except (ValueError, KeyError, ArithmeticError):
            continue
    if kinds:
        raise unknown(text, kinds, label, notebook, (name for form in forms for name in choices(form)))
    raise unreadable(forms, text, label, notebook)


def by_names(kind: Kind, each: Kind, text: str, label: str, notebook: Notebook) -> Any:
    """Return the variables named in ``a,b`` by their names; one that holds several as it is."""
    parts = pieces(text, label)
    found = {part: notebook.find(part) for part in parts}
    for part, value in found.items():
        if value is MISSING:
            raise unknown(part, [kind if len(parts) == 1 else each], label, notebook)
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise NNArchError(f"{label}: {twice} is named twice; name each network once")
    only = found[parts[0]]
    return only if len(parts) == 1 and not each.fits(only) else found


def readers_of(forms: list[Any]) -> list[Reader]:
    """Return how text may be read: choices first, plain text last."""
    named = [Reader(" | ".join(c), f"one of {', '.join(c)}", c.__getitem__) for c in map(choices, forms) if c]
    none = [Reader(NO_TEXT, NO_TEXT, {NO_TEXT: None}.__getitem__)] if type(None) in forms else []
    return [*named, *none, *(PLAIN[form] for form in PLAIN if form in forms)]


def tell_which(word: str, found: Any, kinds: list[Kind], notebook: Notebook) -> bool:
    """Say what a word is taken for that is also a known name; return whether it is that name.

    It is the variable, except that a network is neither architecture nor data: ``build gru data -o gru`` must
    run again.
    """
    kind = next((kind for kind in kinds if word in kind.names() and not kind.same(found, word)), None)
    if kind is None:
        return False
    variable, name = f"your variable ({type(found).__name__})", f"the {kind.named} of that name"
    named = kind.make is not None and is_network(found)
    if named:
        notebook.say(f"`{word}` is {name}, not {variable}")
    else:
        notebook.say(f'`{word}` is {variable}, not {name}; write "{word}" for that')
    return named


def unreadable(forms: list[Any], text: str, label: str, notebook: Notebook) -> NNArchError:
    known = [name for form in forms for name in choices(form)]
    expected = " or ".join(reader.expected for reader in readers_of(forms) if reader.expected != NO_TEXT)
    near = did_you_mean(text, known)
    if not near and notebook.find(text) is not MISSING:
        near = f" ${text} stands for the value of your variable."
    return NNArchError(f"{label} expects {expected} but got {shorten(text)!r}.{near}")
