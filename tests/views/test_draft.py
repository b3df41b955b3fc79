"""How a draft looks where there is no builder: what stands, what breaks, and what would mend it."""

from __future__ import annotations

import pytest

from nnarch_nb import build
from nnarch_nb.views import bundle, draft

BROKEN = "Conv2d(8, 3), Residual(ReLU()), Flatten(), nn.Linear(100, 10), ReLU()"


def test_a_break_is_told_in_words():
    found = build(BROKEN, (1, 8, 8), ui=True)
    text, html = draft.text(found), draft.html(found)
    for words in ("✗ does not fit", "not reached", "has in_features=100; give 288", "Write Linear(10)"):
        assert words in text
        assert words in html
    assert "288" in text
    assert "so far" in text


def test_what_fits_says_what_it_gives():
    found = build("cnn", (1, 28, 28), classes=10, ui=True)
    assert draft.text(found).startswith("Draft  1×28×28 → 10\n1.20 M parameters")
    assert "does not fit" not in draft.html(found)
    assert set(bundle(found)) == {"text/plain", "text/html"}


@pytest.mark.parametrize("text", [None, "", "Conv2d(", "<script>alert(1)</script>", "x = 1"])
def test_any_text_is_shown_escaped_and_small(text):
    html = draft.html(build(text, ui=True))
    assert "<script" not in html
    assert len(html) < 40_000


def test_long_drafts_stay_small():
    html = draft.html(build(", ".join(["Linear(4), ReLU()"] * 300), (4,), ui=True))
    assert "495 more" in html
    assert len(html) < 40_000
