"""The report on loaded weights: every name that did not fit is there, whatever is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnarch_nb.verbs.build.loading.report import Loaded
from nnarch_nb.views import loaded as view

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def loaded() -> Loaded:
    return Loaded(
        name="resnet20",
        path=f"{EVIL}.pt",
        layout="torchvision ResNet",
        matched=("conv1.weight",),
        reshaped=(("conv1.weight", "transposed"),),
        missing=("linear1.weight", "linear1.bias"),
        unexpected=(EVIL, *(f"extra{i}" for i in range(150))),
        ignored=("position_ids",),
        head="linear1",
        replaced=(1000, 3),
        parameters=432,
        of=269_722,
    )


def test_every_kind_of_name_is_told(loaded):
    for shown in (view.html(loaded), view.text(loaded)):
        for word in (
            "conv1.weight: transposed",
            "linear1.bias",
            "position_ids",
            "extra98",
            "1,000",
            "requires_grad_",
        ):
            assert word in shown
        assert "extra99" not in shown
        assert "51 more" in shown


def test_names_from_a_file_are_text(loaded):
    bundle = loaded._repr_mimebundle_()
    assert "<script" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert len(bundle["text/html"]) < 40_000


def test_a_file_that_fits_has_little_to_say(loaded):
    whole = replace(loaded, reshaped=(), missing=(), unexpected=(), ignored=(), head=None, replaced=None)
    assert "<details" not in view.html(whole)
    assert "is new" not in view.text(whole)
    assert repr(whole).endswith("1 matched, 0 missing, 0 unexpected)")


def test_figures_that_nearly_agree_are_told_apart(loaded):
    nearly = replace(loaded, parameters=11_176_512, of=11_179_077)
    assert "11,176,512 of 11,179,077 parameters" in view.text(nearly)


def test_long_names_are_cut(loaded):
    long = replace(loaded, unexpected=("x" * 100_000,) * 90, missing=(f"{EVIL}" * 900,))
    assert len(view.html(long)) < 40_000
    assert "<script" not in view.html(long)
