"""Names that people know from elsewhere, each with what to write here: other libraries' and torch's own."""

from __future__ import annotations

GATE = (
    "is no layer: paths are added or joined; GLU(1) multiplies one half of the channels by gates, the other"
)
POOLED = "is no layer here; write AdaptiveAvgPool2d(1), Flatten(); of steps MeanSteps()"
SHAPED = "is no layer here; write Flatten(), Unflatten(1, (8, 7, 7)) or Transpose(1, 2)"
NAMED = "names its layers; list them alone, as each gets a name of its own"
TWO_INPUTS = "takes two inputs and a layer here gets one; write such a network as an nn.Module in Python"
UNPOOLED = (
    "takes the places that a MaxPool kept; write Upsample(scale_factor=2) or ConvTranspose2d(8, 2, stride=2)"
)
DECODER = (
    "reads a second input; a decoder of one is Residual(LayerNorm(), SelfAttention(8, causal=True)), and "
    "the other is written as an nn.Module in Python"
)
PLACED = "is no layer: on which devices a network runs is not part of its text"
LOSS = "is a loss and no layer: train chooses it by the kind of the data"

ELSEWHERE: dict[str, str] = {
    "Dense": "is called Linear here, and its activation is a layer of its own: Linear(64), ReLU()",
    "Activation": "is not needed; write the activation itself, such as ReLU()",
    **dict.fromkeys(("Input", "InputLayer"), "is not listed; give input=, such as 1,28,28"),
    "BatchNormalization": "is called BatchNorm1d(), BatchNorm2d() or BatchNorm3d() here",
    "LayerNormalization": "is called LayerNorm() here",
    **{f"MaxPooling{n}D": f"is called MaxPool{n}d(2) here" for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": f"is called AvgPool{n}d(2) here" for n in (1, 2, 3)},
    **dict.fromkeys(("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAvgPool2d"), POOLED),
    **dict.fromkeys(("Reshape", "View", "Permute", "Rearrange", "Squeeze", "Unsqueeze"), SHAPED),
    **dict.fromkeys(("Concatenate", "Cat"), "is called Concat(a, b) here"),
    **dict.fromkeys(("Multiply", "Mul", "Gate"), GATE),
    "Lambda": "would run code, and nothing is run here; write layers, or an nn.Module in Python",
    **dict.fromkeys(("OrderedDict", "ModuleDict", "ParameterDict"), NAMED),
    **dict.fromkeys(("ModuleList", "ParameterList"), "is not needed; list the layers, or as one path [a, b]"),
    "Transformer": f"{DECODER}; an encoder alone is Repeat(6, TransformerEncoderLayer(8))",
    "TransformerEncoder": "is not needed; write Repeat(6, TransformerEncoderLayer(8))",
    **dict.fromkeys(("TransformerDecoder", "TransformerDecoderLayer"), DECODER),
    "MultiheadAttention": "takes three inputs; write SelfAttention(8), with causal=True for a decoder",
    **dict.fromkeys(("Bilinear", "CosineSimilarity", "PairwiseDistance"), TWO_INPUTS),
    **{f"MaxUnpool{n}d": UNPOOLED for n in (1, 2, 3)},
    **dict.fromkeys(("DataParallel", "DistributedDataParallel"), PLACED),
}


def instead_of(name: str) -> str | None:
    """Return what to write for a name that is no layer of the language; None for all others.

    Examples
    --------
    >>> instead_of("CrossEntropyLoss")
    'is a loss and no layer: train chooses it by the kind of the data'
    >>> instead_of("Conv2d")
    """
    if name.endswith(("Loss", "Loss2d", "WithLoss")):
        return LOSS
    return ELSEWHERE.get(name)
