"""Every kind of data has its own loss and figures; they are those of the plain loop and of scikit-learn."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from nnarch_nb import views
from nnarch_nb.core.data import Split
from nnarch_nb.core.stats import Share
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train import train
from nnarch_nb.verbs.train.objective import OBJECTIVES, objective_for
from nnarch_nb.verbs.train.result import Score

from ...kinds import KINDS, Series, Text, copies, forecast, fresh, labels, masks, next_tokens, series, texts

LEAST = {  # far above what one answer for all scores, on samples held out
    "texts": 0.9,
    "next tokens": 0.95,
    "series": 0.9,
    "forecast": 0.5,
    "labels": 0.85,
    "masks": 0.85,
    "copies": 0.75,
}
METRICS = {
    "classification": "accuracy",
    "regression": "r2",
    "multi-label": "f1",
    "next-token": "token_accuracy",
    "segmentation": "iou",
    "reconstruction": "r2",
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_learned(name):
    model, points = fresh(name)
    run = train(model, points, epochs=15, lr=0.02)
    assert run.score > LEAST[name]
    assert run.score > (run.majority or 0) + 0.2
    assert run.history[-1].train_loss < run.history[0].train_loss
    assert (run.kind, run.metric) == (points.kind, METRICS[points.kind])
    assert (run.accuracy is not None) == isinstance(run.test, Share)
    assert str(run).endswith(f"{run.score:.3f})" if run.metric == "r2" else f"{run.score:.1%})")
    assert "<b>" in views.bundle(run)["text/html"]
    if isinstance(run.test, Score):
        for estimate in run.test.figures.values():
            assert estimate.low <= estimate.value <= estimate.high


def test_there_is_an_objective_for_every_kind():
    assert OBJECTIVES.keys() - {"binary"} == METRICS.keys()
    with pytest.raises(NNArchError, match="no kind of data is called"):
        objective_for(replace(labels(), kind="tagging"), 3)


def held_out(name, **options):
    model, points = fresh(name)
    run = train(model, points, epochs=2, lr=0.02, **options)
    with torch.no_grad():
        return run, model.eval()(points.test.x), points.test.y


def test_labels_are_scored_as_scikit_learn_does():
    from sklearn.metrics import f1_score

    run, output, y = held_out("labels")
    assert run.score == pytest.approx(f1_score(y, output > 0, average="micro"))
    assert run.test.figures["label accuracy"].value == pytest.approx(
        float(((output > 0) == y).float().mean())
    )
    every = [
        f1_score(y, torch.tensor(answer).expand_as(y), average="micro", zero_division=0.0)
        for answer in [(1, 0, 0), (0, 1, 0), (1, 1, 0), (1, 1, 1), (0, 0, 1)]
    ]
    assert run.majority == pytest.approx(max(every))
    assert (run.test.parts, run.test.part) == (y.numel(), "labels")


def test_no_label_anywhere_is_answered_rightly_by_none():
    points = labels()
    for split in (points.train, points.val, points.test):
        split.y.zero_()
    run = train(fresh("labels")[0], points, epochs=5, lr=0.05)
    assert (run.score, run.majority) == (1.0, 1.0)
    assert "not surely above" not in views.bundle(run)["text/plain"]


def test_a_run_that_learned_nothing_says_so():
    run = train(fresh("labels")[0], labels(), epochs=1, lr=1e-9)
    assert "The F1 (micro) is not surely above 52.3 %" in views.bundle(run)["text/plain"]


def test_tokens_are_scored_over_the_real_ones():
    run, output, y = held_out("next tokens")
    loss = functional.cross_entropy(output.flatten(0, 1), y.flatten(), ignore_index=-100)
    real = y != -100
    assert run.test.figures["perplexity"].value == pytest.approx(float(loss.exp()), rel=1e-5)
    assert run.score == pytest.approx(float((output.argmax(2) == y)[real].double().mean()))
    assert run.test.parts == int(real.sum())


def test_padding_weighs_nothing_in_the_loss_of_an_epoch():
    points, model = next_tokens(), fresh("next tokens")[0]
    twin = copy.deepcopy(model)
    run = train(model, points, epochs=1, lr=1e-9, optimizer="sgd", schedule="constant")
    with torch.no_grad():
        for part, found in ((points.train, "train_loss"), (points.val, "val_loss")):
            loss = functional.cross_entropy(twin(part.x).flatten(0, 1), part.y.flatten(), ignore_index=-100)
            assert getattr(run.history[0], found) == pytest.approx(float(loss), rel=1e-5)


def test_texts_without_a_target_are_no_trouble():
    points = next_tokens()
    for split in (points.train, points.val, points.test):
        split.y[::2] = -100
    run = train(fresh("next tokens")[0], points, epochs=3, lr=0.02, batch_size=1)
    assert math.isfinite(run.history[0].train_loss)
    assert run.score > 0.5


def test_pixels_are_scored_as_scikit_learn_does():
    from sklearn.metrics import jaccard_score

    run, output, y = held_out("masks")
    real = y != -100
    answered, there = output.argmax(1)[real], y[real]
    assert run.score == pytest.approx(jaccard_score(there, answered, average="macro"))
    assert run.test.figures["pixel accuracy"].value == pytest.approx(
        float((answered == there).double().mean())
    )
    assert run.majority == pytest.approx(float((there == 0).double().mean()) / 2)


def test_a_class_that_is_nowhere_is_left_out_of_the_mean():
    points = replace(masks(), classes=("ground", "square", "ghost"))
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))
    assert train(model, points, epochs=15, lr=0.02).score > 0.85


def test_values_are_scored_as_scikit_learn_does():
    from sklearn.metrics import r2_score, root_mean_squared_error

    run, output, y = held_out("copies")
    assert run.score == pytest.approx(r2_score(y, output, multioutput="variance_weighted"), abs=1e-6)
    assert run.r2 == run.score
    assert run.test.figures["RMSE"].value == pytest.approx(
        root_mean_squared_error(y.flatten(), output.flatten())
    )


class Echo(nn.Module):
    """Gives series back; what it says of padding is its own affair."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x):
        return self.layer(x.nan_to_num(7.0))


