"""How wide and how deep: for each family a ladder of sizes, and the rule that picks a rung.

The rung is the largest whose weights are no more than the numbers in the training split, else the lowest:
a rule of thumb (see ``advise``). How deep a family may go is bounded by what the data can show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nnarch_nb.verbs.advise.facts import Facts

STEPS = 1000  # of training, about: enough for small networks to come near their best
DEEP_STEPS = 3000  # for deep ones and transformers
SMALL_BATCH, BATCH = 16, 64
ROWS_FOR_BATCH = 500  # below so many samples small batches give more steps an epoch
EPOCHS = (3, 100)


@dataclass(frozen=True)
class Ladder:
    """The sizes of a family.

    Attributes
    ----------
    rungs
        Options of ``build`` for this data, from the largest to the smallest.
    reason
        How deep, and why.
    source
        Where that is shown.
    steps
        How many steps of training it takes, about.
    """

    rungs: Callable[[Facts], list[dict[str, Any]]]
    reason: str
    source: str
    steps: int = STEPS


def widths(*sizes: int, **fixed: Any) -> list[dict[str, Any]]:
    return [{"width": width, **fixed} for width in sizes]


def mlp(facts: Facts) -> list[dict[str, Any]]:
    depth = 1 if facts.n < 1000 else 2 if facts.n < 100_000 else 3
    most = 128 if facts.n < 10_000 else 256 if facts.n < 100_000 else 512
    return [rung for rung in widths(512, 256, 128, 64, 32, 16, 8, 4, depth=depth) if rung["width"] <= most]


def cnn(facts: Facts) -> list[dict[str, Any]]:
    depth = 3 if facts.side > 40 else 2 if facts.side >= 6 else 1
    return widths(*((64,) if facts.n >= 50_000 else ()), 32, 16, 8, depth=depth)


def resnet(facts: Facts) -> list[dict[str, Any]]:
    if facts.side <= 64:
        return [{"depth": depth} for depth in ((56, 20) if facts.n >= 500_000 else (20,))]
    return [{"depth": depth} for depth in ((50, 34, 18, 20) if facts.n >= 100_000 else (18, 20))]


def attention(facts: Facts) -> list[dict[str, Any]]:
    depth = 2 if facts.n < 20_000 else 4 if facts.n < 200_000 else 6
    return [
        {"width": width, "depth": depth, "heads": max(2, width // 32)}
        for width in ((256,) if facts.n >= 20_000 else ()) + (128, 64, 32)
    ]


def hybrid(facts: Facts) -> list[dict[str, Any]]:
    return recurrent(facts) if facts.form == "series" else attention(facts)


def recurrent(facts: Facts) -> list[dict[str, Any]]:
    depth = 1 if facts.n < 10_000 else 2
    return widths(*((256,) if facts.n >= 20_000 else ()), 128, 64, 32, 16, depth=depth)


def narrow(facts: Facts) -> list[dict[str, Any]]:
    return widths(64, 32, 16, 8)


OWN = "our own rule of thumb"
HORNIK = "K. Hornik, Neural Networks 4, 1991"
LADDERS: dict[str, Ladder] = {
    "mlp": Ladder(
        mlp,
        "one hidden layer can represent any continuous function; a second from 1,000 samples and a third "
        "from 100,000 make it easier where there is enough to learn from",
        HORNIK,
    ),
    "cnn": Ladder(
        cnn,
        "each convolution of 3×3 sees 2 pixels further: two for images up to 40 pixels, three above",
        "K. Simonyan, A. Zisserman, ICLR 2015, section 2.3",
    ),
    "resnet": Ladder(
        resnet,
        "20 layers: 56 gained 1.8 points on CIFAR-10 for three times the work; past 64 pixels those of "
        "ImageNet, 18 and more",
        "K. He et al., 2015, table 6 and section 4.1",
        steps=DEEP_STEPS,
    ),
    "vit": Ladder(attention, "two blocks; four from 20,000 images, six from 200,000", OWN, DEEP_STEPS),
    "hybrid": Ladder(
        hybrid,
        "two blocks after the convolutions, four from 20,000 images; of a series one recurrent layer, two "
        "from 10,000 samples",
        OWN,
        DEEP_STEPS,
    ),
    "transformer": Ladder(
        attention, "two blocks; four from 20,000 samples, six from 200,000", OWN, DEEP_STEPS
    ),
    "bert": Ladder(attention, "two blocks; four from 20,000 texts, six from 200,000", OWN, DEEP_STEPS),
    "gpt": Ladder(attention, "two blocks; four from 20,000 samples, six from 200,000", OWN, DEEP_STEPS),
    "rnn": Ladder(recurrent, "one layer; two from 10,000 samples", OWN),
    "gru": Ladder(recurrent, "one layer; two from 10,000 samples", OWN),
    "lstm": Ladder(recurrent, "one layer; two from 10,000 samples", OWN),
    "unet": Ladder(
        narrow,
        "each level halves the image; its default",
        "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015",
    ),
    "autoencoder": Ladder(narrow, "its default depth", "G. Hinton, R. Salakhutdinov, Science 313, 2006"),
}
DEFAULT = Ladder(lambda facts: [{}], "its defaults", OWN)


def ladder(family: str) -> Ladder:
    return LADDERS.get(family, DEFAULT)


def rungs(family: str, facts: Facts) -> Iterator[dict[str, Any]]:
    yield from ladder(family).rungs(facts)


def training(family: str, facts: Facts) -> dict[str, Any]:
    """Return the options of ``train`` that are not its defaults: enough steps, small batches of few."""
    batch = SMALL_BATCH if facts.n < ROWS_FOR_BATCH else BATCH
    steps = -(-facts.n // batch)
    epochs = min(max(-(-ladder(family).steps // steps), EPOCHS[0]), EPOCHS[1])
    found: dict[str, Any] = {"epochs": epochs, "patience": max(3, epochs // 10)}
    if batch != BATCH:
        found["batch_size"] = batch
    return found
