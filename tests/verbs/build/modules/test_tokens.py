"""Positions against the closed form, tied weights, and the small layers of transformers."""

import copy
import math

import pytest
import torch
from torch import nn

from nnarch_nb.verbs.build.modules.tokens import ClassToken, Positions, Segments, Transpose, Unembed


@pytest.mark.parametrize("dim", [8, 7])
def test_sinusoidal_positions_are_the_closed_form(dim):
    added = Positions(dim, 50, "sinusoidal")(torch.zeros(1, 50, dim))[0]
    for step in (0, 1, 17, 49):
        for feature in range(dim):
            angle = step / 10_000 ** (2 * (feature // 2) / dim)
            expected = math.cos(angle) if feature % 2 else math.sin(angle)
            assert added[step, feature].item() == pytest.approx(expected, abs=1e-6)


def test_sinusoidal_positions_have_nothing_to_learn_or_to_save():
    positions = Positions(8, 50, "sinusoidal")
    assert not list(positions.parameters())
    assert not positions.state_dict()


def test_learned_positions_are_added_step_by_step():
    torch.manual_seed(0)
    positions = Positions(64, 500)
    x = torch.randn(2, 3, 64)
    torch.testing.assert_close(positions(x) - x, positions.weight[:3].expand(2, 3, 64))
    assert positions.weight.std().item() == pytest.approx(0.02, rel=0.05)


def test_more_steps_than_positions_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match="9 steps are more than the 8"):
        Positions(4, 8)(torch.zeros(1, 9, 4))
    with pytest.raises(ValueError, match="neither"):
        Positions(4, 8, "rotary")


def test_segments_add_the_first_of_theirs():
    segments = Segments(4)
    assert torch.equal(segments(torch.zeros(1, 3, 4)), segments.weight[0].expand(1, 3, 4))
    assert segments.weight.shape == (2, 4)


def test_a_class_token_stands_in_front():
    token = ClassToken(4)
    y = token(torch.zeros(2, 3, 4))
    assert y.shape == (2, 4, 4)
    assert torch.equal(y[:, 0], token.weight.expand(2, 4))
    assert not y[:, 1:].any()
    mask = torch.tensor([[True, True, False], [False] * 3])
    assert torch.equal(token.next_mask(mask), torch.cat([torch.ones(2, 1, dtype=torch.bool), mask], 1))


def test_transpose_exchanges_two_dimensions():
    x = torch.arange(24.0).view(2, 3, 4)
    assert torch.equal(Transpose(1, 2)(x), x.transpose(1, 2))


def test_unembedding_scores_by_the_weights_of_the_embedding():
    embedding, unembed = nn.Embedding(11, 4), Unembed(4, 11)
    unembed.tie(embedding)
    x = torch.randn(2, 3, 4)
    torch.testing.assert_close(unembed(x), x @ embedding.weight.T)
    network = copy.deepcopy(nn.Sequential(embedding, unembed))
    assert network[1].weight is network[0].weight
    assert len(list(network.parameters())) == 1
