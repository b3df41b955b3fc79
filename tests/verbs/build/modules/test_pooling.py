"""Pooling over steps: equal to a loop over the samples, each without its padding."""

import pytest
import torch

from nnarch_nb.verbs.build.modules.changes import SinceLast
from nnarch_nb.verbs.build.modules.pooling import First, Last, MaxSteps, MeanSteps

LENGTHS = [5, 3, 1]
MASK = torch.arange(5) < torch.tensor(LENGTHS)[:, None]
ONE_BY_ONE = {
    First: lambda steps: steps[0],
    Last: lambda steps: steps[-1],
    MeanSteps: lambda steps: steps.mean(0),
    MaxSteps: lambda steps: steps.amax(0),
}


@pytest.fixture
def x():
    return torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_padding_has_no_say(x, kind):
    expected = torch.stack([ONE_BY_ONE[kind](x[i, :n]) for i, n in enumerate(LENGTHS)])
    torch.testing.assert_close(kind()(x, MASK), expected)
    torch.testing.assert_close(kind()(x.where(MASK[..., None], float("nan")), MASK), expected)


@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_without_a_mask_every_step_is_real(x, kind):
    assert torch.equal(kind()(x), torch.stack([ONE_BY_ONE[kind](sample) for sample in x]))


@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_a_sample_of_padding_alone_gives_a_number(x, kind):
    assert kind()(x, torch.zeros(3, 5, dtype=torch.bool)).isfinite().all()


@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_one_vector_has_no_steps(kind):
    with pytest.raises(ValueError, match="several steps"):
        kind()(torch.zeros(2, 4))


def test_differences_from_the_last_real_step(x):
    found = SinceLast()(x, MASK)
    for i, n in enumerate(LENGTHS):
        assert torch.equal(found[i, :n], x[i, :n] - x[i, n - 1])
        assert not found[i, n:].any()
    assert torch.equal(SinceLast()(x), x - x[:, -1:])
