"""Layers around layers: the sum with a shortcut, copies in a row, paths side by side.

Each hands the mask of a padded sequence on to what it runs.
"""

from __future__ import annotations

import torch
from torch import nn

from nnarch_nb.verbs.build.modules.chain import Chain


class Residual(nn.Module):
    """What its body makes, plus what came in (He et al. 2016, "Deep Residual Learning", section 3.1).

    Parameters
    ----------
    body
        Any layers.
    shortcut
        What the input goes through where the body changes its shape; None adds it as it is.
    """

    takes_mask = True

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return ``shortcut(x) + body(x)``."""
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.body(x) + (x if self.shortcut is None else self.shortcut(x))
        straight = x if self.shortcut is None else Chain.step(self.shortcut, x, mask)
        return straight + Chain.step(self.body, x, mask)


class Repeat(Chain):
    """Copies of the same layers one after the other, each with weights of its own."""


class Paths(nn.Module):
    """Layers side by side that get the same input.

    Parameters
    ----------
    paths
        Any layers.
    """

    takes_mask = True

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        for number, path in enumerate(paths, 1):
            self.add_module(f"path{number}", path)

    def mask_of(self, x: torch.Tensor) -> torch.Tensor | None:
        """Return which steps are real, where the first layer of a path can tell."""
        found = (Chain.told_by(path, x) for path in self.children())
        return next((mask for mask in found if mask is not None), None)

    def outputs(self, x: torch.Tensor, mask: torch.Tensor | None) -> list[torch.Tensor]:
        """Return what each path makes of the input."""
        return [Chain.step(path, x, mask) for path in self.children()]


class Add(Paths):
    """The sum of what several paths make of the same input.

    Parameters
    ----------
    paths
        Any layers; each path gives the same shape.
    """

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the sum."""
        first, *others = self.outputs(x, mask)
        for other in others:
            first = first + other
        return first


class Concat(Paths):
    """What several paths make of the same input, joined.

    Parameters
    ----------
    paths
        Any layers; the paths give the same shape but for the dimension ``dim``.
    dim
        Where they are joined: 1 is channels, -1 the features of a sequence; 0 would be the batch.
    """

    def __init__(self, *paths: nn.Module, dim: int = 1) -> None:
        super().__init__(*paths)
        self.dim = dim

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the paths' outputs side by side."""
        return torch.cat(self.outputs(x, mask), dim=self.dim)

    def extra_repr(self) -> str:
        """Return where they are joined."""
        return f"dim={self.dim}"
