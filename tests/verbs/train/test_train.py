from __future__ import annotations

import copy
import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from nnarch_nb.core.stats import Share
from nnarch_nb.verbs.data import data
from nnarch_nb.verbs.train import train

from .conftest import classes, cut, draw, net, numbers


def weights(model: nn.Module) -> list[torch.Tensor]:
    return [t.detach().clone() for t in model.state_dict().values()]


def same(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def val_loss(model: nn.Module, points) -> float:
    model.eval()
    with torch.no_grad():
        return float(functional.cross_entropy(model(points.val.x), points.val.y))


def test_digits_are_learned():
    torch.manual_seed(0)
    digits = data("digits")
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    run = train(model, digits, epochs=15, lr=3e-3)
    assert run.accuracy > 0.93
    assert isinstance(run.test, Share)
    assert run.test.low < run.accuracy < run.test.high
    assert (run.test.n, run.test_split) == (len(digits.test), "test")
    with torch.no_grad():
        right = (model.eval()(digits.test.x).argmax(1) == digits.test.y).double().mean()
    assert run.accuracy == pytest.approx(float(right))


def test_numbers_are_learned_and_scored_as_scikit_learn_does():
    from sklearn.metrics import r2_score, root_mean_squared_error

    points, model = numbers(), net(1)
    run = train(model, points, epochs=30, lr=0.01)
    with torch.no_grad():
        predicted = model.eval()(points.test.x)
    assert run.r2 == pytest.approx(r2_score(points.test.y, predicted), abs=1e-6)
    assert run.test.rmse.value == pytest.approx(root_mean_squared_error(points.test.y, predicted), rel=1e-5)
    assert run.test.r2.low < run.r2 < run.test.r2.high
    assert run.test.rmse.low < run.test.rmse.value < run.test.rmse.high
    assert run.r2 > 0.9
    assert run.accuracy is None


@pytest.mark.parametrize(
    ("schedule", "falling"),
    [
        ("constant", lambda step: 1),
        ("cooldown", lambda step: min(1, (18 - step) / 5.4)),
        ("cosine", lambda step: (1 + math.cos(math.pi * step / 18)) / 2),
    ],
)
def test_the_losses_are_those_of_the_plain_loop(schedule, falling):
    points, model = classes(val=0), nn.Linear(4, 2)
    twin = copy.deepcopy(model)
    run = train(model, points, epochs=3, lr=0.01, batch_size=50, schedule=schedule, seed=7)
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.01)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, falling)
    order = torch.Generator().manual_seed(7)
    for epoch in run.history:
        losses = []
        for rows in torch.randperm(300, generator=order).split(50):
            optimizer.zero_grad()
            loss = functional.cross_entropy(twin(points.train.x[rows]), points.train.y[rows])
            loss.backward()
            optimizer.step()
            rates.step()
            losses.append(loss.item())
        assert epoch.train_loss == pytest.approx(sum(losses) / len(losses), abs=1e-5)
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_one_output_for_two_classes_is_learned_as_by_the_plain_loop(shape):
    torch.manual_seed(0)
    points, model = classes(val=0), nn.Linear(4, 1)
    twin = copy.deepcopy(model)
    form = nn.Sequential(model, nn.Flatten(0) if shape == (-1,) else nn.Identity())
    run = train(form, points, epochs=5, lr=0.1, batch_size=50, schedule="constant", seed=7)
    optimizer, loss_of = torch.optim.Adam(twin.parameters(), lr=0.1), nn.BCEWithLogitsLoss()
    order = torch.Generator().manual_seed(7)
    for epoch in run.history:
        losses = []
        for rows in torch.randperm(300, generator=order).split(50):
            optimizer.zero_grad()
            loss = loss_of(twin(points.train.x[rows])[:, 0], points.train.y[rows].float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert epoch.train_loss == pytest.approx(sum(losses) / len(losses), abs=1e-5)
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        right = ((model(points.test.x)[:, 0] > 0) == (points.test.y == 1)).double().mean()
    assert run.accuracy == pytest.approx(float(right))
    assert (run.loss, run.metric, run.test.n) == ("binary cross-entropy", "accuracy", 100)
    assert run.accuracy > 0.9


@pytest.mark.parametrize(
    "squashed",
    [
        lambda z: z.sigmoid().clamp(0.01, 0.99),
        lambda z: 1 / (1 + (-z).exp()),
        lambda z: (z.tanh() + 1) / 2,
        nn.functional.hardsigmoid,
    ],
)
def test_one_output_that_is_always_a_probability_is_noted(squashed):
    class Squashed(nn.Linear):
        def forward(self, x):
            return squashed(super().forward(x))

    assert train(Squashed(4, 1), classes(), epochs=1).like_probabilities


@pytest.mark.parametrize(("outputs", "drawn"), [(1, classes), (2, classes), (1, numbers)])
def test_logits_and_targets_are_not_noted_as_probabilities(outputs, drawn):
    assert not train(net(outputs), drawn(), epochs=2).like_probabilities


def test_two_probabilities_and_a_target_between_0_and_1_are_no_logits_gone_wrong():
    assert not train(nn.Sequential(net(2), nn.Sigmoid()), classes(), epochs=1).like_probabilities
    assert not train(nn.Sequential(net(1), nn.Sigmoid()), numbers(), epochs=1).like_probabilities


def test_what_one_class_alone_would_score_is_kept():
    points = classes()
    points.test.y.copy_(torch.arange(100) % 4 == 0)
    assert train(net(), points, epochs=1).majority == 0.75
    assert train(net(1), numbers(), epochs=1).majority is None


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    def once(seed: int) -> tuple[list[torch.Tensor], list[float]]:
        model = net()
        run = train(model, classes(), epochs=3, seed=seed)
        return weights(model), [epoch.train_loss for epoch in run.history]

    (a, losses_a), (b, losses_b), (c, losses_c) = once(1), once(1), once(2)
    assert same(a, b)
    assert losses_a == losses_b != losses_c
    assert not same(a, c)


def test_the_sessions_generators_stay_as_they_are():
    model = net()
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    train(model, classes(), epochs=1)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert (np.random.get_state()[1] == before[2]).all()


def test_modes_gradients_and_frozen_weights_stay_as_they_are():
    model = net()
    model.train()
    model[2].eval()
    model[0].requires_grad_(False)
    frozen, modes = weights(model[0]), [module.training for module in model.modules()]
    train(model, classes(), epochs=2)
    assert same(weights(model[0]), frozen)
    assert [module.training for module in model.modules()] == modes
    assert [p.requires_grad for p in model.parameters()] == [False, False, True, True]
    assert all(p.grad is None for p in model.parameters())


def test_it_trains_where_gradients_are_off():
    model = net()
    before = weights(model)
    with torch.no_grad():
        train(model, classes(), epochs=1)
    assert not same(weights(model), before)


def test_the_best_weights_are_kept():
    x = draw(140)
    noise = torch.randint(0, 2, (140,), generator=torch.Generator().manual_seed(1))
    points = cut(x, noise, (40, 50, 50), "classification", ("a", "b"))
    model = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 2))
    run = train(model, points, epochs=40, lr=0.02, patience=0)
    losses = [epoch.val_loss for epoch in run.history]
    assert run.stopped == "finished"
    assert len(losses) == 40
    assert run.best_epoch == 1 + losses.index(min(losses)) < 40
    assert val_loss(model, points) == pytest.approx(min(losses), abs=1e-6)


