"""Attention: torch's own, as functions, and as people write it by hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .entry import (
    B,
    Cost,
    Entry,
    attention,
    conv,
    encoder_layer,
    floats,
    linear,
    norm,
    products,
    table,
    words,
)

L, S, E, H = 6, 9, 16, 4  # queries, keys, width, heads


class Attends(nn.Module):
    """Torch's attention, asked in one of its ways."""

    def __init__(self, made: dict[str, Any], asked: dict[str, Any]) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(E, H, batch_first=True, **made)
        self.asked = asked

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return self.attention(query, key, value, **self.asked)[0]


class Fused(nn.Module):
    """The function for fused attention, with fewer heads for keys than for queries."""

    def __init__(self, kv_heads: int, causal: bool) -> None:
        super().__init__()
        self.kv_heads, self.causal = kv_heads, causal
        self.q = nn.Linear(E, E, bias=False)
        self.kv = nn.Linear(E, 2 * kv_heads * E // H, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        def split(y: Tensor, heads: int) -> Tensor:
            return y.unflatten(-1, (heads, E // H)).transpose(1, 2)

        k, v = self.kv(x).chunk(2, -1)
        kv = split(k, self.kv_heads), split(v, self.kv_heads)
        few = self.kv_heads < H
        y = F.scaled_dot_product_attention(split(self.q(x), H), *kv, is_causal=self.causal, enable_gqa=few)
        return y.transpose(1, 2).flatten(2)


def fused_cost(kv_heads: int) -> Cost:
    kv = linear(E, 2 * kv_heads * E // H, L, bias=False)
    return (linear(E, E, L, bias=False) + kv + products(E, L, L)).called(B)


class Block(nn.Module):
    """A block of a GPT as in the tutorials: masked scores by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(E), nn.LayerNorm(E)])
        self.qkv, self.out = nn.Linear(E, 3 * E), nn.Linear(E, E)
        self.mlp = nn.Sequential(nn.Linear(E, 4 * E), nn.GELU(), nn.Linear(4 * E, E))
        self.register_buffer("mask", torch.tril(torch.ones(S, S)))

    def forward(self, x: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (
            y.view(batch, length, H, E // H).transpose(1, 2) for y in self.qkv(self.norms[0](x)).split(E, 2)
        )
        scores = (q @ k.transpose(-2, -1)) * (E // H) ** -0.5
        scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf"))
        x = x + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, E))
        return x + self.mlp(self.norms[1](x))


class Gpt(nn.Module):
    """A small GPT whose head is its table of words."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(40, E), nn.Embedding(S, E)
        self.blocks = nn.ModuleList(Block() for _ in range(3))
        self.norm, self.head = nn.LayerNorm(E), nn.Linear(E, 40, bias=False)
        self.head.weight = self.words.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1], device=tokens.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


GPT = table(40, E) + table(S, E) + encoder_layer(E, 4 * E, L) * 3 + norm(E) + Cost(0, L * E * 40)


class Einsum(nn.Module):
    """Attention written in Einstein's notation."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(3, E, H, E // H))
        self.out = nn.Parameter(torch.randn(H, E // H, E))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = torch.einsum("ble,nehd->nblhd", x, self.weights)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k).softmax(-1)
        return torch.einsum("bhqk,bkhd,hde->bqe", scores, v, self.out)


class Linearized(nn.Module):
    """Attention without scores: keys meet values first, so that cost grows with the length alone."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(E, 3 * E)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (y.unflatten(-1, (H, -1)).transpose(1, 2) for y in self.qkv(x).chunk(3, -1))
        return (F.elu(q) + 1) @ ((F.elu(k) + 1).transpose(-2, -1) @ v)


class Perceiver(nn.Module):
    """A few learned questions asked of a long input, again and again by the same layer."""

    def __init__(self) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.randn(L, E))
        self.read = nn.MultiheadAttention(E, H, kdim=5, vdim=5, batch_first=True)
        self.think = nn.TransformerEncoderLayer(E, H, 2 * E, batch_first=True)
        self.head = nn.Linear(E, 3)

    def forward(self, x: Tensor) -> Tensor:
        latents = self.latents.repeat(len(x), 1, 1)
        for _ in range(2):
            latents = self.think(latents + self.read(latents, x, x, need_weights=False)[0])
        return self.head(latents.mean(1))


PERCEIVER = (
    Cost(L * E) + (attention(E, L, 50, 5, 5) + encoder_layer(E, 2 * E, L)).called(2) + linear(E, 3)
)  # fmt: skip


class ConvTransformer(nn.Module):
    """Convolutions for what is near, attention for what is far."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, E, 3, 2, 1), nn.BatchNorm2d(E), nn.GELU())
        self.layer = nn.TransformerEncoderLayer(E, H, 2 * E, batch_first=True, norm_first=True)
        self.head = nn.Linear(E, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.stem(x).flatten(2).transpose(1, 2)).mean(1))


class Windows(nn.Module):
    """Attention within windows of a picture that is shifted first, as in Swin."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(E, H, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, e = x.shape
        x = torch.roll(x, (-2, -2), (1, 2)).view(b, h // 4, 4, w // 4, 4, e)
        x = x.transpose(2, 3).reshape(-1, 16, e)
        return self.attention(x, x, x, need_weights=False)[0]


class Mixer(nn.Module):
    """Tokens mixed by one MLP, channels by another."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Sequential(nn.Linear(L, 12), nn.GELU(), nn.Linear(12, L))
        self.channels = nn.Sequential(nn.LayerNorm(E), nn.Linear(E, 32), nn.GELU(), nn.Linear(32, E))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.tokens(x.mT).mT
        return x + self.channels(x)


MIXER = (
    linear(L, 12, E) + linear(12, L, E) + norm(E) + linear(E, 32, L) + linear(32, E, L)
)  # fmt: skip


class Masked(nn.Module):
    """Torch's encoder where padding is masked: it would leave the padded tokens out on its fast path."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(E, H, 2 * E, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        return self.encoder(x, src_key_padding_mask=padding)


def stack() -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(E, H, 2 * E, batch_first=True), 3)


def transformer() -> nn.Module:
    return nn.Transformer(E, H, 2, 2, 2 * E, batch_first=True)


TRANSFORMER = (
    encoder_layer(E, 2 * E, S) * 2 + norm(E)
    + (encoder_layer(E, 2 * E, L) + attention(E, L, S) + norm(E)) * 2 + norm(E)
)  # fmt: skip
QKV = floats((B, L, E), (B, S, E), (B, S, E))
EINSUM = Cost(4 * E * E, 4 * L * E * E + 2 * L * L * E).called(B)
LINEARIZED = linear(E, 3 * E, L) + Cost(0, 2 * L * E * E // H)

ENTRIES = [
    Entry("attention", lambda: Attends({}, {}), QKV, attention(E, L, S).called(B)),
    Entry("attention without weights", lambda: Attends({}, {"need_weights": False}), QKV,
          attention(E, L, S).called(B)),
    Entry("attention, kdim and vdim", lambda: Attends({"kdim": 5, "vdim": 7}, {"need_weights": False}),
          floats((B, L, E), (B, S, 5), (B, S, 7)), attention(E, L, S, 5, 7).called(B)),
    Entry("attention, one key more", lambda: Attends({"add_bias_kv": True, "add_zero_attn": True}, {}), QKV,
          # a learned key and one of zeros are attended to; neither is projected
          (attention(E, L, S) + Cost(2 * E) + products(E, L, 2)).called(B)),
    Entry("fused attention, causal", lambda: Fused(H, True), floats((B, L, E)), fused_cost(H)),
    Entry("fused attention, grouped", lambda: Fused(2, False), floats((B, L, E)), fused_cost(2)),
    Entry("transformer encoder", stack, floats((B, L, E)), (encoder_layer(E, 2 * E, L) * 3).called(B)),
    Entry("transformer encoder, masked", Masked,
          lambda: (*floats((B, L, E))(), torch.arange(L).expand(B, L) >= torch.tensor([[4], [6]])),
          (encoder_layer(E, 2 * E, L) * 2).called(B)),
    Entry("transformer", transformer, floats((B, S, E), (B, L, E)), TRANSFORMER.called(B)),
    Entry("gpt by hand", Gpt, words(40, (B, L)), GPT.called(B)),
    Entry("einsum attention", Einsum, floats((B, L, E)), EINSUM),
    Entry("linear attention", Linearized, floats((B, L, E)), LINEARIZED.called(B)),
    Entry("perceiver", Perceiver, floats((B, 50, 5)), PERCEIVER.called(B)),
    Entry("convolutions and a transformer", ConvTransformer, floats((B, 3, 8, 8)),
          (conv(3, E, 9, 16) + norm(E) + encoder_layer(E, 2 * E, 16) + linear(E, 5)).called(B)),
    Entry("windowed attention", Windows, floats((B, 8, 8, E)), attention(E, 16, 16).called(4 * B)),
    Entry("mlp-mixer", Mixer, floats((B, L, E)), MIXER.called(B)),
]  # fmt: skip
