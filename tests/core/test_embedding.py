"""The embedding that gets the tokens is found by running the network; what it answers can be replaced."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnarch_nb.core.embedding import Lookup, embedding_of
from nnarch_nb.errors import NNArchError


def test_it_is_the_one_that_gets_the_tokens():
    model = nn.ModuleList([nn.Embedding(9, 2), nn.Embedding(9, 3)])
    tokens, places = torch.tensor([[3, 4]]), torch.tensor([[0, 1]])
    assert embedding_of(model, tokens, lambda: (model[0](places), model[1](tokens))).layers == (model[1],)
    assert not any(layer._forward_pre_hooks for layer in model)


@pytest.mark.parametrize("model", [nn.Linear(2, 2), nn.ModuleList([nn.Embedding(9, 2)])])
def test_there_may_be_none(model):
    with pytest.raises(NNArchError, match=r"no Embedding of .* gets them as they are"):
        embedding_of(model, torch.tensor([[3, 4]]), lambda: None)


def test_only_these_tokens_are_replaced_and_only_inside():
    layer, tokens = nn.Embedding(9, 2), torch.tensor([[3, 4]])
    vectors = torch.full((1, 2, 2), 7.0)
    with Lookup((layer,)).replaced(tokens, vectors):
        assert torch.equal(layer(tokens.clone()), vectors)
        layer(tokens).zero_()  # in place on what the layer answered, not on what was given
        assert not torch.equal(layer(tokens + 1), vectors)
    assert torch.equal(layer(tokens), layer.weight[tokens])
    assert not layer._forward_hooks


def test_several_that_look_the_same_tokens_up_are_one():
    model = nn.ModuleList([nn.Embedding(9, 2), nn.Embedding(8, 3, padding_idx=5)])
    tokens = torch.tensor([[3, 4]])
    lookup = embedding_of(model, tokens, lambda: [layer(tokens) for layer in model])
    assert lookup.vectors(tokens).shape == (1, 2, 5)
    assert lookup.table.shape == (8, 5)
    assert (lookup.words, lookup.padding) == (8, 5)
    with lookup.replaced(tokens, torch.arange(10.0).view(1, 2, 5)):
        assert torch.equal(model[1](tokens), torch.tensor([[[2.0, 3.0, 4.0], [7.0, 8.0, 9.0]]]))


def test_tokens_that_were_turned_are_told():
    layer, tokens = nn.Embedding(9, 2), torch.tensor([[3, 4, 5]])
    with pytest.raises(NNArchError, match=r"turns the tokens to \(steps, n\) before its Embedding"):
        embedding_of(layer, tokens, lambda: layer(tokens.T))


@pytest.mark.parametrize("kind", [torch.uint8, torch.int16])
def test_small_integers_are_looked_up_too(kind):
    layer, tokens = nn.Embedding(9, 2), torch.tensor([[3, 4]], dtype=kind)
    assert torch.equal(Lookup((layer,)).vectors(tokens), layer.weight[[3, 4]][None])
