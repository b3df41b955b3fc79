"""From words to a call: every mistake becomes one line that names the cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.magics.annotations import word_of
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.values import SWITCH
from nnarch_nb.magics.verbs import Parameter, Verb
from nnarch_nb.magics.words import convert

if TYPE_CHECKING:
    from cyclopts import CycloptsError


def arguments(verb: Verb, words: list[str], cell: str | None, notebook: Notebook) -> dict[str, Any]:
    """Return the verb's arguments by name.

    Parameters
    ----------
    verb
        Whose parameters the words are for.
    words
        Those after the verb.
    cell
        The body of a cell, if the line heads one.
    notebook
        Whose variables a word may name.

    Raises
    ------
    NNArchError
        The words do not fit the parameters.
    """
    if cell is None:
        given = bind(verb, words)
        found = {name: converted(verb.parameters[name], word, notebook) for name, word in given.items()}
        return {**words_of(verb, given), **found}
    body = body_parameter(verb, cell, words)
    given = bind(verb, [body.name, *words])  # the name stands in for the text
    values = {
        name: converted(verb.parameters[name], word, notebook)
        for name, word in given.items()
        if name != body.name
    }
    return {body.name: cell.rstrip(), **values}  # lines above stay: mistakes are told by line


def converted(parameter: Parameter, given: Any, notebook: Notebook) -> Any:
    return convert(parameter.annotation, given, parameter.label, notebook)


def words_of(verb: Verb, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are the word given for another parameter."""
    marked = {p.name: word_of(p.annotation) for p in verb.parameters.values()}
    return {name: given[other] for name, other in marked.items() if other is not None and other in given}


def body_parameter(verb: Verb, cell: str, words: list[str]) -> Parameter:
    """Return the parameter that the cell is for.

    Raises
    ------
    NNArchError
        The verb takes no cell, the cell is empty, or the line gives that parameter too.
    """
    body = verb.body
    if body is None:
        raise NNArchError(f"{verb.name} takes no cell; write it on one line, %nnarch {verb.name}")
    if not cell.strip():
        raise NNArchError(f"the cell is empty; write the {body.name} below %%nnarch {verb.name}")
    if any(word.partition("=")[0] in body.options for word in words):
        raise NNArchError(f"{verb.name}: the cell holds the {body.name}; remove {body.options[0]} above it")
    return body


def bind(verb: Verb, words: list[str]) -> dict[str, Any]:
    """Return the words by the parameter they are for."""
    from cyclopts import CycloptsError

    if words[:1] == ["__complete"]:  # cyclopts would take it for a question of its own
        raise NNArchError(f"{verb.name}: '__complete' cannot be used here")
    try:
        _, bound, _ = verb.app.parse_args(switched(verb, words))
    except CycloptsError as error:
        raise NNArchError(f"{verb.name}{told(error, verb, words)}") from error
    return dict(bound.arguments)


def switched(verb: Verb, words: list[str]) -> list[str]:
    """Return the words with ``--normalize no`` as ``--normalize=no``, the one form cyclopts reads."""
    switches = {option for p in verb.parameters.values() if p.switch for option in p.options}
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in switches and word.lower() in SWITCH:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def told(error: CycloptsError, verb: Verb, words: list[str]) -> str:
    """Return what is wrong and what to do, to be said after the verb's name."""
    import cyclopts

    argument = error.argument and verb.parameters[error.argument.field_info.name]
    match error:
        case cyclopts.UnknownOptionError():
            return unknown_option(error.token.keyword or error.token.value, verb)
        case cyclopts.MissingArgumentError() if argument:
            return missing(argument, error.keyword, verb)
        case cyclopts.RepeatArgumentError():
            return f": {error.token.keyword} is given twice; give it once"
        case cyclopts.UnusedCliTokensError():
            return too_many(shorten((error.unused_tokens or words)[0]), verb)
        case cyclopts.ArgumentOrderError() if argument:
            return f": after words given by name, write {argument.options[0]} {shorten(error.token)}"
        case cyclopts.CoercionError() if error.token is not None:
            option, value = error.token.keyword, shorten(error.token.value)
            return f": {option} is a switch and takes yes or no but got {value!r}"
    return f": {shorten(error, 200)}"


def unknown_option(option: str, verb: Verb) -> str:
    option = option.partition("=")[0]
    known = [name for parameter in verb.parameters.values() for name in parameter.options]
    near = did_you_mean(option, [*known, "--help", "-o"])
    return f" has no option {shorten(option)}.{near} %nnarch {verb.name} --help lists them."


def missing(parameter: Parameter, option: str | None, verb: Verb) -> str:
    if option is not None:
        return f": {option} needs a value; one that begins with a dash is written {option}=-1"
    return f" needs {parameter.label}: write {usage(verb)}; %nnarch {verb.name} --help tells what each is"


def too_many(extra: str, verb: Verb) -> str:
    advice = "a list is written a,b and a text with spaces in quotes"
    return f": {extra!r} is one word too many in {usage(verb)}; {advice}"


def usage(verb: Verb) -> str:
    """Return how the verb is typed, options aside.

    Examples
    --------
    >>> import nnarch_nb.core.stats
    >>> usage(Verb("wilson", "nnarch_nb.core.stats:wilson"))
    '%nnarch wilson HITS N'
    """
    places = [p for p in verb.parameters.values() if p.place is not None]
    words = [p.label if p.required else f"[{p.label}]" for p in places]
    return " ".join(["%nnarch", verb.name, *words])
