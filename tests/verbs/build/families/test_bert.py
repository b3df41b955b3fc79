"""BERT: equal to the reference implementation, padding or not, begun as published."""

import pytest
import torch
from transformers import BertConfig, BertModel

from nnarch_nb import build

SIZES = {"width": 48, "depth": 3, "heads": 4, "vocab_size": 61, "max_len": 20}


@pytest.fixture(scope="module")
def lively():
    """Return a network whose weights are large enough that every one of them tells."""
    model = build("bert", (20,), **SIZES, seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)) * 0.1)
    return model


@pytest.fixture
def tokens():
    tokens = torch.randint(1, 61, (3, 20), generator=torch.Generator().manual_seed(0))
    tokens[1, 12:] = 0
    tokens[2, 1:] = 0
    return tokens


def reference(model):
    """Return BERT as transformers has it, with this network's weights."""
    config = BertConfig(
        vocab_size=61,
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=192,
        max_position_embeddings=20,
    )
    theirs = BertModel(config).eval()
    copies = {
        "attention.output.dense": "residual1.body.selfattention1.out",
        "attention.output.LayerNorm": "layernorm1",
        "intermediate.dense": "residual2.body.linear1",
        "output.dense": "residual2.body.linear2",
        "output.LayerNorm": "layernorm2",
    }
    with torch.no_grad():
        embeddings = theirs.embeddings
        embeddings.word_embeddings.weight.copy_(model.embedding1.weight)
        embeddings.position_embeddings.weight.copy_(model.positions1.weight)
        embeddings.token_type_embeddings.weight.copy_(model.segments1.weight)
        embeddings.LayerNorm.load_state_dict(model.layernorm1.state_dict())
        theirs.pooler.dense.load_state_dict(model.linear1.state_dict())
        for layer, block in zip(theirs.encoder.layer, model.repeat1, strict=True):
            for to, source in copies.items():
                layer.get_submodule(to).load_state_dict(block.get_submodule(source).state_dict())
            together = block.residual1.body.selfattention1.qkv
            for name, weight, bias in zip(
                ("query", "key", "value"), together.weight.chunk(3), together.bias.chunk(3), strict=True
            ):
                one = layer.attention.self.get_submodule(name)
                one.weight.copy_(weight)
                one.bias.copy_(bias)
    return theirs


def test_it_equals_bert_of_transformers(lively, tokens):
    theirs = reference(lively)
    with torch.no_grad():
        ours = lively(tokens)
        expected = theirs(tokens, attention_mask=(tokens != 0).long()).pooler_output
    assert ours.std() > 0.3
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)
    assert sum(p.numel() for p in lively.parameters()) == sum(p.numel() for p in theirs.parameters())


def test_weights_begin_as_published(lively):
    model = build("bert", (20,), 3, **SIZES)
    weight = model.repeat1[0].residual2.body.linear1.weight
    assert weight.abs().max() <= 0.04
    assert weight.std().item() == pytest.approx(0.0176, rel=0.03)  # 0.02 less what two deviations cut off
    assert not model.repeat1[0].residual2.body.linear1.bias.any()
    assert not model.embedding1.weight[0].any()
    assert model.embedding1.weight[1:].std().item() == pytest.approx(0.0176, rel=0.05)


def test_with_classes_it_has_a_head():
    body = build("bert", (20,), vocab_size=61)
    assert body.shapes[-1] == (128,)
    assert build("bert", (20,), 3, vocab_size=61).spec == f"{body.spec}, Dropout(0.1)\nLinear(3)"
