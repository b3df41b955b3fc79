"""``mlp``: fully connected layers one after the other, the article's feedforward network."""

from __future__ import annotations

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined
from nnarch_nb.verbs.build.families.words import norm as norm_called

WRITTEN_OUT = 4  # hidden layers that each have a line of their own


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 2,
    activation: str = "relu",
    norm: str = "none",
    dropout: float = 0.0,
    residual: bool = False,
) -> str:
    """Write ``depth`` hidden layers of ``width`` units.

    With ``residual`` each hidden layer after the first is added to what came before it (He et al. 2016,
    Deep Residual Learning, section 3).
    """
    if wanted.padded:
        raise NNArchError("mlp takes samples of one length but these end at unlike steps; try gru")
    after = joined(norm_called(norm, 0, width), activation_called(activation), dropped(dropout))
    hidden = joined(f"Linear({width})", after)
    more = f"Residual({hidden})" if residual else hidden
    first = ["Flatten()"] if len(wanted.shape) > 1 else []
    rest = [more] * (depth - 1) if depth <= WRITTEN_OUT else [f"Repeat({depth - 1}, {more})"]
    return "\n".join([*first, hidden, *rest, f"Linear({wanted.outputs})"])


FAMILY = Family(
    "MLP",
    write,
    forms=("table", "image", "series", "array"),
    source="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
)