def test_padding_need_not_be_given_back():
    points = series()
    parts = [Split(split.x, split.x.clone()) for split in (points.train, points.val, points.test)]
    points = replace(points, train=parts[0], val=parts[1], test=parts[2], kind="reconstruction", classes=())
    torch.manual_seed(0)
    run = train(Echo(), points, epochs=20, lr=0.05)
    assert run.score > 0.9
    assert run.test.parts == int((~points.test.x.isnan()).sum())


# Regression: learned in deviations of the targets, answered in raw units.


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_targets_far_from_0_are_learned_at_the_defaults(optimizer):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
    run = train(model, "diabetes", optimizer=optimizer)
    assert run.r2 > 0.1
    assert run.standardized == "2"
    assert 0.2 < run.history[-1].train_loss < 1.2


def test_a_forecast_far_from_0_is_learned_at_the_defaults():
    model, points = fresh("forecast")
    run = train(model, points)
    assert run.r2 > 0
    with torch.no_grad():
        assert (model.eval()(points.test.x) - points.test.y).abs().mean() < 3  # ppm, of about 330


def test_targets_of_unlike_units_are_learned_alike():
    points = forecast()
    scale = torch.tensor([1e-3, 1, 1, 1, 1, 1e4])
    for split in (points.train, points.val, points.test):
        split.y.mul_(scale)
    run = train(fresh("forecast")[0], points)
    assert run.r2 > 0


def test_a_learned_network_keeps_what_it_knows():
    model, points = fresh("forecast")
    before = train(model, points, epochs=8, lr=0.01)
    after = train(model, points, epochs=1, lr=1e-6)
    assert after.r2 == pytest.approx(before.r2, abs=0.1)


class Clipped(Series):
    def forward(self, x):
        return super().forward(x).clamp(-1e6, 1e6)


def test_an_answer_of_no_linear_layer_is_learned_as_it_is():
    torch.manual_seed(0)
    run = train(Clipped(1, 6), forecast(), epochs=1)
    assert run.standardized == ""
    frozen = Series(1, 6)
    frozen.head.requires_grad_(False)
    assert train(frozen, forecast(), epochs=1).standardized == ""


