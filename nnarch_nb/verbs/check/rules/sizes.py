"""A layer was made for another number of features or channels than it gets."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.rnn import RNNCellBase

from nnarch_nb.core.trace import Failure, Shape
from nnarch_nb.verbs.check.finding import Case, Finding, found, product, times, who
from nnarch_nb.verbs.check.makers import fresh, remade
from nnarch_nb.verbs.check.misfit import RETURNS
from nnarch_nb.verbs.check.patches import before, instead
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.flattened import source_of

CHANNELS, FEATURES = 1, -1
# What a layer wants: the attribute that says how many, of what, and the dimension that must match.
WANTS: tuple[tuple[type[nn.Module], str, str, int], ...] = (
    (nn.Linear, "in_features", "features", FEATURES),
    (_ConvNd, "in_channels", "channels", CHANNELS),
    (_NormBase, "num_features", "channels", CHANNELS),
    (nn.GroupNorm, "num_channels", "channels", CHANNELS),
    (nn.RNNBase, "input_size", "features", FEATURES),
    (RNNCellBase, "input_size", "features", FEATURES),
    (nn.MultiheadAttention, "embed_dim", "features", FEATURES),
    (nn.Transformer, "d_model", "features", FEATURES),
)


def unmet(case: Case, failure: Failure) -> Finding | None:
    """Find a layer that expects so many features or channels and gets others."""
    layer, shape = case.layer(failure.path), failure.inputs[0] if failure.inputs else None
    wanted = want_of(layer, shape)
    if wanted is None or shape is None:
        return None
    size, unit, dimension = wanted
    expected, got = getattr(layer, size), shape[dimension]
    if expected == got:
        return None
    source = source_of(case.run, shape) if unit == "features" and len(shape) < 3 else None
    equation = f" = {product(source.output[1:])}" if source else ""
    reason = f"{who(failure)} expects {expected} {unit} but gets {got}{equation}"
    reason += both_directions(case, failure, expected, got)
    known = {"size": size, "expected": expected, "got": got, "source": source}
    return found(failure, reason, "size", dimension=dimension % len(shape), **known)


def want_of(layer: nn.Module, shape: Shape | None) -> tuple[str, str, int] | None:
    for kind, attribute, unit, dimension in WANTS:
        if isinstance(layer, kind) and shape is not None and len(shape) > max(dimension, 0):
            if isinstance(layer, _ConvNd) and len(shape) == len(layer.kernel_size) + 1:
                return attribute, unit, 0  # without a batch
            return attribute, unit, dimension
    return None


def both_directions(case: Case, failure: Failure, expected: int, got: int) -> str:
    """Return why a layer after a bidirectional one gets twice the features."""
    source = failure.arguments[0].source if failure.arguments else ""
    before = reversed([row for row in case.run.rows if row.calls and row.kind in ("LSTM", "GRU", "RNN")])
    row = next((row for row in before if row.outputs and row.outputs[0][-1] == got), None)
    if row is None or got != 2 * expected or not (source or failure.inputs):
        return ""
    both = getattr(case.layer(row.path), "bidirectional", False)
    return f": {row.path or row.kind} is bidirectional and returns both directions" if both else ""


def second_input(case: Case, failure: Failure) -> Finding | None:
    """Find which input of a bilinear layer has another size."""
    layer = case.layer(failure.path)
    if not isinstance(layer, nn.Bilinear):
        return None
    for number, (shape, size) in enumerate(
        zip(failure.inputs, ("in1_features", "in2_features"), strict=False), 1
    ):
        expected, got = getattr(layer, size), shape[-1] if shape else 1
        if expected != got:
            reason = f"{who(failure)} expects {expected} features in input {number} but gets {got}"
            return found(failure, reason, "size", size=size, expected=expected, got=got)
    return None


def other_keys(case: Case, failure: Failure) -> Finding | None:
    """Find attention whose keys or values have another width than it was made for."""
    layer = case.layer(failure.path)
    if not isinstance(layer, nn.MultiheadAttention) or len(failure.inputs) < 3:
        return None
    got = {"kdim": failure.inputs[1][-1], "vdim": failure.inputs[2][-1]}
    wrong = {name: size for name, size in got.items() if getattr(layer, name) != size}
    if not wrong:
        return None
    name, size = next(iter(wrong.items()))
    what = "keys" if name == "kdim" else "values"
    reason = f"{who(failure)} expects {what} of {getattr(layer, name)} features but gets {size}"
    return found(failure, reason, "keys", expected=getattr(layer, name), got=size, detail=wrong)


def keys_of(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield attention made for the width of the keys and values that it gets."""
    if finding.cause == "keys":
        other = remade(case.layer(finding.path), **finding.detail)
        if other is not None:
            sizes = ", ".join(f"{name}={size}" for name, size in finding.detail.items())
            yield Proposal(f"give {finding.who} {sizes}", instead(finding.path, other))


