"""The look of help."""

from __future__ import annotations

import pytest

from nnarch_nb.core.help import Entry, Help
from nnarch_nb.views import help as view

SHOWN = Help(
    title="%nnarch paint",
    about="Paint a network in a colour.",
    usage="%nnarch paint MODEL [INPUTS] [options] [-o NAME]",
    entries=(
        Entry("MODEL", "The network; it is not touched.", "network"),
        Entry("--colour", "Of the paint. " * 12, "red | green", "red"),
        Entry("--[no-]a-very-long-option-name", "Long."),
    ),
    more="The paint is wet at first.\n\nLater it is dry.",
    examples=">>> paint(model)\nPaint(<red>)",
    trust="After Itten, 1961.",
)
ALL = Help("%nnarch", "the loop", "%nnarch VERB …", (Entry("data", "Load."), Entry("summary", "Sum up.")))


@pytest.mark.parametrize(("name", "shown"), [("help-verb", SHOWN), ("help-all", ALL)])
def test_it_looks_like_this(name, shown, golden):
    golden(f"{name}.txt", view.text(shown) + "\n")
    golden(f"{name}.html", view.html(shown).split("</style>")[1] + "\n")


def test_it_is_escaped():
    assert "&lt;red&gt;" in view.html(SHOWN)
    evil = Help("<script>", "<b>", "<i>", (Entry("<u>", "<s>", "<q>", "<p>"),), "<a>", "<x>", "<y>")
    html = view.html(evil).split("</style>")[1]
    assert not any(f"<{tag}>" in html for tag in ("script", "b><b", "i", "u", "s", "q", "a", "x", "y"))


def test_the_text_is_narrow_and_plain():
    assert max(map(len, view.text(SHOWN).splitlines())) <= 100
    assert "\x1b" not in view.text(SHOWN)
