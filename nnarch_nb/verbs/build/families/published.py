"""The published configurations by name: which family, with what options, for what input.

The number of parameters is that of the reference implementation (torchvision, transformers) with the
standard head; a test builds each and compares to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Published:
    """One published configuration.

    Attributes
    ----------
    family
        Its name in ``FAMILIES``.
    options
        Of the family.
    input
        The shape of one sample that it was published with.
    classes
        That it was published with; None where its answer needs no number.
    parameters
        How many it has with these.
    source
        Where it was published.
    """

    family: str
    input: tuple[int, ...]
    classes: int | None
    parameters: int
    options: dict[str, Any] = field(default_factory=dict)
    source: str = ""


RESNETS = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
SMALL_RESNETS = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}
DEEP_RESIDUAL = "He et al. 2016, Deep Residual Learning for Image Recognition"
SIZES = {"b": (768, 12, 12), "l": (1024, 24, 16), "h": (1280, 32, 16)}  # width, depth, heads
VITS = {
    ("b", 16): 86_567_656,
    ("b", 32): 88_224_232,
    ("l", 16): 304_326_632,
    ("l", 32): 306_535_400,
    ("h", 14): 632_045_800,
}

# Width, depth, heads and parameters: of GPT-2 with its tied head, of BERT with its pooler and no head.
GPTS = {
    "gpt2": (768, 12, 12, 124_439_808),
    "gpt2-medium": (1024, 24, 16, 354_823_168),
    "gpt2-large": (1280, 36, 20, 774_030_080),
    "gpt2-xl": (1600, 48, 25, 1_557_611_200),
}
BERTS = {
    "tiny": (128, 2, 2, 4_385_920),
    "mini": (256, 4, 4, 11_170_560),
    "small": (512, 4, 8, 28_763_648),
    "medium": (512, 8, 8, 41_373_184),
    "base": (768, 12, 12, 109_482_240),
    "large": (1024, 24, 16, 335_141_888),
}


def resnets(counts: dict[int, int], side: int, classes: int, source: str) -> dict[str, Published]:
    return {
        f"resnet{depth}": Published("resnet", (3, side, side), classes, count, {"depth": depth}, source)
        for depth, count in counts.items()
    }


def vit(size: str, patch: int, parameters: int) -> Published:
    width, depth, heads = SIZES[size]
    options = {"width": width, "depth": depth, "heads": heads, "kernel_size": patch}
    source = "Dosovitskiy et al. 2021, An Image is Worth 16×16 Words, table 1"
    return Published("vit", (3, 224, 224), 1000, parameters, options, source)


def language_model(
    family: str, sizes: tuple[int, int, int, int], vocab_size: int, max_len: int, source: str
) -> Published:
    width, depth, heads, parameters = sizes
    options = {"width": width, "depth": depth, "heads": heads, "vocab_size": vocab_size, "max_len": max_len}
    return Published(family, (max_len,), None, parameters, options, source)


def gpt(sizes: tuple[int, int, int, int]) -> Published:
    source = "Radford et al. 2019, Language Models are Unsupervised Multitask Learners, table 2"
    return language_model("gpt", sizes, 50_257, 1024, source)


def bert(size: str) -> Published:
    devlin = "Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers, section 3"
    turc = "Turc et al. 2019, Well-Read Students Learn Better, table 1"
    source = devlin if size in ("base", "large") else turc
    return language_model("bert", BERTS[size], 30_522, 512, source)


PUBLISHED: dict[str, Published] = {
    **resnets(RESNETS, 224, 1000, f"{DEEP_RESIDUAL}, table 1"),
    **resnets(SMALL_RESNETS, 32, 10, f"{DEEP_RESIDUAL}, section 4.2 and table 6"),
    **{f"vit-{size}-{patch}": vit(size, patch, count) for (size, patch), count in VITS.items()},
    **{name: gpt(sizes) for name, sizes in GPTS.items()},
    **{f"bert-{size}": bert(size) for size in BERTS},
}
