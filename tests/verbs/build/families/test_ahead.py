"""Families that forecast: they begin at the last value, and hold where the level was never seen."""

import pytest
import torch

from nnarch_nb import build, data, train
from nnarch_nb.verbs.build.families import FAMILIES

SERIES = [n for n, f in FAMILIES.items() if "series" in f.forms and "regression" in f.kinds]


def risen(horizon=3, normalize=True):
    """Two channels, of which the second rises beyond what training saw."""
    import numpy as np
    import pandas as pd

    steps = np.arange(400.0)
    frame = pd.DataFrame({"season": np.sin(steps / 5), "level": 300 + steps / 4 + np.sin(steps / 3)})
    return data(frame, target=["level", "season"], window=12, horizon=horizon, normalize=normalize)


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("family", SERIES)
def test_a_new_network_says_what_was_last(family, normalize):
    series = risen(normalize=normalize)
    model = build(family, series, width=16).eval()
    with torch.no_grad():
        said = model(series.test.x)
    last = series.raw(series.test.x)[:, -1].flip(1).repeat(1, 3)  # level, season, each for three steps
    off = (said - last).abs().mean(0) / last.std(0)
    assert off.max() < 0.5
    assert (said[:, 0] - last[:, 0]).abs().max() < 0.3 * series.train.y[:, 0].std()


def test_a_level_that_training_never_saw_is_forecast():
    series = data("co2")
    last = series.raw(series.test.x)[:, -1].expand_as(series.test.y)
    y = series.test.y
    persistence = float((1 - ((y - last) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)).mean())
    run = train(build("mlp", series, width=64, depth=1), series)
    assert run.r2 > persistence > 0.9
    assert run.standardized == "linear1"


def test_other_numbers_of_a_series_are_answered_as_before():
    x = risen().train.x
    assert "SinceLast" not in build("gru", data((x, x.mean(1)))).spec
    assert "SinceLast" not in build("gru", data("vowels")).spec


def test_the_start_is_told_and_the_source_code_has_it():
    model = build("gru", risen(), width=4)
    assert model.initialised.endswith("it begins with the last value as its forecast")
    assert "class SinceLast" in model.to_python()
