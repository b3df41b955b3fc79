"""Layer families: which kind of layer a class name stands for.

One table serves the colours of table, graph and legend. A name is matched by the longest entry it
contains, so that ``LazyConv2d`` and a user's ``GatedConv2d`` are convolutions too.
"""

from __future__ import annotations

FAMILIES: dict[str, tuple[str, ...]] = {
    "convolution": ("Conv", "Unfold", "Fold"),
    "linear": ("Linear", "Bilinear", "Embedding", "Unembed", "matmul", "bmm", "einsum", "addmm", "groupedmm"),
    "activation": (
        "ReLU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax", "Softplus", "Mish", "Hard", "ELU", "GLU",
        "Threshold", "Softsign", "Softmin", "shrink",
    ),
    "attention": ("Attention", "Transformer"),
    "recurrent": ("LSTM", "GRU", "RNN"),
    "pooling": ("Pool", "Upsample", "interpolate"),
    "normalization": ("Norm",),
}  # fmt: skip
OTHER = "other"
# Names that say one thing and do another: GPT-2's is a matrix product.
MISNOMERS = {"Conv1D": "linear"}


def layer_family(name: str) -> str:
    """Return the family of a module class or function name.

    Examples
    --------
    >>> [layer_family(name) for name in ("Conv2d", "relu", "BatchNorm2d", "Flatten")]
    ['convolution', 'activation', 'normalization', 'other']
    """
    if name in MISNOMERS:
        return MISNOMERS[name]
    lower = name.lower().replace("_", "")
    matches = [
        (len(part), family) for family, parts in FAMILIES.items() for part in parts if part.lower() in lower
    ]
    return max(matches, default=(0, OTHER))[1]
