"""Every family: it builds, counts, learns, is explained, attacked and exported, all without being named.

``FAMILIES`` is the list of what is tested. A family that is added fails here until it has a case: data to
learn from, and its number of parameters by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

import pytest
import torch
from torch.nn import functional as F

from nnarch_nb import NNArchError, attack, build, data, explain, summary, train
from nnarch_nb.core.data import IGNORED, Data, Split
from nnarch_nb.verbs.build.families import FAMILIES
from nnarch_nb.verbs.build.families.wanted import COUNTED, FORMS

SAMPLES, HELD_OUT = 192, 24
PADDED = ("rnn", "lstm", "gru", "transformer", "bert")  # families whose data below comes padded
FORETELLING = ("gpt",)  # families that answer at every step, not knowing the next
NOTHING_TO_FOOL = ("reconstruction", "next-token")  # no answer that could be lost


@dataclass(frozen=True)
class Case:
    """What a family is tested with."""

    data: Callable[[], Data]
    parameters: Callable[..., int]
    options: dict = field(default_factory=dict)
    lr: float = 1e-3


def few(found: Data) -> Data:
    def cut(split: Split, n: int) -> Split:
        return Split(split.x[:n], split.y[:n])

    parts = {"train": cut(found.train, SAMPLES)}
    return replace(found, **parts, **{name: cut(getattr(found, name), HELD_OUT) for name in ("val", "test")})


@cache
def named(name: str) -> Data:
    return few(data(name))


@cache
def strokes() -> Data:
    """Digits, with the question of each pixel whether it is ink."""
    x = data("digits").train.x
    return few(data((x, (x[:, 0] > x.mean()).long())))


@cache
def itself() -> Data:
    x = data("digits").train.x
    return few(data((x, x)))


def linear(*sizes: int) -> int:
    return sum(a * b + b for a, b in pairwise(sizes))


def conv(before: int, after: int, kernel: int = 3, bias: bool = True) -> int:
    return before * after * kernel**2 + after * bias


def normed_conv(before: int, after: int, kernel: int = 3) -> int:
    return conv(before, after, kernel, bias=False) + 2 * after


def resnet20() -> int:
    widths = [16] * 7 + [32] * 6 + [64] * 6
    return sum(normed_conv(a, b) for a, b in zip([1, *widths], widths, strict=False)) + linear(64, 10)


def encoder(width: int, depth: int) -> int:
    return depth * (
        linear(width, 3 * width) + linear(width, width) + linear(width, 4 * width, width) + 4 * width
    )


def unet(width: int) -> int:
    two = normed_conv(width, width)
    inner = normed_conv(width, 2 * width) + normed_conv(2 * width, 2 * width)
    deepest = (
        normed_conv(2 * width, 4 * width) + normed_conv(4 * width, 4 * width) + conv(4 * width, 2 * width, 2)
    )
    inner += (
        deepest
        + normed_conv(4 * width, 2 * width)
        + normed_conv(2 * width, 2 * width)
        + conv(2 * width, width, 2)
    )
    return normed_conv(1, width) + two + inner + normed_conv(2 * width, width) + two + conv(width, 2, 1)


def autoencoder(width: int) -> int:
    down = conv(1, width) + conv(width, 2 * width) + linear(4 * 2 * width, 32)
    return down + linear(32, 4 * 2 * width) + conv(2 * width, width) + conv(width, 1)


def recurrent(gates: int, width: int) -> int:
    return 2 * gates * (width * (12 + width) + 2 * width) + linear(2 * width, 9)


def transformer(words: int, width: int, depth: int) -> int:
    return words * width + 41 * width + encoder(width, depth) + 2 * width + linear(width, 5)


def bert(words: int, width: int, depth: int) -> int:
    return (words + 41 + 2) * width + 2 * width + encoder(width, depth) + linear(width, width, 5)


SMALL = {"width": 32, "depth": 2}
CASES: dict[str, Case] = {
    "mlp": Case(lambda: named("iris"), lambda: linear(4, 128, 128, 3)),
    "cnn": Case(lambda: named("digits"), lambda: conv(1, 32) + conv(32, 64) + linear(4 * 64, 128, 10)),
    "resnet": Case(lambda: named("digits"), resnet20),
    "unet": Case(strokes, lambda: unet(8), {"width": 8}),
    "vit": Case(
        lambda: named("digits"),
        lambda: conv(1, 32, 2) + 32 + 17 * 32 + encoder(32, 2) + 2 * 32 + linear(32, 10),
        SMALL,
    ),
    "hybrid": Case(
        lambda: named("digits"),
        lambda: normed_conv(1, 32) + conv(32, 32, 1) + 64 * 32 + encoder(32, 2) + 2 * 32 + linear(32, 10),
        SMALL,
    ),
    "autoencoder": Case(itself, lambda: autoencoder(8), {"width": 8}),
    "rnn": Case(lambda: named("vowels"), lambda: recurrent(1, 128)),
    "lstm": Case(lambda: named("vowels"), lambda: recurrent(4, 128)),
    "gru": Case(lambda: named("vowels"), lambda: recurrent(3, 128)),
    "transformer": Case(
        lambda: named("docstrings"), lambda: transformer(len(named("docstrings").vocabulary), 32, 2), SMALL
    ),
    "bert": Case(
        lambda: named("docstrings"), lambda: bert(len(named("docstrings").vocabulary), 32, 2), SMALL
    ),
    "gpt": Case(
        lambda: named("python-docs"),
        lambda: (len(named("python-docs").vocabulary) + 64 + 2) * 32 + encoder(32, 2),
        SMALL,
    ),
}  # fmt: skip


@cache
def built(name: str) -> torch.nn.Module:
    """Return the family's network for its data; nobody changes it."""
    return build(name, CASES[name].data(), **CASES[name].options)


