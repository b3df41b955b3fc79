"""Sequences and texts that need no network."""

import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import bundled, data
from nnarch_nb.verbs.data.written import PARTS


def test_vowels_are_as_published():
    found = data("vowels", val=0, normalize=False)
    assert [len(part) for part in (found.train, found.val, found.test)] == [270, 0, 370]
    assert (found.form, found.shape, len(found.classes)) == ("series", (29, 12), 9)
    lengths = torch.cat([found.train.lengths, found.test.lengths])
    assert (int(lengths.min()), int(lengths.max())) == (7, 29)
    assert torch.bincount(found.train.y).tolist() == [30] * 9
    assert any("CC BY 4.0" in note for note in found.notes)
    # The sums of all values in the published files, JapaneseVowels_TRAIN.ts and _TEST.ts.
    sums = [float(part.x.double().nansum()) for part in (found.train, found.test)]
    assert sums == pytest.approx([-1057.4523, -2146.5134], abs=1e-3)


def test_co2_is_a_forecast():
    found = data("co2")
    assert (found.kind, found.shape, found.outputs) == ("regression", (52, 1), 4)
    assert (found.forecast.times[0], found.forecast.times[-1]) == ("1958-03-29", "2001-12-29")
    assert len(found.forecast.values) == 2284
    assert int(found.forecast.values.isnan().sum()) == 59
    assert data("co2", window=10, horizon=2).shape == (10, 1)
    assert found.test.y.min() > found.train.y.max() - 5


def test_docstrings_are_texts_of_five_libraries():
    found = data("docstrings")
    assert found.classes == tuple(sorted(PARTS))
    assert torch.bincount(found.train.y).min() > 100
    assert torch.equal(found.train.x, data("docstrings").train.x)
    assert len(data("docstrings", vocab_size=50, max_len=5).vocabulary) == 50


def test_the_reference_of_python_is_a_text():
    found = data("python-docs", window=32)
    assert found.kind == "next-token"
    assert {"statement", "class", "."} <= set(found.vocabulary.words)
    assert len(found.train) * 32 > 20_000


def test_what_is_bundled_is_small():
    files = list(bundled.FOLDER.iterdir())
    assert {path.name for path in files} == {"vowels.npz", "co2.csv.gz"}
    assert sum(path.stat().st_size for path in files) < 500_000


@pytest.mark.parametrize("name", ["vowels", "co2", "docstrings", "python-docs"])
def test_they_take_no_root(name):
    with pytest.raises(NNArchError, match=f"{name} is built in"):
        data(name, root="/tmp")
