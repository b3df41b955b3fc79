"""Networks of transformers, made from their configurations at tiny sizes; nothing is downloaded."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

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

E, F, L, V, D = 16, 24, 6, 50, 2  # width, feed-forward width, tokens, vocabulary, depth
HEADS, KV = 4, 2
HEAD = E // HEADS


def made(architecture: str, **settings: Any) -> nn.Module:
    """Make a network of transformers by its class's name."""
    import transformers

    kind = getattr(transformers, architecture)
    torch.manual_seed(0)
    return kind(kind.config_class(**settings)).eval()


def tokens(**names: tuple[int, ...]) -> Any:
    """Return a maker of keyword arguments."""
    return lambda: {name: words(V, shape)()[0] for name, shape in names.items()}


def gpt2() -> nn.Module:
    return made(
        "GPT2LMHeadModel",
        n_embd=E,
        n_layer=D,
        n_head=HEADS,
        vocab_size=V,
        n_positions=32,
        bos_token_id=0,
        eos_token_id=0,
    )


GPT2 = (
    table(V, E) + table(32, E) + encoder_layer(E, 4 * E, L) * D + norm(E) + Cost(0, L * E * V)
)  # fmt: skip


def bert() -> nn.Module:
    return made(
        "BertModel", hidden_size=E, intermediate_size=F, num_hidden_layers=D, num_attention_heads=HEADS,
        vocab_size=V, max_position_embeddings=32, type_vocab_size=2,
    )  # fmt: skip


BERT = table(V + 32 + 2, E) + norm(E) + encoder_layer(E, F, L) * D + linear(E, E)  # pools the first token


def vit() -> nn.Module:
    return made(
        "ViTForImageClassification", hidden_size=E, intermediate_size=F, num_hidden_layers=D,
        num_attention_heads=HEADS, image_size=16, patch_size=4, num_labels=3,
    )  # fmt: skip


# Sixteen patches and the class token, whose place is learned too.
VIT = conv(3, E, 16, 16) + Cost(E + 17 * E) + encoder_layer(E, F, 17) * D + norm(E) + linear(E, 3)

DECODER = {
    "hidden_size": E, "intermediate_size": F, "num_hidden_layers": D, "num_attention_heads": HEADS,
    "num_key_value_heads": KV, "vocab_size": V, "max_position_embeddings": 32,
}  # fmt: skip


def grouped_attention(head: int = HEAD) -> Cost:
    """Return the cost of attention with few heads for keys and values, and no biases."""
    queries, kv = linear(E, HEADS * head, L, bias=False), linear(E, KV * head, L, bias=False) * 2
    return queries + kv + products(HEADS * head, L, L) + linear(HEADS * head, E, L, bias=False)


def swiglu(rows: int) -> Cost:
    """Gate, up and down."""
    return linear(E, F, rows, bias=False) * 3


HEAD_OF_ITS_OWN = linear(E, V, L, bias=False)
LLAMA = (
    table(V, E) + (grouped_attention() + swiglu(L) + Cost(2 * E)) * D + Cost(E) + HEAD_OF_ITS_OWN
)  # fmt: skip
EXPERTS, CHOSEN = 4, 2
# Each token meets two of four experts, whichever they are.
ROUTED = linear(E, EXPERTS, L, bias=False) + Cost(EXPERTS * 3 * E * F, L * CHOSEN * 3 * E * F)
MIXTRAL = (
    table(V, E) + (grouped_attention() + ROUTED + Cost(2 * E)) * D + Cost(E) + HEAD_OF_ITS_OWN
)  # fmt: skip


def t5() -> nn.Module:
    return made(
        "T5ForConditionalGeneration", d_model=E, d_kv=HEAD, d_ff=F, num_layers=D, num_heads=HEADS,
        vocab_size=V, relative_attention_num_buckets=8, decoder_start_token_id=0, tie_word_embeddings=True,
    )  # fmt: skip


M = 5  # tokens of the answer
RELU_MLP = linear(E, F, L, bias=False) + linear(F, E, L, bias=False)
T5_ENCODER = (attention(E, L, L, bias=False) + RELU_MLP + Cost(2 * E)) * D + Cost(E + 8 * HEADS)
T5_DECODER = (
    attention(E, M, M, bias=False) + attention(E, M, L, bias=False)
    + linear(E, F, M, bias=False) + linear(F, E, M, bias=False) + Cost(3 * E)
) * D + Cost(E + 8 * HEADS)  # fmt: skip
T5 = table(V, E) + T5_ENCODER + T5_DECODER + Cost(0, M * E * V)


def whisper() -> nn.Module:
    return made(
        "WhisperModel", d_model=E, encoder_layers=1, decoder_layers=1, encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS, encoder_ffn_dim=F, decoder_ffn_dim=F, vocab_size=V, num_mel_bins=8,
        max_source_positions=10, max_target_positions=12, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1,
    )  # fmt: skip


def heard() -> dict[str, torch.Tensor]:
    return {"input_features": floats((B, 8, 20))()[0], "decoder_input_ids": words(V, (B, M))()[0]}


# Whisper's keys have no bias. Twenty frames become ten places.
WHISPER = (
    conv(8, E, 3, 20) + conv(E, E, 3, 10) + table(10, E) + encoder_layer(E, F, 10) + Cost(-E) + norm(E)
    + table(V, E) + table(12, E) + encoder_layer(E, F, M) + attention(E, M, 10) + Cost(-2 * E) + norm(E) * 2
)  # fmt: skip

ENTRIES = [
    Entry("gpt-2", gpt2, tokens(input_ids=(B, L)), GPT2.called(B)),
    Entry("bert", bert, tokens(input_ids=(B, L)), BERT.called(B)),
    Entry("vit of transformers", vit, lambda: {"pixel_values": floats((B, 3, 16, 16))()[0]}, VIT.called(B)),
    Entry("llama", lambda: made("LlamaForCausalLM", **DECODER), tokens(input_ids=(B, L)), LLAMA.called(B)),
    Entry("mixtral", lambda: made("MixtralForCausalLM", **DECODER, num_local_experts=EXPERTS,
                                  num_experts_per_tok=CHOSEN),
          tokens(input_ids=(B, L)), MIXTRAL.called(B), torch_misses=D * B * L * CHOSEN * 3 * E * F),
    Entry("t5", t5, tokens(input_ids=(B, L), decoder_input_ids=(B, M)), T5.called(B)),
    Entry("whisper", whisper, heard, WHISPER.called(B)),
]  # fmt: skip
