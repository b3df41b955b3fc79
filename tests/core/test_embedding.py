"""The embedding that gets the tokens is found by running the network; what it answers can be replaced."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnarch_nb.core.embedding import embedding_of, replaced
from nnarch_nb.errors import NNArchError


def test_it_is_the_one_that_gets_the_tokens():
    model = nn.ModuleList([nn.Embedding(9, 2), nn.Embedding(9, 3)])
    tokens, places = torch.tensor([[3, 4]]), torch.tensor([[0, 1]])
    assert embedding_of(model, tokens, lambda: (model[0](places), model[1](tokens))) is model[1]
    assert not any(layer._forward_pre_hooks for layer in model)


@pytest.mark.parametrize("model", [nn.Linear(2, 2), nn.ModuleList([nn.Embedding(9, 2)])])
def test_there_may_be_none(model):
    with pytest.raises(NNArchError, match=r"no Embedding of .* gets them as they are"):
        embedding_of(model, torch.tensor([[3, 4]]), lambda: None)


def test_only_these_tokens_are_replaced_and_only_inside():
    layer, tokens = nn.Embedding(9, 2), torch.tensor([[3, 4]])
    vectors = torch.full((1, 2, 2), 7.0)
    with replaced(layer, tokens, vectors):
        assert layer(tokens.clone()) is vectors
        assert not torch.equal(layer(tokens + 1), vectors)
    assert torch.equal(layer(tokens), layer.weight[tokens])
    assert not layer._forward_hooks
