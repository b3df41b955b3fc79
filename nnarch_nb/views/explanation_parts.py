"""An explanation cut into what is shown: one part per input, images and columns told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnarch_nb.views import pixels

if TYPE_CHECKING:
    import torch

    from nnarch_nb.verbs.explain import Explanation

SAMPLES = 6  # shown at most
MOST = 10  # columns shown
EXCEEDED = 0.995
IMAGE = 3  # dimensions: channels, height, width


@dataclass(frozen=True)
class Part:
    """One input of the network, with the samples shown.

    Attributes
    ----------
    raw, maps
        Values and attributions, one sample per row.
    features
        Names of the columns, or of the channels of a series; empty where they have none.
    series
        Whether time goes along the first dimension of a sample, and channels along the second.
    """

    name: str
    raw: torch.Tensor
    maps: torch.Tensor
    features: tuple[str, ...] = ()
    series: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.raw.shape[1:])

    @property
    def drawable(self) -> bool:
        return pixels.drawable(self.shape)

    @property
    def image(self) -> bool:
        """Whether its values are pixels; a sequence is drawn too, but its values are not."""
        return self.drawable and len(self.shape) == IMAGE

    def columns(self, tensor: torch.Tensor) -> np.ndarray:
        """Return one row per sample and one column per value."""
        return tensor.float().reshape(len(tensor), -1).numpy()

    def column(self, number: int) -> str:
        if self.series:
            step, channel = np.unravel_index(number, self.shape)
            name = self.features[channel] if self.features else f"channel {channel}"
            return f"{name}, step {step}"
        if self.features:
            return self.features[number]
        place = np.unravel_index(number, self.shape or (1,))
        return f"{self.name}[{', '.join(map(str, place))}]"


def parts(result: Explanation) -> list[Part]:
    inputs, maps = result.inputs, result.attributions
    if isinstance(inputs, dict) and isinstance(maps, dict):
        return [Part(name, inputs[name][:SAMPLES], maps[name][:SAMPLES]) for name in inputs]
    if isinstance(inputs, tuple) and isinstance(maps, tuple):
        pairs = zip(inputs, maps, strict=True)
        several = len(inputs) > 1
        return [
            Part(f"input {i}" if several else "input", raw[:SAMPLES], part[:SAMPLES])
            for i, (raw, part) in enumerate(pairs, 1)
        ]
    assert not isinstance(inputs, (tuple, dict))
    assert not isinstance(maps, (tuple, dict))
    raw, shown = inputs[:SAMPLES], maps[:SAMPLES]
    if result.kind and raw.dim() == 3:
        return [Part("series", raw, shown, result.channels, series=True)]
    return [Part("input", raw, shown, result.features)]


def scale(result: Explanation) -> float:
    """Return the attribution shown in full colour: one for all maps.

    It is the largest of a table's columns, and of an image the pixel that one in 200 exceeds: a few
    single pixels would else leave all others pale.
    """
    return max(strong(part) for part in parts(result))


def strong(part: Part) -> float:
    if not part.drawable:
        return float(np.abs(part.columns(part.maps)).max())
    if part.series:
        return float(part.maps.abs().max())
    planes = np.stack([pixels.smaller(pixels.flat(image)) for image in part.maps])
    return float(np.quantile(np.abs(planes), EXCEEDED) or np.abs(planes).max())
