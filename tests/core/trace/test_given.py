"""What a step was given besides tensors, as text: equal where it is alike, and without addresses."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from nnarch_nb.core.trace.given import LONGEST, found, words


def test_arguments_as_text() -> None:
    x = torch.zeros(2)
    assert words("softmax", ((x, -1), {})) != words("softmax", ((x, 1), {}))
    assert words("sub", ((x, 1), {})) != words("sub", ((1, x), {}))
    assert words("getitem", ((x, 3), {})) == (words("getitem", ((x, 4), {})).text, (3,))
    assert "0x" not in words("apply", ((x, F.relu, object(), nn.Linear(2, 2)), {})).text
    assert len(words("pad", ((x, list(range(99))), {})).text) <= LONGEST


def test_a_mask_is_told_by_its_values_and_what_is_learned_by_its_form() -> None:
    class Holds(nn.Module):
        def __init__(self, buffer: torch.Tensor) -> None:
            super().__init__()
            self.register_buffer("held", buffer)

    def held(buffer: torch.Tensor) -> dict[str, str]:
        return found(Holds(buffer)).buffers[""]

    assert held(torch.ones(3, 3).tril()) != held(torch.ones(3, 3).triu())
    assert held(torch.rand(3, 3)) == held(torch.rand(3, 3))
    assert held(torch.ones(3, device="meta")) == {"held": "(3,)torch.float32"}
