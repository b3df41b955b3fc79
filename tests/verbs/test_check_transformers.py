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


@pytest.mark.parametrize(
    ("model", "inputs", "told", "mended"),
    [
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


def test_a_healthy_model_passes_and_a_name_that_is_swallowed_is_noted():
    model = bert("BertForSequenceClassification")
    assert check(model, {"input_ids": IDS}).notes == ()
    (note,) = check(model, {"input_ids": IDS, "token_type_id": IDS}).notes
    assert note.endswith("takes any name and says nothing: token_type_ids is near.")
