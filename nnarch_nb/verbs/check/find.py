"""What a traced run comes to: why it failed, or why its result cannot be what is wanted."""

from __future__ import annotations

from nnarch_nb.core.trace import Failure
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.check.finding import Case, Finding, found, product
from nnarch_nb.verbs.check.misfit import missing_channels, other_result
from nnarch_nb.verbs.check.rules import REASONS


def finding_of(case: Case) -> Finding | None:
    """Return what is wrong; None if all is well."""
    failure = case.failure
    if failure is None:
        return missing_channels(case) or other_result(case)
    known = (reason(case, failure) for reason in REASONS)
    return next(filter(None, known), None) or found(failure, in_torchs_words(failure), "")


def in_torchs_words(failure: Failure) -> str:
    """Return a failure that no rule knows: where, given what, and what was raised."""
    where = f"{failure.path} ({failure.kind})" if failure.path else f"{failure.kind}.forward"
    doing = f" in {failure.operation}" if failure.operation else ""
    given = (
        f" given {', '.join(product(shape, '×') or 'a scalar' for shape in failure.inputs)}"
        if failure.inputs
        else ""
    )
    kind = "" if failure.error in ("RuntimeError", "TypeError", "ValueError") else f"{failure.error}: "
    return f"{where} fails{doing}{given}: {kind}{shorten(failure.message, 200).rstrip('.')}"
