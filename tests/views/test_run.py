from __future__ import annotations

import io
import math
import re
from base64 import b64decode
from dataclasses import replace

import pytest
from PIL import Image

from nnarch_nb import views
from nnarch_nb.core.stats import Estimate, wilson
from nnarch_nb.verbs.train.result import Epoch, Fit, Run

SETTINGS = {
    "epochs": 5,
    "lr": 0.001,
    "batch_size": 64,
    "optimizer": "adam",
    "schedule": "cooldown",
    "weight_decay": 0.0,
    "patience": 3,
    "device": "auto",
    "seed": 0,
}


def course(epochs: int) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(n, 2.0 / n, 2.2 / n if n < 4 else 1.0, 1 - 0.5 / n, 1.25) for n in range(1, epochs + 1)
    )


@pytest.fixture
def run() -> Run:
    return Run(
        name="SimpleCNN",
        data_name="mnist-5k",
        kind="classification",
        settings=SETTINGS,
        history=course(5),
        best_epoch=3,
        loss="cross-entropy",
        metric="accuracy",
        test=wilson(713, 750),
        test_split="test",
        majority=0.112,
        n_train=3500,
        n_val=750,
        seconds=7.25,
        device="cpu",
        stopped="early",
    )


@pytest.fixture
def regression(run) -> Run:
    fit = Fit(Estimate(0.912, 0.88, 0.94), Estimate(12.5, 11.0, 14.0), 66, (152.0,), (77.0,), False)
    return replace(
        run,
        kind="regression",
        loss="mean squared error",
        metric="r2",
        test=fit,
        majority=None,
        stopped="finished",
    )


def test_text(run, golden):
    golden("run.txt", views.bundle(run)["text/plain"] + "\n")


def test_text_of_a_regression(regression, golden):
    golden("run-regression.txt", views.bundle(regression)["text/plain"] + "\n")


def test_html_has_the_four_parts(run):
    html = views.bundle(run)["text/html"]
    assert "<b>Training SimpleCNN</b> <span>mnist-5k · 5 of 5 epochs · cpu · stopped early</span>" in html
    assert "95.1 %" in html
    assert "test accuracy (93.3–96.4)" in html
    assert "<svg" in html
    assert 'class="nn-fallback"' in html
    assert "best 83.3 %, epoch 3" in html
    assert '<th scope="row">3 <b>kept</b></th>' in html
    assert "Test split (n = 750) used once, after training; 95 % Wilson interval." in html


def test_html_is_static_and_small(run):
    forms = views.bundle(run)
    outside = re.sub(r"<svg.*?</svg>", "", forms["text/html"], flags=re.DOTALL)
    assert not re.search(r"<script|\sid=|http", outside)
    assert len(forms["text/html"]) + len(forms["image/png"]) < 40_000


def test_a_long_run_stays_small(run):
    forms = views.bundle(replace(run, history=course(3000)))
    assert len(forms["text/html"]) + len(forms["image/png"]) < 60_000
    assert 50 <= forms["text/html"].count('<th scope="row">') <= 55


def test_measured_figures_are_marked(run):
    html = views.bundle(run)["text/html"]
    stripped = re.sub(r'(<(\w+)[^>]*class="[^"]*\bnn-measured\b[^"]*"[^>]*>)[\s\S]*?</\2>', "", html)
    for figure in ("95.1", "0.6667", "83.3", "7.2 s", "1.25"):
        assert figure in html
        assert figure not in re.sub(r"<style>.*?</style>", "", stripped, flags=re.DOTALL)


