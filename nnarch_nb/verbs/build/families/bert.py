"""``bert``: an encoder that is normalized after each block, read at its first step through a pooler.

As published: learned positions, a segment, a dropout of 0.1, an eps of 1e-12. Without classes it ends with
the pooler (what a head is put on); with classes or data it has one.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families.steps import embedding, longest, refuse_uneven, step_norm
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined

EPS = 1e-12  # of the published code, where torch's own is 1e-5


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 2,
    heads: int = 2,
    dropout: float = 0.1,
    activation: str = "gelu",
    norm: str = "layer",
    vocab_size: int | None = None,
    max_len: int | None = None,
) -> str:
    """Write ``depth`` blocks; the defaults are BERT-tiny (Turc et al. 2019)."""
    refuse_uneven(width, heads)
    normed = step_norm(norm).replace("()", f"(eps={EPS})")
    first = embedding("bert", wanted, width)
    positions = f"Positions({longest('bert', wanted)}), Segments(2)"
    return "\n".join(
        [
            *blocks(width, heads, dropout, activation_called(activation)),
            "",
            joined(first, positions, normed, dropped(dropout)),
            f"Repeat({depth}, Residual(attention), {normed}, Residual(feedforward), {normed})",
            f"First(), Linear({width}), Tanh()",
            *([] if wanted.kind == "features" else [joined(dropped(dropout), f"Linear({wanted.outputs})")]),
        ]
    )


def blocks(width: int, heads: int, dropout: float, activation: str) -> list[str]:
    """Return the two parts that a post-norm block repeats (Vaswani et al. 2017, section 3.1)."""
    settings = joined(str(heads), f"dropout={dropout:g}" if dropout else "")
    attention = joined(f"SelfAttention({settings})", dropped(dropout))
    feedforward = joined(f"Linear({4 * width})", activation, f"Linear({width})", dropped(dropout))
    return [f"attention = [{attention}]", f"feedforward = [{feedforward}]"]


FAMILY = Family(
    "BERT",
    write,
    forms=("tokens",),
    kinds=("classification", "regression", "multi-label", "features"),
    source="Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers, section 3",
    initialise="nnarch_nb.verbs.build.families.initial:truncated",
)
