"""The one error: one line, everywhere."""

import pytest

from nnarch_nb.errors import NNArchError, did_you_mean, pick, shorten


def test_a_message_is_one_line_in_notebooks_and_scripts():
    error = NNArchError("a\n   b")
    assert str(error) == "a b"
    assert error._render_traceback_() == ["NNArchError: a b"]


def test_the_nearest_name_is_proposed_whatever_its_case():
    assert did_you_mean("conv2D", ["Conv2d", "Linear"]) == " Did you mean `Conv2d`?"
    assert did_you_mean("xyz", ["Conv2d"]) == ""


def test_pick_names_what_there_is():
    with pytest.raises(
        NNArchError, match=r"no attack is called 'pgt'. Did you mean `pgd`\? Known: fgsm, pgd."
    ):
        pick("pgt", {"fgsm": 1, "pgd": 2}, "attack")


def test_long_texts_are_cut_in_the_middle():
    assert len(shorten("x" * 10_000)) < 90
    assert shorten("a\nb") == "a b"
