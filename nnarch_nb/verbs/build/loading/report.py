"""What became of every tensor of a file of weights, and of every one of the network."""

from __future__ import annotations

from dataclasses import dataclass

from nnarch_nb.core.result import Result


@dataclass(frozen=True)
class Loaded(Result):
    """What a file of weights had for a network.

    Attributes
    ----------
    name, path, layout
        The network, the file, and whose names it uses.
    matched
        Our names of the tensors that came from the file.
    reshaped
        Those among them whose form was changed: the name and how.
    missing
        Our names of the tensors that keep the values they had.
    unexpected, ignored
        The file's names that have no place in the network, and those that need none (buffers, heads
        for pretraining).
    head
        The layer that answers, where there is one.
    replaced
        The outputs of the file's head and of the network's, where they differ: the head keeps its weights.
    parameters, of
        How many of the network's numbers came from the file.
    """

    name: str
    path: str
    layout: str
    matched: tuple[str, ...]
    reshaped: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    ignored: tuple[str, ...]
    head: str | None
    replaced: tuple[int, int] | None
    parameters: int
    of: int

    @property
    def complete(self) -> bool:
        """Whether every tensor of the network came from the file."""
        return not self.missing

    @property
    def freeze(self) -> str | None:
        """The line that leaves only the head to be trained."""
        if self.head is None:
            return None
        return f"model.requires_grad_(False).{self.head}.requires_grad_(True)"

    def __repr__(self) -> str:
        return (
            f"Loaded({self.name} from {self.path}: {len(self.matched)} matched, {len(self.missing)} missing, "
            f"{len(self.unexpected)} unexpected)"
        )
