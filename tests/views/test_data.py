"""How data looks: the four parts, every kind of data, light enough, and escaped."""

import io
import re
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from nnarch_nb import views
from nnarch_nb.verbs.data import as_data, data


@pytest.fixture(scope="module")
def mixed():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 100),
            "income <b>": rng.normal(3e4, 8e3, 100).round(1),
            "city": rng.choice(["Bern", "Ulm & Neu-Ulm"], 100),
            "vote": rng.choice(["yes", "no <i>"], 100),
        }
    )
    frame.loc[:4, "income <b>"] = np.nan
    return data(frame, target="vote")


def test_a_set_of_images_as_text(golden):
    golden("data-mnist-5k.txt", views.bundle(data("mnist-5k"))["text/plain"] + "\n")


def test_a_table_as_text_and_html(golden, mixed):
    bundle = views.bundle(mixed)
    golden("data-table.txt", bundle["text/plain"] + "\n")
    golden("data-table.html", bundle["text/html"] + "\n")


def test_images_show_two_samples_of_each_class():
    found = data("digits")
    html = views.bundle(found)["text/html"]
    sources = re.findall(r'<img alt="sample of (\d)" src="data:image/png;base64,([^"]+)"', html)
    assert [name for name, _ in sources] == [str(i) for i in range(10) for _ in range(2)]
    first = np.asarray(Image.open(io.BytesIO(b64decode(sources[0][1]))).convert("L"))
    wanted = found.raw(found.train.x[found.train.y == 0][0, 0]) * 255 / 16
    assert np.abs(first - wanted.numpy()).max() <= 5


@pytest.mark.parametrize(
    "source",
    [
        "mnist-5k",
        "diabetes",
        "breast-cancer",
        (torch.rand(200, 3, 64, 48, generator=torch.Generator().manual_seed(0)), torch.arange(200) % 10),
        (torch.rand(3000, 4, generator=torch.Generator().manual_seed(0)), torch.arange(3000) % 60),
        (torch.rand(200, 2, generator=torch.Generator().manual_seed(0)), torch.rand(200, 3)),
    ],
)
def test_every_form_is_there_and_light(source):
    bundle = views.bundle(data(source))
    assert set(bundle) == {"text/plain", "text/html", "image/png"}
    assert sum(map(len, bundle.values())) < 40_000
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert not re.search(r" id=\"(?!matplotlib\.axis)", bundle["text/html"])
    assert "<script" not in bundle["text/html"]


def test_numbers_below_zero_have_a_real_minus():
    x = torch.linspace(-95.3, 77, 200).reshape(-1, 1, 2, 1)
    text = views.bundle(data((x, torch.arange(100) % 2), val=0, test=0))["text/plain"]
    assert re.search(r"x = \(raw \+ [\d.]+\) / [\d.]+, mean and deviation", text)
    assert "−95.3 to 77 range of raw values" in text


def test_bars_alone_are_counts_and_no_samples():
    assert "Number of training samples by class" in views.bundle(data("iris"))["text/html"]
    assert "Training samples of each class" in views.bundle(data("digits"))["text/html"]


def test_many_columns_are_folded_and_few_are_not():
    assert "<summary>18 more columns</summary>" in views.bundle(data("breast-cancer"))["text/html"]
    assert "<details>" not in views.bundle(data("wine"))["text/html"]


def test_many_classes_are_folded():
    html = views.bundle(data((torch.rand(3000, 4), torch.arange(3000) % 60)))["text/html"]
    assert "<summary>40 more classes</summary>" in html


def test_a_regression_shows_its_target():
    html = views.bundle(data("diabetes"))["text/html"]
    assert "Histogram of progression over 310 training samples, from 25 to 3" in html
    assert "regression of progression" in html


def test_what_is_only_held_out_is_shown():
    found = as_data({"test": (torch.rand(6, 1, 8, 8), torch.ones(6, dtype=torch.long))})
    text = views.bundle(found)["text/plain"]
    assert "– train" in text
    assert "100.0 % share of a class, 1 without samples" in text


def test_one_is_said_in_the_singular():
    one = data({"test": pd.DataFrame({"a": [1.0, 2], "y": ["u", "u"]})}, target="y")
    assert "1 column · 1 class\n" in views.bundle(one)["text/plain"]


def test_tokens_and_raw_values_are_told():
    text = views.bundle(data((torch.randint(0, 9, (100, 7)), torch.arange(100) % 2)))["text/plain"]
    assert "Integers taken as tokens. Values are raw, not normalized. Not checked" in text
    assert text.count("normalized") == 1


def test_it_saves_as_page_text_and_picture(tmp_path):
    found = data("iris")
    for suffix in (".html", ".txt", ".png", ".HTML"):
        assert found.save(tmp_path / f"iris{suffix}").stat().st_size > 200


def test_the_picture_lays_samples_side_by_side():
    sheet = Image.open(io.BytesIO(b64decode(views.bundle(data("digits"))["image/png"])))
    assert sheet.size == (10 * 9 - 1, 2 * 9 - 1)
