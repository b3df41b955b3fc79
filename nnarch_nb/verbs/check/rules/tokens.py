"""Token ids reach a layer that works on features: an embedding is missing in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, times, who
from nnarch_nb.verbs.check.makers import fresh
from nnarch_nb.verbs.check.patches import entering
from nnarch_nb.verbs.check.proposal import Proposal

# Layers of sequences, with the attribute that says how many features they work on.
ON_FEATURES: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.Transformer, "d_model"), (nn.MultiheadAttention, "embed_dim"), (nn.RNNBase, "input_size"),
)  # fmt: skip
WITHIN = (
    nn.TransformerEncoder,
    nn.TransformerDecoder,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
)


def width_of(layer: nn.Module) -> int | None:
    size = next((size for kind, size in ON_FEATURES if isinstance(layer, kind)), None)
    if size is not None:
        return int(getattr(layer, size))
    parts = layer.modules() if isinstance(layer, WITHIN) else ()
    attention = next((part for part in parts if isinstance(part, nn.MultiheadAttention)), None)
    return attention.embed_dim if attention is not None else None


def without_embedding(case: Case, failure: Failure) -> Finding | None:
    """Find a layer of sequences that is given ids, one a step."""
    given = failure.arguments[0] if failure.arguments else None
    width = width_of(case.layer(failure.path))
    if width is None or given is None or len(given.shape) != 2 or given.dtype not in ("int64", "int32"):
        return None
    reason = (
        f"{who(failure)} works on {width} features a step, but gets ids of {given.dtype}, "
        f"{times(given.shape)}: it needs an embedding before it"
    )
    return found(failure, reason, "ids", expected=width)


def embed(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield an embedding in front, for all the ids that the layer is given."""
    if finding.cause != "ids" or finding.expected is None:
        return
    ids = [x for x in case.call.tensors if not x.is_floating_point() and not x.is_meta and x.numel()]
    rows = max((int(x.max()) for x in ids), default=0) + 1
    layer = fresh(case.layer(finding.path), nn.Embedding, rows, finding.expected)

    def embedded(value: Any) -> Any:
        whole = isinstance(value, Tensor) and value.dtype in (torch.int64, torch.int32) and value.dim() == 2
        return layer(value) if whole else value

    def change(args: Any, kwargs: Any) -> Any:
        return tuple(map(embedded, args)), {name: embedded(value) for name, value in kwargs.items()}

    text = f"an nn.Embedding(vocabulary, {finding.expected}) before {finding.who}, tried with {rows} rows"
    yield Proposal(text, entering(finding.path, change))
