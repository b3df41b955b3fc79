"""Tokens, padded series and answers of many parts are explained by the same rules as everything else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb import explain, views
from nnarch_nb.core.answers import last_of
from nnarch_nb.errors import NNArchError

from ...kinds import KINDS, Text, fresh, texts, trained


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_explained_and_adds_up(name):
    model, points = trained(name)
    result = explain(model, points, n=4)
    maps = result.attributions
    assert maps.shape == points.test.x[:4].shape == result.inputs.shape
    assert bool(maps.isfinite().all())
    assert maps.abs().sum() > 0
    assert float(result.completeness.median()) < 0.05
    assert result.kind == points.kind
    forms = views.bundle(result)
    assert len(forms["text/html"]) + len(forms["image/png"]) < 40_000
    outside = re.sub(r"<svg.*?</svg>", "", forms["text/html"], flags=re.DOTALL)
    assert not re.search(r"<script|\sid=|<b>bold|<square>|<storm>|<z>", outside)


# Tokens: integrated gradients behind the embedding.


class Sum(nn.Module):
    """Adds up a number for each token: its attribution is that number."""

    def __init__(self, padding: int | None = 0) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 1, padding_idx=padding)
        with torch.no_grad():
            self.table.weight.copy_(torch.tensor([[0.0], [5.0], [1.0], [-2.0], [3.0], [0.5]]))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.table(tokens).sum(1)


def test_a_sum_over_tokens_is_exact():
    result = explain(Sum(), torch.tensor([[2, 3, 4, 0], [4, 4, 0, 0]]))
    assert result.attributions.tolist() == [[1, -2, 3, 0], [3, 3, 0, 0]]
    assert result.baseline == "the padding token"
    assert float(result.completeness.max()) == 0


def test_padding_gets_exactly_nothing():
    for name in ("texts", "next tokens"):
        model, points = trained(name)
        result = explain(model, points, n=16)
        padded = result.inputs == 0
        assert padded.any()
        assert torch.equal(result.attributions[padded], torch.zeros(int(padded.sum())))
    model, points = trained("series")
    result = explain(model, points, n=16, steps=8)
    padded = result.inputs.isnan()
    assert padded.any()
    assert torch.equal(result.attributions[padded], torch.zeros(int(padded.sum())))


def test_more_padding_does_not_change_a_map():
    model, points = trained("texts")
    x = points.test.x[:3]
    longer = torch.cat([x, torch.zeros(3, 4, dtype=torch.long)], 1)
    short, long = explain(model, x), explain(model, longer)
    torch.testing.assert_close(short.attributions, long.attributions[:, :12], atol=1e-5, rtol=1e-4)


def test_it_is_what_captum_s_layer_method_says():
    from captum.attr import LayerIntegratedGradients

    model, points = trained("texts")
    x = points.test.x[:4]
    result = explain(model, x, steps=32)
    method = LayerIntegratedGradients(model.eval(), model.words)
    wanted = method.attribute(
        x, torch.zeros_like(x), target=result.target, n_steps=32, method="gausslegendre"
    ).sum(2)
    torch.testing.assert_close(result.attributions, wanted.float(), atol=1e-4, rtol=1e-3)


def test_words_that_decide_stand_out():
    model, points = trained("texts")
    result = explain(model, points, n=30)
    tell = (result.inputs >= 2) & (result.inputs < 12)
    others = result.inputs >= 12
    assert result.attributions[tell].abs().mean() > 3 * result.attributions[others].abs().mean()


def test_the_embedding_is_found_by_what_it_is_given():
    class Two(nn.Module):
        """Its first embedding is of places; the second gets the tokens."""

        def __init__(self) -> None:
            super().__init__()
            self.places, self.sum = nn.Embedding(4, 1), Sum()

        def forward(self, tokens: Tensor) -> Tensor:
            places = self.places(torch.arange(tokens.shape[1])).sum()
            return self.sum(tokens) + places

    result = explain(Two(), torch.tensor([[2, 3, 4, 0]]))
    torch.testing.assert_close(result.attributions, torch.tensor([[1.0, -2.0, 3.0, 0.0]]))


def test_a_padding_token_that_is_not_0():
    model = Sum(padding=None)
    model.table.padding_idx = 1
    assert explain(model, torch.tensor([[2, 1, 4, 1]])).attributions.tolist() == [[-4, 0, -2, 0]]


class InPlace(Sum):
    """Changes in place what its embedding answers, as adding positions often does."""

    def forward(self, tokens: Tensor) -> Tensor:
        vectors = self.table(tokens)
        vectors *= 2.0
        return vectors.sum(1)


def test_what_an_embedding_answers_may_be_changed_in_place():
    assert explain(InPlace(), torch.tensor([[2, 3, 4, 0]])).attributions.tolist() == [[2, -4, 6, 0]]


def test_tokens_that_are_looked_up_twice_are_explained_by_both():
    class Both(nn.Module):
        """Adds up two tables; the second alone would be a third of it."""

        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = Sum(), InPlace()

        def forward(self, tokens: Tensor) -> Tensor:
            return self.one(tokens) + self.other(tokens)

    result = explain(Both(), torch.tensor([[2, 3, 4, 0]]))
    assert result.attributions.tolist() == [[3, -6, 9, 0]]
    assert float(result.completeness.max()) == 0


def test_without_a_padding_token_each_token_is_a_word():
    class Steps(nn.Module):
        """Answers at every step with the sum so far."""

        def __init__(self, padding: int | None) -> None:
            super().__init__()
            self.table = Sum(padding).table

        def forward(self, tokens: Tensor) -> Tensor:
            so_far = self.table(tokens).cumsum(1)
            return torch.cat([so_far, 1 - so_far, 2 * so_far * tokens[..., None]], 2)

    tokens = torch.tensor([[2, 4, 0, 0]])  # in place 1 the third score is the largest, at the end the first
    word, padding = explain(Steps(None), tokens), explain(Steps(0), tokens)
    assert (int(word.target), int(padding.target)) == (0, 2)
    assert word.baseline == "token 0, as the Embedding has no padding_idx"
    assert padding.baseline == "the padding token"
    assert (
        word.notes[0] == "the network answers for every token: explained is what it answers at the last one"
    )


def test_the_mean_over_pixels_is_told_of_bare_tensors_too():
    result = explain(nn.Conv2d(1, 3, 1), torch.rand(2, 1, 4, 4))
    assert result.notes == ("the network answers for every pixel: explained is the mean over them",)


@pytest.mark.parametrize(
    ("model", "inputs", "words"),
    [
        (
            nn.Linear(4, 2),
            torch.ones(2, 4, dtype=torch.long),
            "holds integers .* no Embedding of Linear gets",
        ),
        (Sum(), torch.ones(2, 2, 2, dtype=torch.long), "holds integers"),
        (nn.Sequential(nn.Flatten(), Text(9)), torch.full((2, 4), 11), "cannot run on 1×4"),
    ],
)
def test_integers_that_are_no_tokens(model, inputs, words):
    with pytest.raises(NNArchError, match=words):
        explain(model, inputs)


def test_tokens_have_no_level():
    with pytest.raises(NNArchError, match="tokens have none: they are compared with the padding token"):
        explain(fresh("texts")[0], texts(), baseline=0.5)


def test_the_hooks_are_gone():
    model, points = fresh("texts")
    explain(model, points, n=2, steps=4)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


# Answers of many parts.


def test_the_next_token_is_explained_at_the_last_real_one():
    model, points = trained("next tokens")
    result = explain(model, points, n=8, steps=4)
    with torch.no_grad():
        rows = last_of(model.eval()(result.inputs), result.inputs)
    assert torch.equal(result.prediction, rows.argmax(1))
    assert torch.equal(result.labels, last_of(points.test.y[result.indices], result.inputs))
    assert result.named(int(result.prediction[0])) == points.vocabulary.words[int(result.prediction[0])]


def test_a_class_of_pixels_is_explained_by_its_mean():
    model, points = trained("masks")
    result = explain(model, points, n=2, target=1, steps=32)
    with torch.no_grad():
        change = model(points.test.x[result.indices]).mean((2, 3)) - model(torch.zeros(1, 1, 16, 16)).mean(
            (2, 3)
        )
    torch.testing.assert_close(result.attributions.flatten(1).sum(1), change[:, 1], atol=1e-3, rtol=0.02)
    assert result.labels is None
    assert "mean over all pixels" in " ".join(result.notes)


def test_what_is_given_back_is_explained_by_its_error():
    model, points = trained("copies")
    result = explain(model, points, n=3)
    x = points.test.x[result.indices]
    with torch.no_grad():
        wrong = ((model(x) - x) ** 2).mean(1)
    torch.testing.assert_close(result.prediction, wrong)


def test_of_several_labels_the_likeliest_is_explained():
    model, points = trained("labels")
    result = explain(model, points, n=40, steps=4)
    with torch.no_grad():
        rows = model(points.test.x[result.indices])
    assert torch.equal(result.target, rows.argmax(1))
    torch.testing.assert_close(result.confidence, rows.amax(1).sigmoid())
    there = points.test.y[result.indices].gather(1, result.target[:, None])[:, 0]
    assert torch.equal(result.labels >= 0, there == 1)
    asked = explain(model, points, n=4, steps=4, target=2)
    assert asked.target.tolist() == [2, 2, 2, 2]
    assert "<storm>" in views.bundle(asked)["text/plain"]


def test_a_series_is_compared_with_the_mean_of_its_real_steps():
    model, points = trained("series")
    shifted = replace(points, val=points.train)
    result = explain(model, shifted, n=4)
    assert result.baseline == "the training mean of each channel"
    mean = points.train.x.flatten(0, 1).nanmean(0)
    x = points.test.x[result.indices].clone()
    with torch.no_grad():
        there = model.eval()(x)
        base = model(torch.where(x.isnan(), x, mean.expand_as(x)))
    change = (there - base).gather(1, result.target[:, None])[:, 0]
    error = (result.attributions.flatten(1).sum(1) - change).abs() / change.abs()
    torch.testing.assert_close(error.double(), result.completeness.double(), atol=2e-3, rtol=0.05)


# How it looks.


def test_a_text_is_marked_and_its_strongest_words_are_named():
    model, points = trained("texts")
    html = views.bundle(explain(model, points, n=4))["text/html"]
    assert 'style="background:rgba(213,94,0,' in html
    assert re.search(r"for: \w+ \+\d", html)
    assert "&lt;b&gt;bold" in html
    assert "Marked words speak for the class asked about or against it" in html


def test_a_long_text_is_cut_and_says_so():
    model, points = trained("texts")
    x = torch.cat([points.test.x[:2]] * 20, 1)
    x[x == 0] = 13
    forms = views.bundle(explain(model, x, steps=4))
    assert "150 more tokens, together" in forms["text/html"]
    assert len(forms["text/html"]) + len(forms["image/png"]) < 40_000


def test_padding_of_a_series_is_left_white():
    from nnarch_nb.views import explanation_parts, explanation_series

    model, points = trained("series")
    result = explain(model, points, n=6, steps=4)
    part = explanation_parts.parts(result)[0]
    assert part.series
    assert explanation_series.standing(part.maps[0]).shape[1] == 15
    assert "channel" not in part.column(0)  # it has a name
    assert part.column(2) == "<z>, step 0"
