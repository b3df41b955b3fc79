"""From a word and options to the text of an architecture: what was asked is checked before it is written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.options import require_bool, require_number, require_whole
from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.build.families import FAMILIES, steps, words
from nnarch_nb.verbs.build.families.ahead import from_last, is_ahead
from nnarch_nb.verbs.build.families.published import PUBLISHED
from nnarch_nb.verbs.build.families.wanted import SEVERAL, Family, instead, other_form, wanted_from

if TYPE_CHECKING:
    from nnarch_nb.core.data import Data

MOST = 100_000  # of units, layers or classes: above it a slip of the finger is likelier than a wish
MOST_TOKENS = 10_000_000


@dataclass(frozen=True)
class Chosen:
    """An architecture that was chosen by name.

    Attributes
    ----------
    title
        What the network is called.
    text
        In the layer language.
    shape
        Of one sample.
    source, initialise
        As in ``Family``.
    """

    title: str
    text: str
    shape: tuple[int, ...]
    source: str
    initialise: str | None


def known(word: str) -> str | None:
    """Return the name of a family or a published configuration, upper and lower case and dashes aside.

    A family's title names it too: what a result calls SimpleCNN is asked for as ``cnn`` or ``SimpleCNN``.

    Examples
    --------
    >>> known("ResNet-50"), known("SimpleCNN"), known("vit_b_16"), known("alexnet")
    ('resnet50', 'cnn', 'vit-b-16', None)
    """
    spelled = {plain(name): name for name in (*FAMILIES, *PUBLISHED)}
    titles = {plain(family.title): name for name, family in FAMILIES.items()}
    return (titles | spelled).get(plain(word))


def plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


def names() -> Mapping[str, Any]:
    """Return every name that ``build`` knows."""
    return {**FAMILIES, **PUBLISHED}


def published() -> Mapping[str, Any]:
    """Return the published configurations, which need nothing but their name."""
    return PUBLISHED


def activations() -> Mapping[str, str]:
    return words.ACTIVATIONS


def norms() -> Mapping[str, Any]:
    """Return every norm that some family knows."""
    return {**words.NORMS, **steps.NORMS}


def chosen(
    word: str, data: Data | None, shape: tuple[int, ...] | None, classes: int | None, options: dict[str, Any]
) -> Chosen:
    """Return the architecture of that name for this input, its options checked."""
    word = known(word) or word
    pick(word, names(), "family")
    published = PUBLISHED.get(word)
    family = FAMILIES[published.family if published else word]
    given = checked(word, family, options)
    if published:
        own = {
            name: value for name, value in published.options.items() if data is None or name != "vocab_size"
        }
        given = own | given
        shape = published.input if shape is None else shape
        classes = published.classes if classes is None else classes
    if shape is None:
        raise NNArchError(f"{word} needs input=, such as {example(family)}; or give the data as input")
    refuse_other_data(word, family, data)
    if classes is not None:
        classes = require_whole("classes", classes, 1, MOST)
    wanted = wanted_from(word, family, data, shape, classes, given)
    if "vocab_size" in options and wanted.form != "tokens":
        has = f"the input is {shape}" if data is None else f"{data.name} holds {wanted.form} of {shape}"
        raise NNArchError(f"vocab_size is for tokens but {has}; leave it out")
    text = family.write(wanted, **given)
    return Chosen(
        title=word if published else family.title,
        text=from_last(text) if is_ahead(data, classes) else text,
        shape=shape,
        source=published.source if published else family.source,
        initialise=family.initialise,
    )


def example(family: Family) -> str:
    return {"table": "13", "image": "1,28,28", "series": "100,12", "tokens": "128"}[family.forms[0]]


def refuse_other_data(word: str, family: Family, data: Data | None) -> None:
    """Raise an error if the data is of a form or a kind that the family does not know."""
    if data is None:
        return
    if data.form not in family.forms:
        has = f"{data.name} holds {SEVERAL.get(data.form, data.form)} of {data.shape}"
        raise other_form(word, family, has, [data.form], [data.kind])
    if data.kind not in family.kinds:
        advice = instead([data.form], [data.kind])
        advice += "; data((x, x)) asks for reconstruction" if "reconstruction" in family.kinds else ""
        answers = " or ".join(kind for kind in family.kinds if kind != "features")
        raise NNArchError(f"{word} answers {answers} but {data.name} asks for {data.kind}{advice}")


def checked(word: str, family: Family, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options, each of the right type and one that the family takes."""
    taken = list(inspect.signature(family.write).parameters)[1:]
    for name in options:
        if name not in taken:
            raise NNArchError(f"{word} has no {name}; it takes {', '.join(taken)}")
    return {name: OPTIONS[name](name, value) for name, value in options.items()}


def count(name: str, value: Any) -> int:
    return require_whole(name, value, 1, MOST)


def many_tokens(name: str, value: Any) -> int:
    return require_whole(name, value, 1, MOST_TOKENS)


def share(name: str, value: Any) -> float:
    if (part := require_number(name, value, 0)) > 1:
        raise NNArchError(f"{name}={part:g} is out of range: 0 to 1")
    return part


def word_of(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise NNArchError(f"{name} must be a word, not {value!r}")
    return value.lower().replace("_", "-")


OPTIONS: dict[str, Callable[[str, Any], Any]] = {
    "width": count,
    "depth": count,
    "kernel_size": count,
    "activation": word_of,
    "norm": word_of,
    "dropout": share,
    "heads": count,
    "vocab_size": many_tokens,
    "max_len": many_tokens,
    "residual": require_bool,
    "bidirectional": require_bool,
}