class Twice(nn.Module):
    """Uses the weights of its last layer a second time, where their scale would matter."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(6, 6), nn.Linear(6, 6)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


def test_shared_weights_are_left_alone():
    points = forecast()
    wide = [Split(split.x[:, :6, 0], split.y) for split in (points.train, points.val, points.test)]
    points = replace(points, train=wide[0], val=wide[1], test=wide[2], shape=(6,))
    assert train(Twice(), points, epochs=1).standardized == ""


def test_weights_are_bitwise_the_same_where_nothing_was_learned(watcher):
    watcher.stop_at = -1
    model, points = fresh("forecast")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for split in (points.train, points.val, points.test):
        split.x[:, :, :] = math.inf
    assert train(model, points, epochs=1).best_epoch == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_an_error_on_the_way_leaves_raw_units():
    class Failing(Series):
        runs = 0

        def forward(self, x):
            self.runs += 1
            if self.runs > 12:
                raise ValueError("no luck")
            return super().forward(x)

    torch.manual_seed(0)
    model, points = Failing(1, 6), forecast()
    with pytest.raises(NNArchError, match="no luck"):
        train(model, points)
    model.runs = 0
    assert (model.eval()(points.train.x[:5]) - points.train.y[:5]).abs().max() < 20


# A network that does not fit says what it lacks.


@pytest.mark.parametrize(
    ("model", "points", "words"),
    [
        (nn.Linear(12, 2), texts, r"takes no tokens, and reviews is text: begin with Embedding\(23, 64\)"),
        (Text(10), texts, r"Text knows 10 tokens but reviews has 23: begin with Embedding\(23, …\)"),
        (Text(outputs=23), next_tokens, r"training needs \(2, 12, 23\), an answer for every step"),
        (nn.Flatten(0), labels, "has no parameters"),
        (
            nn.Linear(6, 2),
            labels,
            r"returns 2 numbers a sample but weather has 3 labels; end with Linear\(…, 3\)",
        ),
        (nn.Conv2d(1, 2, 3), masks, r"training needs \(2, 2, 16, 16\), an answer for every pixel"),
        (nn.Linear(8, 4), copies, "returns 4 numbers a sample but copies has 8 values"),
        (nn.Sequential(nn.Linear(6, 3), nn.Sigmoid()), labels, "ends in a sigmoid.* the logit of each label"),
        (nn.Sequential(Text(23, 23, every_step=True), nn.Softmax(2)), next_tokens, "ends in a softmax"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Softmax(1)), masks, "ends in a softmax"),
    ],
)
def test_a_network_that_does_not_fit(model, points, words):
    with pytest.raises(NNArchError, match=words):
        train(model, points())


def test_padding_that_a_network_does_not_know_of():
    class Blind(Series):
        def forward(self, x):
            return self.head(self.gru(x)[0][:, -1])

    with pytest.raises(
        NNArchError, match=r"Blind answers NaN: the series of waves .* Begin with Masking\(\)"
    ):
        train(Blind(), series())
    assert train(Blind(), series(padded=False), epochs=1).metric == "accuracy"


def test_windows_that_overlap_are_drawn_in_blocks():
    """Errors that 20 neighbours share are as few as a 20th of them, and the interval must know."""
    from nnarch_nb.verbs.train.objective.numbers import fit_of

    draw = torch.Generator().manual_seed(0)
    alone = torch.randn(1219, 1, generator=draw, dtype=torch.float64)
    shared = alone.unfold(0, 20, 1).mean(-1) * 20**0.5
    y = torch.randn(1200, 1, generator=draw, dtype=torch.float64)

    def width(errors, block):
        rmse = fit_of(y + errors, y, 0, block).rmse
        return rmse.high - rmse.low

    assert width(shared, 40) > 2 * width(shared, 1)
    assert 0.6 < width(alone[:1200], 40) / width(alone[:1200], 1) < 1.6


def test_a_forecast_says_how_many_windows_overlap():
    from nnarch_nb import build, data

    series = data("co2", limit=600)
    run = train(build("mlp", series, width=4, depth=1), series, epochs=1)
    assert run.test.block == min(52 + 4, len(series.test) // 2)
    assert f"in blocks of {run.test.block} windows" in run._repr_mimebundle_()["text/html"]
