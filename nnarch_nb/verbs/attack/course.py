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
    unsteady
        How many predictions were different when asked again.
    """

    labels: torch.Tensor
    adversarials: torch.Tensor
    verdicts: torch.Tensor
    unsteady: int = 0

    @property
    def fooled(self) -> torch.Tensor:
        return self.verdicts != self.labels

    @property
    def left(self) -> torch.Tensor:
        """The numbers of the samples that still stand."""
        return (~self.fooled).nonzero()[:, 0]

    def adopt(self, other: State) -> None:
        """Take over what fooled the network elsewhere and is allowed here."""
        better = other.fooled & ~self.fooled
        self.adversarials[better] = other.adversarials[better]
        self.verdicts[better] = other.verdicts[better]

    def copy(self) -> State:
        return State(self.labels, self.adversarials.clone(), self.verdicts.clone())

    def first(self, n: int) -> State:
        return State(self.labels[:n], self.adversarials[:n], self.verdicts[:n], self.unsteady)

    @property
    def interval(self) -> Interval:
        share = wilson(int((~self.fooled).sum()), len(self.labels))
        return share.value, share.low, share.high


class Course:
    """Where each attack stands at every eps that it finished, from the smallest up.

    Attributes
    ----------
    attacks
        By attack and eps; an attack that finished none has an empty entry.
    reached
        How many samples these states are of: fewer than were drawn when stopped early.
    """

    def __init__(self, names: list[str], samples: int) -> None:
        self.attacks: dict[str, dict[float, State]] = {name: {} for name in names}
        self.reached = samples

    @property
    def states(self) -> list[State]:
        return [state for curve in self.attacks.values() for state in curve.values()]

    def joined(self, sizes: list[float]) -> dict[float, State]:
        """Return what all attacks reached together, at every eps that one of them finished."""
        together: dict[float, State] = {}
        for eps in sizes:
            here = [curve[eps] for curve in self.attacks.values() if eps in curve]
            if not here:
                break
            smaller = [*together.values()][-1:]
            together[eps] = here[-1].copy()  # the strongest attack's
            for other in [*here[:-1], *smaller]:
                together[eps].adopt(other)
        return together
