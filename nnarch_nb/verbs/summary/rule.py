"""torchinfo's rule for multiply-adds, so that a difference is explained only where it is proven.

It multiplies each weight and bias with the batch, for classes named like a convolution with the positions of
the result too, and for recurrent networks with the first two sizes of the result. Of pruned weights it
counts those that are not zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.trace import Row

PRUNED = "_orig"


@dataclass(frozen=True)
class Reckoned:
    """What torchinfo's rule makes of one layer.

    Attributes
    ----------
    macs
        Its multiply-adds.
    biases
        What of them is due to biases.
    masked
        How many pruned weights it leaves out.
    once
        It counts each weight once a sample although the layer works on several positions.
    as_convolution
        It counts by the positions of the result, and the layer is a transposed convolution.
    """

    macs: int = 0
    biases: int = 0
    masked: int = 0
    once: bool = False
    as_convolution: bool = False

    def plus(self, other: Reckoned) -> Reckoned:
        return Reckoned(
            self.macs + other.macs,
            self.biases + other.biases,
            self.masked + other.masked,
            self.once or other.once,
            self.as_convolution or other.as_convolution,
        )

    @property
    def reasons(self) -> list[str]:
        """Why that is not what the products of the layer cost."""
        said = {
            "it leaves out pruned weights": self.masked,
            "it reckons a transposed convolution as a convolution": self.as_convolution,
            "it counts each weight once a sample, not once a step": self.once,
            "it counts biases": self.biases,
        }
        return [words for words, applies in said.items() if applies]


def reckoned(row: Row, module: nn.Module) -> Reckoned:
    """Return what the rule makes of all calls of a layer; they are taken to be alike."""
    shape = row.outputs[0] if row.outputs else ()
    found = Reckoned()
    for name, count, masked in counted(module):
        plain = name in ("weight", "bias")
        if not shape or not ("weight" in name or "bias" in name):
            continue
        convolved = plain and "Conv" in row.kind
        sizes = (*shape[:1], *shape[2:]) if convolved else shape[:1] if plain else shape[:2]
        macs = count * prod(sizes) * row.calls
        found = found.plus(Reckoned(
            macs=macs,
            biases=macs if "bias" in name else 0,
            masked=masked,
            once=plain and not convolved and len(shape) > 2,
            as_convolution=convolved and "Transpose" in row.kind,
        ))  # fmt: skip
    return found


def counted(module: nn.Module) -> Iterable[tuple[str, int, int]]:
    """Yield the parameters by the name it knows them by, with how many numbers it counts and leaves out."""
    from torch.nn.parameter import is_lazy

    for name, parameter in module.named_parameters():
        if is_lazy(parameter):
            continue
        mask = getattr(module, f"{name.removesuffix(PRUNED)}_mask", None) if name.endswith(PRUNED) else None
        kept = parameter.numel() if mask is None or mask.is_meta else int(mask.count_nonzero())
        yield name.removesuffix(PRUNED), kept, parameter.numel() - kept


def pruned(network: nn.Module) -> int:
    """Return how many weights are pruned."""
    return sum(
        masked
        for module in network.modules()
        for name, _, masked in counted(module)
        if "." not in name
    )  # fmt: skip
