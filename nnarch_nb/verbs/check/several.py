"""Whether a network that takes one sample takes two: a batch size written in works for itself alone."""

from __future__ import annotations

from dataclasses import replace

from nnarch_nb.core.trace import trace
from nnarch_nb.verbs.check.find import finding_of
from nnarch_nb.verbs.check.finding import Case, Finding

MOST_LAYERS = 300  # of a network that is worth a second run; larger ones are seldom written by hand
BATCH_MISTAKES = ("mixed", "fixed batch")


def of_two(case: Case) -> tuple[Case, Finding] | None:
    """Return the run on two samples and why it fails, if that is the fault of a view or flatten."""
    call, image = case.call, case.image
    if call.sample is None or image is None or case.run.mode != "fake" or len(case.run.rows) > MOST_LAYERS:
        return None
    two = replace(call, args=(image.expand(2, *image.shape[1:]),))
    again = replace(case, call=two, run=trace(case.model, two))
    finding = finding_of(again) if again.failure else None
    if finding is None or finding.cause not in BATCH_MISTAKES:
        return None
    return again, replace(finding, reason=f"It takes one sample but not two: {finding.reason}")
