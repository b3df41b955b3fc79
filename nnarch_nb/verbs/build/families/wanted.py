"""What a network is for: the one thing that every family writes its text from.

A ``Data`` says all of it. A shape leaves the kind and the form open: then the family's own come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.errors import NNArchError

if TYPE_CHECKING:
    from nnarch_nb.core.data import Data

# The dimensions of a sample of each form.
FORMS: dict[str, tuple[str, ...]] = {
    "table": ("features",),
    "image": ("channels", "height", "width"),
    "series": ("steps", "channels"),
    "tokens": ("steps",),
    "array": ("any sizes",),
}
SEVERAL = {"table": "tables", "image": "images", "array": "arrays"}  # the others are plural as they are
KINDS = (
    "classification",
    "regression",
    "multi-label",
    "segmentation",
    "next-token",
    "reconstruction",
    "features",
)
COUNTED = KINDS[:4]  # what classes= is the number of


@dataclass(frozen=True)
class Wanted:
    """What a network is for.

    Attributes
    ----------
    shape
        Of one sample.
    outputs
        How many classes, numbers or labels it answers with; for next tokens the vocabulary, for
        reconstruction and features 0, as the family knows.
    kind
        Of the data (``nnarch_nb.core.data.Kind``), or ``features``: the body without a head.
    form
        Of a sample: ``table``, ``image``, ``series`` or ``tokens``.
    vocab_size
        How many tokens there are, where they are tokens.
    padded
        Whether samples end before their last step.
    max_len
        The most steps that it must take, where it is more than the sample has.
    """

    shape: tuple[int, ...]
    outputs: int = 0
    kind: str = "classification"
    form: str = "table"
    vocab_size: int | None = None
    padded: bool = False
    max_len: int | None = None


@dataclass(frozen=True)
class Family:
    """One architecture.

    Attributes
    ----------
    title
        What a network of this family is called in titles.
    write
        ``write(wanted, **options) -> text`` in the layer language; its keyword parameters are the
        options that it takes.
    forms
        What it takes, the most usual first.
    kinds
        What it answers, the most usual first.
    source
        Where the architecture comes from.
    initialise
        ``module:function`` that is given the network and draws its weights; None is torch's own way.
    """

    title: str
    write: Callable[..., str]
    forms: tuple[str, ...]
    kinds: tuple[str, ...] = ("classification", "regression", "multi-label")
    source: str = ""
    initialise: str | None = None


def wanted_from(
    word: str,
    family: Family,
    data: Data | None,
    shape: tuple[int, ...],
    classes: int | None,
    options: dict[str, Any],
) -> Wanted:
    """Return what the network is for.

    Parameters
    ----------
    word
        The family's name, for messages.
    family
        Whose forms and kinds decide what a shape leaves open.
    data
        The data it is for, where it was given.
    shape
        Of one sample.
    classes
        How many outputs; None where the family needs no number.
    options
        As given; a vocabulary and a longest length among them count.
    """
    form = data.form if data is not None else form_of(word, family, shape, classes, "vocab_size" in options)
    kind = data.kind if data is not None else kind_of(word, family, classes)
    size = vocabulary_size(data, options.get("vocab_size")) if form == "tokens" else None
    outputs = (size or 0) if kind == "next-token" else classes if kind in COUNTED else 0
    return Wanted(
        shape=shape,
        outputs=outputs or 0,
        kind=kind,
        form=form,
        vocab_size=size,
        padded=data is not None and data.padded,
        max_len=options.get("max_len"),
    )


def vocabulary_size(data: Data | None, asked: int | None) -> int | None:
    """Return how many tokens there are: as asked, else as many as the data has."""
    if data is None:
        return asked
    parts = (data.train, data.val, data.test)
    used = 1 + max(int(split.x.max()) for split in parts if len(split))
    has = used if data.vocabulary is None else max(used, len(data.vocabulary))
    if asked is not None and asked < has:
        raise NNArchError(f"vocab_size={asked} is too small: {data.name} has {has:,} tokens; leave it out")
    return asked or has


def form_of(word: str, family: Family, shape: tuple[int, ...], classes: int | None, tokens: bool) -> str:
    """Return the form that a shape has for this family, the family's first where it may be several."""
    fitting = [form for form in family.forms if len(FORMS[form]) == len(shape) and form != "array"]
    fitting = fitting or [form for form in family.forms if form == "array"]
    if tokens and "tokens" in fitting:
        return "tokens"
    if not fitting:
        possible = [form for form, sizes in FORMS.items() if len(sizes) == len(shape) and form != "array"]
        kinds = [kind for kind in KINDS if (kind in COUNTED) == (classes is not None)]
        raise other_form(word, family, f"the input is {shape}", possible or ["array"], kinds)
    return fitting[0]


def other_form(word: str, family: Family, has: str, forms: list[str], kinds: list[str]) -> NNArchError:
    """Return the error that says what the family takes, and which families take what there is."""
    takes = " or ".join(f"{SEVERAL.get(form, form)} ({', '.join(FORMS[form])})" for form in family.forms)
    return NNArchError(f"{word} takes {takes} but {has}{instead(forms, kinds)}")


def instead(forms: list[str], kinds: list[str]) -> str:
    """Return the advice which families to try: the first four that take and answer one of these."""
    from nnarch_nb.verbs.build.families import FAMILIES

    fitting = [n for n, f in FAMILIES.items() if set(f.forms) & set(forms) and set(f.kinds) & set(kinds)]
    return f"; try {', '.join(fitting[:4])}" if fitting else ""


def kind_of(word: str, family: Family, classes: int | None) -> str:
    """Return the family's first kind that goes with a number of classes, or with none."""
    fitting = [kind for kind in family.kinds if (kind in COUNTED) == (classes is not None)]
    if fitting:
        return fitting[0]
    if classes is None:
        raise NNArchError(f"{word} needs classes=, such as 10; or give the data as input")
    raise NNArchError(f"{word} answers {' or '.join(family.kinds)}, which needs no classes: leave them out")
