"""Texts are attacked by swaps, series beside their padding; every kind says when it is fooled, or never."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb import attack, views
from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack.judges import JUDGES

from ...kinds import KINDS, WORDS, fresh, trained

FOOLABLE = ["texts", "series", "labels", "masks"]


@pytest.mark.parametrize("name", FOOLABLE)
def test_every_kind_with_a_right_answer_is_attacked(name):
    model, points = trained(name)
    result = attack(model, points, n=32, steps=10)
    shares = [share for share, _, _ in result.robust.values()]
    assert shares == sorted(shares, reverse=True)
    assert result.clean.value > 0.7
    assert result.adversarial().shape == result.originals.shape
    assert result.kind == points.kind
    forms = views.bundle(result)
    assert len(forms["text/html"]) + len(forms["image/png"]) < 40_000
    outside = re.sub(r"<svg.*?</svg>", "", forms["text/html"], flags=re.DOTALL)
    assert not re.search(r"<script|\sid=|<b>bold|<square>|<storm>|<z>", outside)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forecast", "carbon is regression data: robust accuracy needs classes"),
        ("copies", "copies is to be given back: robust accuracy needs classes"),
        ("next tokens", "counting asks for the next token: another text has another one"),
    ],
)
def test_kinds_with_nothing_to_fool_say_so(name, words):
    with pytest.raises(NNArchError, match=words):
        attack(*fresh(name))


def test_every_kind_is_judged_or_refused():
    kinds = {data().kind for data, _ in KINDS.values()}
    assert set(JUDGES) < kinds


# Texts.


class Sum(nn.Module):
    """Answers the second class where the numbers of the tokens add up to more than 0."""

    def __init__(self, numbers: list[float]) -> None:
        super().__init__()
        self.table = nn.Embedding(len(numbers), 1, padding_idx=0)
        with torch.no_grad():
            self.table.weight.copy_(torch.tensor(numbers)[:, None])

    def forward(self, tokens: Tensor) -> Tensor:
        total = self.table(tokens).sum(1)
        return torch.cat([-total, total], 1)


NUMBERS = [0.0, 9.0, 1.0, 3.0, -1.0, -1.9]  # padding, unknown, and four words


def sums(x: list[list[int]]) -> Data:
    tokens = torch.tensor(x)
    y = (torch.tensor(NUMBERS)[tokens].sum(1) > 0).long()
    part = Split(tokens, y)
    words = Vocabulary(("<pad>", "<unknown>", "up", "high", "down", "low"))
    return Data("sums", part, part, part, "classification", (len(x[0]),), ("−", "+"), vocabulary=words)


def test_the_fewest_swaps_of_a_sum_are_found():
    """Each swap of ``high`` for ``low`` takes 4.9: 6 needs two, 12 needs three, 15 needs four."""
    points = sums([[3, 3, 0, 0, 0], [3, 3, 3, 3, 0], [3, 3, 3, 3, 3]])
    result = attack(Sum(NUMBERS), points, eps=8, attacks=["hotflip"])
    order = result.indices.argsort()
    fell = {eps: result.fooled(eps)[order].tolist() for eps in result.robust}
    assert fell == {1.0: [False] * 3, 2.0: [True, False, False], 4.0: [True] * 3, 8.0: [True] * 3}
    changed = (result.adversarial() != result.originals).sum(1)[order]
    assert changed.tolist() == [2, 3, 4]


def test_what_an_embedding_answers_may_be_changed_in_place():
    class InPlace(Sum):
        """Changes in place what its embedding answers."""

        def forward(self, tokens: Tensor) -> Tensor:
            total = self.table(tokens).mul_(2.0).sum(1)
            return torch.cat([-total, total], 1)

    points = sums([[3, 3, 0, 0, 0], [3, 3, 3, 3, 0]])
    robust = attack(InPlace(NUMBERS), points, eps=4, attacks=["hotflip"]).robust
    assert [share for share, _, _ in robust.values()] == [1.0, 0.5, 0.0]


def test_tokens_that_are_looked_up_twice_are_swapped_by_the_gain_of_both():
    class Both(nn.Module):
        """One table speaks for a word, the other louder against it."""

        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = Sum(NUMBERS), Sum([0.0, 0.0, 0.0, 0.0, 3.0, -3.0])

        def forward(self, tokens: Tensor) -> Tensor:
            return self.one(tokens) + self.other(tokens)

    result = attack(Both(), sums([[3, 0, 0, 0, 0]]), eps=1, attacks=["hotflip"])
    assert result.adversarial().tolist() == [[5, 0, 0, 0, 0]]


def test_special_tokens_are_neither_changed_nor_put_in():
    points = sums([[3, 1, 3, 0, 0], [1, 1, 2, 0, 0], [1, 1, 0, 0, 0]])
    for result in (attack(Sum(NUMBERS), points, eps=4), attack(*trained("texts"), n=40)):
        special = result.originals < 2
        for eps, adversarials in result.adversarials.items():
            assert torch.equal(adversarials[special], result.originals[special])
            assert bool((adversarials[~special] >= 2).all())
            assert int((adversarials != result.originals).sum(1).max()) <= eps
            assert int(adversarials.max()) < len(result.vocabulary)


def test_rows_without_a_word_are_not_put_in():
    model, points = Sum([*NUMBERS, -99.0, -99.0]), sums([[3, 3, 3, 3, 3]])
    assert int(attack(model, points, eps=2).adversarial().max()) < 6


def test_what_fools_is_confirmed_by_the_network():
    model, points = trained("texts")
    result = attack(model, points, n=40)
    for eps, adversarials in result.adversarials.items():
        with torch.no_grad():
            said = model.eval()(adversarials).argmax(1)
        assert torch.equal(said, result.verdicts[eps])
    assert result.robust[1.0][0] < result.clean.value - 0.2


def test_gradients_find_more_than_chance():
    model, points = trained("texts")
    alone = attack(model, points, n=80, eps=1)
    assert alone.attacks["hotflip"][1.0][0] <= alone.attacks["random-swap"][1.0][0]


def test_the_batch_and_the_seed():
    model, points = trained("texts")
    many, one = (attack(model, points, n=12, eps=2, batch_size=size) for size in (64, 1))
    assert torch.equal(many.adversarial(), one.adversarial())
    assert many.robust == one.robust
    again = attack(model, points, n=12, eps=2)
    assert torch.equal(many.adversarial(), again.adversarial())


def test_no_swap_changes_nothing():
    model, points = trained("texts")
    result = attack(model, points, n=12, eps=0)
    assert torch.equal(result.adversarial(), result.originals)
    assert result.robust[0.0][0] == result.clean.value


def test_a_text_of_unknown_words_is_left_alone():
    result = attack(Sum(NUMBERS), sums([[1, 1, 1], [1, 1, 0]]), eps=2)
    assert torch.equal(result.adversarial(), result.originals)
    assert result.robust[2.0][0] == 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"eps": 1.5}, "eps, how many tokens change, must be a whole number"),
        ({"unit": "range"}, "unit is of numbers: reviews is text"),
        ({"bounds": (0, 1)}, "bounds is of numbers: reviews is text"),
        ({"attacks": ["pgd"]}, "pgd moves numbers; for tokens there are random-swap, hotflip"),
    ],
)
def test_options_for_numbers_are_refused(options, words):
    with pytest.raises(NNArchError, match=words):
        attack(*fresh("texts"), **options)


def test_swaps_are_refused_for_numbers():
    with pytest.raises(NNArchError, match="hotflip swaps tokens; for numbers there are fgsm, pgd"):
        attack(*fresh("labels"), attacks=["hotflip"])


def test_words_before_and_after_are_shown():
    forms = views.bundle(attack(*trained("texts"), n=40))
    html, text = forms["text/html"], forms["text/plain"]
    assert re.search(r"<del [^>]*>\w+</del> <ins [^>]*>\w+</ins>", html)
    assert re.search(r"\[\w+ → \w+\]", text)
    assert "ε, tokens changed" in html
    assert "&lt;b&gt;bold" in html
    assert "A swap may change what a text means." in text


def test_without_a_vocabulary_ids_are_shown():
    model, points = trained("texts")
    result = attack(model, replace(points, vocabulary=None), n=8, eps=1)
    assert re.search(r"\[\d+ → \d+\]", views.bundle(result)["text/plain"])
    assert int(result.adversarial().max()) < len(WORDS)


# Series.


def bits(x: Tensor) -> Tensor:
    return x.contiguous().view(torch.int32)


def test_padding_stays_bitwise_and_channels_have_their_own_bounds():
    model, points = trained("series")
    result = attack(model, points, n=40, eps=0.3, unit="range", steps=10)
    padded = result.originals.isnan()
    assert padded.any()
    known = points.train.x.flatten(0, 1)
    seen = torch.cat([known, result.originals.flatten(0, 1)])
    low, high = seen.nan_to_num(torch.inf).amin(0), seen.nan_to_num(-torch.inf).amax(0)
    for eps, adversarials in result.adversarials.items():
        assert torch.equal(bits(adversarials)[padded], bits(result.originals)[padded])
        change = (adversarials - result.originals).abs()
        assert bool((change <= eps * (high - low) * (1 + 1e-6))[~padded].all())
        assert bool(((adversarials >= low) & (adversarials <= high))[~padded].all())
    assert result.robust[result.eps][0] < 0.7
    assert result.unit == "of each channel's range"


def test_a_gap_in_a_series_is_no_padding():
    points = fresh("series")[1]
    points.test.x[:, 0, 0] = torch.nan
    with pytest.raises(NNArchError, match="holds NaN or infinity"):
        attack(fresh("series")[0], points)


# Labels and pixels.


def test_labels_are_right_while_all_are():
    model, points = trained("labels")
    result = attack(model, points, n=60)
    with torch.no_grad():
        right = ((model(result.originals) > 0) == points.test.y[result.indices]).all(1)
        after = ((model(result.adversarial()) > 0) == points.test.y[result.indices]).all(1)
    assert result.clean.value == pytest.approx(float(right.double().mean()))
    assert torch.equal(result.fooled(), ~after)
    assert result.named(1) == "all labels right"


def test_the_smallest_eps_of_linear_labels_is_known():
    torch.manual_seed(0)
    model, points = nn.Linear(6, 3), fresh("labels")[1]
    y = points.test.y
    margins = (model(points.test.x) * (2 * y - 1)).detach()
    smallest = (margins / model.weight.abs().sum(1).detach()).amin(1)
    eps = float(smallest[smallest > 0].median())
    below, above = (attack(model, points, eps=eps * share, n=100) for share in (0.999, 1.001))
    assert torch.equal(below.fooled(), (smallest < eps * 0.999)[below.indices])
    assert torch.equal(above.fooled(), (smallest < eps * 1.001)[above.indices])


def test_pixels_are_right_while_half_are():
    model, points = trained("masks")
    result = attack(model, points, n=20, eps=0.6, steps=20)
    y = points.test.y[result.indices]
    real = y != -100
    with torch.no_grad():
        right = ((model(result.adversarial()).argmax(1) == y) & real).flatten(1).sum(1)
    assert torch.equal(result.fooled(), 2 * right < real.flatten(1).sum(1))
    assert bool(result.fooled().any())
