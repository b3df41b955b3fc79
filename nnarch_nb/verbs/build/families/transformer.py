"""``transformer``: an encoder in which every step looks at every other, for tokens and for series.

Normalized before each block (pre-norm: Xiong et al. 2020, "On Layer Normalization in the Transformer
Architecture"), which trains without a warm-up of the learning rate. The answer is the mean over the real
steps. Dropout is where Vaswani et al. 2017 have it, section 5.4: after each block and on what comes in. On
the attention weights there is none: it rules out the fused kernels, and a training step on a CPU took 3.4
times as long with it.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families.steps import (
    embedding,
    head,
    longest,
    masking,
    refuse_uneven,
    step_norm,
)
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 2,
    heads: int = 4,
    dropout: float = 0.1,
    activation: str = "gelu",
    norm: str = "layer",
    vocab_size: int | None = None,
    max_len: int | None = None,
) -> str:
    """Write ``depth`` blocks of self-attention and a feedforward layer of four times the width."""
    refuse_uneven(width, heads)
    if wanted.form == "tokens":
        first = embedding("transformer", wanted, width)
    else:
        first = joined(masking(wanted), f"Linear({width})")
    normed = step_norm(norm)
    return "\n".join(
        [
            *blocks(f"SelfAttention({heads})", width, dropout, activation_called(activation), normed),
            "",
            joined(first, f"Positions({longest('transformer', wanted)})", dropped(dropout)),
            f"Repeat({depth}, Residual(attention), Residual(feedforward))",
            normed,
            head(wanted, "MeanSteps()", dropout),
        ]
    )


def blocks(attention: str, width: int, dropout: float, activation: str, norm: str) -> list[str]:
    """Return the two parts that a pre-norm block repeats (Vaswani et al. 2017, section 3.1)."""
    feedforward = joined(norm, f"Linear({4 * width})", activation, f"Linear({width})", dropped(dropout))
    return [f"attention = [{joined(norm, attention, dropped(dropout))}]", f"feedforward = [{feedforward}]"]


FAMILY = Family(
    "Transformer",
    write,
    forms=("tokens", "series"),
    source="Vaswani et al. 2017, Attention Is All You Need, section 3.1 (the encoder)",
    initialise="nnarch_nb.verbs.build.families.initial:truncated",
)