@pytest.mark.parametrize("patience", [1, 3])
def test_it_stops_early_when_validation_no_longer_gains(patience):
    x = draw(140)
    noise = torch.randint(0, 2, (140,), generator=torch.Generator().manual_seed(1))
    points = cut(x, noise, (40, 50, 50), "classification", ("a", "b"))
    model = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 2))
    run = train(model, points, epochs=100, lr=0.02, patience=patience)
    assert run.stopped == "early"
    assert len(run.history) == run.best_epoch + patience


def test_without_validation_the_last_weights_are_kept():
    run = train(net(), classes(val=0), epochs=3)
    assert (run.best_epoch, run.n_val) == (3, 0)
    assert all(epoch.val_loss is None and epoch.val_score is None for epoch in run.history)


@pytest.mark.parametrize(
    ("sizes", "split", "n"), [((300, 100, 0), "validation", 100), ((300, 0, 0), "train", 300)]
)
def test_the_run_says_what_it_was_measured_on(sizes, split, n):
    run = train(net(), classes(*sizes), epochs=1)
    assert (run.test_split, run.test.n) == (split, n)


def test_a_loss_that_is_no_number_ends_the_run_at_the_last_good_epoch():
    points, model = numbers(), net(1)
    before = weights(model)
    run = train(model, points, epochs=5, lr=1e20, optimizer="sgd")
    assert run.stopped == "nonfinite"
    assert (run.best_epoch, run.history) == (0, ())
    assert same(weights(model), before)
    assert math.isfinite(run.r2)


