"""How far the figures of advice can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views.sentence import sentence

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice


def trust(advice: Advice) -> str:
    parts = [*how(advice), *(sentence(note) for note in advice.notes)]
    if advice.stopped:
        parts.append("Interrupted: what is missing was not reached.")
    return " ".join(parts)


def how(advice: Advice) -> list[str]:
    if not advice.n_val:
        return [f"Measured on {advice.held_out}.", "The test split was not looked at."]
    wilson = bool(advice.scores) and advice.scores[0].metric == "accuracy"
    return [
        f"Measured on {advice.held_out} (n = {advice.n_val:,}); the test split was not looked at.",
        f"95 % {'Wilson' if wilson else 'bootstrap'} intervals, of a difference "
        f"{'by Newcombe for pairs' if wilson else 'by a bootstrap of pairs'}.",
        "The network's epoch and the best simple model were chosen on the same samples, which flatters both "
        "a little.",
        f"One seed ({advice.seed}); simple models with scikit-learn's usual settings, not tuned.",
    ]
