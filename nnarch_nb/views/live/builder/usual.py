"""The layers that people reach for first, with usual arguments: by the form of a sample."""

from __future__ import annotations

from nnarch_nb.verbs.build.language import COMBINATORS, Path
from nnarch_nb.verbs.build.language.elsewhere import instead_of
from nnarch_nb.verbs.build.language.writer import parts_of
from nnarch_nb.verbs.build.layers import known_layers

# By how many sizes a sample has: a table or tokens, a series, an image.
PALETTES = {
    1: ("Linear(64)", "ReLU()", "Dropout(0.25)", "BatchNorm1d()", "Embedding(1000, 64)", "MeanSteps()"),
    2: ("GRU(64)", "LSTM(64)", "SelfAttention(4)", "LayerNorm()", "Last()", "MeanSteps()", "Linear(64)"),
    3: (
        "Conv2d(32, 3, padding=1)",
        "ReLU()",
        "MaxPool2d(2)",
        "BatchNorm2d()",
        "Dropout(0.25)",
        "Flatten()",
        "Linear(64)",
    ),
}
# How else a name alone is completed; any other gets empty brackets.
COMPLETED = {
    "AdaptiveAvgPool1d": "AdaptiveAvgPool1d(1)",
    "AdaptiveAvgPool2d": "AdaptiveAvgPool2d(1)",
    "AvgPool2d": "AvgPool2d(2)",
    "Conv1d": "Conv1d(32, 3, padding=1)",
    "Conv3d": "Conv3d(32, 3, padding=1)",
    "ConvTranspose2d": "ConvTranspose2d(32, 2, stride=2)",
    "GroupNorm": "GroupNorm(8)",
    "MaxPool1d": "MaxPool1d(2)",
    "RNN": "RNN(64)",
    "TransformerEncoderLayer": "TransformerEncoderLayer(4)",
    "Positions": "Positions(512)",
    "Residual": "Residual(ReLU())",
    "Repeat": "Repeat(2, ReLU())",
    "Add": "Add([ReLU()], [])",
    "Concat": "Concat([ReLU()], [])",
    "Branch": "Branch(ReLU())",
    **{text.partition("(")[0]: text for texts in PALETTES.values() for text in texts},
}


def palette(shape: tuple[int, ...] | None) -> list[str]:
    """Return the usual layers for samples of a shape."""
    return list(PALETTES.get(len(shape) if shape is not None else 3, PALETTES[3]))


def names() -> list[str]:
    """Return every layer that can be added, by name."""
    return sorted({*filter(can_be_added, known_layers()), *COMBINATORS}, key=str.lower)


def can_be_added(name: str) -> bool:
    """Whether a layer of torch can stand in a text; one with two inputs cannot."""
    return instead_of(name) is None


def parts(layers: Path) -> list[str]:
    """Return the named parts of a draft, which can be added too."""
    return list(parts_of(layers))


def usual_text(text: str) -> str:
    """Return a name alone with usual arguments, any other text as it is.

    Examples
    --------
    >>> usual_text("maxpool2d"), usual_text("ReLU"), usual_text("Linear(3)"), usual_text("block")
    ('MaxPool2d(2)', 'ReLU()', 'Linear(3)', 'block')
    """
    known = {name.lower(): name for name in names()}
    name = known.get(text.lower())
    return text if name is None else COMPLETED.get(name, f"{name}()")