def test_modules_at_rest_stay_at_rest_where_all_in_them_is_frozen():
    def statistics(ready) -> tuple[int, int]:
        frozen = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.9)).requires_grad_(False)
        model = nn.Sequential(frozen, nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
        ready(model)
        modes = [module.training for module in model.modules()]
        train(model, classes(), epochs=1, batch_size=100)
        assert [module.training for module in model.modules()] == modes
        return int(frozen[1].num_batches_tracked), int(model[2].num_batches_tracked)

    assert statistics(lambda model: model[0].eval()) == (0, 3)
    assert statistics(lambda model: model[0].eval() and model[2].eval()) == (0, 3)
    assert statistics(lambda model: model.eval()) == (3, 3)
    assert statistics(lambda model: model.train()) == (3, 3)


def test_an_answer_that_carries_logits_is_trained():
    class Classifier(nn.Linear):
        def forward(self, x):
            return SimpleNamespace(logits=super().forward(x))

    assert train(Classifier(4, 2), classes(), epochs=5, lr=0.05).accuracy > 0.8


def test_sparse_embeddings_are_trained_by_sgd():
    x = torch.arange(100)[:, None] % 10
    points = cut(x, x[:, 0] % 2, (60, 20, 20), "classification", ("even", "odd"))
    model = nn.EmbeddingBag(10, 2, sparse=True)
    assert train(model, points, epochs=5, lr=0.5, optimizer="sgd", batch_size=10).accuracy == 1


def test_a_last_batch_of_one_sample_does_not_break_batch_norm():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    run = train(model, classes(train=129, val=0), epochs=2, batch_size=64)
    assert len(run.history) == 2
    assert int(model[1].num_batches_tracked) == 4


def test_lazy_layers_are_trained():
    model = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(2))
    run = train(model, classes(), epochs=3, lr=0.02)
    assert run.accuracy > 0.6
    assert model[0].in_features == 4


def test_the_data_stays_as_it_is_when_a_network_writes_into_its_input():
    points = classes()
    before = [split.x.clone() for split in (points.train, points.val, points.test)]
    train(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 2)), points, epochs=1)
    assert same([split.x for split in (points.train, points.val, points.test)], before)


def test_a_network_that_returns_a_flat_row_of_numbers_is_trained():
    run = train(nn.Sequential(nn.Linear(4, 1), nn.Flatten(0)), numbers(), epochs=20, lr=0.05)
    assert run.r2 > 0.8


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimizer_learns(optimizer):
    run = train(net(), classes(), epochs=5, lr=0.01, optimizer=optimizer, weight_decay=1e-4)
    assert run.history[-1].train_loss < run.history[0].train_loss


def test_options_may_be_numbers_of_numpy():
    run = train(
        net(), classes(), epochs=np.int64(2), lr=np.float32(0.01), batch_size=np.int64(50), seed=np.int8(1)
    )
    assert len(run.history) == 2
    assert {type(run.settings[name]) for name in ("epochs", "batch_size", "seed")} == {int}


def test_doubles_are_trained_as_doubles():
    points = classes()
    double = cut(
        torch.cat([points.train.x, points.val.x, points.test.x]).double(),
        torch.cat([points.train.y, points.val.y, points.test.y]),
        (300, 100, 100),
        "classification",
        points.classes,
    )
    model = net().double()
    assert train(model, double, epochs=1).history
    assert next(model.parameters()).dtype == torch.float64


def test_the_rate_falls_to_nothing_and_stays_where_constant():
    def last_change(schedule: str) -> float:
        model = nn.Linear(4, 2)
        run = train(model, classes(val=0), epochs=50, batch_size=300, schedule=schedule, patience=0)
        return abs(run.history[-1].train_loss - run.history[-2].train_loss)

    assert last_change("cosine") < 0.1 * last_change("constant")
    assert last_change("linear") < 0.3 * last_change("constant")


def test_tuples_are_data():
    points = classes()
    run = train(net(), (points.train.x, points.train.y, points.val.x, points.val.y), epochs=1)
    assert (run.n_train, run.n_val, run.test_split) == (300, 100, "validation")


def test_the_history_is_a_table():
    table = train(net(), classes(), epochs=2).to_pandas()
    assert list(table.columns) == ["epoch", "train_loss", "val_loss", "val_accuracy", "seconds", "share"]
    assert list(table.epoch) == [1, 2]


def test_the_repr_is_one_stable_line():
    text = [repr(train(net(), classes(), epochs=2)) for _ in range(2)]
    assert text[0] == text[1]
    assert text[0].startswith("Run(Sequential on points: 2 of 2 epochs, best 2, test accuracy ")


def test_the_article_network_learns_real_digits(simple_cnn):
    digits = data("mnist-5k", limit=1000)
    run = train(simple_cnn, digits, epochs=2)
    assert run.accuracy > 0.75
