"""Recurrent layers over samples of different lengths: each ends where its data ends."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def run_packed(layer: nn.RNNBase, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Run a recurrent layer over the real steps alone; the others come out as 0."""
    lengths = mask.sum(1).clamp(min=1).cpu()  # a sample of padding alone still takes one step
    steps = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(layer(steps)[0], batch_first=True, total_length=x.shape[1])[0]
