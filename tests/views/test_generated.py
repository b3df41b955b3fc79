"""A continued text: what was given and what was added are told apart, whatever is in them."""

from __future__ import annotations

import pytest
import torch

from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.verbs.generate.result import Generated
from nnarch_nb.views import generated as view

WORDS = Vocabulary(("<pad>", "<unknown>", "good", "<b>news</b>", "."))


def result(rows=((2, 3, 4),), lengths=(1,), vocabulary=WORDS, n=2, **options) -> Generated:
    tokens = tuple(map(torch.tensor, rows))
    drawn = {"temperature": 1.0, "top_k": None, "seed": 0, "cached": True, "positions": None} | options
    return Generated("GPT", tokens, lengths, n, tokens[0], vocabulary, **drawn)


def test_prompt_and_continuation_are_told_apart():
    assert "good ▸ <b>news</b>." in view.text(result())
    assert "<b>good</b> &lt;b&gt;news&lt;/b&gt;.</p>" in view.html(result())


def test_ids_without_words_are_shown_as_ids():
    assert "2, 3 ▸ 4" in view.text(result(lengths=(2,), vocabulary=None, n=1))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"temperature": 0.0}, "always the likeliest token"),
        ({"top_k": 1}, "always the likeliest token"),
        ({"top_k": 40, "temperature": 0.5}, "drawn among the 40 likeliest at temperature 0.5, seed 0"),
        ({"positions": 2}, "The network sees the last 2 tokens."),
        ({"n": 9}, "Stopped before all 9 tokens were added."),
    ],
)
def test_how_it_was_drawn_is_told(options, told):
    assert told in view.text(result(**options))


def test_many_prompts_and_long_ones_are_cut():
    many = result(rows=((2, *[3] * 5_000),) * 50, lengths=(1,) * 50, n=5_000)
    assert "and 42 more prompts" in view.html(many)
    assert len(view.html(many)) < 120_000
