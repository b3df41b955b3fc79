"""``gpt``: a causal transformer that gives, after each token, scores for the next.

GPT-2's order of layers: normalized before each block and once at the end, learned positions, a dropout of
0.1 that is on the attention weights too, scores by the embedding's own weights. No token is padding to it:
what stands after a token is never seen by it.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families.steps import embedding, longest, refuse_uneven, step_norm
from nnarch_nb.verbs.build.families.transformer import blocks
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 4,
    heads: int = 4,
    dropout: float = 0.1,
    activation: str = "gelu",
    norm: str = "layer",
    vocab_size: int | None = None,
    max_len: int | None = None,
) -> str:
    """Write ``depth`` blocks; gelu is GPT-2's own, by tanh (Hendrycks & Gimpel 2016, section 2)."""
    refuse_uneven(width, heads)
    act = "GELU('tanh')" if activation == "gelu" else activation_called(activation)
    normed = step_norm(norm)
    settings = joined(str(heads), "causal=True", f"dropout={dropout:g}" if dropout else "")
    first = embedding("gpt", wanted, width, padding=False)
    return "\n".join(
        [
            *blocks(f"SelfAttention({settings})", width, dropout, act, normed),
            "",
            joined(first, f"Positions({longest('gpt', wanted)})", dropped(dropout)),
            f"Repeat({depth}, Residual(attention), Residual(feedforward))",
            f"{normed}, Unembed()",
        ]
    )


FAMILY = Family(
    "GPT",
    write,
    forms=("tokens",),
    kinds=("next-token",),
    source="Radford et al. 2019, Language Models are Unsupervised Multitask Learners, section 2.3",
    initialise="nnarch_nb.verbs.build.families.initial:gpt",
)
