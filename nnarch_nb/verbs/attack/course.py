"""What the attacks have reached at each eps, and the figures drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.core.stats import wilson
from nnarch_nb.verbs.attack import Interval


@dataclass
class State:
    """How far one attack has come at one eps.

    Attributes
    ----------
    labels
        Of all samples.
    adversarials, verdicts
        The strongest change so far, and what the network says of it.
    left
        Which samples are still to be attacked.
    unsteady
        How many predictions were different when asked again.
    """

    labels: torch.Tensor
    adversarials: torch.Tensor
    verdicts: torch.Tensor
    left: torch.Tensor
    unsteady: int = 0

    @property
    def fooled(self) -> torch.Tensor:
        return self.verdicts != self.labels

    def adopt(self, other: State) -> None:
        """Take over what fooled the network elsewhere and is allowed here."""
        better = other.fooled & ~self.fooled
        self.adversarials[better] = other.adversarials[better]
        self.verdicts[better] = other.verdicts[better]

    def copy(self) -> State:
        return State(self.labels, self.adversarials.clone(), self.verdicts.clone(), self.left)

    @property
    def interval(self) -> Interval:
        share = wilson(int((~self.fooled).sum()), len(self.labels))
        return share.value, share.low, share.high


class Course:
    """The attacks' states at every eps that was finished."""

    def __init__(self) -> None:
        self.attacks: dict[str, dict[float, State]] = {}
        self.all: dict[float, State] = {}

    def add(self, eps: float, states: dict[str, State]) -> None:
        for name, state in states.items():
            self.attacks.setdefault(name, {})[eps] = state

    def finish(self) -> None:
        """Let what fools within a small eps count within every larger one, and join the attacks."""
        for name, curve in self.attacks.items():
            rising = dict(sorted(curve.items()))
            for smaller, larger in zip(rising.values(), [*rising.values()][1:], strict=False):
                larger.adopt(smaller)
            self.attacks[name] = rising
        *weaker, strongest = self.attacks.values()
        for eps, state in strongest.items():
            self.all[eps] = state.copy()
            for curve in weaker:
                self.all[eps].adopt(curve[eps])
