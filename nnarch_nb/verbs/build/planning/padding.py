"""Which layers keep padding apart from data, so that what stands after a sample's end changes nothing.

A layer that looks at one step at a time can do no harm; one that knows the mask leaves padding out. All
others look at several steps: they are taken where padding is 0 and 0 is what they would find beyond the end
anyway, and refused else. What is in no table here is refused too.
"""

from __future__ import annotations

from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.modules import Masking, Positions, Segments, Transpose, Unembed
from nnarch_nb.verbs.build.planning.flow import Flow, Padded

# Work on each number alone, or drop one step or one feature as a whole, and make 0 of 0.
KEEP_ZERO = (
    *(nn.Identity, nn.Dropout, nn.Dropout1d, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU),
    *(nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Tanh, nn.Tanhshrink, nn.Hardtanh, nn.Hardswish),
    *(nn.Softshrink, nn.Hardshrink, nn.Softsign),
)
# Work on each number alone, and may make something of 0.
ELEMENTWISE = (nn.Sigmoid, nn.LogSigmoid, nn.Hardsigmoid, nn.Softplus, nn.Threshold, nn.AlphaDropout)
# Work on the features of each step.
STEPWISE = (nn.Linear, nn.LayerNorm, nn.RMSNorm, Positions, Segments, Unembed)
# Work over the dimension ``dim``.
OVER_DIMENSION = (nn.Softmax, nn.LogSoftmax, nn.Softmin, nn.GLU)
CONVOLVE = (
    "a convolution of padded steps stands in Masking(), Transpose(1, 2), Conv1d(64, 3, padding='same'), "
    "Transpose(1, 2)"
)
# What to write instead, by a part of the layer's name.
INSTEAD = {
    "BatchNorm": "LayerNorm() measures each step alone",
    "InstanceNorm": "LayerNorm() measures each step alone",
    "GroupNorm": "LayerNorm() measures each step alone",
    "Pool": "MeanSteps() or Last() leaves padding out",
    "Conv": CONVOLVE,
    "Flatten": "write Last() or MeanSteps() before it, or Masking() to make padding 0",
    "Transformer": "Residual(LayerNorm(), SelfAttention(4)) leaves padding out",
    "MultiheadAttention": "SelfAttention(4) leaves padding out",
    "Dropout": "write Dropout()",
}

# Layers that do so, to be tried in its place.
SWAPS = {
    **dict.fromkeys(("BatchNorm", "InstanceNorm", "GroupNorm"), "LayerNorm()"),
    "Pool": "MeanSteps()",
    "Flatten": "Last()",
    "Transformer": "Residual(LayerNorm(), SelfAttention(4))",
    "MultiheadAttention": "SelfAttention(4)",
    "Conv": "Transpose(1, 2), Conv1d(64, 3, padding='same'), Transpose(1, 2)",
    "Dropout": "Dropout()",
}


def after(layer: Layer, module: nn.Module, before: Flow, flow: Flow) -> Padded | None:
    """Return where padding is after a layer.

    Parameters
    ----------
    layer, module
        As written, and made.
    before, flow
        What it gets and what it makes.

    Raises
    ------
    NNArchError
        It would mix real steps with padding.
    """
    padded = before.padded
    if before.first and makes_mask(module, before):
        return Padded()
    if isinstance(module, Masking) and padded is None:
        raise NNArchError(
            f"{layer.place}: Masking() finds no padding here; write it first, where the series comes in"
        )
    if padded is None:
        return None
    if not keeps_apart(module, before, flow, padded):
        advice = next(
            (told for part, told in INSTEAD.items() if part in layer.name), "Masking() or MeanSteps()"
        )
        cures = [Cure("instead", text) for part, text in SWAPS.items() if part in layer.name][:1]
        raise told(
            f"{layer.place}: {layer} would mix real steps with the padding of shorter samples; {advice}",
            cures,
        )
    return left(module, flow, padded)


def makes_mask(module: nn.Module, before: Flow) -> bool:
    dims = before.x.dim() if before.x is not None else 0
    if isinstance(module, nn.Embedding):
        return module.padding_idx is not None and dims == 2
    return isinstance(module, Masking) and dims == 3


def keeps_apart(module: nn.Module, before: Flow, flow: Flow, padded: Padded) -> bool:
    """Whether a real step's outcome is the same with more padding behind it."""
    if isinstance(module, (*KEEP_ZERO, *ELEMENTWISE)):
        return True
    if isinstance(module, Transpose):
        return before.x is not None and {d % before.x.dim() for d in (module.dim0, module.dim1)} == {1, 2}
    if isinstance(module, nn.Flatten):
        return padded.zero and flow.x is not None and flow.x.dim() == 2
    if isinstance(module, nn.Conv1d):
        return convolves_within(module, before, flow, padded)
    if isinstance(module, OVER_DIMENSION):
        return module.dim is not None and module.dim % 3 != padded.steps
    if isinstance(module, STEPWISE):
        return padded.steps == 1 and len(getattr(module, "normalized_shape", (1,))) == 1
    knows = getattr(module, "takes_mask", False) or hasattr(module, "next_mask")
    return padded.steps == 1 and (knows or isinstance(module, nn.RNNBase))


def convolves_within(module: nn.Conv1d, before: Flow, flow: Flow, padded: Padded) -> bool:
    """Whether a convolution gives each step its own outcome and finds 0 beyond the end, as torch pads."""
    same = before.shape is not None and flow.shape is not None and before.shape[1] == flow.shape[1]
    usual = module.stride == (1,) and module.padding_mode == "zeros"
    return padded.steps == 2 and same and usual and (padded.zero or module.kernel_size == (1,))


def left(module: nn.Module, flow: Flow, padded: Padded) -> Padded | None:
    """Return the padding that is left: none once the steps are gone."""
    if flow.x is None or flow.x.dim() < 3:
        return None
    if isinstance(module, Transpose):
        return Padded(3 - padded.steps, padded.zero)
    if isinstance(module, (nn.RNNBase, Masking)):
        return Padded(padded.steps, zero=True)
    return Padded(padded.steps, padded.zero and keeps_zero(module))


def keeps_zero(module: nn.Module) -> bool:
    """Whether a layer makes 0 of 0; the one with bounds of its own may have them on one side."""
    if isinstance(module, nn.Hardtanh):
        return module.min_val <= 0 <= module.max_val
    return isinstance(module, KEEP_ZERO)
