"""How an explanation looks: exact text for an exact network, a light picture, everything escaped."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from torch import nn

import nnarch_nb
from nnarch_nb import explain, views
from nnarch_nb.core.data import Data, Split
from nnarch_nb.errors import NNArchError
from nnarch_nb.views import explanation_tokens

from ..kinds import trained

LIMIT = 40_000  # bytes of pictures in a saved notebook


class Sum(nn.Module):
    """Known weights, so that all that is shown is known."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = (x * torch.arange(1.0, x[0].numel() + 1).view_as(x[0])).flatten(1).sum(1)
        return torch.stack([total, -total], 1)


def table(
    width: int = 3, names: tuple[str, ...] = ("age", "height", "<i>weight</i>"), kind: str = "classification"
):
    x = torch.arange(4.0 * width).view(4, width) - 5
    part = Split(x, torch.tensor([0, 1, 0, 1]) if kind == "classification" else x[:, :1])
    return Data("people", part, part, part, kind, (width,), ("<b>yes</b>", "no"), features=names)


def images(*shape: int) -> Data:
    draw = torch.Generator().manual_seed(0)
    part = Split(torch.rand(5, *shape, generator=draw), torch.tensor([0, 1, 0, 1, 0]))
    return Data("noise", part, part, part, "classification", shape, ("yes", "no"))


def pictures(bundle: dict) -> int:
    return len(bundle["image/png"]) + sum(map(len, re.findall(r'src="(data:[^"]+)"', bundle["text/html"])))


def test_a_table(golden):
    bundle = views.bundle(explain(Sum(), table(), n=3))
    golden("explanation-table.txt", bundle["text/plain"] + "\n")
    golden("explanation-table.html", bundle["text/html"] + "\n")


def test_images(golden):
    bundle = views.bundle(explain(Sum(), images(1, 2, 3), n=2))
    golden("explanation-images.txt", bundle["text/plain"] + "\n")
    html = bundle["text/html"]
    assert html.count("<img ") == 4
    assert html.count("image-rendering:pixelated") == 4
    assert all(re.findall(r'<img alt="([^"]+)"', html))


def test_a_regression(golden):
    class Value(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.sum(1, keepdim=True)

    data = replace(table(kind="regression"), classes=("height",))
    golden("explanation-regression.txt", views.bundle(explain(Value(), data, n=2))["text/plain"] + "\n")


def test_names_from_data_are_escaped():
    html = views.bundle(explain(Sum(), table(), n=3))["text/html"]
    assert "<i>weight" not in html
    assert "<b>yes" not in html
    assert "&lt;i&gt;weight" in html


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 224, 224), (1, 64, 64), (50, 7), (28, 28)])
def test_pictures_are_light_even_of_noise(shape):
    bundle = views.bundle(explain(Sum(), images(*shape), steps=2))
    assert pictures(bundle) < LIMIT


def test_a_wide_table_shows_what_matters_most():
    result = explain(Sum(), table(30, ()), n=2)
    text = views.bundle(result)["text/plain"]
    assert "input[29]" in text
    assert "input[0]" not in text
    assert "20 more together" in text


def test_a_sequence_has_values_and_no_pixels():
    text = views.bundle(explain(Sum(), images(4, 3), n=2))["text/plain"]
    assert "logits per value: full colour" in text
    assert "channel 2, step 3" in text
    assert "2 more together" in text


