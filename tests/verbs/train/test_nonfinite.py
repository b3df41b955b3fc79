"""Runs that leave the finite numbers: what is kept, and what is not reported as a figure."""

from __future__ import annotations

import math
import re

import pytest
import torch
from torch import nn

from nnarch_nb.verbs.train import train
from nnarch_nb.verbs.train.objective import Classification, r2

from .conftest import classes, cut, draw, net, numbers


@pytest.mark.parametrize("sizes", [(300, 0, 100), (300, 0, 0), (300, 100, 100)])
def test_a_last_step_that_goes_astray_is_not_kept(sizes):
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    before = [p.detach().clone() for p in model.parameters()]
    run = train(model, classes(*sizes), epochs=1, lr=1e30, batch_size=300)
    assert (run.stopped, run.best_epoch) == ("nonfinite", 0)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))
    assert run.accuracy is not None


class NanGradient(nn.Module):
    """Gives a weight that its outputs need no more a gradient of NaN at one step."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.layer, self.scale = nn.Linear(4, 2), nn.Parameter(torch.ones(2))
        self.steps, self.fatal = 0, step

    def forward(self, x):
        if not self.training:
            return self.layer(x)
        self.steps += 1
        if self.steps == self.fatal:
            self.scale.register_hook(lambda gradient: gradient * math.nan)
        return self.layer(x) * self.scale


def test_the_epoch_before_is_kept_when_a_weight_becomes_nan():
    model = NanGradient(step=6)
    run = train(model, classes(val=0), epochs=2, batch_size=100)
    assert (run.stopped, run.best_epoch, len(run.history)) == ("nonfinite", 1, 1)
    assert all(p.isfinite().all() for p in model.parameters())


class NanInEvaluation(nn.Linear):
    def forward(self, x):
        return super().forward(x) * (1 if self.training else math.nan)


def broken() -> nn.Module:
    model = nn.Linear(4, 2)
    nn.init.constant_(model.weight, math.nan)
    return model


@pytest.mark.parametrize("val", [0, 100])
@pytest.mark.parametrize("make", [broken, lambda: NanInEvaluation(4, 2)])
def test_an_answer_that_is_nan_has_no_accuracy(make, val):
    run = train(make(), classes(val=val), epochs=1)
    assert (run.stopped, run.best_epoch, run.test, run.accuracy) == ("nonfinite", 0, None, None)
    assert repr(run).endswith("test accuracy not measured)")


def test_a_class_ruled_out_by_minus_infinity_is_an_answer():
    sound = Classification().sound
    assert sound(torch.tensor([[0.0, -math.inf]]))
    assert not sound(torch.tensor([[0.0, math.inf]]))
    assert not sound(torch.tensor([[0.0, math.nan]]))


def test_targets_that_do_not_vary_have_no_r2():
    x = draw(500)
    points = cut(x, torch.full((500, 1), 0.1), (300, 100, 100), "regression", ("y",))
    run = train(net(1), points, epochs=2)
    assert math.isnan(run.r2)
    assert run.test.rmse.value < 1
    assert [epoch.val_score for epoch in run.history] == [None, None]
    assert "R² not measured" in repr(run)
    assert math.isnan(r2(torch.zeros(3, 2), torch.tensor([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0]])))


def test_a_fit_knows_its_targets():
    points = numbers()
    fit = train(net(1), points, epochs=1).test
    assert fit.means == pytest.approx((float(points.test.y.mean()),), abs=1e-6)
    assert fit.stds == pytest.approx((float(points.test.y.std(correction=0)),), abs=1e-6)
    assert not fit.binary


class Far(nn.Linear):
    """Answers a billion times too much."""

    def forward(self, x):
        return super().forward(x) * 1e9


def test_a_score_far_off_is_told_in_powers_of_ten():
    x = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    run = train(Far(4, 1), (x, x[:, 0]), epochs=1, lr=1e-30, optimizer="sgd")
    assert run.r2 < -1e9
    for told in (repr(run), run._repr_mimebundle_()["text/plain"]):
        assert re.search(r"\d\.\d+e\+\d\d", told)
        assert not re.search(r"\d{9}", told)
