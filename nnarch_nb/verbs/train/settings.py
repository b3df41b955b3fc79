"""What can be asked of a training run, checked before anything starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.errors import pick

# By name: the class in ``torch.optim`` and what it is given besides lr and weight decay.
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "adam": ("Adam", {"fused": True}),
    "adamw": ("AdamW", {"fused": True}),
    "sgd": ("SGD", {"momentum": 0.9, "fused": True}),
    "rmsprop": ("RMSprop", {}),
}

COOLDOWN = 0.3  # the last share of a run, in which the learning rate falls

# By name: the learning rate at a share of the run done, as a factor of ``lr``.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "cooldown": lambda done: min(1.0, (1 - done) / COOLDOWN),
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda done: 1 - done,
    "constant": lambda done: 1.0,
}


def optimizers() -> dict[str, tuple[str, dict[str, Any]]]:
    return OPTIMIZERS


def schedules() -> dict[str, Callable[[float], float]]:
    return SCHEDULES


@dataclass(frozen=True)
class Settings:
    """The options of one run, as given to ``train``."""

    epochs: int
    lr: float
    batch_size: int
    optimizer: str
    schedule: str
    weight_decay: float
    patience: int
    device: str
    seed: int

    def __post_init__(self) -> None:
        plain: dict[str, float] = {
            name: require_whole(name, getattr(self, name), least)
            for name, least in {"epochs": 1, "batch_size": 1, "patience": 0, "seed": 0}.items()
        }
        plain["lr"] = require_number("lr", self.lr, above=0)
        plain["weight_decay"] = require_number("weight_decay", self.weight_decay, 0)
        for name, value in plain.items():  # torch and Python's random take no numbers of numpy
            object.__setattr__(self, name, value)
        pick(str(self.optimizer), OPTIMIZERS, "optimizer")
        pick(str(self.schedule), SCHEDULES, "schedule")
