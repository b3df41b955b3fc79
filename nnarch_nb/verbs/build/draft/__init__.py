"""A draft: a text of layers that need not make a network yet, with what each line of it would be.

``build`` gives a network or an error. Somebody who is still writing wants both: what stands, and where and
why it breaks, with what would mend it. A draft is that, without a weight being allocated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnarch_nb.verbs.build.asked import as_written, text_and_family
from nnarch_nb.verbs.build.draft.draft import Draft
from nnarch_nb.verbs.build.draft.rows import Row
from nnarch_nb.verbs.build.draft.wish import Wish, checked

__all__ = ["Draft", "Row", "Wish", "checked", "drafted", "with_spec"]


def drafted(
    spec: Any, inputs: Any, classes: int | None, options: dict[str, Any], name: str | None, seed: int
) -> Draft:
    """Return the draft that ``build(..., ui=True)`` opens; a family has written its text.

    Raises
    ------
    NNArchError
        The input is none, or a family was asked for what it cannot be.
    """
    spec, inputs = as_written(spec, inputs)
    wish = Wish(inputs, classes, name, seed)
    if spec is None or (isinstance(spec, str) and not spec.strip()):
        return Draft("", checked(wish))
    return with_spec(Draft("", checked(wish)), spec, options)


def with_spec(draft: Draft, spec: Any, options: dict[str, Any] | None = None) -> Draft:
    """Return the draft with the text of a specification, or with the one that a family writes."""
    wish = draft.wish
    given = {option: value for option, value in (options or {}).items() if value is not None}
    text, family = text_and_family(spec, wish.data, wish.shape, draft.classes, given)
    if family is None:
        return replace(draft, text=text)
    known = {"family": spec.strip(), "options": given, "wrote": family.text}
    inputs = family.shape if wish.inputs is None else wish.inputs
    return draft.changed(family.text, inputs=inputs, **known)