def normalized(case: Case, failure: Failure) -> Finding | None:
    """Find a layer norm made for other last sizes than those of its input."""
    layer, shape = case.layer(failure.path), failure.inputs[0] if failure.inputs else ()
    if not isinstance(layer, (nn.LayerNorm, nn.RMSNorm)):
        return None
    wanted = tuple(layer.normalized_shape)
    got = shape[-len(wanted) :]
    if got == wanted:
        return None
    if len(wanted) > 1:
        reason = f"{who(failure)} is made for last sizes of {times(wanted)} but gets {times(got)}"
        return found(failure, reason, "norm", detail=got)
    reason = f"{who(failure)} expects {wanted[0]} features but gets {got[-1]}"
    known = {"size": "normalized_shape", "expected": wanted[0], "got": got[-1], "dimension": len(shape) - 1}
    return found(failure, reason, "size", **known)


def uneven(case: Case, failure: Failure) -> Finding | None:
    """Find a layer that divides its channels and cannot: a GLU, a pixel shuffle."""
    layer, shape = case.layer(failure.path), failure.inputs[0] if failure.inputs else ()
    if isinstance(layer, nn.GLU) and shape and shape[layer.dim] % 2:
        size, parts, what = shape[layer.dim], 2, "halves"
    elif isinstance(layer, nn.PixelShuffle) and len(shape) > 2 and shape[-3] % layer.upscale_factor**2:
        size, parts, what = shape[-3], layer.upscale_factor**2, f"divides by {layer.upscale_factor}²"
    else:
        return None
    more = -(-size // parts) * parts
    reason = f"{who(failure)} {what} its {size} channels, which leaves a rest; {more} would do"
    return found(failure, reason, "uneven", detail=more)


def wider_before(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the layer before it made for a number of channels that can be divided."""
    if finding.cause != "uneven":
        return
    row = next((row for row in reversed(case.run.rows) if row.leaf and row.calls and row.own_params), None)
    size = next((name for name in RETURNS if row and hasattr(case.layer(row.path), name)), None)
    other = remade(case.layer(row.path), **{size: finding.detail}) if row and size else None
    if row and other:
        yield Proposal(f"give {row.path or row.kind} {size}={finding.detail}", instead(row.path, other))


def resize_layer(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the failing layer made for the size that it gets, or that it must return."""
    if finding.size is None:
        return
    size = finding.expected if finding.size in RETURNS else finding.got
    other = remade(case.layer(finding.path), **{finding.size: size}) if size else None
    if other is not None:
        yield Proposal(f"give {finding.who} {finding.size}={size}", instead(finding.path, other))


def resize_norm(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a layer norm made for the last sizes of its input."""
    if finding.cause == "norm":
        other = remade(case.layer(finding.path), normalized_shape=finding.detail)
        if other is not None:
            text = f"give {finding.who} normalized_shape={tuple(finding.detail)}"
            yield Proposal(text, instead(finding.path, other))


def project_before(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a linear layer in front of attention, whose own width all of its layers share."""
    if finding.size not in ("embed_dim", "d_model") or finding.expected is None or finding.got is None:
        return
    path = widest(case, finding.path)
    linear = fresh(case.model, nn.Linear, finding.got, finding.expected)
    text = f"an nn.Linear({finding.got}, {finding.expected}) before {path or type(case.layer(path)).__name__}"
    yield Proposal(text, before(path, linear))


def widest(case: Case, path: str) -> str:
    """Return the outermost of torch's own transformer layers that an inner one is part of."""
    parts = path.split(".")
    above = [".".join(parts[:n]) for n in range(len(parts) + 1)]
    return next(
        (p for p in above if type(case.layer(p)).__module__ == nn.TransformerEncoder.__module__), path
    )
