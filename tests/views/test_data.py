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
from nnarch_nb.views import data_series, figure, theme


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


SEQUENCES = ["vowels", "co2", "docstrings", "python-docs"]


@pytest.fixture(scope="module")
def shown():
    """Pictures of every bundled sequence, each drawn once."""
    return {name: views.bundle(data(name)) for name in SEQUENCES}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_and_texts_are_light_and_static(shown, name):
    bundle = shown[name]
    assert sum(map(len, bundle.values())) < 40_000
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert not re.search(r" id=\"(?!matplotlib\.axis)", bundle["text/html"])
    assert "<script" not in bundle["text/html"]


def test_series_show_a_sample_of_each_class_and_their_lengths(shown):
    html = shown["vowels"]["text/html"]
    assert "series of up to 29 steps × 12 channels · 9 classes" in html
    assert "channels LPC 1 (line), LPC 2 (dashes); 10 more channels not drawn" in html
    assert html.count(">speaker 9<") == 1
    assert "Histogram of the steps of a series over 230 training samples, from 7 to 26" in html
    assert "<b>7 to 26</b> <small>steps of a training series" in html
    assert "deviation per channel" in html


def seen(png: bytes, colour: str) -> int:
    """Return how many pixels have that colour."""
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    asked = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int(((abs(image[..., :3] - asked) <= 2).all(-1) & (image[..., 3] > 200)).sum())


def test_the_png_has_every_line_and_dot_too(shown):
    vowels = b64decode(shown["vowels"]["image/png"])
    assert seen(vowels, theme.series(0)) > 300
    assert seen(vowels, theme.series(1)) > 300
    whole, window = data_series.pictures(data("co2"))
    assert all(seen(whole.png, theme.series(split)) > 100 for split in range(3))
    assert seen(window.png, theme.series(1)) > 20


def test_a_forecast_shows_the_series_with_its_splits(shown):
    html = shown["co2"]["text/html"]
    assert "forecast of co2, 4 steps ahead" in html
    for split in ("training", "validation", "test"):
        assert f">{split}</text>" in html
    assert "First test window: 52 steps seen (line), 4 steps (dots) to forecast" in html


def test_texts_show_samples_and_what_the_vocabulary_knows(shown):
    found = data("docstrings")
    html = shown["docstrings"]["text/html"]
    known = re.search(r"<b>([\d,]+)</b> <small>words known; [\d.]+ % of test not<", html)[1]
    assert f"The vocabulary is all {known} words of the training split" in html
    assert all(
        f'<th scope="row" style="white-space:normal;min-width:7em">{name}</th>' in html
        for name in found.classes
    )
    assert "token after the last" in shown["python-docs"]["text/html"]


def test_several_targets_are_not_thrown_into_one_range():
    table = pd.DataFrame(
        {"x": range(60), "large": [1e6 * i for i in range(60)], "small<": [i / 60 for i in range(60)]}
    )
    html = views.bundle(data(table, target=["large", "small<"]))["text/html"]
    assert "<small>range of large<" in html
    assert not re.search(r"<b>0(\.\d+)? to [\d,]+</b> <small>range of the target", html)


def test_a_bundle_draws_once(monkeypatch):
    drawn, render = [], figure.rendered
    monkeypatch.setattr(figure, "rendered", lambda *args: drawn.append(args) or render(*args))
    views.bundle(data("vowels"))
    assert len(drawn) == 4, "panels and lengths, each as SVG and as PNG"


def test_masks_stand_below_their_images_in_the_colours_of_the_table():
    x, y = torch.rand(60, 3, 8, 8), torch.zeros(60, 8, 8, dtype=torch.long)
    y[:, :4], y[:, 7] = 1, -100
    html = views.bundle(data((x, y)))["text/html"]
    masks = re.findall(r'<img alt="mask of image \d" src="data:image/png;base64,([^"]+)"', html)
    assert len(masks) == 6
    colours = np.asarray(Image.open(io.BytesIO(b64decode(masks[0]))).convert("RGB"))
    table = re.findall(r'class="nn-dot" style="background:#(\w{6});outline', html)
    assert [bytes(colours[row, 0].tolist()).hex() for row in (5, 0)] == table
    assert "57.1 %" in html
    assert "each with its mask below; grey counts for nothing" in html


def test_colours_that_repeat_are_told():
    x, y = torch.rand(40, 3, 8, 8), torch.randint(0, 9, (40, 8, 8))
    y.view(40, -1)[:, :9] = torch.arange(9)
    html = views.bundle(data((x, y), val=0, test=0))["text/html"]
    assert "each with its mask below; colours repeat after class 7<" in html
    y.clamp_(max=7)
    assert "colours repeat" not in views.bundle(data((x, y), val=0, test=0))["text/html"]


def test_a_long_series_says_how_much_of_it_is_drawn():
    x = torch.arange(1000.0).repeat(20, 1)[..., None]
    html = views.bundle(data((x, torch.arange(20.0)), val=0, test=0))["text/html"]
    assert "First training samples over their steps (one value in 34 drawn), channel 0" in html
    short = views.bundle(data((x[:, :30], torch.arange(20) % 2), val=0, test=0))["text/html"]
    assert "One training sample of each class over its steps, channel 0" in short


def test_labels_show_how_many_samples_have_them():
    y = torch.zeros(100, 3)
    y[:50, 0], y[:25, 1] = 1, 1
    found = data((torch.rand(100, 4), y), val=0, test=0)
    html, text = (views.bundle(found)[form] for form in ("text/html", "text/plain"))
    assert "multi-label, 3 labels" in html
    assert re.search(r"y1</th><td>25</td><td>25.0 %</td>", html)
    assert "0.75" in text
    assert "1 without samples" in text


def test_what_comes_from_texts_and_files_is_escaped():
    found = data((["<b>bold</b> <script>x</script> & more"] * 30, ["<i>a", "b"] * 15), val=0, test=0)
    html = views.bundle(found)["text/html"]
    assert "<script" not in html
    assert "&lt;i&gt;a" in html
    series = data((torch.rand(40, 5, 1), np.array(["<script>", "b</text>"] * 20)))
    assert "<script" not in views.bundle(series)["text/html"]


@pytest.mark.parametrize(
    "source",
    [
        (torch.rand(60, 1, 8, 8), "same"),
        (torch.rand(60, 9, 2), "same"),
        (torch.rand(60, 9), "same"),
        (torch.rand(60, 3, 2, 4, 4), torch.arange(60) % 2),
        (torch.rand(60, 1, 2), torch.rand(60, 1)),
        (torch.randint(1, 9, (60, 7)), torch.randint(0, 2, (60, 4)).float()),
    ],
)
def test_every_other_form_is_shown_too(source):
    x, y = source
    bundle = views.bundle(data((x, x if isinstance(y, str) else y)))
    assert sum(map(len, bundle.values())) < 40_000
    assert "Not checked" in bundle["text/plain"]


def test_it_saves_as_page_text_and_picture(tmp_path):
    found = data("iris")
    for suffix in (".html", ".txt", ".png", ".HTML"):
        assert found.save(tmp_path / f"iris{suffix}").stat().st_size > 200


def test_the_picture_lays_samples_side_by_side():
    sheet = Image.open(io.BytesIO(b64decode(views.bundle(data("digits"))["image/png"])))
    assert sheet.size == (10 * 9 - 1, 2 * 9 - 1)


def test_one_channel_is_one():
    notes = data((torch.rand(30, 12, 1), torch.arange(30) % 2)).notes
    assert any("a series of 12 steps of 1 channel;" in note for note in notes)
