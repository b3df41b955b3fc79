"""How robustness looks: exact text for known figures, a light picture, everything escaped."""

from __future__ import annotations

import re

import pytest
import torch

from nnarch_nb import views
from nnarch_nb.core.stats import wilson
from nnarch_nb.verbs.attack import Robustness
from nnarch_nb.views import robustness_curve

LIMIT = 40_000  # bytes of pictures in a saved notebook


def interval(standing: int, n: int = 8) -> tuple[float, float, float]:
    share = wilson(standing, n)
    return share.value, share.low, share.high


def record(shape: tuple[int, ...] = (1, 4, 4), features: tuple[str, ...] = (), **fields) -> Robustness:
    """Return figures made by hand: 7 of 8 are right, 6, 4 and 1 withstand a growing eps."""
    draw = torch.Generator().manual_seed(0)
    labels = torch.arange(8) % 4
    originals = (torch.rand(8, *shape, generator=draw) * 200 + 20).round()
    signs = torch.rand(8, *shape, generator=draw).sub(0.5).sign()
    standing = {8.0: 6, 16.0: 4, 32.0: 1}
    known = {
        "network": "<b>Net</b>",
        "source": "scans",
        "split": "test",
        "clean": wilson(7, 8),
        "robust": {eps: interval(left) for eps, left in standing.items()},
        "attacks": {
            "fgsm": {eps: interval(left + (eps > 8)) for eps, left in standing.items()},
            "pgd": {eps: interval(left) for eps, left in standing.items()},
        },
        "eps": 32.0,
        "unit": "pixels 0–255" if not features else "of each column's range",
        "bounds": (0.0, 255.0),
        "originals": originals,
        "labels": labels,
        "predictions": torch.where(torch.arange(8) == 7, 0, labels),
        "indices": torch.arange(8) * 11,
        "adversarials": {eps: originals + eps * signs / 2 for eps in standing},
        "verdicts": {
            eps: torch.where(torch.arange(8) < left, labels, 3 - labels) for eps, left in standing.items()
        },
        "budget": {"forward": 500, "backward": 400, "cpu_seconds": 1.25},
        "steps": 40,
        "seed": 0,
        "classes": ("cat", "<i>dog</i>", "bird", "fish"),
        "features": features,
    }
    return Robustness(**{**known, **fields})


def pictures(bundle: dict) -> int:
    html = bundle["text/html"]
    svg = sum(map(len, re.findall(r"<svg.*?</svg>", html, re.DOTALL)))
    return len(bundle["image/png"]) + svg + sum(map(len, re.findall(r'src="(data:[^"]+)"', html)))


def test_images(golden):
    bundle = views.bundle(record())
    golden("robustness-images.txt", bundle["text/plain"] + "\n")
    html = bundle["text/html"]
    assert html.count("image-rendering:pixelated") == 12
    assert all(re.findall(r'<img alt="([^"]+)"', html))


def test_a_table(golden):
    result = record((3,), ("age", "<u>height</u>", "weight"))
    golden("robustness-table.txt", views.bundle(result)["text/plain"] + "\n")


def test_names_are_escaped():
    html = views.bundle(record((3,), ("age", "<u>height</u>", "weight")))["text/html"]
    assert not re.search("<b>Net|<i>dog|<u>height", html)
    assert "&lt;u&gt;height" in html


def test_the_bound_is_called_a_bound_and_measured():
    html = views.bundle(record())["text/html"]
    assert '<b class="nn-measured">≤ 12.5 %</b>' in html
    assert "Upper bounds: a stronger attack may find more" in html
    assert "Not checked: gradient masking" in html


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 96, 96), (64, 64)])
def test_pictures_are_light_even_of_noise(shape):
    assert pictures(views.bundle(record(shape))) < LIMIT


def test_it_is_static_and_accessible():
    html = views.bundle(record())["text/html"]
    outside = re.sub("<svg.*?</svg>", "", html, flags=re.DOTALL)  # whose markers need their fixed ids
    assert not re.search(r"<script|\sid=|https?://", outside)
    assert "<script" not in html
    assert 'role="img" aria-label="Accuracy against ε under attack: 87.5 % clean, at most' in html
    assert html.count("<caption>") == 2


