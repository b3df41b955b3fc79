"""The table of rules: every family has its lines, and they point where the sources say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnarch_nb.verbs.advise import rules, sizes
from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.build.families import FAMILIES

TABLE = Facts("t", "classification", "table", 500, (10,), 10, 2)
IMAGES = Facts("i", "classification", "image", 3500, (1, 28, 28), 784, 10, channels=1, side=28)
SERIES = Facts("s", "classification", "series", 500, (60, 3), 180, 4, steps=60, longest=60, channels=3)
TEXTS = Facts("x", "classification", "tokens", 5000, (200,), 150, 2, steps=150, longest=200, vocabulary=9000)


def best(facts: Facts) -> str:
    """Return the family the rules put first, as ``proposals`` does."""
    names = [n for n, f in FAMILIES.items() if facts.form in f.forms and facts.kind in f.kinds]
    return max(names, key=lambda name: sum(reason.weight for reason in rules.reasons(name, facts)))


def test_every_family_has_rules_and_a_ladder() -> None:
    named = {family for rule in rules.RULES for family in rule.families}
    assert named == set(FAMILIES)
    assert set(sizes.LADDERS) == set(FAMILIES)


@pytest.mark.parametrize("rule", [*rules.RULES, *rules.BASELINE], ids=lambda rule: rule.reason[:40])
def test_every_rule_has_a_reason_a_source_and_a_year(rule: rules.Rule) -> None:
    for facts in (TABLE, IMAGES, SERIES, TEXTS):
        told = rule.told(facts)
        assert "{" not in told.text
        assert not told.text.endswith(".")
    published = any(year in rule.source for year in map(str, range(1980, 2027)))
    assert published or rule.source == "our own rule of thumb"
    assert rule.weight


@pytest.mark.parametrize(
    ("facts", "family"),
    [
        (TABLE, "mlp"),
        (IMAGES, "cnn"),
        (replace(IMAGES, n=50_000), "cnn"),
        (replace(IMAGES, n=50_000, shape=(3, 32, 32), channels=3, side=32), "resnet"),
        (replace(IMAGES, n=5000, shape=(3, 224, 224), side=224), "resnet"),
        (replace(IMAGES, n=5_000_000, side=224), "vit"),
        (replace(IMAGES, kind="segmentation"), "unet"),
        (replace(IMAGES, kind="reconstruction"), "autoencoder"),
        (SERIES, "gru"),
        (replace(SERIES, n=50_000, steps=400), "lstm"),
        (replace(SERIES, forecast=True, kind="regression"), "gru"),
        (TEXTS, "transformer"),
        (replace(TEXTS, steps=8, longest=12), "gru"),
        (replace(TEXTS, n=2_000_000), "bert"),
        (replace(TEXTS, kind="next-token"), "gpt"),
        (replace(TEXTS, kind="next-token", n=100), "lstm"),
    ],
)
def test_the_first_choice(facts: Facts, family: str) -> None:
    assert best(facts) == family


def test_few_samples_speak_for_a_simple_model() -> None:
    assert rules.for_baseline(TABLE)
    assert rules.for_baseline(replace(TEXTS, n=800))
    assert not rules.for_baseline(replace(IMAGES, n=50_000))
    assert any("penalty" in r.text for r in rules.for_baseline(replace(TABLE, values=1000)))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [10, 5000, 500_000])
def test_ladders_go_down(family: str, n: int) -> None:
    for facts in (TABLE, IMAGES, SERIES, TEXTS):
        rungs = list(sizes.rungs(family, replace(facts, n=n)))
        assert rungs
        widths = [rung["width"] for rung in rungs if "width" in rung]
        assert widths == sorted(widths, reverse=True)


def test_training_takes_about_a_thousand_steps() -> None:
    assert sizes.training("mlp", replace(TABLE, n=100)) == {"epochs": 100, "patience": 10, "batch_size": 16}
    assert sizes.training("mlp", replace(TABLE, n=10_000)) == {"epochs": 7, "patience": 3}
    assert sizes.training("mlp", replace(TABLE, n=1_000_000))["epochs"] == 3
    assert sizes.training("resnet", replace(IMAGES, n=64_000))["epochs"] == 3
    assert sizes.training("vit", replace(IMAGES, n=6400))["epochs"] == 30