def answers(model: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(x)


def loss(model: torch.nn.Module, found: Data) -> float:
    y, outputs = found.train.y, answers(copy.deepcopy(model), found.train.x)
    if found.kind == "reconstruction":
        return float(F.mse_loss(outputs, y))
    outputs = outputs.transpose(1, 2) if found.kind == "next-token" else outputs
    return float(F.cross_entropy(outputs, y, ignore_index=IGNORED))


every_family = pytest.mark.parametrize("name", FAMILIES)


def test_every_family_has_a_case():
    assert set(CASES) == set(FAMILIES)


@every_family
def test_entries_say_where_they_come_from_and_what_they_take(name):
    family = FAMILIES[name]
    assert any(year in family.source for year in map(str, range(1980, 2027)))
    assert set(family.forms) <= set(FORMS)
    assert set(family.kinds) <= {*COUNTED, "next-token", "reconstruction", "features"}


@every_family
def test_parameters_are_exact(name):
    model, found = built(name), CASES[name].data()
    told = summary(model, found)
    assert told.params == sum(p.numel() for p in model.parameters()) == CASES[name].parameters()


@every_family
def test_it_answers_what_its_data_asks(name):
    model, found = built(name), CASES[name].data()
    x, y = found.train.x[:3], found.train.y[:3]
    expected = {
        "reconstruction": found.shape,
        "segmentation": (len(found.classes), *found.shape[1:]),
        "next-token": (found.shape[0], len(found.classes)),
    }.get(found.kind, (len(found.classes),))
    assert model.shapes[-1] == answers(model, x).shape[1:] == expected
    assert len(y) == 3
    assert model.source


@every_family
def test_every_weight_learns(name):
    model, found = copy.deepcopy(built(name)).train(), CASES[name].data()
    model(found.train.x[:16]).square().sum().backward()
    assert [path for path, p in model.named_parameters() if p.grad is None] == []


@every_family
def test_its_loss_falls_in_one_epoch_on_real_data(name):
    case, model = CASES[name], copy.deepcopy(built(name))
    before = loss(model, case.data())
    run = train(model, case.data(), epochs=1, batch_size=16, lr=case.lr)
    assert len(run.history) == 1
    assert loss(model, case.data()) < before


@every_family
def test_its_text_makes_an_equal_network(name):
    model, found = built(name), CASES[name].data()
    again = build(model.spec, found)
    assert again.spec == model.spec
    again.load_state_dict(model.state_dict())
    assert torch.equal(answers(model, found.train.x[:3]), answers(again, found.train.x[:3]))


@every_family
def test_its_source_code_makes_an_equal_network(name):
    model, found = built(name), CASES[name].data()
    space: dict = {}
    exec(compile(model.to_python("Exported"), "exported", "exec"), space)
    exported = space["Exported"]()
    exported.load_state_dict(model.state_dict())
    assert torch.equal(answers(model, found.train.x[:3]), answers(exported, found.train.x[:3]))


@every_family
def test_the_same_seed_draws_the_same_weights_and_moves_no_generator(name):
    before = torch.get_rng_state()
    again = build(name, CASES[name].data(), **CASES[name].options)
    assert torch.equal(before, torch.get_rng_state())
    pairs = zip(again.state_dict().values(), built(name).state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    other = build(name, CASES[name].data(), **CASES[name].options, seed=1)
    assert not torch.equal(torch.cat([p.flatten() for p in other.parameters()]), flat(again))


def flat(model):
    return torch.cat([p.flatten() for p in model.parameters()])


@every_family
def test_what_comes_padded_or_foretells_is_listed(name):
    found = CASES[name].data()
    assert (name in PADDED, name in FORETELLING) == (bool(found.padded), found.kind == "next-token")


@pytest.mark.parametrize("name", PADDED)
def test_padding_changes_no_answer(name):
    model, found = built(name), CASES[name].data()
    shortest = int(found.train.lengths.argmin())
    x, length = found.train.x[shortest : shortest + 1], int(found.train.lengths[shortest])
    assert length < x.shape[1]
    torch.testing.assert_close(answers(model, x), answers(model, x[:, :length]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FORETELLING)
def test_no_answer_knows_what_comes_after_it(name):
    model, found = built(name), CASES[name].data()
    x = found.train.x[:2].clone()
    later = x.clone()
    later[:, 20:] = later[:, 20:].flip(1)
    before, after = answers(model, x), answers(model, later)
    torch.testing.assert_close(before[:, :20], after[:, :20], rtol=1e-6, atol=1e-6)
    assert not torch.allclose(before[:, 20:], after[:, 20:])


@every_family
def test_it_is_explained(name):
    found = CASES[name].data()
    told = explain(built(name), found, n=2, steps=4)
    assert "n=2" in repr(told)


@every_family
def test_it_is_attacked_or_told_why_there_is_nothing_to_fool(name):
    found = CASES[name].data()
    if found.kind in NOTHING_TO_FOOL:
        with pytest.raises(NNArchError, match=found.name) as caught:
            attack(built(name), found, n=2, steps=1)
        assert "\n" not in str(caught.value)
    else:
        assert "n=2" in repr(attack(built(name), found, n=2, steps=1))
