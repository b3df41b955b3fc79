"""Our published networks against torchvision's: parameters to the last digit, outputs with the same weights.

    pip install --no-deps torchvision==0.28.0
    python tests/benchmarks/torchvision_equal.py

Nothing is downloaded: torchvision's networks draw weights, every one of them is moved so that none that
begins as 0 or 1 hides a difference, and they are copied in the order in which both count their parameters.
"""

from __future__ import annotations

import sys

import torch
from published import import_torchvision
from torch import nn

import nnarch_nb
from nnarch_nb.verbs.build.families.published import PUBLISHED

COUNTED = ("resnet101", "resnet152", "vit-b-32", "vit-l-16", "vit-l-32", "vit-h-14")
COMPARED = ("resnet18", "resnet34", "resnet50", "vit-b-16")
CLOSE = 1e-5  # of the largest score
# What torchvision counts in another order than it runs: the class token comes before the patches.
FIRST = ("conv_proj.weight", "conv_proj.bias", "class_token", "encoder.pos_embedding")


def moved(model: nn.Module) -> nn.Module:
    """Move every weight and statistic a little."""
    draws = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in (*model.parameters(), *(b for b in model.buffers() if b.is_floating_point())):
            step = torch.randn(tensor.shape, generator=draws) * 0.01
            tensor.add_(step.abs() if (tensor >= 0).all() else step)  # a variance stays one
    return model.eval()


def in_order(theirs: nn.Module) -> list[torch.Tensor]:
    state = theirs.state_dict()
    names = [name for name in FIRST if name in state] + [name for name in state if name not in FIRST]
    return [state[name] for name in names]


def difference(theirs: nn.Module, ours: nn.Module) -> float:
    """Return how far the scores of two networks with the same weights differ, as a share of the largest."""
    pairs = zip(ours.state_dict().items(), in_order(theirs), strict=True)
    ours.load_state_dict({name: tensor.reshape(mine.shape) for (name, mine), tensor in pairs})
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected, got = theirs(x), ours.eval()(x)
    return float((expected - got).abs().max() / expected.abs().max())


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def main() -> None:
    models = import_torchvision().models
    wrong = 0
    for name in (*COUNTED, *COMPARED):
        builder = getattr(models, name.replace("-", "_"))
        with torch.device("meta"):
            theirs, ours = count(builder()), count(nnarch_nb.build(name))
        line = f"{name:10} {ours:>12,} parameters here, {theirs:>12,} there"
        wrong += not ours == theirs == PUBLISHED[name].parameters
        if name in COMPARED:
            apart = difference(moved(builder()), nnarch_nb.build(name))
            wrong += apart > CLOSE
            line += f"; outputs differ by {apart:.1e}"
        print(line)
    print(f"{wrong} differ" if wrong else "all equal")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
