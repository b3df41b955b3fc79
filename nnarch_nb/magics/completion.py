"""Tab on a ``%nnarch`` line: verbs, options, choices, and the notebook's own networks and data.

IPython asks the matcher at every Tab in the notebook, so lines that are not ours leave at once. On
ours it answers first and alone, since Jedi's guesses about Python would only be in the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from nnarch_nb.errors import NNArchError
from nnarch_nb.magics import line as lines
from nnarch_nb.magics.annotations import choices, kinds_of, members
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import Parameter, Verb, on_line

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

OURS = re.compile(r"\s*(?:[^=%'\"]*=\s*)?%%?nnarch\s+(.*)", re.DOTALL)
STORE, HELP = "-o", "--help"


def make_matcher(
    shell: InteractiveShell, verbs: Mapping[str, Verb]
) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """Return the function that IPython calls at every Tab."""

    @context_matcher(identifier="nnarch_nb", priority=1000)
    def nnarch_matcher(context: CompletionContext) -> SimpleMatcherResult:
        ours = OURS.fullmatch(context.text_until_cursor)
        if ours is None:
            return {"completions": [], "suppress": False}
        fragment, found = complete(ours[1], verbs, Notebook(shell.user_ns))
        return {
            "completions": [SimpleCompletion(text, type="nnarch") for text in found],
            "suppress": True,
            "ordered": True,
            "matched_fragment": fragment,
        }

    return nnarch_matcher


def complete(typed: str, verbs: Mapping[str, Verb], notebook: Notebook) -> tuple[str, list[str]]:
    """Return the part of the line being typed, and what it may become.

    Parameters
    ----------
    typed
        The line after ``%nnarch``, up to the cursor.
    verbs, notebook
        What can be asked, and the variables it can be asked of.
    """
    fragment = "" if typed[-1:].isspace() or not typed else typed.split()[-1]
    try:
        words = lines.split(typed[: len(typed) - len(fragment)])
    except NNArchError:  # inside an open quote
        return fragment, []
    last = fragment
    if words[1:] and words[-1].endswith(","):  # a list goes on behind a space
        fragment = words.pop() + fragment
    if not words:
        return starting(fragment, [*verbs, "help"])
    if words[0] == "help":
        return starting(fragment, list(verbs))
    verb = verbs.get(on_line(words[0]))
    part, found = (fragment, []) if verb is None else of_verb(verb, words[1:], fragment, notebook)
    # Only what stands before the cursor in one piece can be replaced.
    return (part, found) if typed.endswith(part) else (last, [])


def of_verb(verb: Verb, words: list[str], fragment: str, notebook: Notebook) -> tuple[str, list[str]]:
    named, waiting, place = walk(verb, words)
    option, equals, value = fragment.partition("=")
    if waiting == STORE:
        return fragment, []
    if waiting is not None:
        return values(options(verb).get(waiting), fragment, notebook)
    if equals and fragment.startswith("-"):
        return values(options(verb).get(option), value, notebook)
    free = [
        name for name, p in options(verb).items() if p.name not in named and (p.place is None or fragment)
    ]
    free += [name for name in (STORE, HELP) if name not in words]
    if fragment.startswith("-"):
        return starting(fragment, free)
    at = next((p for p in verb.parameters.values() if p.place == place), None)
    part, found = values(at, fragment, notebook)
    return part, found + ([] if fragment else free)


def options(verb: Verb) -> dict[str, Parameter]:
    return {name: p for p in verb.parameters.values() for name in p.options}


def walk(verb: Verb, words: list[str]) -> tuple[set[str], str | None, int]:
    """Return the parameters named so far, the option still waiting for its word, and the next place."""
    known, named, waiting, place = options(verb), set(), None, 0
    for word in words:
        option, equals, _ = word.partition("=")
        if waiting is not None:
            waiting = None
        elif option in known:
            named.add(known[option].name)
            waiting = None if equals or known[option].switch else option
        elif word == STORE:
            waiting = STORE
        else:
            place += not word.startswith("--")
    return named, waiting, place


def values(parameter: Parameter | None, fragment: str, notebook: Notebook) -> tuple[str, list[str]]:
    """Return what the parameter takes; after a comma, the next of a list."""
    if parameter is None:
        return fragment, []
    kinds = kinds_of(parameter.annotation)
    known = [name for kind in kinds for name in (*notebook.names(kind.fits), *kind.names())]
    inner = [part for form in members(parameter.annotation) for part in getattr(form, "__args__", ())]
    listed = [name for form in inner for name in choices(form)]
    known += [name for form in members(parameter.annotation) for name in choices(form)]
    several = [kind.each for kind in kinds if kind.each is not None]
    if listed or several:
        before, comma, fragment = fragment.rpartition(",")
        if comma and several:
            fragment = fragment.lstrip()
            taken = [name.strip() for name in before.split(",")]
            known = [name for name in notebook.names(several[0].fits) if name not in taken]
    return starting(fragment, list(dict.fromkeys(known + listed)))


def starting(fragment: str, names: list[str]) -> tuple[str, list[str]]:
    return fragment, [name for name in names if name.startswith(fragment)]
