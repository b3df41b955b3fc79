"""Parameters and MACs of torchvision's networks, against the figures published with their weights.

    pip install --no-deps torchvision==0.28.0
    python tests/benchmarks/published.py

No weights are downloaded: the networks are made on ``meta``, where they take no memory. Torchvision is
no dependency, because its wheel does not import beside a CPU build of PyTorch: its compiled part is
missing there. The models need none of it, so this script names the missing operators and goes on.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import torch

import nnarch_nb

CLOSE = 0.02
ROUNDED = 0.0006  # the published figures have three decimals
MISSING = re.compile(r"operator torchvision::(\w+) does not exist")
# Published without their auxiliary classifiers, or for a side or number of frames other than the default.
OPTIONS: dict[str, dict[str, Any]] = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"init_weights": False},
    "vit_h_14": {"image_size": 518},
}
FRAMES = 16


def import_torchvision() -> ModuleType:
    """Return torchvision, with the operators named that a CPU build of PyTorch lacks."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    while True:
        try:
            import torchvision
        except RuntimeError as error:
            missing = MISSING.search(str(error))
            if missing is None:
                raise
            for name in [name for name in sys.modules if name.startswith("torchvision")]:
                del sys.modules[name]
            library.define(f"{missing[1]}(Tensor boxes) -> Tensor")
        else:
            return torchvision


def published(models: ModuleType) -> Iterator[tuple[str, tuple[int, ...], int, float]]:
    """Yield each network's name, its sample's shape, and its published parameters and MACs in billions."""
    for module in (models, models.video):
        for name in models.list_models(module=module):
            weights = models.get_model_weights(name).DEFAULT
            crop = weights.transforms().crop_size
            sides = (crop[0], crop[0]) if len(crop) == 1 else tuple(crop)
            shape = (3, *sides) if module is models else (3, FRAMES, *sides)
            yield name, shape, weights.meta["num_params"], weights.meta["_ops"]


def made(models: ModuleType, name: str) -> torch.nn.Module:
    build = models.get_model_builder(name)
    # RegNet draws its first weights in a way that meta tensors do not know.
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        return build(weights=None, **OPTIONS.get(name, {}))


def main() -> None:
    models = import_torchvision().models
    right = total = 0
    for name, shape, params, billions in published(models):
        result = nnarch_nb.summary(made(models, name), shape)
        off = abs(result.macs / 1e9 - billions)
        agrees = result.params == params and off <= max(CLOSE * billions, ROUNDED)
        right, total = right + agrees, total + 1
        print(
            f"{name:22} {'×'.join(map(str, shape)):>14}  {result.params:>12,} of {params:>12,} parameters"
            f"  {result.macs / 1e9:8.3f} of {billions:8.3f} GMACs  {'agrees' if agrees else 'DIFFERS'}",
            flush=True,
        )
    print(f"{right} of {total} networks agree: every parameter, and MACs within {CLOSE:.0%}")


if __name__ == "__main__":
    main()
