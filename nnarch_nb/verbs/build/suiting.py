"""Whether a network suits the data it is for: its classes, its padding and the question it answers."""

from __future__ import annotations

from typing import Any

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language.cure import Cure, told


def refuse_other_count(classes: int, data: Data | None) -> None:
    """Raise an error if data has no classes or is not answered by so many; spare classes may be meant."""
    if data is None:
        return
    if data.kind in ("next-token", "reconstruction"):
        raise NNArchError(f"{data.name} is for {data.kind}, which has no classes; leave classes= out")
    counted = data.kind in ("classification", "segmentation")
    if classes < data.outputs or (classes > data.outputs and not counted):
        raise NNArchError(f"classes={classes} but {data.name} asks for {data.outputs}; leave it out")


def makes_mask(network: Any, data: Data | None) -> bool:
    """Whether a network tells the padding of these samples from what they are."""
    if data is None:
        return True
    example = torch.zeros(1, *data.shape, dtype=torch.long if data.form == "tokens" else None)
    return network.mask_of(example) is not None


def refuse_unseen_padding(masked: bool, embeds: bool, data: Data | None) -> None:
    """Raise an error if samples that end early come to layers that take padding for a part of them.

    Parameters
    ----------
    masked
        Whether the layers know where the padding is.
    embeds
        Whether an ``Embedding`` is among them.
    data
        What the layers are for.
    """
    if masked or data is None or not data.padded:
        return
    if data.form == "series":
        raise told(
            f"the series of {data.name} end before their last step, which layers as written have to be told: "
            f"begin with Masking()",
            [Cure("begin", "Masking()")],
        )
    if data.form == "tokens" and embeds and data.kind != "next-token":
        raise told(
            f"the texts of {data.name} end before their last step, and an Embedding takes the padding behind "
            f"them for words: write padding_idx=0 in it",
            [Cure("argument", argument=("Embedding", "padding_idx", 0))],
        )


def refuse_other_answers(network: Any, data: Any, classes: int | None) -> None:
    """Raise an error if layers as written answer another question than the data or classes ask."""
    if classes is None or not network.shapes:
        return
    kind, shape = (data.kind if data is not None else "classification"), network.input_shape
    given = network.shapes[-1]
    flat = "" if len(given) == 1 else "Flatten(), "
    asked, end = {
        "reconstruction": (shape, f"layers that give back {shape}"),
        "segmentation": ((classes, *shape[1:]), f"Conv2d({classes}, 1)"),
        "next-token": ((*shape[:1], classes), f"Linear({classes})"),
    }.get(kind, ((classes,), f"{flat}Linear({classes})"))
    if given == asked or (data is None and given == (classes, *shape[1:])):
        return  # without data the classes may as well be those of each pixel
    what = f"there are {classes} classes" if kind == "classification" else f"{kind} asks for {asked}"
    cures = [] if kind == "reconstruction" else [Cure("end", end)]
    raise told(f"the network returns {given} for a sample but {what}; end with {end}", cures)