def test_names_are_escaped(run):
    html = views.bundle(replace(run, name="<script>x</script>", data_name="a&b"))["text/html"]
    assert "<script>" not in html
    assert "a&amp;b" in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"test_split": "validation"}, "No test split: measured on the validation split (n = 750)"),
        ({"test_split": "train"}, "Nothing was held out: measured on the training split"),
        (
            {"best_epoch": 0, "history": (), "stopped": "nonfinite"},
            "The weights are those from before the run",
        ),
        ({}, "interval. Always answering its most frequent class: 11.2 %. The weights are"),
        ({"settings": {**SETTINGS, "patience": 0}}, "no early stopping"),
        ({"stopped": "interrupted"}, "interrupted"),
        ({"stopped": "nonfinite"}, "the loss or a weight was no longer finite"),
        ({"stopped": "nonfinite"}, "try a lower lr than 0.001, such as 0.0001"),
        (
            {"stopped": "nonfinite", "settings": {**SETTINGS, "lr": 1e9}},
            "lower lr than 1e+09, such as 0.001.",
        ),
        ({"history": (), "stopped": "nonfinite"}, "the loss is infinite from the start: look for a class"),
        ({"test": None, "stopped": "nonfinite"}, "The network returns NaN or infinity"),
        ({"test": None}, "Nothing was measured on the test split: an answer there is NaN or infinite."),
        ({}, "Training loss: cross-entropy, mean over the epoch"),
    ],
)
def test_the_trust_line_says_what_holds(run, change, words):
    forms = views.bundle(replace(run, **change))
    assert words in forms["text/plain"]
    assert words in forms["text/html"]


def fit(r2: float, **more) -> Fit:
    values = {"means": (152.0,), "stds": (77.0,), "binary": False, **more}
    return Fit(Estimate(r2, r2 - 1, r2 + 1), Estimate(12.5, 11.0, 14.0), 66, **values)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (fit(-4.0), "always answering the mean of the targets would do better. Try a higher lr than 0.001"),
        (
            fit(-4.0),
            "far from 0 (here mean 152, standard deviation 77.0), and y is learned sooner after subtracting",
        ),
        (fit(-4.0, means=(1.0,)), "a higher lr than 0.001 or more epochs than 5."),
        (fit(-4.0, means=(152.0, 3.0), stds=(77.0, 2.0)), "more epochs than 5."),
        (fit(0.4, binary=True), "y.long() makes them classes"),
        (fit(-4e30), "−4.00e+30"),
        (fit(-4.0), "test R² (−5.00 to −3.00)"),
        (fit(math.nan), "R² was not measured: a target is the same for all of them."),
    ],
)
def test_a_poor_fit_says_what_to_try(regression, test, words):
    forms = views.bundle(replace(regression, test=test))
    assert words in forms["text/plain"]
    assert words in forms["text/html"]


def test_a_good_fit_needs_no_advice(regression):
    assert 'class="nn-find' not in views.bundle(regression)["text/html"]


def test_what_was_not_measured_says_so(run, regression):
    assert "\nnot measured test accuracy   3 best" in views.bundle(replace(run, test=None))["text/plain"]
    history = tuple(replace(epoch, val_score=None) for epoch in run.history)
    forms = views.bundle(replace(regression, test=fit(math.nan), history=history))
    assert "\nnot measured test R²   12.5 RMSE" in forms["text/plain"]
    assert forms["text/plain"].count("   not measured     1.25") == len(history)
    assert not re.search(r"\bnan\b", forms["text/html"])


def test_an_epoch_cut_short_says_so(run):
    cut = replace(run.history[4], share=0.4)
    assert "5 (40% of it)" in views.bundle(replace(run, history=(*run.history[:4], cut)))["text/plain"]


def test_without_validation_there_is_one_curve(run):
    history = tuple(replace(epoch, val_loss=None, val_score=None) for epoch in run.history)
    forms = views.bundle(replace(run, history=history, n_val=0, best_epoch=5))
    assert "validation" not in forms["text/plain"].split("\n\n")[1]
    assert forms["text/html"].count("<svg") == 1


def test_without_validation_nothing_stops_early(run):
    history = tuple(replace(epoch, val_loss=None, val_score=None) for epoch in run.history)
    text = views.bundle(replace(run, history=history, n_val=0, best_epoch=5))["text/plain"]
    assert "The weights are the last ones: there is no validation split to choose by." in text
    assert "cpu; no early stopping." in text