def test_one_attack_alone_has_no_column_for_all():
    pgd = record().attacks["pgd"]
    text = views.bundle(record(attacks={"pgd": pgd}))["text/plain"]
    assert "any of them" not in text
    assert "gradients by pgd" in text


def test_an_attack_that_was_not_finished_is_not_measured():
    known = record().attacks
    part = {"fgsm": known["fgsm"], "pgd": {8.0: known["pgd"][8.0]}}
    lines = views.bundle(record(attacks=part))["text/plain"].splitlines()
    assert [line.split("  ")[2].strip() for line in lines if line.startswith("32 ")] == ["not measured"]
    assert "not measured" in views.bundle(record(attacks={**part, "pgd": {}}))["text/html"]


def test_a_share_of_one_range():
    share = record(unit="of the range 0–255", eps=0.5, **at({0.5: 1}))
    text = views.bundle(share)["text/plain"]
    assert "L∞ · ε a share of the range 0–255 · n" in text
    assert "PGD within 0 to 255, 40 steps" in text
    assert "difference ×2<" in views.bundle(share)["text/html"]


def at(standing: dict[float, int]) -> dict:
    """Return the figures by eps of ``record``, for other eps."""
    whole = record()
    return {
        "robust": {eps: interval(left) for eps, left in standing.items()},
        "attacks": {"pgd": {eps: interval(left) for eps, left in standing.items()}},
        "adversarials": dict.fromkeys(standing, whole.adversarials[32.0]),
        "verdicts": dict.fromkeys(standing, whole.verdicts[32.0]),
    }


def test_notes_are_sentences():
    text = views.bundle(record(notes=("ε = 0.1: did you mean 8?", "stopped early")))["text/plain"]
    assert " ε = 0.1: did you mean 8? Stopped early. Not checked" in text


def test_no_eps_and_nobody_fooled():
    still = {"adversarials": {0.0: record().originals}, "verdicts": {0.0: record().predictions}}
    none = {"robust": {0.0: interval(7)}, "attacks": {"pgd": {0.0: interval(7)}}, "eps": 0.0}
    text = views.bundle(record(**still, **none))["text/plain"]
    assert "None of the right predictions fell at ε = 0" in text


def test_each_sample_says_at_which_eps_it_fell():
    verdicts = {
        eps: torch.where(torch.arange(8) < left, torch.arange(8) % 4, 9)
        for eps, left in ((8.0, 3), (16.0, 1), (32.0, 0))
    }
    text = views.bundle(record(verdicts=verdicts))["text/plain"]
    assert re.search(r"fell at ε +(.*)", text)[1].split() == ["32", "16", "16", "8"]


def test_names_of_curves_stand_apart_and_above_the_axis():
    fallen = {eps: interval(left) for eps, left in {8.0: 4, 16.0: 0, 32.0: 0}.items()}
    html = views.bundle(record(attacks={"fgsm": fallen, "pgd": fallen}, robust=fallen))["text/html"]
    names = {name: float(y) for y, name in re.findall(r'y="([\d.]+)">(fgsm|pgd|0%)<', html)}
    assert (
        names["pgd"] + 9 < names["fgsm"] < names["0%"] - 6
    )  # of 9 pixels; the axis is at half of its figure
    assert robustness_curve.apart([0.5, 1.0, 1.0]) == [0.5, 0.89, 1.0]


def test_samples_shown_were_right_and_of_different_classes():
    text = views.bundle(record())["text/plain"]
    shown = re.search(r"predicted before +(.*)", text)[1].split()
    assert len(shown) == len(set(shown)) == 4


def test_it_saves(tmp_path):
    assert "<svg" in record().save(tmp_path / "attack.html").read_text()
    assert record().save(tmp_path / "attack.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_not_searched_is_named_and_nothing_else():
    swaps = {"random-swap": {1.0: interval(6)}, "hotflip": {1.0: interval(4)}}
    assert "attacks without gradients" in views.view_of(record()).text(record())
    assert "attacks without gradients" not in views.view_of(record()).text(record(attacks=swaps))
