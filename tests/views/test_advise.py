"""How advice looks: the verdict first, exact text for known figures, everything escaped, light enough."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnarch_nb import views
from nnarch_nb.core.stats import Estimate
from nnarch_nb.verbs.advise import Advice, Baseline, Budget, Option, Reason, Score, Trial, Verdict
from nnarch_nb.views import advise as view
from nnarch_nb.views.advise.figures import figure, interval
from nnarch_nb.views.advise.size import budget
from nnarch_nb.views.advise.verdict import lines_for, verdict


def score(value: float, **fields: Any) -> Score:
    known = {"metric": "accuracy", "low": value - 0.05, "high": value + 0.04, "n": 120, "share": True}
    return Score(value=value, **{**known, **fields})


def option(family: str = "mlp", **fields: Any) -> Option:
    known: dict[str, Any] = {
        "title": family.upper(),
        "line": f"%nnarch build {family} data --width 64 --depth 2 -o model",
        "train_line": "%nnarch train model data --epochs 20 --patience 3",
        "settings": {"width": 64, "depth": 2},
        "training": {"epochs": 20, "patience": 3},
        "params": 12_345,
        "tables": 0,
        "weight": 3,
        "reasons": (
            Reason("Columns have no order <b>", "A. Author, 2016", 3),
            Reason("It is big", "B. Author, 2020", -1),
        ),
        "shape_reason": "two hidden layers (C. Author, 1991)",
        "macs": 12_000,
        "memory_bytes": 1_500_000,
    }
    return Option(family, **{**known, **fields})


def advice(**fields: Any) -> Advice:
    known: dict[str, Any] = {
        "name": "beans <i>",
        "kind": "classification",
        "form": "table",
        "described": "7 classes",
        "n_train": 600,
        "n_val": 120,
        "options": (option(), option("cnn", params=None, reasons=(), problem="too <small>")),
        "baselines": (
            Baseline("most frequent class", "", True, score(0.3), 0.001, 600),
            Baseline("logistic regression", "the columns", False, score(0.9), 0.12, 600),
            Baseline(
                "gradient boosting", "the columns", False, score(0.88), 2.5, 500, progress="64 of 100 rounds"
            ),
        ),
        "trial": Trial(score(0.8), 20, 20, 3.2, 0.15, "finished"),
        "verdict": Verdict("baseline", "logistic regression", Estimate(-0.1, -0.16, -0.04)),
        "for_baseline": (Reason("Few rows", "D. Author, 2022", 1),),
        "budget": Budget(600, 9600, 12_345, 1216),
        "seconds": 6.5,
        "seconds_asked": 10,
        "held_out": "the validation split",
    }
    return Advice(**{**known, **fields})


WHOLE = (Baseline("gradient boosting", "the columns", False, score(0.7), 2.5, 600),)
NO_FIGURE = Baseline("mean", "", True, score(math.nan), 0.1, 600)


def test_as_text_and_html(golden: Callable[[str, str], None]) -> None:
    golden("advise.txt", view.text(advice()) + "\n")
    golden("advise.html", view.html(advice()) + "\n")


def test_every_form_is_there_and_light() -> None:
    bundle = views.bundle(advice())
    assert set(bundle) == {"text/plain", "text/html"}
    assert sum(map(len, bundle.values())) < 40_000
    assert "<script" not in bundle["text/html"]
    assert " id=" not in bundle["text/html"]


def test_everything_is_escaped() -> None:
    html = view.html(advice())
    for raw in ("beans <i>", "order <b>", "too <small>"):
        assert raw not in html
        assert raw.replace("<", "&lt;").replace(">", "&gt;") in html


def test_figures_that_differ_are_marked() -> None:
    html = view.html(advice())
    unmarked = re.sub(r'<(\w+)[^>]*class="[^"]*nn-measured[^"]*".*?</\1>', "", html, flags=re.DOTALL)
    unmarked = re.sub(r"<style>.*?</style>", "", unmarked, flags=re.DOTALL)
    for measured in ("90.0 %", "80.0 %", "2.5 s", "64 of 100 rounds", "is ahead of"):
        assert measured in html
        assert measured not in unmarked


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Take logistic regression: on 120 samples held out it is ahead of the MLP by 10.0 points, 95 % "
             "interval 4.0 to 16.0."),
        ({"verdict": Verdict("network", "gradient boosting", Estimate(0.1, 0.04, 0.16)), "baselines": WHOLE},
         "Take the MLP: on 120 samples held out it is ahead of gradient boosting by 10.0 points"),
        ({"verdict": Verdict("network", "gradient boosting", Estimate(0.1, 0.04, 0.16))},
         "So far the MLP is ahead of gradient boosting by 10.0 points, 95 % interval 4.0 to 16.0. Gradient "
         "boosting had time for 64 of 100 rounds: more --seconds may change this."),
        ({"verdict": Verdict("open"), "trial": Trial(score(math.nan), 9, 9), "baselines": (NO_FIGURE,)},
         "The MLP was not measured against simple models: on samples whose targets are all alike no "),
        ({"verdict": Verdict("level", "gradient boosting", Estimate(-0.01, -0.04, 0.02))},
         "The MLP and gradient boosting cannot be told apart on 120 samples held out: take the simple model"),
        ({"verdict": Verdict("baseline", "mean", Estimate(-0.1, -0.2, -0.05), useless=True)},
         "Nothing measured on 120 samples held out is shown to be better than a model that looks at no"),
        ({"verdict": Verdict("expected"), "trial": Trial(problem="one epoch takes about 9 s")},
         "A simple model is likely to do as well: few rows. The MLP was not measured: one epoch takes"),
        ({"verdict": Verdict("open"), "trial": Trial(problem="interrupted before"), "for_baseline": ()},
         "The MLP was not measured against simple models: interrupted before."),
        ({"trial": Trial(score(0.8), 3, 20, 3.2, 1.0, "finished")},
         "So far logistic regression is ahead of the MLP on 120 samples held out, by 10.0 points"),
    ],
)  # fmt: skip
def test_the_verdict(fields: dict[str, Any], told: str) -> None:
    assert " ".join(verdict(advice(**fields))).startswith(told)


def test_what_was_cut_short_says_what_more_time_would_do() -> None:
    cut = advice(trial=Trial(score(0.8), 3, 20, 3.2, 1.0, "time"))
    assert verdict(cut)[-1] == (
        "The MLP had time for 3 of 20 epochs; all of them may change this: about --seconds 40."
    )
    assert lines_for(cut) == "To run"
    early = advice(trial=Trial(score(0.8), 8, 20, 3.2, 1.0, "early"))
    assert len(verdict(early)) == 1
    assert "8 of 20 epochs, stopped early" in view.text(early)


def test_what_was_not_measured_is_not_nought() -> None:
    missing = Baseline("gradient boosting", "the columns", False, problem="would take about 9 s")
    shown = advice(baselines=(missing,), trial=Trial(problem="no time"), verdict=Verdict("open"))
    text = view.text(shown)
    assert "would take about 9 s" in text
    assert "not measured MLP" in text
    assert not re.search(r"\b0\.0 %|\b0 ms", text)
    nan = replace(score(0.0), value=float("nan"), low=float("nan"), high=float("nan"))
    assert figure(nan) == "not measured"


def test_other_figures_than_shares() -> None:
    r2 = score(-0.25, metric="R²", share=False)
    assert (figure(r2), interval(r2)) == ("−0.250", "−0.300 to −0.210")
    found = Baseline("mean", "", True, r2, 0.1, 600)
    shown = advice(baselines=(found,), trial=Trial(r2, 20, 20, 1.0, 0.1), verdict=Verdict(
        "baseline", "mean", Estimate(-0.5, -0.9, -0.1)))  # fmt: skip
    assert "by 0.500 of R², 95 % interval 0.100 to 0.900" in verdict(shown)[0]
    assert "bootstrap of pairs" in view.text(shown)


def test_more_weights_than_numbers_are_said() -> None:
    assert "more than the rule of thumb allows" in budget(advice())
    assert "within the rule of thumb" in budget(advice(budget=Budget(600, 9600, 900, 1216)))
    told = budget(advice(budget=Budget(600, 9600, 90_000, 1216, tables=89_000)))
    assert told.startswith("1,000 weights, 89,000 in the tables of tokens left out")
    assert "within the rule of thumb" in told


def test_every_figure_says_what_it_is() -> None:
    units = [figure.unit for figure in view.strip(advice())]
    assert units[2:] == [
        "accuracy of logistic regression, the best simple model", "accuracy of the MLP after 20 of 20 epochs"
    ]  # fmt: skip
    r2 = score(0.5, metric="R²", share=False)
    shown = advice(baselines=(Baseline("mean", "", True, r2, 0.1, 600),), trial=Trial(problem="no time"))
    assert [figure.unit for figure in view.strip(shown)][2:] == [
        "R² of mean, the best simple model",
        "R² of the MLP",
    ]


def test_a_line_does_not_break_within_an_option() -> None:
    html = view.html(advice())
    assert '<span style="white-space:nowrap">--batch' in view.html(
        advice(options=(option(train_line="%nnarch train m d --batch-size 16"),))
    )
    plain = re.sub(r"<[^>]+>", "", html)
    assert "%nnarch build mlp data --width 64 --depth 2 -o model" in plain, "what is copied has its spaces"


def test_its_text_keeps_to_a_terminal() -> None:
    lines = view.text(advice()).splitlines()
    prose = [line for line in lines[2:] if "  " not in line and not line.startswith("%")]
    assert max(map(len, prose)) <= 80


def test_saved_as_page_and_text(tmp_path: Path) -> None:
    assert "<!doctype html>" in advice().save(tmp_path / "a.html").read_text()
    assert advice().save(tmp_path / "a.txt").read_text() == view.text(advice())


def test_its_line_says_who_is_ahead() -> None:
    assert repr(advice()) == "Advice(beans <i>: mlp, 12,345 parameters; logistic regression is ahead)"
