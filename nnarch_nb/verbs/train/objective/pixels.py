"""The class of every pixel: cross-entropy, and the intersection over union of classes."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from nnarch_nb.core.data import IGNORED
from nnarch_nb.verbs.train.objective.counted import Counted, cross_entropies


class Segmentation(Counted):
    """Cross-entropy of each pixel's class; the mean over classes of intersection over union.

    A background that fills the picture makes the share of right pixels high for a network that sees
    nothing else; the mean over classes does not (M. Everingham et al., "The PASCAL VOC challenge", IJCV
    2015, section 4.2). Classes that neither occur nor are answered are left out of it.
    """

    metric: ClassVar[str] = "iou"
    noun: ClassVar[str] = "class"
    loss_name: ClassVar[str] = "cross-entropy over pixels"
    figures: ClassVar[tuple[str, ...]] = ("mean IoU", "pixel accuracy")
    parts: ClassVar[str] = "pixels"

    def real(self, y: Tensor) -> Tensor:
        return y != IGNORED

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return cross_entropies(output, y) / self.real(y).sum().clamp_min(1)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return overlaps(output.argmax(1), y, self.real(y), output.shape[1])

    def made_of(self, sums: Tensor, y: Tensor) -> Tensor:
        both, either = sums.chunk(2, -1)
        # A pixel answered wrongly is in two unions, one answered rightly in one.
        pixels = (either.sum(-1) + both.sum(-1)) / 2
        iou = (both / either.clamp_min(1)).where(either > 0, math.nan).nanmean(-1)
        return torch.stack([iou, both.sum(-1) / pixels], -1)

    def baseline(self, y: Tensor) -> float:
        """Return the mean IoU of always answering the most frequent class."""
        counts = y[self.real(y)].bincount()
        return float(counts.max() / counts.sum() / (counts > 0).sum())


def overlaps(answered: Tensor, y: Tensor, real: Tensor, classes: int) -> Tensor:
    """Return for each sample the pixels in the intersection, then in the union, of each class."""
    n, rows = len(y), torch.arange(len(y), device=y.device).view(-1, *[1] * (y.dim() - 1)) * classes

    def counted(which: Tensor, where: Tensor) -> Tensor:
        return (which + rows)[where].bincount(minlength=n * classes).view(n, classes)

    both = counted(answered, real & (answered == y))
    either = counted(answered, real) + counted(y, real) - both
    return torch.cat([both, either], 1).double()