@pytest.mark.parametrize(
    ("hits", "majority", "words"),
    [
        (67, 0.667, "not surely above 66.7 %, which always answering the most frequent class gives"),
        (50, 0.667, "The accuracy is below 66.7 %, which always"),
        (50, 0.667, "try another lr than 0.001 or more epochs than 5."),
    ],
)
def test_an_accuracy_that_one_class_gives_too_is_told(run, hits, majority, words):
    forms = views.bundle(replace(run, test=wilson(hits, 100), majority=majority))
    assert words in forms["text/plain"]
    assert words in forms["text/html"]


@pytest.mark.parametrize(("hits", "majority"), [(77, 0.667), (99, 1.0)])
def test_an_accuracy_above_one_class_or_with_no_other_needs_no_advice(run, hits, majority):
    text = views.bundle(replace(run, test=wilson(hits, 100), majority=majority))["text/plain"]
    assert "The accuracy is" not in text


def test_answers_like_those_of_a_sigmoid_are_told(run):
    told = "All answers lie between 0 and 1, as those of a sigmoid: leave it out"
    forms = views.bundle(replace(run, like_probabilities=True))
    assert told in forms["text/plain"]
    assert told in forms["text/html"]
    assert told not in views.bundle(run)["text/plain"]


def test_each_chart_is_a_figure_of_its_own_so_that_they_stack_on_a_narrow_page(run):
    html = views.bundle(run)["text/html"]
    row = re.search(r'<div class="nn-row nn-measured">(.*?)</div>', html, flags=re.DOTALL)[1]
    assert row.count('<figure role="img"') == row.count("<svg") == 2
    widths = [float(width) for width in re.findall(r'<svg[^>]* width="([\d.]+)pt"', row)]
    assert all(400 <= width * 96 / 72 <= 450 for width in widths)


def test_the_png_has_both_charts(run):
    image = Image.open(io.BytesIO(b64decode(views.bundle(run)["image/png"])))
    assert image.width / image.height == pytest.approx(3.5, abs=0.1)


def test_the_axis_is_in_per_cent_as_is_what_stands_on_it(run):
    html = views.bundle(run)["text/html"].split("<svg")[2]
    ticks = re.findall(r">([\d.]+) %</text>", html)
    assert len(ticks) >= 3
    assert all(0 <= float(tick) <= 100 for tick in ticks)
    assert not re.search(r">[01]\.\d+</text>", html)


def test_numbers_are_written_in_one_way(regression):
    fit = Fit(Estimate(0.1, -0.2, 0.4), Estimate(52.3, 47.8, 57.0), 66, (152.0,), (77.0,), False)
    history = tuple(replace(epoch, val_loss=2902.3, val_score=-0.5) for epoch in regression.history)
    text = views.bundle(replace(regression, test=fit, history=history))["text/plain"]
    assert "R² (−0.20 to 0.40)   52.3 RMSE (47.8 to 57.0)" in text
    assert "2,902 validation loss" in text
    assert "2,902         −0.500" in text


def test_nought_has_no_sign(regression):
    fit = Fit(Estimate(-0.001, -0.2, 0.4), Estimate(52.3, 47.8, 57.0), 66, (152.0,), (77.0,), False)
    assert "0.00 test R² (−0.20 to 0.40)" in views.bundle(replace(regression, test=fit))["text/plain"]
    assert "−0.00" not in views.bundle(replace(regression, test=fit))["text/plain"]


def test_an_error_over_several_targets_is_called_so(regression):
    fit = Fit(Estimate(0.1, -0.2, 0.4), Estimate(52.3, 47.8, 57.0), 66, (152.0, 1e6), (77.0, 3e4), False)
    assert (
        "52.3 RMSE over 2 targets (47.8 to 57.0)" in views.bundle(replace(regression, test=fit))["text/plain"]
    )


def test_the_palette_in_use_colours_the_curves(run):
    from nnarch_nb.views import theme

    before = views.bundle(run)["text/html"]
    theme.use("tol-bright")
    try:
        assert "#4477aa" in views.bundle(run)["text/html"].lower()
    finally:
        theme.use("okabe-ito")
    assert views.bundle(run)["text/html"] == before


def test_it_saves(run, tmp_path):
    for suffix in (".html", ".txt", ".png"):
        assert run.save(tmp_path / f"run{suffix}").stat().st_size > 200
