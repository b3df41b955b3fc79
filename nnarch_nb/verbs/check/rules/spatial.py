"""Pictures that become too small on the way, and the size of input that a network was made for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from torch import nn
from torch.nn import functional
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, where, who
from nnarch_nb.verbs.check.patches import instead, setting, with_inputs, zeros_of
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.trial import reaches

TOO_SMALL = (
    "Output size is too small",
    "can't be greater than actual input size",
    "non-zero size",
    "smaller than kernel",
    "Padding size should be less",
)
MOST_SIDE = 4096
WINDOWS = ("MaxPool", "AvgPool", "LPPool", "FractionalMaxPool")


def too_small(case: Case, failure: Failure) -> Finding | None:
    """Find a window that is larger than what is left of the picture."""
    if not any(words in failure.message for words in TOO_SMALL) or not failure.given:
        return None
    shape = failure.given[0].shape
    layer = case.layer(failure.path)
    if "Padding size" in failure.message:
        n = dimensions(failure)
        left = times(shape[-n:])
        reason = f"{who(failure)} pads by more than the {left} that is left{shrunk(case, n)}"
        return found(failure, reason, "small", detail=n)
    window = getattr(layer, "kernel_size", None) or next((v for v in failure.values[1:] if v), None)
    n = len(window) if isinstance(window, tuple) else dimensions(failure)
    sides = shape[-n:]
    written = times(window if isinstance(window, tuple) else (window,) * n) if window else "window"
    place = who(failure) if failure.path else where(failure)
    reason = f"{place} has a window of {written} but only {times(sides)} is left{shrunk(case, n)}"
    return found(failure, reason, "small", detail=n)


def dimensions(failure: Failure) -> int:
    """Return over how many dimensions a window slides, by the name: 2 for ``max_pool2d``."""
    name = f"{failure.operation}{failure.kind}"
    return next((int(part) for part in name if part in "123"), 2)


def shrunk(case: Case, n: int) -> str:
    """Return which steps made the picture smaller."""
    image = case.image
    if image is None or image.dim() <= n:
        return ""
    made = {edge.target: edge.shape for edge in case.run.edges}
    steps = [
        op
        for op in case.run.operations
        if op.id in made and op.shapes and smaller(made[op.id], op.shapes[0], n)
    ]
    many = f"{len(steps)} steps that shrink" if len(steps) > 1 else "1 step that shrinks"
    return f" of {times(tuple(image.shape)[-n:])} after {many} it" if steps else ""


def smaller(before: Sizes, after: Sizes, n: int) -> bool:
    return len(before) == len(after) > n and any(b < a for a, b in zip(before[-n:], after[-n:], strict=True))


def larger_input(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the smallest input for which the layer is given enough; found by trying."""
    image, n = case.image, finding.detail if finding.cause == "small" else 2
    head = (
        finding.cause == "size"
        and finding.source is not None
        and (finding.expected or 0) > (finding.got or 0)
    )
    if (
        not (head or finding.cause == "small")
        or image is None
        or image.dim() != n + 2
        or not image.is_floating_point()
    ):
        return
    side = smallest(case, finding, tuple(image.shape))
    if side is not None:
        sample = (image.shape[1], *scaled(tuple(image.shape)[2:], side))
        text = (
            f"give an input of {times(sample)} or more" if not head else f"give an input of {times(sample)}"
        )
        yield Proposal(text, with_inputs(zeros_of(sample), image))


def size_of_model(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield pictures of the size that the network says it is made for, where its own check fails."""
    image = case.image
    if finding.cause or case.failure is None or image is None or image.dim() != 4:
        return
    sides = {size for module in case.model.modules() for size in sizes_told(module)}
    for size in sorted(sides - {tuple(image.shape[2:])}):
        text = f"pictures of the size that it is made for: F.interpolate({case.x}, {size})"
        yield Proposal(text, with_inputs(partial(functional.interpolate, size=size), image))


def sizes_told(module: nn.Module) -> Iterator[Sizes]:
    for name in ("image_size", "img_size"):
        size = vars(module).get(name)
        if type(size) is int:
            yield size, size
        elif isinstance(size, (tuple, list)) and len(size) == 2:
            yield tuple(map(int, size))


def scaled(sides: Sizes, least: int) -> Sizes:
    return tuple(-(-side * least // min(sides)) for side in sides)


def smallest(case: Case, finding: Finding, shape: Sizes) -> int | None:
    """Return the shortest side that is enough: doubled until it is, then halved in between."""
    low = min(shape[2:])
    high = low
    while not enough(case, finding, shape, high):
        low, high = high, 2 * high
        if high > MOST_SIDE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(case, finding, shape, middle) else (middle, high)
    return high


def enough(case: Case, finding: Finding, shape: Sizes, side: int) -> bool:
    """Whether the failing layer is no longer given too little, for an input of that side."""
    change = with_inputs(zeros_of((shape[1], *scaled(shape[2:], side))), case.image)
    with change(case.model, case.call) as call:
        # What is too small further on counts too; a head that fits is followed no further.
        failure = reaches(case.model, "" if finding.cause == "small" else finding.path, call).failure
    if failure is None or failure.error == "Reached":
        return True
    if any(words in failure.message for words in TOO_SMALL):
        return False
    if finding.cause == "small" or failure.path != finding.path:
        return True
    return bool(failure.inputs) and failure.inputs[0][-1] > (finding.expected or 0)


def leave_out(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the network without the pooling, or with a convolution that pads its borders."""
    if finding.cause != "small" or not finding.path:
        return
    layer = case.layer(finding.path)
    if finding.kind.startswith(WINDOWS):
        yield Proposal(f"leave out {finding.path}", instead(finding.path, nn.Identity()))
    if isinstance(layer, _ConvNd) and layer.padding_mode == "zeros":
        same = tuple(
            (size + 1) // 2
            for size in (d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size, strict=True))
        )
        padding = same[0] if len(set(same)) == 1 else same
        yield Proposal(f"give {finding.path} padding={padding}", setting(finding.path, {"padding": same}))
