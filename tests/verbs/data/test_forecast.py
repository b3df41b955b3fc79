"""Windows of a table in order of time."""

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data

ROWS = 200


@pytest.fixture
def table():
    days = pd.date_range("2024-01-01", periods=ROWS)
    return pd.DataFrame({"day": days.astype(str), "load": np.arange(ROWS) * 1.0, "temp": np.arange(ROWS) % 7})


def test_windows_and_what_follows_them(table):
    found = data(table, target="load", window=10, horizon=3)
    assert (found.kind, found.form, found.shape) == ("regression", "series", (10, 2))
    assert found.channels == ("load", "temp")
    assert found.classes == ("load +1", "load +2", "load +3")
    raw = found.raw(found.train.x)
    assert torch.allclose(raw[0, :, 0], torch.arange(10.0), atol=1e-4)
    assert found.train.y[0].tolist() == [10, 11, 12]
    assert found.train.y.dtype == torch.float32


def test_splits_follow_one_another_and_share_no_row(table):
    found = data(table, target="load", window=10, horizon=3, val=0.2, test=0.1)
    for name, (start, end) in {"train": (0, 140), "val": (140, 180), "test": (180, 200)}.items():
        part = getattr(found, name)
        assert len(part) == end - start - 12
        assert round(float(found.raw(part.x)[0, 0, 0])) == start
        assert float(part.y[-1, -1]) == end - 1
    assert found.forecast.rows == {"train": (0, 140), "val": (140, 180), "test": (180, 200)}


def test_the_scale_is_that_of_training_alone(table):
    found = data(table, target="load", window=10)
    assert float(found.normalization.mean[0]) < 70
    assert float(found.train.x[:, :, 0].mean().abs()) < 1e-4


def test_rows_are_sorted_by_their_dates(table):
    mixed = table.sample(frac=1, random_state=0)
    assert torch.equal(
        data(mixed, target="load", window=10).train.x, data(table, target="load", window=10).train.x
    )
    assert any("rows sorted by it" in note for note in data(mixed, target="load", window=10).notes)
    indexed = table.assign(day=pd.to_datetime(table["day"])).set_index("day")
    assert torch.equal(
        data(indexed, target="load", window=10).train.x, data(table, target="load", window=10).train.x
    )


def test_missing_values_are_taken_from_the_past_and_never_forecast(table):
    table.loc[50:52, "load"] = np.nan
    found = data(table, target="load", window=5, horizon=2, normalize=False, val=0, test=0)
    assert not found.train.y.isnan().any()
    targets = set(found.train.y.flatten().tolist())
    assert not targets & {50.0, 51.0, 52.0}
    after = found.train.x[(found.train.x[:, -1, 0] == 49) & (found.train.x[:, -2, 0] == 49)]
    assert len(after) == 1  # the windows that end in the gap but have targets after it
    assert any("3 missing values in the windows taken over from the row before" in n for n in found.notes)
    assert any("4 windows left out" in n for n in found.notes)


def test_gaps_in_time_are_said(table):
    found = data(table.drop(index=range(30, 36)), target="load", window=5)
    assert any("a gap in time, the longest 7 days where 1 days is usual" in note for note in found.notes)


def test_several_targets_stand_step_by_step(table):
    found = data(table, target=["load", "temp"], window=5, horizon=2)
    assert found.classes == ("load +1", "temp +1", "load +2", "temp +2")
    assert found.train.y[0].tolist() == [5, 5, 6, 6]


def test_columns_can_be_left_out_and_categories_are_channels(table):
    table["mode"] = ["a", "b"] * (ROWS // 2)
    assert data(table, target="load", window=5, drop=["mode", "temp"]).channels == ("load",)
    assert data(table, target="load", window=5).channels == ("load", "temp", "mode=a", "mode=b")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"target": "load", "window": 500}, "has 140 rows for train"),
        (
            {"target": "load", "window": 25, "horizon": 10},
            "rows for val, and a window with its horizon takes 35",
        ),
        ({"target": "day", "window": 5}, "is no column of numbers"),
        ({"target": "lod", "window": 5}, "Did you mean `load`?"),
        ({"window": 5}, "needs target="),
        ({"target": "load", "window": 5, "level": "char"}, "level= means nothing for a forecast"),
        ({"target": "load", "window": 5, "drop": ["load"]}, "is the target and cannot be left out"),
    ],
)
def test_what_cannot_be_forecast_is_refused(table, options, told):
    with pytest.raises(NNArchError) as error:
        data(table, **options)
    assert told in str(error.value)


def test_infinite_values_are_refused_by_the_name_of_their_column(table):
    for column in ("load", "temp"):
        with pytest.raises(NNArchError, match=f"the column '{column}' holds infinite values"):
            data(table.assign(**{column: np.inf}), target="load", window=5)


