"""Attention against torch's own, and what it must not see."""

import pytest
import torch
from torch import nn

from nnarch_nb.verbs.build.modules.attention import SelfAttention

STEPS, DIM, HEADS = 7, 12, 3
MASK = torch.tensor([[True] * 7, [True] * 4 + [False] * 3, [True] + [False] * 6])


@pytest.fixture
def x():
    return torch.randn(3, STEPS, DIM, generator=torch.Generator().manual_seed(0))


def pair(causal, bias=True):
    """Return an attention of ours and torch's with the same weights."""
    torch.manual_seed(1)
    ours, theirs = SelfAttention(DIM, HEADS, causal, bias=bias), nn.MultiheadAttention(DIM, HEADS, bias=bias)
    theirs.batch_first = True
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.qkv.weight)
        theirs.out_proj.weight.copy_(ours.out.weight)
        if bias:
            theirs.in_proj_bias.copy_(ours.qkv.bias.normal_())
            theirs.out_proj.bias.copy_(ours.out.bias.normal_())
    return ours.eval(), theirs.eval()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("bias", [False, True])
def test_it_equals_multihead_attention(x, causal, mask, bias):
    ours, theirs = pair(causal, bias)
    later = torch.ones(STEPS, STEPS, dtype=torch.bool).triu(1) if causal else None
    padding = None if mask is None else ~mask
    expected, _ = theirs(x, x, x, key_padding_mask=padding, attn_mask=later, need_weights=False)
    real = torch.ones(3, STEPS, dtype=torch.bool) if mask is None else mask
    torch.testing.assert_close(ours(x, mask)[real], expected[real], atol=1e-6, rtol=0)


@pytest.mark.parametrize("mask", [None, torch.ones(3, STEPS, dtype=torch.bool)], ids=["unmasked", "masked"])
def test_a_causal_step_does_not_see_what_comes_later(x, mask):
    attention = SelfAttention(DIM, HEADS, causal=True)
    later = x.clone()
    later[:, 4:] += 100
    assert torch.equal(attention(x, mask)[:, :4], attention(later, mask)[:, :4])
    assert not torch.equal(attention(x, mask)[:, 4:], attention(later, mask)[:, 4:])


def test_what_stands_in_padding_changes_no_real_step(x):
    attention = SelfAttention(DIM, HEADS)
    other = x.where(MASK[..., None], 1e3)
    assert torch.equal(attention(x, MASK)[MASK], attention(other, MASK)[MASK])


@pytest.mark.parametrize("causal", [False, True])
def test_a_sample_of_padding_alone_gives_numbers_and_gradients(x, causal):
    attention = SelfAttention(DIM, HEADS, causal)
    x.requires_grad_()
    mask = MASK.clone()
    mask[2] = False
    y = attention(x, mask)
    y[mask].sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
    assert not x.grad[2].any()
    assert not x.grad[1, 4:].any()


def test_dropout_is_of_training_alone(x):
    attention = SelfAttention(DIM, HEADS, dropout=0.5)
    assert not torch.equal(attention(x), attention(x))
    attention.eval()
    assert torch.equal(attention(x), attention(x))


@pytest.mark.parametrize(("heads", "dropout", "told"), [(5, 0.0, "shared evenly"), (3, 1.5, "a share")])
def test_settings_that_cannot_be_are_refused(heads, dropout, told):
    with pytest.raises(ValueError, match=told):
        SelfAttention(DIM, heads, dropout=dropout)