def test_one_output_for_two_classes_is_named():
    class Score(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.sum(1)

    text = views.bundle(explain(Score(), table(), n=2))["text/plain"]
    assert text.startswith("What speaks for no?  ")
    assert "One output is read as the logit of the second class, no." in text
    assert "<b>yes</b> · " in text


def test_a_class_that_is_asked_about_is_no_prediction():
    assert views.bundle(explain(Sum(), table(), n=4, target=1))["text/plain"].startswith(
        "What speaks for no?"
    )
    assert views.bundle(explain(Sum(), table(), n=4))["text/plain"].startswith("Why no, ")


def test_large_values_have_no_exponent_and_the_target_its_name():
    data = replace(table(kind="regression"), classes=("score",))
    big = nn.Linear(3, 1)
    with torch.no_grad():
        big.weight.copy_(torch.tensor([[29.3, -57.4, 1234.0]]))
    text = views.bundle(explain(big, data, n=4))["text/plain"]
    assert "±5,553 of score per column: full bar" in text
    assert "−258" in text
    assert not re.search(r"e[+-]\d|-\d", text)


def test_a_table_of_many_samples_stays_within_80_columns():
    text = views.bundle(explain(Sum(), torch.rand(6, 4)))["text/plain"]
    rows = text.partition("\n\n")[2].rpartition("\n\n")[0].splitlines()
    assert max(map(len, rows)) <= 80
    assert sum(line.startswith("predicted") for line in rows) == 2


def test_a_zero_map_is_blank_and_not_an_error():
    result = explain(Sum(), torch.zeros(2, 1, 4, 4))
    assert "zero everywhere" in views.bundle(result)["text/html"]


def test_several_inputs_stand_below_each_other():
    class Two(nn.Module):
        def forward(self, image: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
            return image.flatten(1).sum(1) + 2 * table.sum(1)

    bundle = views.bundle(explain(Two(), {"image": torch.rand(2, 1, 3, 3), "table": torch.rand(2, 2)}))
    assert '<th scope="row">image</th>' in bundle["text/html"]
    assert "table[1]" in bundle["text/html"]
    assert "image/png" in bundle


def test_many_samples_are_shown_in_part():
    text = views.bundle(explain(Sum(), torch.rand(9, 4)))["text/html"]
    assert "the first 6 of 9 samples" in text


def test_a_wrong_prediction_is_said_in_words():
    assert "predicted wrongly" in views.bundle(explain(Sum(), table(), n=4))["text/html"]


def test_one_sample_one_column_and_a_single_value():
    class Square(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, 0] ** 2

    bundle = views.bundle(explain(Square(), torch.tensor([[3.0]])))
    assert bundle["text/plain"].startswith("Why this value?")


def test_it_is_static_and_accessible():
    html = views.bundle(explain(Sum(), images(1, 8, 8), n=2))["text/html"]
    assert not re.search(r"<script|\sid=|https?://(?!www.w3.org)", html)
    assert "<caption>" in html
    assert html.count('scope="col"') == 3
    assert "Not checked" in html


def test_real_digits_save_as_a_page_and_a_picture(tmp_path):
    digits = nnarch_nb.data("digits")
    result = explain(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), digits)
    assert result.save(tmp_path / "why.html").read_text().count("<img") == 10
    assert result.save(tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_a_form_that_it_has_not_is_refused_with_those_it_has(tmp_path):
    with pytest.raises(NNArchError, match=r"^an Explanation saves as \.html, \.txt, \.png, not as '\.pdf'$"):
        explain(Sum(), table(), n=2).save(tmp_path / "a.pdf")


def spelled():
    """Texts by their characters; a line's end and a space among them."""
    texts = [f"{'ab'[i % 2]} \n{'xy'[i % 3 > 0]}" for i in range(60)]
    return nnarch_nb.data((texts, [text[0] for text in texts]), level="char")


def test_characters_that_are_not_seen_have_signs():
    data = spelled()
    model = nn.Sequential(nn.Embedding(len(data.vocabulary), 3), nn.Flatten(), nn.Linear(12, 2))
    texts = explanation_tokens.texts(explain(model, data, n=3), range(3), 1.0)
    for text in texts:
        assert re.search(r"(for|against): .*␣ [+−]", "; ".join(text.strongest))
        assert re.fullmatch(r"[ab] ⏎[xy]", "".join(piece.words for piece in text.pieces))
    attacked = views.bundle(nnarch_nb.attack(model, data, n=8))["text/plain"]
    assert "[ →" not in attacked.replace("[  →", "[ →")


def test_classes_asked_about_are_named_once():
    x = torch.ones(5, 4)
    assert views.bundle(explain(Sum(), x))["text/plain"].startswith("Why 0?  ")


def test_the_likeliest_label_is_not_called_predicted():
    model, data = trained("labels")
    text = views.bundle(explain(model, data))["text/plain"]
    assert text.startswith("What speaks for ")
    assert "\nlikeliest label" in text
    assert "predicted  " not in text


def test_white_is_told_where_a_series_ends_early():
    model, data = trained("series")
    assert "a row for each channel, white after its end" in views.bundle(explain(model, data))["text/html"]
    assert (
        "white after a series&#39; end"
        in views.bundle(nnarch_nb.attack(model, data, n=4, steps=2))["text/html"]
    )
    whole = explain(model, replace(data, test=Split(data.test.x.nan_to_num(0.0), data.test.y)))
    assert "white after" not in views.bundle(whole)["text/html"]