def test_rows_of_one_time_are_said_and_are_no_gaps(table):
    notes = data(pd.concat([table, table]), target="load", window=5).notes
    assert any("200 rows have the time of the row before" in note for note in notes)
    assert not any("gap" in note for note in notes)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([{"shop": "a"}, {"shop": "b"}], "2 series, told apart by 'shop'.*df\\[df\\['shop'\\] == 'a'\\]"),
        (
            [{"shop": 1}, {"shop": 2}, {"shop": 3}],
            "3 series.* == 1\\].*df.pivot\\(index='day', columns='shop'",
        ),
        ([{"shop": 1.0}, {"shop": 2.0}], "2 series, told apart by 'shop'"),
        ([{"shop": s, "item": i} for s in (1, 2) for i in "xy"], r"\['shop', 'item'\], values='load'"),
    ],
)
def test_a_table_of_several_series_is_refused_as_windows_would_mix_them(table, names, told):
    with pytest.raises(NNArchError, match=told):
        data(pd.concat([table.assign(**name) for name in names]), target="load", window=5)


def test_series_named_in_the_index_are_several_too(table):
    both = pd.concat([table.assign(shop=shop) for shop in "ab"])
    with pytest.raises(NNArchError, match="2 series, told apart by 'shop'"):
        data(both.set_index(["shop", "day"]), target="load", window=5)
    alone = data(table.assign(shop="a").set_index(["shop", "day"]), target="load", window=5)
    assert "time is 'day'" in " ".join(alone.notes)


def test_a_clock_that_runs_twice_makes_no_several_series(table):
    twice = pd.concat([table, table[90:93].assign(winter=True)]).fillna({"winter": False})
    found = data(twice.astype({"winter": str}), target="load", window=5)
    assert any("3 rows have the time of the row before" in note for note in found.notes)


def test_large_numbers_keep_their_digits_until_they_are_scaled(table):
    found = data(table.assign(temp=1.7e9 + np.arange(ROWS)), target="load", window=5, val=0, test=0)
    assert torch.allclose(found.train.x[:, :, 1], found.train.x[:, :, 0], atol=1e-4)


def test_windows_beyond_memory_are_refused_before_they_are_made():
    table = pd.DataFrame({"a": np.arange(1_000_000.0)})
    with pytest.raises(NNArchError, match=r"would take .* GiB of memory"):
        data(table, target="a", window=100_000)


FORMS = [
    "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%Y.%m.%d", "%Y%m%d",
    "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M:%S",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_dates_in_any_usual_form_are_read(table, form):
    written = pd.to_datetime(table["day"]).dt.strftime(form)
    other = table.assign(day=written.astype(int) if form == "%Y%m%d" else written)
    shuffled = other.sample(frac=1, random_state=0)
    found, plain = (data(each, target="load", window=10) for each in (shuffled, table))
    assert torch.equal(found.train.x, plain.train.x)
    assert found.forecast.times == plain.forecast.times


@pytest.mark.parametrize("kind", ["objects", "periods", "index of text", "index of periods"])
def test_dates_of_any_kind_are_found(table, kind):
    stamps = pd.to_datetime(table["day"])
    days = {"objects": stamps.dt.date, "periods": stamps.dt.to_period("D"), "index of text": table["day"],
            "index of periods": pd.PeriodIndex(stamps, freq="D")}[kind]  # fmt: skip
    rest = table.drop(columns="day")
    other = rest.set_axis(pd.Index(days), axis=0) if "index" in kind else rest.assign(day=days)
    found = data(other.sample(frac=1, random_state=0), target="load", window=10)
    assert found.forecast.times == data(table, target="load", window=10).forecast.times
    assert found.channels == ("load", "temp")


def test_dates_that_read_in_two_ways_are_refused(table):
    days = [f"{1 + i // 12 % 12:02}/{1 + i % 12:02}/{2000 + i // 144}" for i in range(ROWS)]
    with pytest.raises(NNArchError, match=r"'day' reads as dates in two ways, .*: write them as 2024-01-31"):
        data(table.assign(day=days), target="load", window=10)


def test_slips_among_dates_are_named(table):
    with pytest.raises(NNArchError, match=r"'day' holds dates but 1 of its rows read as none, .*'yesterday'"):
        data(table.assign(day=table["day"].where(table.index != 3, "yesterday")), target="load", window=10)


def test_numbers_and_words_are_no_dates(table):
    other = table.assign(day=np.arange(ROWS) + 10_000_000, mood=[f"so-so {i % 3}" for i in range(ROWS)])
    found = data(other, target="load", window=10)
    assert found.channels == ("day", "load", "temp", "mood=so-so 0", "mood=so-so 1", "mood=so-so 2")
