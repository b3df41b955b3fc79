"""Models of transformers: any name is taken, sequences have a longest, results are objects."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from nnarch_nb import check

transformers = pytest.importorskip("transformers")
IDS = torch.ones(2, 10).long()
SMALL = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "vocab_size": 50, "max_position_embeddings": 32,
}  # fmt: skip


def bert(kind: str = "BertModel") -> nn.Module:
    return getattr(transformers, kind)(transformers.BertConfig(**SMALL))


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.fc = bert(), nn.Linear(16, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.fc(self.body(ids))


class Mean(Head):
    def forward(self, ids: torch.Tensor) -> Any:
        return self.body(ids).mean(1)


PICTURES = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "image_size": 16, "patch_size": 8,
}  # fmt: skip


def vit() -> nn.Module:
    return transformers.ViTModel(transformers.ViTConfig(**PICTURES))


def clip() -> nn.Module:
    parts = {"text_config": SMALL, "vision_config": PICTURES}
    return transformers.CLIPModel(transformers.CLIPConfig(**parts, projection_dim=16))


def t5() -> nn.Module:
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2, "vocab_size": 50}
    return transformers.T5Model(transformers.T5Config(**sizes))


def whisper() -> nn.Module:
    layers = {f"{part}_layers": 1 for part in ("encoder", "decoder")}
    heads = {f"{part}_attention_heads": 2 for part in ("encoder", "decoder")}
    wide = {f"{part}_ffn_dim": 16 for part in ("encoder", "decoder")}
    sizes = {"d_model": 16, "num_mel_bins": 16, "max_source_positions": 20, "vocab_size": 50}
    ids = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    return transformers.WhisperModel(transformers.WhisperConfig(**layers, **heads, **wide, **sizes, **ids))


def gpt2() -> nn.Module:
    sizes = {"n_layer": 1, "n_embd": 16, "n_head": 2, "vocab_size": 50, "n_positions": 16}
    ids = {"bos_token_id": 1, "eos_token_id": 2}
    return transformers.GPT2Model(transformers.GPT2Config(**sizes, **ids))


@pytest.mark.parametrize(
    ("model", "inputs", "told", "mended"),
    [
        (vit(), {"pixel_values": torch.zeros(2, 16, 16, 3)}, "fails", "pixel_values.permute(0, 3, 1, 2)"),
        (
            vit(),
            {"pixel_values": torch.zeros(2, 3, 24, 24)},
            "doesn't match model (16*16)",
            "F.interpolate(pixel_values, (16, 16))",
        ),
        (
            clip(),
            {"input_ids": IDS},
            "CLIPModel is called without pixel_values, which is None by default",
            "such as torch.zeros(1, 3, 16, 16)",
        ),
        (
            t5(),
            {"input_ids": IDS},
            "T5Model is called without decoder_input_ids, which is None by default",
            "give decoder_input_ids too",
        ),
        (
            whisper(),
            {"input_features": torch.zeros(1, 40, 16), "decoder_input_ids": IDS[:1]},
            "fails given 1×40×16",
            "input_features.transpose(1, 2)",
        ),
        (
            gpt2(),
            {"inputs_embeds": torch.zeros(2, 7, 12)},
            "cannot join 2×7×12 (from inputs_embeds)",
            "an nn.Linear(12, 16) on what inputs_embeds gives",
        ),
        (bert(), {"input_id": IDS}, "has no argument input_id", "give input_id as input_ids"),
        (bert(), torch.ones(2, 40).long(), "made for 32 positions but the sequence has 40", "x[:, :32]"),
        (
            bert(),
            torch.full((2, 5), 60),
            "has 50 rows, 0 to 49, but is asked for row 60",
            "num_embeddings=61",
        ),
        (Head(), IDS, "body (BertModel) returns a BaseModelOutput", "body(…).last_hidden_state"),
        (Mean(), IDS, "body (BertModel) returns a BaseModelOutput", "body(…).last_hidden_state"),
    ],
)
def test_a_mistake_is_told_and_mended(model, inputs, told, mended):
    found = check(model, inputs)
    assert not found.ok
    assert told in found.reason
    assert any(mended in text for text in (found.proposal or "", *found.alternatives))
    assert not any("F.pad" in text for text in (found.proposal or "", *found.alternatives))


def test_a_healthy_model_passes_and_a_name_that_is_swallowed_is_noted():
    model = bert("BertForSequenceClassification")
    assert check(model, {"input_ids": IDS}).notes == ()
    (note,) = check(model, {"input_ids": IDS, "token_type_id": IDS}).notes
    assert note.endswith("takes any name and says nothing: token_type_ids is near.")
