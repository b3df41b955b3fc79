"""From what was asked to a text: what fits is written, what does not is refused with what would."""

from inspect import signature

import pytest
import torch

from nnarch_nb import NNArchError, build
from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.verbs.build.families import FAMILIES
from nnarch_nb.verbs.build.families.wanted import COUNTED, KINDS

ENDED = torch.randn(6, 9, 3)
ENDED[2, 5:] = float("nan")
TOKENS = torch.tensor([[2, 3, 4, 0], [5, 2, 0, 0], [3, 3, 3, 3]] * 2)
X = {
    "table": torch.randn(6, 5),
    "image": torch.randn(6, 1, 12, 12),
    "series": torch.randn(6, 9, 3),
    "tokens": TOKENS,
    "ended": ENDED,
    "array": torch.randn(6, 1, 4, 4, 4),
}


def made(form: str, kind: str) -> Data:
    x = X[form]
    y = {
        "classification": torch.tensor([0, 1, 2] * 2),
        "regression": torch.randn(6, 3),
        "multi-label": torch.tensor([[1.0, 0.0, 1.0]] * 6),
        "segmentation": torch.zeros(6, *x.shape[2:], dtype=torch.long),
        "reconstruction": x,
        "next-token": TOKENS,
    }[kind]
    classes = tuple("abcdef") if kind == "next-token" else () if kind == "reconstruction" else tuple("abc")
    words = Vocabulary(("", "?", "a", "b", "c", "d")) if form == "tokens" else None
    split = Split(x, y)
    return Data("made", split, split, split, kind, tuple(x.shape[1:]), classes, vocabulary=words)


FITTING = [
    (name, form, kind)
    for name, family in FAMILIES.items()
    for form in family.forms
    for kind in family.kinds
    if kind != "features" and (kind != "next-token" or form == "tokens")
]


@pytest.mark.parametrize(("name", "form", "kind"), FITTING)
def test_a_family_takes_every_form_and_kind_that_it_says(name, form, kind):
    found = made(form, kind)

    model = build(name, found, width=8).eval()
    asked = {
        "segmentation": (3, *found.shape[1:]),
        "reconstruction": found.shape,
        "next-token": (found.shape[0], 6),
    }.get(kind, (3,))
    assert model.shapes[-1] == asked
    assert model(found.train.x).isfinite().all()
    assert (model.classes, model.vocabulary) == (found.classes, found.vocabulary)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("form", ["table", "image", "series", "tokens", "array"])
def test_other_forms_are_refused_with_families_that_take_them(name, form):
    if form in FAMILIES[name].forms:
        return
    kind = "classification"
    with pytest.raises(NNArchError, match=f"{name} takes .* but made holds") as caught:
        build(name, made(form, kind))
    proposed = str(caught.value).split("; try ")[1].split(", ")
    for other in proposed:
        build(other, made(form, kind), width=8)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("kind", [*COUNTED, "reconstruction", "next-token"])
def test_other_kinds_are_refused_with_families_that_answer_them(name, kind):
    family = FAMILIES[name]
    form = family.forms[0] if kind != "segmentation" else "image"
    if kind in family.kinds or (kind == "next-token") != (form == "tokens") or form not in family.forms:
        return
    with pytest.raises(NNArchError, match=f"{name} answers .* but made asks for {kind}") as caught:
        build(name, made(form, kind))
    if "; try " in str(caught.value):
        for other in str(caught.value).split("; try ")[1].split(";")[0].split(", "):
            build(other, made(form, kind), width=8)


def test_every_kind_is_answered_by_some_family():
    assert {kind for family in FAMILIES.values() for kind in family.kinds} == set(KINDS)


def test_series_that_end_early_are_for_what_knows_their_end():
    found = made("ended", "classification")
    assert found.padded
    for name, family in FAMILIES.items():
        if name == "mlp":
            with pytest.raises(NNArchError, match="try gru"):
                build(name, found)
        elif "series" in family.forms:
            assert build(name, found, width=8).eval()(found.train.x).isfinite().all()


def test_a_vocabulary_is_that_of_the_data_or_larger():
    found = made("tokens", "classification")
    assert build("gru", found, width=4).embedding1.num_embeddings == 6
    assert build("gru", found, width=4, vocab_size=50).embedding1.num_embeddings == 50
    with pytest.raises(NNArchError, match="vocab_size=5 is too small: made has 6 tokens"):
        build("gru", found, vocab_size=5)


