"""Proposals for a layer that does not fit, each tried before it is made.

Errors of the language carry what to write instead; where torch's own sizes are written out, the usual
mistake is a pooling that is missing, as in the published SimpleCNN. What is proposed is planned first: the
layer must fit then, and what mends the whole network comes before what leaves another mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from nnarch_nb.verbs.build.draft.candidate import Candidate
from nnarch_nb.verbs.build.draft.edits import layer_at
from nnarch_nb.verbs.build.draft.pooled import missing_before
from nnarch_nb.verbs.build.draft.told import as_told, first_of
from nnarch_nb.verbs.build.draft.trying import Address, Trial, tried
from nnarch_nb.verbs.build.language import Path, write
from nnarch_nb.verbs.build.language.cure import Cure

MOST = 4


@dataclass(frozen=True)
class Proposal:
    """A change that was tried.

    Attributes
    ----------
    words
        What it does.
    text
        The whole text after it.
    mends
        Whether every layer fits then.
    """

    words: str
    text: str
    mends: bool


def proposals(
    trial: Trial, example: torch.Tensor | None, cures: tuple[Cure, ...] = ()
) -> tuple[Proposal, ...]:
    """Return what makes the failing layer fit; what mends the whole network first.

    Parameters
    ----------
    trial
        Of the draft as it is.
    example
        A sample's shape and type, as for the trial.
    cures
        Of what is wrong with the answer, where every layer fits.
    """
    found: dict[str, Proposal] = {}
    made = candidates(trial) if trial.failed is not None else as_told(trial, (), cures)
    for words, layers in made:
        then = tried(layers, example)
        if then.failed is None or (trial.failed is not None and later(then.failed, trial.failed)):
            text = write(layers)
            found.setdefault(text, Proposal(words, text, then.failed is None))
    return tuple(sorted(found.values(), key=lambda each: not each.mends)[:MOST])


def later(at: Address, other: Address) -> bool:
    """Whether a layer is looked at after another: what holds layers is after them."""
    return at > other or (len(at) < len(other) and other[: len(at)] == at)


def candidates(trial: Trial) -> Iterator[Candidate]:
    """Return changes that may mend the layer that fails, the likeliest first."""
    if trial.failed is None:
        return
    at, layer = trial.failed, layer_at(trial.layers, trial.failed)
    yield from missing_before(trial, at, layer)
    yield from as_told(trial, at, trial.cures)


def blamed_for(layers: Path, cures: tuple[Cure, ...]) -> Address:
    """Return the layer to mark where all fit, and the network is none for its data all the same."""
    for cure in cures:
        if cure.where == "begin":
            return (0,)
        if cure.where == "argument":
            return first_of(layers, cure.argument[0]) or (0,)
    return (len(layers) - 1,)
