"""Which dimension grows and which inputs follow; where no law is claimed, and why."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.verbs.compare import Compared, Growth, compare, growth

D = 16


def row(model: nn.Module, inputs: Any, **options: Any) -> Compared:
    return compare(model, inputs, repeats=0, **options).rows[0]


def grown(model: nn.Module, inputs: Any) -> Growth:
    found = row(model, inputs).growth
    assert found is not None
    return found


class Viewed(nn.Module):
    """As the tutorials write it: the batch is whatever the numbers make."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape, self.fc = shape, nn.Linear(shape[-1], 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.view(-1, *self.shape))


class Rows(nn.Module):
    """The rows of an image as a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(28, 4, 64, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.flatten(1, 2)).mean(1)


class Heads(nn.Module):
    """Attention on heads, steps and features."""

    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(self.q(x), x, x)


class ChannelsLast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.permute(0, 3, 1, 2)).mean((2, 3))


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(D, 3 * D)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(2, (3, 2, -1)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)


class Conditioned(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(D, D), nn.Linear(D, D)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return self.a(x) + self.b(c)[:, None]


class MaskedAndConditioned(Masked):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(D, D)

    def forward(self, x: Tensor, mask: Tensor, c: Tensor) -> Tensor:
        return super().forward(x, mask) + self.b(c)[:, None]


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(8, 8, batch_first=True)

    def forward(self, x: Tensor, lengths: Any) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.rnn(packed)[1]


class Truncated(nn.Module):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.fc = most, nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x[:, : self.most])


class NLogN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        steps = x.shape[1]
        while steps > 1:
            x, steps = self.fc(x), steps // 2
        return x


class Loop(nn.Module):
    """A step at a time, in Python."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = x[:, 0]
        for step in x.unbind(1):
            h = self.cell(step, h)
        return h


def test_a_larger_image_that_becomes_more_samples_is_no_growth() -> None:
    found = row(Viewed(784), (1, 28, 28))
    assert (found.growth, found.fixed) == (None, True)
    assert found.notes == ("Fixed size: side 56 instead of 28 makes 4 samples of 1.",)
    assert row(Viewed(28, 28), (1, 28, 28)).fixed
    assert row(Viewed(784), torch.zeros(28, 1, 28, 28)).fixed, "a batch as large as the side"


def test_parts_in_place_of_samples_are_not_told() -> None:
    class Windows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(D, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x.unflatten(1, (-1, 4)).flatten(0, 1))

    found = row(Windows(), (8, D))
    assert (found.growth, found.fixed) == (None, False)
    assert found.untold == (
        "length 16 instead of 8 makes 4 of 2 in its output, which may be samples or parts"
    )


def test_samples_and_steps_together_grow() -> None:
    found = grown(Viewed(D), torch.zeros(2, 8, D))
    assert (found.dimension, found.coefficients) == ("length", (0, 2 * D * 10))
    squeezed = grown(nn.Sequential(nn.Linear(D, 3), nn.Flatten(0, 1)), (8, D))
    assert squeezed.coefficients == (0, 3 * D)


def test_time_may_stand_in_front_of_the_batch() -> None:
    class TimeFirst(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).transpose(0, 1)[::2]

    assert grown(TimeFirst(D, 3), torch.zeros(2, 8, D)).coefficients == (0, 2 * 3 * D)


def test_rows_of_an_image_are_a_sequence() -> None:
    found = grown(Rows(), (1, 28, 28))
    assert (found.dimension, found.given, found.limit) == ("length", 28, 2)
    found = grown(nn.Linear(28, 4), (1, 28, 28))
    assert (found.dimension, found.coefficients) == ("length", (0, 28 * 4))


@pytest.mark.parametrize("heads", [4, 16])
def test_heads_and_steps_are_no_image(heads: int) -> None:
    found = grown(Heads(), (heads, 16, 8))
    assert (found.dimension, found.given) == ("length", 16)
    assert found.coefficients == (0, 64 * heads, 16 * heads)


def test_an_image_with_its_channels_last_is_one() -> None:
    found = grown(ChannelsLast(), (16, 16, 8))
    assert (found.dimension, found.coefficients) == ("side", (0, 0, 9 * 8 * 4))


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 2, 8, 8), (8, 8)])
def test_masks_of_any_form_grow(shape: tuple[int, ...]) -> None:
    found = grown(Masked(), (torch.zeros(3, 8, D), torch.ones(shape, dtype=torch.bool)))
    assert found.coefficients == (0, 3 * 3 * D * D, 3 * 2 * D)


def test_a_mask_for_each_head_grows() -> None:
    x = torch.zeros(2, 8, D)
    layer = nn.MultiheadAttention(D, 4, batch_first=True)
    inputs = {"query": x, "key": x, "value": x, "attn_mask": torch.zeros(8, 8, 8)}
    assert grown(layer, inputs).coefficients == (0, 2 * 4 * D * D, 2 * 2 * D)


def test_features_that_are_as_many_as_steps_stay() -> None:
    found = row(Conditioned(), (torch.zeros(2, D, D), torch.zeros(2, D)))
    assert found.growth is not None
    assert found.growth.coefficients == (2 * D * D, 2 * D * D)
    assert found.notes == ("length n is that of x; c stays as given.",)
    both = (torch.zeros(2, D, D), torch.zeros(D, D), torch.zeros(2, D))
    assert grown(MaskedAndConditioned(), both).coefficients == (2 * D * D, 2 * 3 * D * D, 2 * 2 * D)


def test_the_input_that_grows_is_named() -> None:
    found = row(
        nn.Transformer(D, 2, 1, 1, 32, batch_first=True), (torch.zeros(1, 10, D), torch.zeros(1, 6, D))
    )
    assert found.notes == ("length n is that of src; tgt stays as given.",)
    same = row(nn.Transformer(D, 2, 1, 1, 32, batch_first=True), (torch.zeros(1, 6, D), torch.zeros(1, 6, D)))
    assert same.notes == ()


def test_lengths_grow_with_what_they_count() -> None:
    found = grown(Packed(), (torch.zeros(2, 16, 8), torch.tensor([16, 10])))
    assert [point.macs for point in found.points[1:]] == [384 * 26 * n for n in (1, 2, 4, 8)]


def test_costs_that_stay_are_doubted() -> None:
    told = row(Packed(), (torch.zeros(2, 16, 8), [16, 10]))
    assert told.notes[-1].startswith("MACs are the same at every size: it pools or ignores what is added")
    assert told.growth is not None
    assert (told.growth.exponent, told.growth.limit) == (0, None)
    cut = row(Truncated(32), (16, 4))
    assert cut.notes == (
        "MACs are the same from length 32 on: it pools or ignores what is added, or another input tells how "
        "much of it counts.",
    )
    assert cut.growth is not None
    assert cut.growth.limit is None
    assert cut.growth.coefficients == ()


def test_n_log_n_is_not_taken_for_a_square() -> None:
    found = grown(NLogN(), torch.zeros(1, 64, 4))
    assert found.limit is None
    assert 1.1 < (found.exponent or 0) < 1.3


def test_lazy_layers_are_not_looked_at() -> None:
    found = row(nn.LazyLinear(3), (8, 4))
    assert (found.growth, found.fixed) == (None, False)
    assert "lazy" in found.untold


def test_how_far_it_goes_hangs_on_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [point.size for point in grown(Loop(), (16, 4)).points] == [8, 16, 32, 64, 128]
    monkeypatch.setattr(growth, "MOST_LOOPED", 60)  # a step is an operation
    assert max(point.size for point in grown(Loop(), (16, 4)).points) == 32
