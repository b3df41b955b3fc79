"""A dimension is missing: the batch, the channel, both, or the one feature of a row of numbers."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nnarch_nb.verbs.check.finding import Case, Finding
from nnarch_nb.verbs.check.patches import Change, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.axes import takes_the_input

# Causes that a missing dimension has. A sum that does not fit is none of them: a dimension more in front
# changes nothing there, and where it helps it does so by chance.
CAUSES = {
    "", "dimensions", "size", "mixed", "unpack", "dimension", "permute", "view", "channelless", "norm",
    "small", "product", "unbatched",
}  # fmt: skip
ONE_FEATURE = ("input_size", "in_features")


def add_dimension(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a missing feature, channel or batch dimension, or channel and batch at once."""
    x = case.image
    if x is None or finding.cause not in CAUSES:
        return
    yield from one_frame(case, finding)
    if finding.size in ONE_FEATURE and finding.expected == 1 and takes_the_input(case, finding):
        yield added(case, x, "feature dimension", ".unsqueeze(-1)", lambda x: x.unsqueeze(-1))
    channel = added(case, x, "channel", ".unsqueeze(1)", lambda x: x.unsqueeze(1))
    batch = added(case, x, "batch dimension", ".unsqueeze(0)", lambda x: x.unsqueeze(0))
    if is_picture(x) and case.call.sample is not None:
        yield channel
    elif is_picture(x):
        # A row or a picture with its channels is one sample; a picture without is a batch of none.
        yield from (channel, batch) if x.dim() == 2 else (batch, channel)
        if x.dim() == 2:
            yield added(case, x, "channel and batch", "[None, None]", lambda x: x[None, None])
    elif x.dim() == 1 and case.call.sample is None:
        yield batch


def is_picture(x: Tensor) -> bool:
    """Whether a tensor may be of samples or channels: up to three dimensions, of fractions or of bytes."""
    return x.dim() in (2, 3) and (x.is_floating_point() or x.dtype == torch.uint8)


def one_frame(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield pictures as videos of one frame, where their batch would be taken for the channels."""
    x, shape = case.image, finding.shape or ()
    videos = isinstance(case.layer(finding.path), (nn.Conv3d, nn.ConvTranspose3d))
    second = len(shape) == 4 and shape[1] == finding.expected != shape[0]
    if videos and x is not None and second and takes_the_input(case, finding):
        yield added(case, x, "time dimension", ".unsqueeze(2)", lambda x: x.unsqueeze(2))


def added(case: Case, x: Tensor, what: str, code: str, change: Change) -> Proposal:
    """Return a proposal to add a dimension, in the words for a shape or for a tensor."""
    after = tuple(change(x).shape)
    if case.shape_given:
        gives = f"{tuple(x.shape[1:])} becomes {after[1:]}"
    else:
        gives = f"{case.x}{code} gives {after}"
    return Proposal(
        f"the {what} {'are' if ' and ' in what else 'is'} missing: {gives}", with_inputs(change, x)
    )
