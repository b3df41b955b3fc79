"""What an attack has reached so far, and what is kept of it after each eps."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from nnarch_nb.core.stats import wilson
from nnarch_nb.verbs.attack import Interval


@dataclass
class State:
    """How far one attack has come: who is fooled, by what, and what the network says of it."""

    fooled: torch.Tensor
    adversarials: torch.Tensor
    verdicts: torch.Tensor
    unsteady: int = 0


@dataclass
class Course:
    """What is known after each eps that was finished."""

    robust: dict[float, Interval] = field(default_factory=dict)
    attacks: dict[str, dict[float, Interval]] = field(default_factory=dict)
    adversarials: dict[float, torch.Tensor] = field(default_factory=dict)
    verdicts: dict[float, torch.Tensor] = field(default_factory=dict)

    def record(self, eps: float, states: dict[str, State]) -> None:
        for name, state in states.items():
            self.attacks.setdefault(name, {})[eps] = interval(state.fooled)
        *weaker, strongest = states.values()
        fooled, verdicts = strongest.fooled.clone(), strongest.verdicts.clone()
        adversarials = strongest.adversarials.clone()
        for state in weaker:
            only = state.fooled & ~fooled
            adversarials[only], verdicts[only] = state.adversarials[only], state.verdicts[only]
            fooled |= only
        self.robust[eps] = interval(fooled)
        self.adversarials[eps], self.verdicts[eps] = adversarials, verdicts


def interval(fooled: torch.Tensor) -> Interval:
    share = wilson(int((~fooled).sum()), len(fooled))
    return share.value, share.low, share.high
