"""Recurrent layers over samples of different lengths: each ends where its data ends."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def run_packed(layer: nn.RNNBase, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Run a recurrent layer over the real steps alone; the others come out as 0."""
    if not x.numel():
        return layer(x)[0]  # nothing to pack, which torch refuses
    lengths = mask.sum(1).clamp(min=1).cpu()  # a sample of padding alone still takes one step
    steps = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(layer(steps)[0], batch_first=True, total_length=x.shape[1])[0]


def run_unpacked(layer: nn.RNNBase, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Do the same without packing, which ``torch.export`` cannot follow.

    Forwards, padding behind the end changes no real step; backwards, each sample is turned by itself.
    """
    steps = torch.arange(x.shape[1], device=x.device)
    lengths = mask.sum(1, keepdim=True).clamp(min=1)
    real = (steps < lengths).unsqueeze(-1)
    turned = torch.where(steps < lengths, lengths - 1 - steps, steps).unsqueeze(-1)
    directions = 1 + int(layer.bidirectional)
    for number in range(layer.num_layers):
        if number:
            x = F.dropout(x, layer.dropout, layer.training)
        found = [one_way(layer, number * directions, x)]
        if layer.bidirectional:
            back = one_way(layer, number * directions + 1, taken(x, turned))
            found.append(taken(back, turned))
        x = torch.cat(found, dim=-1)
    return x.masked_fill(~real, 0)


def taken(x: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
    """Return the steps ``(n, steps, 1)`` of each sample in this order."""
    return x.gather(1, steps.expand(-1, -1, x.shape[2]))


def one_way(layer: nn.RNNBase, which: int, x: torch.Tensor) -> torch.Tensor:
    """Run one direction of one of the layers that are stacked in a recurrent layer."""
    run: Callable[..., tuple[torch.Tensor, ...]] = getattr(torch, layer.mode.lower())
    hidden = x.new_zeros(1, x.shape[0], layer.proj_size or layer.hidden_size)
    cell = x.new_zeros(1, x.shape[0], layer.hidden_size)
    state = (hidden, cell) if layer.mode == "LSTM" else hidden
    # Arguments by place: one layer, no dropout within it, one direction, batch first.
    return run(x, state, layer.all_weights[which], layer.bias, 1, 0.0, layer.training, False, True)[0]
