"""Tries what could mend a run, before anyone hears of it.

A trial holds a change in place for one traced run and takes it back. Where one change only moves the
failure on, a second one is tried on top of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from nnarch_nb.verbs.check.find import finding_of
from nnarch_nb.verbs.check.finding import Case, Finding
from nnarch_nb.verbs.check.misfit import batch_kept
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules import PROPOSALS
from nnarch_nb.verbs.check.trial import most_trials, tried

MOST_CHANGES = 3  # on top of one another
MOST_SHOWN = 3
# A run that reaches its end and returns no row for each sample may have been given one without its batch.
UNBATCHED = Finding("", "", "The batch is not kept", cause="unbatched")


def working(case: Case) -> list[str]:
    """Return the changes after which the run reaches its end, the likeliest first; no more than it takes."""
    most = most_trials(case.run)
    for changes in range(1, MOST_CHANGES + 1):
        texts = list(islice(search(case, changes, iter(range(most))), MOST_SHOWN))
        if texts:
            return list(dict.fromkeys(texts))
    return []


def search(case: Case, changes: int, trials: Iterator[int]) -> Iterator[str]:
    """Yield each chain of changes that makes the run reach its end, tried one upon the other."""
    finding = finding_of(case)
    if finding is None:
        if batch_kept(case.call, case.run):
            yield f"tried: the network then returns {case.run.output}"
            return
        finding = UNBATCHED
    worked: set[str] = set()
    for proposal in proposals(case, finding) if changes else ():
        if proposal.group in worked:
            continue
        if next(trials, None) is None:
            return
        with proposal.patch(case.model, case.call) as changed:
            after = Case(case.model, changed, tried(case, changed), case.widths, case.dense)
            rest = (
                None if stuck(finding, finding_of(after)) else next(search(after, changes - 1, trials), None)
            )
        if rest is not None:
            worked |= {proposal.group} - {""}
            yield f"{proposal.text}; {rest}"


def stuck(before: Finding, after: Finding | None) -> bool:
    """Whether the same want of the same layer is still not met."""
    if after is None or after.path != before.path:
        return False
    if before.size is None:
        return after.reason == before.reason
    return after.size == before.size and len(after.shape or ()) == len(before.shape or ())


def proposals(case: Case, finding: Finding) -> Iterator[Proposal]:
    for rule in PROPOSALS:
        yield from rule(case, finding)