def test_data_brings_its_own_tokens_to_a_published_configuration():
    assert build("bert-tiny", made("tokens", "classification")).embedding1.num_embeddings == 6


@pytest.mark.parametrize(
    ("word", "options", "told"),
    [
        ("mlp", {"activation": "rulu"}, "Did you mean `relu`?"),
        ("mlp", {"activation": 3}, "activation must be a word"),
        ("mlp", {"norm": "rms"}, "Known: none, batch, layer"),
        ("mlp", {"residual": "yes"}, "residual must be True or False"),
        ("mlp", {"heads": 3}, "mlp has no heads; it takes width, depth, activation, norm, dropout, residual"),
        ("mlp", {"width": 10**9}, "at most 100,000"),
        ("mpl", {}, "Did you mean `mlp`?"),
    ],
)
def test_options_are_checked_by_name(word, options, told):
    with pytest.raises(NNArchError) as caught:
        build(word, (5,), 3, **options)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "form", "kind", "fits", "advice"),
    [
        ("Conv2d(3, 1)", "image", "segmentation", True, ""),
        ("Conv2d(3, 3)", "image", "segmentation", False, "end with Conv2d(3, 1)"),
        ("Flatten(), Linear(3)", "image", "multi-label", True, ""),
        ("Flatten(), Linear(2)", "image", "multi-label", False, "end with Linear(3)"),
        ("Conv2d(1, 3, padding=1)", "image", "reconstruction", True, ""),
        ("Conv2d(1, 3)", "image", "reconstruction", False, "layers that give back (1, 12, 12)"),
        ("Embedding(6, 4), Linear(6)", "tokens", "next-token", True, ""),
        ("Embedding(6, 4), Linear(3)", "tokens", "next-token", False, "end with Linear(6)"),
        ("GRU(4), Last(), Linear(3)", "series", "regression", True, ""),
        ("GRU(4), Linear(3)", "series", "regression", False, "end with Flatten(), Linear(3)"),
    ],
)
def test_layers_as_written_must_answer_what_the_data_asks(text, form, kind, fits, advice):
    if fits:
        assert build(text, made(form, kind)).classes == made(form, kind).classes
        return
    with pytest.raises(NNArchError) as caught:
        build(text, made(form, kind))
    assert advice in str(caught.value)


def test_classes_may_be_those_of_each_pixel():
    assert build("Conv2d(4, 1)", (1, 8, 8), 4).shapes[-1] == (4, 8, 8)


OTHER = {
    "width": 12,
    "depth": 1,
    "kernel_size": 5,
    "activation": "elu",
    "dropout": 0.37,
    "heads": 1,
    "vocab_size": 50,
    "max_len": 99,
}
TAKEN = [
    (name, option)
    for name, family in FAMILIES.items()
    for option in list(signature(family.write).parameters)[1:]
]


@pytest.mark.parametrize(("name", "option"), TAKEN)
def test_every_option_that_a_family_takes_changes_its_text(name, option):
    family = FAMILIES[name]
    default = signature(family.write).parameters[option].default
    value = {
        "residual": not default,
        "depth": 8 if name == "resnet" else 3 if default == 1 else 1,
        "norm": "rms" if "tokens" in family.forms else "group" if "image" in family.forms[0] else "layer",
    }.get(option, OTHER.get(option))
    found = made("tokens" if option == "vocab_size" else family.forms[0], family.kinds[0])
    sizes = {"width": 8} if option != "width" else {}
    usual = build(name, found, **sizes)
    if option == "bidirectional":  # by default as the kind of answer allows
        value = "bidirectional=True" not in usual.spec
    changed = build(name, found, **(sizes | {option: value}))
    assert changed.spec != usual.spec
    assert changed.eval()(found.train.x).isfinite().all()


def test_a_vocabulary_is_for_tokens():
    with pytest.raises(NNArchError, match="vocab_size is for tokens but made holds series"):
        build("gru", made("series", "classification"), vocab_size=50)
    with pytest.raises(NNArchError, match="vocab_size is for tokens but the input is"):
        build("gru", (9, 3), 3, vocab_size=50)
