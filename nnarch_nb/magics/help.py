"""Help, derived: the signature gives names, values and defaults; the docstring gives the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnarch_nb.core.help import Entry, Help
from nnarch_nb.errors import pick
from nnarch_nb.magics.annotations import choices, is_many, kind_of, members
from nnarch_nb.magics.docstring import sections
from nnarch_nb.magics.parse import usage
from nnarch_nb.magics.values import PLAIN
from nnarch_nb.magics.verbs import Parameter, Verb, on_line

ABOUT = "build, look at, train, explain and attack neural networks, one line each"
STORE = Entry("-o", "Store the result under this name.", "name")


def overview(verbs: Mapping[str, Verb]) -> Help:
    """Return all verbs with a line each."""
    entries = [Entry(verb.name, sections(verb.function)["summary"]) for verb in verbs.values()]
    return Help(
        title="%nnarch",
        about=ABOUT,
        usage="%nnarch VERB … [-o NAME]",
        entries=tuple(entries),
        trust="%nnarch VERB --help tells more of a verb; Tab completes verbs, options and names; "
        "a line that ends with ; shows nothing.",
    )


def help_on(name: str, verbs: Mapping[str, Verb]) -> Help:
    """Return the help of one verb.

    Raises
    ------
    NNArchError
        There is no such verb.
    """
    verb = pick(on_line(name), verbs, "verb")
    parts = sections(verb.function)
    words = [usage(verb), *(["[options]"] if any(p.place is None for p in verb.parameters.values()) else [])]
    cell = f", or %%nnarch {verb.name} with the {verb.body.label} in the cell" if verb.body else ""
    return Help(
        title=f"%nnarch {verb.name}",
        about=parts["summary"],
        usage=f"{' '.join(words)} [-o NAME]{cell}",
        entries=(*map(entry, verb.parameters.values()), STORE),
        more=parts.get("more", ""),
        examples=parts.get("Examples", ""),
        trust=parts.get("Notes", "%nnarch alone shows all verbs."),
    )


def entry(parameter: Parameter) -> Entry:
    value = "" if parameter.switch else " or ".join(dict.fromkeys(values_of(parameter.annotation)))
    return Entry(
        name=parameter.label.replace("--", "--[no-]") if parameter.switch else parameter.label,
        about=parameter.about,
        value=value,
        default="" if parameter.required else shown(parameter.default),
    )


def shown(default: Any) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, (list, tuple)):
        return ",".join(map(str, default))
    return str(default)


def values_of(annotation: Any) -> list[str]:
    """Return the kinds of value an annotation takes, as a person says them."""
    return [value_of(form) for form in members(annotation) if form is not type(None)]


def value_of(form: Any) -> str:
    if named := choices(form):
        return " | ".join(named)
    if is_many(form):
        inner = [part for part in getattr(form, "__args__", (str,)) if part is not Ellipsis]
        names = [value_of(part) for part in inner]
        return ",".join(names if len(names) > 1 else [*names, "…"])
    kind = kind_of(form)
    return kind.what if kind else PLAIN[form].what
