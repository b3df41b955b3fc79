"""What kind of network it is, told by what ran: not by its name, nor by what lies in it unused."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.trace import Trace

ATTENTION = "Transformer"
NAMES = {"convolution": "CNN", "recurrent": "RNN", "attention": ATTENTION}
WEIGHTED_SUMS = {"matmul", "bmm", "einsum", "baddbmm"}
CONVOLUTIONS = {f"conv{transposed}{n}d" for n in (1, 2, 3) for transposed in ("", "_transpose")}
PASSES_ON = {"dropout", "Dropout", "to", "type", "type_as", "float", "view", "reshape"}


def family_of(model: nn.Module, run: Trace) -> str:
    """Return ``CNN``, ``RNN``, ``Transformer``, ``MLP``, several joined by ``+``, or ``other``.

    A convolution counts where its windows overlap: one that cuts an image into patches is a linear layer.
    Attention is torch's own, or a softmax whose result weighs a matrix product.
    """
    found = list(dict.fromkeys(NAMES[kind] for kind in sorted(kinds(model, run))))
    if found:
        return " + ".join(found)
    dense = {step.name for step in run.operations if step.kind == "module" and step.macs}
    families = {layer_family(name) for name in dense}
    free = any(step.kind == "function" and step.name in WEIGHTED_SUMS for step in run.operations)
    return "MLP" if families == {"linear"} and not free else "other"


def kinds(model: nn.Module, run: Trace) -> set[str]:
    modules = dict(model.named_modules())
    ran = [modules[row.path] for row in run.rows if row.calls and row.path in modules]
    functions = {step.name for step in run.operations if step.kind == "function"}
    return {
        *(kind for module in ran for kind in kinds_of(module)),
        *(["convolution"] if functions & CONVOLUTIONS else []),
        *(["attention"] if "scaled_dot_product_attention" in functions or weighs(run) else []),
    }


def kinds_of(module: nn.Module) -> Iterator[str]:
    if isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
        yield "recurrent"
    elif isinstance(module, nn.MultiheadAttention):
        yield "attention"
    elif isinstance(module, _ConvNd) and overlaps(module):
        yield "convolution"


def overlaps(module: _ConvNd) -> bool:
    return any(size > step for size, step in zip(module.kernel_size, module.stride, strict=True))


def weighs(run: Trace) -> bool:
    """Whether a softmax reaches a matrix product, through dropout or a cast at most."""
    after: dict[int, list[int]] = {}
    for edge in run.edges:
        after.setdefault(edge.source, []).append(edge.target)
    waiting = [step.id for step in run.operations if step.name.lower() == "softmax"]
    seen: set[int] = set()
    while waiting:
        for target in after.get(waiting.pop(), ()):
            step = run.operations[target]
            if step.name in WEIGHTED_SUMS:
                return True
            if step.name in PASSES_ON and target not in seen:
                seen.add(target)
                waiting.append(target)
    return False
