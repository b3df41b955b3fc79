"""GPT: equal to the reference implementation, blind to what comes later, begun as published."""

import pytest
import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.generate import generate

SIZES = {"width": 48, "depth": 3, "heads": 4, "vocab_size": 61, "max_len": 20}


@pytest.fixture(scope="module")
def model():
    return build("gpt", (20,), **SIZES).eval()


@pytest.fixture
def tokens():
    return torch.randint(61, (3, 20), generator=torch.Generator().manual_seed(0))


def reference(model):
    """Return GPT-2 as transformers has it, with this network's weights."""
    config = GPT2Config(vocab_size=61, n_positions=20, n_embd=48, n_layer=3, n_head=4, eos_token_id=None)
    theirs = GPT2LMHeadModel(config).eval()
    copies = {
        "attn.c_attn": "residual1.body.selfattention1.qkv",
        "attn.c_proj": "residual1.body.selfattention1.out",
        "mlp.c_fc": "residual2.body.linear1",
        "mlp.c_proj": "residual2.body.linear2",
        "ln_1": "residual1.body.layernorm1",
        "ln_2": "residual2.body.layernorm1",
    }
    with torch.no_grad():
        theirs.transformer.wte.weight.copy_(model.embedding1.weight)
        theirs.transformer.wpe.weight.copy_(model.positions1.weight)
        theirs.transformer.ln_f.load_state_dict(model.layernorm1.state_dict())
        for theirs_block, block in zip(theirs.transformer.h, model.repeat1, strict=True):
            for to, source in copies.items():
                ours, target = block.get_submodule(source), theirs_block.get_submodule(to)
                turned = isinstance(ours, nn.Linear)  # transformers keeps these matrices the other way round
                target.weight.copy_(ours.weight.T if turned else ours.weight)
                target.bias.copy_(ours.bias)
    return theirs


@pytest.fixture(scope="module")
def lively():
    """Return a network whose weights are large enough that every one of them tells."""
    model = build("gpt", (20,), **SIZES, seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)) * 0.1)
    return model


def test_it_equals_gpt2_of_transformers(lively, tokens):
    theirs = reference(lively)
    with torch.no_grad():
        ours, expected = lively(tokens), theirs(tokens).logits
    assert ours.std() > 0.5
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-5)
    assert sum(p.numel() for p in lively.parameters()) == sum(p.numel() for p in theirs.parameters())


def test_it_continues_as_gpt2_of_transformers_does(lively, tokens):
    theirs = reference(lively)
    options = {"max_new_tokens": 12, "do_sample": False, "use_cache": False, "pad_token_id": 0}
    expected = theirs.generate(tokens[:, :8], attention_mask=torch.ones(3, 8, dtype=torch.long), **options)
    assert torch.equal(generate(lively, tokens[:, :8], 12, temperature=0).continued, expected)


@pytest.mark.parametrize("step", [0, 1, 7, 18])
def test_an_answer_does_not_change_when_later_tokens_do(lively, tokens, step):
    other = tokens.clone()
    other[:, step + 1 :] = (other[:, step + 1 :] + 7) % 61
    with torch.no_grad():
        before, after = lively(tokens), lively(other)
    torch.testing.assert_close(after[:, : step + 1], before[:, : step + 1], atol=1e-6, rtol=0)
    assert not torch.allclose(after[:, step + 1 :], before[:, step + 1 :], atol=1e-3)


def test_an_answer_hears_all_that_came_before(lively, tokens):
    with torch.no_grad():
        before, other = lively(tokens), tokens.clone()
        other[:, 0] = (other[:, 0] + 1) % 61
        assert not torch.allclose(lively(other)[:, -1], before[:, -1], atol=1e-5)


def test_weights_begin_as_published(model):
    block = model.repeat1[0]
    assert model.embedding1.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert block.residual1.body.selfattention1.qkv.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert block.residual2.body.linear1.weight.std().item() == pytest.approx(0.02, rel=0.05)
    added = (block.residual1.body.selfattention1.out, block.residual2.body.linear2)
    for layer in added:  # two blocks in each of three layers
        assert layer.weight.std().item() == pytest.approx(0.02 / 6**0.5, rel=0.05)
        assert not layer.bias.any()
    assert model.layernorm1.weight.eq(1).all()


def test_the_head_has_the_weights_of_the_embedding(model):
    assert model.unembed1.weight is model.embedding1.weight
    assert {"embedding1.weight", "unembed1.weight"} <= set(model.state_dict())


def test_a_network_for_a_shape_needs_to_know_how_many_tokens_there_are():
    with pytest.raises(NNArchError, match=r"vocab_size=.*or give the data"):
        build("gpt", (20,))


def test_heads_that_do_not_share_evenly_are_refused_with_what_fits():
    with pytest.raises(NNArchError, match="heads=4 or width=50") as caught:
        build("gpt", (20,), vocab_size=61, width=48, heads=5)
    assert "width=48 cannot be shared evenly by heads=5" in str(caught.value)
    build("gpt", (20,), vocab_size=61, width=48, heads=4)
    build("gpt", (20,), vocab_size=61, width=50, heads=5)


def test_more_steps_than_positions_are_refused_with_what_fits():
    with pytest.raises(NNArchError, match="at least max_len=20"):
        build("gpt", (20,), vocab_size=61, max_len=10)


def test_longer_sequences_may_come_than_the_sample_shows():
    model = build("gpt", (20,), vocab_size=61, max_len=30, width=16, depth=1)
    assert model(torch.zeros(1, 30, dtype=torch.long)).shape == (1, 30, 61)
