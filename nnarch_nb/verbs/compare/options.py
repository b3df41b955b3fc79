"""The options of ``compare``, refused where they make no sense."""

from __future__ import annotations

from dataclasses import dataclass

from nnarch_nb.core.options import require_bool, require_number, require_whole
from nnarch_nb.errors import pick

GROWS = {
    "auto": ("side", "length"),
    "none": (),
    "length": ("length",),
    "side": ("side",),
}  # what may grow, by the option


@dataclass(frozen=True)
class Options:
    """The options of ``compare``, as its docstring describes them."""

    grow: str
    repeats: int
    seconds: float
    batch_size: int | None
    training: bool
    seed: int

    def __post_init__(self) -> None:
        pick(str(self.grow), GROWS, "way to grow")
        for name, least in {"repeats": 0, "seed": 0}.items():
            require_whole(name, getattr(self, name), least)
        if self.batch_size is not None:
            require_whole("batch_size", self.batch_size, 1)
        require_number("seconds", self.seconds, above=0)
        require_bool("training", self.training)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The kinds of dimension that are let grow."""
        return GROWS[self.grow]
