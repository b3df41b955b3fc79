"""The built-in sets: their sizes, units and splits, and that they come alike every time."""

import random

import numpy as np
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.core.data import Data
from nnarch_nb.verbs.data import as_data, data
from nnarch_nb.verbs.data.sources import SOURCES


@pytest.mark.parametrize(
    ("name", "size", "shape", "classes", "bounds"),
    [
        ("digits", 1797, (1, 8, 8), 10, (0, 16)),
        ("mnist-5k", 5000, (1, 28, 28), 10, (0, 255)),
        ("iris", 150, (4,), 3, None),
        ("wine", 178, (13,), 3, None),
        ("breast-cancer", 569, (30,), 2, None),
    ],
)
def test_a_named_set_has_its_published_size_and_units(name, size, shape, classes, bounds):
    found = data(name)
    assert (found.name, found.kind, found.shape, found.outputs) == (name, "classification", shape, classes)
    assert len(found.train) + len(found.val) + len(found.test) == size
    assert found.train.x.dtype == torch.float32
    assert found.train.y.dtype == torch.int64
    if bounds:
        assert found.bounds == bounds
        raw = torch.cat([found.raw(split.x) for split in (found.train, found.val, found.test)])
        assert float(raw.min()) == pytest.approx(bounds[0], abs=1e-3)
        assert float(raw.max()) == pytest.approx(bounds[1], abs=1e-3)
        assert torch.allclose(raw, raw.round(), atol=1e-3)
    else:
        assert len(found.features) == len(found.columns) == shape[0]


def test_diabetes_is_a_regression_in_its_own_units():
    found = data("diabetes")
    assert (found.kind, found.classes, found.train.y.shape[1]) == ("regression", ("progression",), 1)
    age = found.to_pandas()["age"]
    assert (round(age.min()), round(age.max())) == (19, 79)


def test_the_digits_are_those_of_the_package():
    from sklearn.datasets import load_digits

    found = data("digits", val=0, test=0, normalize=False)
    images, labels = load_digits(return_X_y=True)
    assert np.array_equal(found.train.x.reshape(-1, 64).numpy(), images)
    assert np.array_equal(found.train.y.numpy(), labels)


def test_normalization_is_of_the_training_split_only():
    found = data("digits")
    assert found.normalization.mean.shape == found.normalization.std.shape == (1, 1, 1)
    assert float(found.train.x.mean()) == pytest.approx(0, abs=1e-4)
    assert float(found.train.x.std(correction=0)) == pytest.approx(1, abs=1e-4)
    assert abs(float(found.val.x.mean())) > 1e-3
    table = data("wine")
    assert table.normalization.mean.shape == (13,)
    assert torch.allclose(table.train.x.mean(0), torch.zeros(13), atol=1e-5)
    assert torch.allclose(table.ready(table.raw(table.val.x)), table.val.x, atol=1e-4)


def test_without_normalization_values_are_raw():
    found = data("mnist-5k", normalize=False, limit=100)
    assert found.normalization is None
    assert (float(found.train.x.min()), float(found.train.x.max())) == (0, 255)


def test_one_seed_one_split_and_the_sessions_generators_rest():
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    first, again, other = (data("iris", seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first.train.x, again.train.x)
    assert torch.equal(first.test.y, again.test.y)
    assert not torch.equal(first.test.x, other.test.x)
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])


def test_limit_keeps_every_class_in_proportion():
    found = data("mnist-5k", limit=200)
    assert len(found.train) + len(found.val) + len(found.test) == 200
    assert torch.bincount(found.train.y).tolist() == [14] * 10
    assert "limited to 200 of 5,000 samples" in found.notes


def test_a_name_where_data_is_wanted_is_loaded_as_by_data():
    found = as_data("iris")
    assert found.normalization is not None
    assert as_data(found) is found
    assert data(found) is found


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ("irs", {}, "Did you mean `iris`?"),
        ("fashion_mnist", {}, "Did you mean `fashion-mnist`?"),
        ("", {}, "no data set"),
        ("\0", {}, "no data set"),
        ("a" * 5000, {}, "no data set"),
        ("~nobody_here/x.csv", {}, "there is no file"),
        ("iris", {"root": "."}, "takes no root="),
        ("iris", {"target": "species"}, "a dict of DataFrames by split, not of iris"),
        ("iris", {"val": 1.0}, "share of the samples"),
        ("iris", {"val": -0.1}, "share of the samples"),
        ("iris", {"val": "much"}, "share of the samples"),
        ("iris", {"val": float("nan")}, "share of the samples"),
        ("iris", {"val": 0.5, "test": 0.5}, "leave nothing to train on"),
        ("iris", {"seed": -1}, "whole number"),
        ("iris", {"seed": 0.5}, "whole number"),
        ("iris", {"limit": 0}, "1 or more"),
        ("iris", {"limit": 2}, "limit=2 is below the number of classes, 3"),
        ("iris", {"limit": 6}, "too few for 3 classes"),
        ("iris", {"drop": 3}, "list of column names"),
    ],
)
def test_a_mistake_is_told_in_one_line(source, options, told):
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(source, **options)
    assert told in str(error.value)


def test_options_cannot_change_a_data_that_is_made():
    with pytest.raises(NNArchError, match="is a Data already"):
        data(data("iris"), limit=50)


def test_every_entry_of_the_table_can_be_imported():
    from importlib import import_module

    for place in SOURCES.values():
        module, function = place.split(":")
        assert callable(getattr(import_module(module), function))


def test_a_table_goes_back_to_pandas_in_raw_units():
    frame = data("iris").to_pandas()
    assert list(frame.columns) == [*data("iris").features, "species", "split"]
    assert len(frame) == 150
    assert frame["petal length (cm)"].max() == pytest.approx(6.9)
    assert frame["species"].value_counts().to_dict() == dict.fromkeys(
        ("setosa", "versicolor", "virginica"), 50
    )
    pixels = data("digits", val=0.15, test=0, limit=100).to_pandas()
    assert pixels.shape == (100, 64 + 2)
    assert isinstance(data("iris"), Data)
