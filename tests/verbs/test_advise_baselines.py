"""The simple models on data with a known answer, each in the shapes of a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Kind, Split
from nnarch_nb.verbs.advise.baselines import BASELINES, boosting, dense, linear, naive, words
from nnarch_nb.verbs.advise.baselines.features import Features, counts, summaries
from nnarch_nb.verbs.advise.facts import Facts, facts_of
from nnarch_nb.verbs.advise.verdict import difference, outcome, paired
from nnarch_nb.verbs.data import as_data, data
from nnarch_nb.verbs.train.objective import objective_for


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def fitted(make: Any, known: Data) -> Any:
    learner = make(known)
    list(learner.steps(known.train))
    return learner


def accuracy(learner: Any, split: Split) -> float:
    return float((learner.answer(split.x).argmax(1) == split.y).float().mean())


def blank(kind: str, form: str) -> Facts:
    shape = {"table": (4,), "image": (1, 8, 8), "series": (9, 2), "tokens": (9,), "array": (2, 2, 2, 2)}[form]
    return Facts("f", kind, form, 100, shape, float(np.prod(shape)), 3)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_a_model_that_looks_at_nothing_and_one_that_learns(kind: str) -> None:
    forms = {
        "next-token": ["tokens"], "segmentation": ["image"], "reconstruction": ["table", "image", "series"],
    }.get(kind, ["table", "image", "series", "tokens", "array"])  # fmt: skip
    for form in forms:
        found = [entry for entry in BASELINES if entry.fits(blank(kind, form))]
        assert {entry.naive for entry in found} == {True, False}, form


def test_frequencies_answer_the_shares() -> None:
    known = as_data((normal(40, 2), (torch.arange(40) % 4 == 0).long()))
    shares = fitted(naive.Frequencies, known).answer(known.train.x).softmax(1)
    counted = known.train.y.bincount(minlength=2) / len(known.train)
    assert torch.allclose(shares, counted.expand(len(known.train), 2))


def test_a_class_that_is_never_seen_is_never_answered() -> None:
    x, y = normal(60, 3), torch.arange(60) % 2
    known = as_data((x, y, x[:6], torch.arange(6) % 3))
    for make in (linear.Logistic, boosting.Boosting, naive.Frequencies):
        answer = fitted(make, known).answer(known.val.x)
        assert answer.shape == (6, 3)
        assert answer.isfinite().all()
        assert not (answer.argmax(1) == 2).any()


def test_linear_models_find_a_line() -> None:
    x = normal(600, 4)
    known = as_data((x, (x[:, 0] > x[:, 1]).long()))
    assert accuracy(fitted(linear.Logistic, known), known.val) > 0.95
    numbers = as_data((x, torch.stack([x @ torch.tensor([1.0, 2, 3, 4]) + 7, x[:, 0] - 100], 1)))
    answer = fitted(linear.Ridge, numbers).answer(numbers.val.x)
    assert torch.allclose(answer, numbers.val.y, atol=0.1)


def test_boosting_finds_what_no_line_can() -> None:
    x = normal(1500, 3)
    known = as_data((x, (x[:, 0] * x[:, 1] > 0).long()))
    assert accuracy(fitted(boosting.Boosting, known), known.val) > 0.9
    assert accuracy(fitted(linear.Logistic, known), known.val) < 0.7
    numbers = as_data((x, torch.stack([x[:, 0].abs(), torch.ones(1500)], 1)))
    answer = fitted(boosting.Boosting, numbers).answer(numbers.val.x)
    assert float((answer[:, 0] - numbers.val.y[:, 0]).square().mean()) < 0.05
    assert (answer[:, 1] == 1).all(), "a target that never changes"


@pytest.mark.parametrize("make", [linear.Labels, boosting.Boosting])
def test_labels_are_logits(make: Any) -> None:
    x = normal(600, 4)
    y = torch.stack([x[:, 0] > 0, x[:, 1] > 1, torch.ones(600) > 0], 1).float()
    known = replace(data((x, y)), kind="multi-label")
    answer = fitted(make, known).answer(known.val.x)
    right = ((answer > 0) == (known.val.y > 0.5)).float().mean(0)
    assert (right > 0.9).all()


def test_few_rounds_are_no_figure_to_judge_boosting_by() -> None:
    entry = next(entry for entry in BASELINES if entry.make is boosting.Boosting)
    known = as_data((normal(100, 3), torch.arange(100) % 2))
    learner = boosting.Boosting(known)
    enough = [entry.enough(learner) for _ in learner.steps(known.train)]
    assert enough == [False] * 5 + [True] * 3, "from 32 rounds on"


def test_steps_go_on_from_where_they_were() -> None:
    x = normal(400, 5)
    known = as_data((x, (x[:, 0] > 0).long()))
    learner = boosting.Boosting(known)
    told = list(learner.steps(known.train))
    assert told == [f"{n} of 100 rounds" for n in (1, 2, 4, 8, 16, 32, 64)] + [""]
    assert learner.models[0].n_iter_ == 100


def frame(rows: int = 300) -> pd.DataFrame:
    season = np.tile([0.0, 1.0, 5.0, 2.0], rows // 4)
    return pd.DataFrame({"sold": season + 100, "other": np.arange(rows, dtype=float)})


def test_the_season_is_found_and_answered_in_raw_units() -> None:
    known = data(frame(), target="sold", window=9, horizon=6)
    season = fitted(naive.Season, known)
    assert season.length % 4 == 0
    assert torch.allclose(season.answer(known.val.x), known.val.y, atol=1e-3)
    last = fitted(naive.LastValue, known).answer(known.val.x)
    assert last.shape == known.val.y.shape
    assert torch.allclose(last[:, 0], known.raw(known.val.x)[:, -1, known.channels.index("sold")])


def test_bigrams_know_what_follows() -> None:
    x = (torch.arange(12) % 3 + 1).repeat(40, 1)
    y = x.roll(-1, 1).clone()
    y[:, -1] = -100
    split = Split(x, y)
    known = Data("abc", split, split, split, "next-token", (12,), ("0", "1", "2", "3"))
    answer = fitted(words.Bigram, known).answer(x)
    real = y >= 0
    assert (answer.argmax(2)[real] == y[real]).all()
    assert torch.allclose(answer.exp().sum(2), torch.ones(40, 12), atol=1e-4)
    assert fitted(words.Unigram, known).answer(x).shape == (40, 12, 4)


def test_pixels_from_their_neighbours() -> None:
    x = normal(60, 2, 8, 8)
    known = data((x, (x[:, 0] > 0).long()))
    answer = fitted(dense.Neighbours, known).answer(known.val.x)
    assert answer.shape == (len(known.val), 2, 8, 8)
    assert (answer.argmax(1) == known.val.y).float().mean() > 0.95
    assert fitted(dense.Places, known).answer(known.val.x).shape == answer.shape


def test_components_give_back_what_lies_in_few_dimensions() -> None:
    x = normal(300, 3) @ normal(3, 16, seed=1)
    known = data((x, x))
    answer = fitted(dense.Components, known).answer(known.val.x)
    assert torch.allclose(answer, known.val.y, atol=1e-3)


def test_figures_of_a_series_do_not_see_the_padding() -> None:
    x = normal(4, 6, 2)
    longer = torch.cat([x, torch.full((4, 5, 2), torch.nan)], 1)
    assert np.allclose(summaries(x), summaries(longer))
    assert np.isfinite(summaries(longer)).all()


def test_counts_of_tokens_and_pairs() -> None:
    rows = counts(torch.tensor([[5, 5, 7, 0, 0], [0, 0, 0, 0, 0]]))
    assert rows.sum(1).flatten().tolist() == [[5.0, 0.0]]
    assert sorted(rows.data.tolist()) == [1, 1, 1, 2] or rows.sum() == 5


def test_words_tell_the_class_of_a_text() -> None:
    x = torch.randint(10, 50, (200, 12), generator=torch.Generator().manual_seed(0))
    y = torch.arange(200) % 2
    x[:, 3] = 3 + y
    known = as_data((x, y))
    assert accuracy(fitted(linear.Logistic, known), known.val) > 0.95
    assert Features(known).learn(known.train.x).shape[1] < 1000, "pairs that occur once do not count"


def test_a_difference_counts_where_its_interval_leaves_out_nought() -> None:
    objective = objective_for(data("iris"), 3)
    y = torch.zeros(200, dtype=torch.long)
    good, bad = y.clone(), y.clone()
    bad[:30] = 1
    assert outcome(difference(good, bad, objective, y, 0)) == "network"
    assert outcome(difference(bad, good, objective, y, 0)) == "baseline"
    assert outcome(difference(good, good, objective, y, 0)) == "level"


@pytest.mark.parametrize(
    ("cells", "low", "high"), [((36, 12, 2, 0), 0.0569, 0.3404), ((20, 12, 2, 16), 0.0562, 0.3292)]
)
def test_newcombes_interval_is_that_of_his_table(cells: tuple[int, ...], low: float, high: float) -> None:
    both, first, second, neither = cells
    a = torch.tensor([1] * (both + first) + [0] * (second + neither)) > 0
    b = torch.tensor([1] * both + [0] * first + [1] * second + [0] * neither) > 0
    ahead = paired(a, b)
    assert (ahead.value, ahead.low, ahead.high) == pytest.approx((0.2, low, high), abs=5e-5)


def test_facts_are_those_of_the_training_split() -> None:
    x = normal(50, 8, 3)
    x[5:, 5:] = torch.nan
    found = facts_of(as_data((x, torch.arange(50) % 2)))
    assert (found.steps, found.longest, found.padded) == (5, 8, True)
    assert 15 < found.values < 18
