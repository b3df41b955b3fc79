"""Layers around layers compute what their names say."""

import pytest
import torch
from torch import nn

from nnarch_nb.verbs.build.modules import Add, Chain, Concat, Masking, MeanSteps, Repeat, Residual

X = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))


def linear(features=5, seed=0):
    torch.manual_seed(seed)
    return nn.Linear(5, features)


@pytest.fixture(autouse=True)
def _kept_rng():
    with torch.random.fork_rng(devices=[]):
        yield


def test_a_residual_adds_its_input_or_its_shortcut():
    body, shortcut = linear(), linear(seed=1)
    assert torch.equal(Residual(body)(X), X + body(X))
    assert torch.equal(Residual(body, shortcut)(X), shortcut(X) + body(X))


def test_gradients_pass_by_the_body():
    x = X.clone().requires_grad_()
    body = nn.Linear(5, 5)
    nn.init.zeros_(body.weight)
    Residual(body)(x).sum().backward()
    assert torch.equal(x.grad, torch.ones_like(x))


def test_paths_are_summed_and_joined():
    paths = linear(), Chain(linear(seed=1), nn.ReLU()), nn.Identity()
    made = [path(X) for path in paths]
    assert torch.equal(Add(*paths)(X), made[0] + made[1] + made[2])
    assert torch.equal(Concat(*paths, dim=-1)(X), torch.cat(made, -1))
    assert torch.equal(Concat(*paths)(X), torch.cat(made, 1))
    assert [name for name, _ in Add(*paths).named_children()] == ["path1", "path2", "path3"]


def test_adding_changes_no_path_in_place():
    x = X.clone()
    Add(nn.Identity(), nn.Identity())(x)
    assert torch.equal(x, X)


def test_a_recurrent_path_hands_on_its_sequence():
    gru = nn.GRU(5, 5, batch_first=True)
    assert torch.equal(Residual(gru)(X), X + gru(X)[0])
    assert torch.equal(Concat(gru, nn.Identity(), dim=-1)(X), torch.cat([gru(X)[0], X], -1))


def test_copies_run_one_after_the_other():
    first, second = linear(), linear(seed=1)
    assert torch.equal(Repeat(first, second)(X), second(first(X)))


@pytest.mark.parametrize(
    "network",
    [
        Residual(MeanSteps(), MeanSteps()),
        Add(MeanSteps(), MeanSteps()),
        Concat(MeanSteps(), MeanSteps()),
        Repeat(Chain(nn.Identity()), MeanSteps()),
    ],
)
def test_each_hands_the_mask_on(network):
    x, mask = X.clone(), torch.tensor([[True, True, False, False]] * 3)
    x[:, 2:] = 1e6
    assert torch.equal(network(x, mask), network(x[:, :2]))
    x[:, 2:] = torch.nan
    assert torch.equal(Chain(Masking(), network)(x), network(x[:, :2]))
