"""Advice on real and made data: lines that run, figures that are right, time that is kept."""

from __future__ import annotations

import random
import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import Tensor

import nnarch_nb
from nnarch_nb.core import events
from nnarch_nb.core.data import Data
from nnarch_nb.core.events import Task
from nnarch_nb.errors import NNArchError
from nnarch_nb.magics import line as lines
from nnarch_nb.magics.ask import answer
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import verbs_of
from nnarch_nb.verbs.advise import Advice, advise, proposals, trial, work
from nnarch_nb.verbs.advise.facts import facts_of
from nnarch_nb.verbs.data import as_data, data
from nnarch_nb.verbs.data.sources import SOURCES
from nnarch_nb.verbs.summary import summary

BUNDLED = [name for name in SOURCES if name not in ("mnist", "fashion-mnist")]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def labels(n: int, classes: int = 2) -> Tensor:
    return torch.arange(n) % classes


def padded(n: int, steps: int) -> Tensor:
    x = normal(n, steps, 3)
    for place in range(n):
        x[place, steps // 2 + place % (steps // 2) :] = torch.nan
    return x


def text(n: int, steps: int) -> Tensor:
    return torch.randint(1, 30, (n, steps), generator=torch.Generator().manual_seed(0))


SHAPES: dict[str, Callable[[], Any]] = {
    "table": lambda: (normal(60, 5), labels(60)),
    "one column": lambda: (normal(60, 1), labels(60)),
    "image": lambda: (normal(60, 1, 12, 12), labels(60, 3)),
    "small image": lambda: (normal(60, 3, 4, 4), labels(60, 3)),
    "large image": lambda: (normal(20, 1, 70, 66), labels(20)),
    "series": lambda: (normal(60, 12, 3), labels(60)),
    "padded series": lambda: (padded(60, 12), labels(60)),
    "tokens": lambda: (text(60, 30), labels(60)),
    "array": lambda: (normal(60, 2, 3, 4, 2), labels(60)),
    "regression": lambda: (normal(60, 5), normal(60, 1)),
    "several targets": lambda: (normal(60, 5), normal(60, 3)),
    "regression of images": lambda: (normal(60, 1, 12, 12), normal(60, 2)),
    "regression of series": lambda: (normal(60, 12, 3), normal(60, 1)),
    "several labels": lambda: data((normal(60, 5), (normal(60, 3, seed=1) > 0).float())),
    "segmentation": lambda: data((normal(30, 3, 16, 16), (normal(30, 16, 16, seed=1) > 0).long())),
    "reconstruction": lambda: data((normal(60, 8),) * 2),
    "reconstruction of images": lambda: data((normal(30, 1, 16, 16),) * 2),
}


ONE_EACH = ("table", "image", "padded series", "tokens")  # every option is tried on one shape a form


class NoSettings:
    def defaults(self, parameters: Any) -> dict[str, Any]:
        return {}


VERBS = verbs_of(nnarch_nb.VERBS)


def run_line(text: str, variables: dict[str, Any]) -> Any:
    """Run a ``%nnarch`` line as a notebook does."""
    asked = lines.read(text.removeprefix("%nnarch "))
    notebook = Notebook(variables, asked.quoted)
    result = answer(list(asked.words), None, notebook, VERBS, NoSettings())  # type: ignore[arg-type]
    if asked.store:
        variables[asked.store] = result
    return result


def assert_lines_run(found: Advice, known: Data, options: int) -> None:
    for option in found.options[:options]:
        if option.params is None:
            assert option.problem
            continue
        variables: dict[str, Any] = {"data": known}
        model = run_line(option.line, variables)
        assert sum(p.numel() for p in model.parameters()) == option.params
        if option is found.options[0]:
            run_line(re.sub(r"--epochs \d+", "--epochs 1", found.train_line), variables)


@pytest.mark.parametrize("name", BUNDLED)
def test_lines_for_every_bundled_set_run(name: str) -> None:
    known = data(name, limit=400) if name not in ("co2", "docstrings", "zen") else data(name)
    found = advise(known, seconds=0)
    variables: dict[str, Any] = {"data": known}
    model = run_line(found.line, variables)
    assert sum(p.numel() for p in model.parameters()) == found.options[0].params


@pytest.mark.parametrize("shape", SHAPES)
def test_lines_for_every_shape_run(shape: str) -> None:
    known = as_data(SHAPES[shape]())
    assert_lines_run(advise(known, seconds=0), known, 9 if shape in ONE_EACH else 1)


def test_the_lines_run_as_they_stand() -> None:
    found = advise("iris", seconds=0)
    variables: dict[str, Any] = {}
    assert found.lines[0] == "%nnarch data iris -o data"
    run = [run_line(line, variables) for line in found.lines][-1]
    assert run.epochs_asked == found.options[0].training["epochs"]
    assert run.accuracy > 0.8


def test_baselines_are_scikit_learns_on_the_same_splits() -> None:
    known = data("breast-cancer")
    found = {model.name: model for model in advise(known, seconds=60).baselines}
    x, y, x_val, y_val = (part.numpy() for part in (known.train.x, known.train.y, known.val.x, known.val.y))
    scale = StandardScaler().fit(x)
    peer = LogisticRegression(max_iter=2000).fit(scale.transform(x), y)
    wanted = float((peer.predict(scale.transform(x_val)) == y_val).mean())
    ours = found["logistic regression"]
    assert ours.score is not None
    assert ours.score.value == pytest.approx(wanted, abs=1 / len(y_val))
    assert ours.score.n == len(y_val)
    assert ours.n_train == len(y)
    naive = found["most frequent class"].score
    assert naive is not None
    assert naive.value == pytest.approx(float((y_val == np.bincount(y).argmax()).mean()))


def test_the_test_split_is_never_looked_at() -> None:
    known = data("iris")
    known.test.x.fill_(torch.nan)
    known.test.y.fill_(-7)  # no class: judging it would fail
    found = advise(known, seconds=20)
    assert found.trial.score is not None
    assert found.n_val == len(known.val)


def test_where_the_baseline_wins_it_says_so() -> None:
    x = normal(600, 30)
    y = (x[:, :3].sum(1) > 0).long()
    x[:, 3:] *= 50  # columns of noise, which the network is given as they are
    found = advise((x[:400], y[:400], x[400:], y[400:]), seconds=20)
    assert found.verdict.outcome == "baseline"
    assert found.verdict.difference is not None
    assert found.verdict.difference.high < 0
    assert "is ahead" in repr(found)


def test_where_the_network_wins_it_says_so() -> None:
    x = normal(3000, 2)
    y = ((x[:, 0] * x[:, 1]) > 0).long()
    known = as_data((x[:2000], y[:2000], x[2000:], y[2000:]))
    found = advise(known, seconds=30)
    linear = {model.name: model for model in found.baselines}["logistic regression"].score
    assert linear is not None
    assert found.trial.score is not None
    assert linear.high < found.trial.score.low


def test_the_lines_call_the_data_by_the_word_that_was_typed() -> None:
    variables: dict[str, Any] = {"mine": data("wine"), "pair": (normal(60, 3), labels(60, 3))}
    found = run_line("%nnarch advise mine --seconds 0", variables)
    assert found.lines[0].startswith("%nnarch build mlp mine ")
    run_line(found.line, variables)
    assert run_line("%nnarch advise wine --seconds 0", variables).line == found.line.replace("mine", "wine")
    found = run_line("%nnarch advise pair --seconds 0", variables)
    assert found.lines[0] == "%nnarch data pair -o data"
    for line in found.lines[:2]:
        run_line(line, variables)


def test_a_step_too_long_for_the_time_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def slow(model: Any, objective: Any, x: Tensor, y: Tensor) -> float:
        seen.append(len(x))
        return float(len(x))

    monkeypatch.setattr(trial, "step_seconds", slow)
    found = advise(as_data((normal(300, 3), labels(300))), seconds=5)
    assert seen == [trial.FEW, trial.FEW]
    assert found.trial.problem.startswith("one epoch takes about")


def test_images_without_room_for_a_filter_are_a_table_of_pixels() -> None:
    found = advise(as_data((normal(300, 3, 1, 40), labels(300))), seconds=0)
    assert found.family == "mlp"


def test_no_time_measures_only_what_is_free() -> None:
    found = advise("iris", seconds=0)
    assert [bool(model.score) for model in found.baselines] == [True, False, False]
    assert found.trial.problem == "no time was left for it, give more --seconds"
    assert found.verdict.outcome == "expected"


def test_what_there_is_no_time_for_is_cut_short_and_said() -> None:
    """All of it would take minutes."""
    found = advise((normal(20_000, 400), labels(20_000, 8)), seconds=1)
    cut = [model for model in found.baselines if model.problem or model.progress or model.n_train < 14_000]
    assert cut


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (advise("wine", seconds=60, seed=3) for _ in range(2))
    assert [model.score for model in first.baselines] == [model.score for model in second.baselines]
    assert first.trial.score == second.trial.score
    assert first.verdict == second.verdict


def test_the_sessions_generators_and_listeners_stay() -> None:
    heard: list[Task] = []

    class Ear:
        def update(self, task: Task) -> None:
            heard.append(task)

        def finish(self, task: Task, result: Any) -> None:
            assert isinstance(result, Advice)

    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    unlisten = events.listen(lambda task: Ear())
    try:
        advise("iris", seconds=10)
    finally:
        unlisten()
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all()
    assert before[2] == random.getstate()
    assert {task.verb for task in heard} == {"advise"}, "training within has no panel of its own"
    assert all(task.done <= task.total for task in heard)


def test_an_interrupt_leaves_a_result() -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread alone")

    class Impatient:
        def update(self, task: Task) -> None:
            if task.done >= 1 and not task.stopping:
                signal.raise_signal(signal.SIGINT)

        def finish(self, task: Task, result: Any) -> None: ...

    unlisten = events.listen(lambda task: Impatient())
    try:
        found = advise("digits", seconds=60)
    finally:
        unlisten()
    assert found.stopped
    assert found.baselines[0].score is not None
    assert found.trial.problem == "interrupted before"


def test_an_interrupt_in_training_keeps_what_was_learned() -> None:
    class Impatient:
        def update(self, task: Task) -> None:
            if task.done > task.total - 1 and not task.stopping:
                task.stop.set()

        def finish(self, task: Task, result: Any) -> None: ...

    unlisten = events.listen(lambda task: Impatient())
    try:
        found = advise((normal(4000, 20), labels(4000), normal(500, 20, seed=1), labels(500)), seconds=60)
    finally:
        unlisten()
    assert found.stopped
    assert found.trial.score is not None
    assert found.trial.epochs <= found.trial.epochs_proposed


def test_without_a_validation_split_some_training_samples_are_held_out() -> None:
    known = data("iris", val=0)
    found = advise(known, seconds=0)
    assert "no validation split" in found.held_out
    assert found.n_train + found.n_val == len(known.train)


def test_too_few_samples_measure_nothing() -> None:
    found = advise(as_data(data((normal(3, 2), normal(3, 1)), val=0, test=0)), seconds=5)
    assert found.n_val == 0
    assert all(model.score is None for model in found.baselines)
    assert found.line.startswith("%nnarch build mlp data ")


def test_classes_without_samples_are_said() -> None:
    x, y = normal(60, 4), labels(60, 3)
    found = advise((x, y, x[y < 2], y[y < 2]), seconds=0)
    assert "1 class has no validation sample, so nothing is measured on it" in found.notes


def test_rows_for_each_token_are_not_counted() -> None:
    found = advise("docstrings", seconds=0)
    network = run_line(found.line, {"data": data("docstrings")})
    tables = [m.weight.numel() for m in network.modules() if isinstance(m, torch.nn.Embedding)]
    assert tables == [found.budget.tables]
    assert found.budget.within


def test_twenty_samples_and_a_thousand_columns() -> None:
    few = advise((normal(20, 4), labels(20)), seconds=5)
    assert few.options[0].params is not None
    assert few.options[0].params <= few.budget.numbers
    wide = advise((normal(200, 1000), labels(200)), seconds=5)
    assert any("more than the" in reason.text for reason in wide.for_baseline)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seconds": -1}, "seconds must be a finite number of at least 0"),
        ({"seconds": "long"}, "seconds must be a finite number"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(NNArchError, match=words):
        advise("iris", **options)


def test_data_without_samples_or_a_family_is_refused() -> None:
    with pytest.raises(NNArchError, match="no family answers reconstruction of series data"):
        advise(data((normal(40, 8, 2),) * 2), seconds=0)
    with pytest.raises(NNArchError, match="iriss"):
        advise("iriss")


def test_the_table_has_a_row_for_each_model() -> None:
    table = advise("iris", seconds=10).to_pandas()
    assert list(table["model"]) == ["most frequent class", "logistic regression", "gradient boosting", "MLP"]
    assert table["value"].between(0, 1).all()


def test_words_for_every_kind() -> None:
    for kind in ("classification", "regression", "multi-label", "next-token", "segmentation"):
        facts = work.facts_of(data("iris"))
        assert work.described(type(facts)(**{**vars(facts), "kind": kind}))


@pytest.mark.parametrize("verb", [advise, lambda source: nnarch_nb.train(torch.nn.Linear(1, 2), source)])
def test_a_table_without_a_target_is_told_how_it_becomes_data(verb, tmp_path):
    import pandas as pd

    table = pd.DataFrame({"a": range(40), "y": [0, 1] * 20})
    with pytest.raises(NNArchError, match=r"columns: a, y. .* %nnarch data df --target y -o data$") as told:
        verb(table)
    assert told.type is NNArchError  # a notebook shows the name
    with pytest.raises(NNArchError, match=r"columns: a, y$") as told:
        data(table)
    assert told.type is NNArchError
    table.to_csv(tmp_path / "my file.csv", index=False)
    with pytest.raises(NNArchError, match=r"%nnarch data '.*my file.csv' --target y -o data$"):
        verb(str(tmp_path / "my file.csv"))


def test_the_notebooks_name_of_a_table_is_used():
    import pandas as pd

    with pytest.raises(NNArchError, match="%nnarch data prices --target y -o data"):
        advise(pd.DataFrame({"a": range(40), "y": [0, 1] * 20}), called="prices")


def test_what_long_series_cost_is_told_by_short_ones(monkeypatch):
    points = data((normal(60, 160, 3), labels(60)))
    option = proposals.sized("gru", points, facts_of(points))
    whole, lengths = proposals.cost(option, points), []
    monkeypatch.setattr(
        proposals, "summary", lambda model, part: lengths.append(part.shape[0]) or summary(model, part)
    )
    found = proposals.costed(option, points)
    assert lengths == [16, 32]  # each step is traced, and 800 of them take half a minute
    assert found.macs == whole[0] > 160 * option.params / 2
    assert found.memory_bytes == pytest.approx(whole[1], rel=0.05)
