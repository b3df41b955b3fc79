"""What holds of every family of sequences: padding changes nothing, nothing later is heard too early."""

import pytest
import torch

from nnarch_nb import NNArchError, build
from nnarch_nb.core.data import Data, Split
from nnarch_nb.verbs.build.families import FAMILIES

STEPS, CHANNELS, VOCABULARY = 9, 3, 17
RECURRENT = ("rnn", "lstm", "gru")
SERIES = [
    *(
        (name, {"bidirectional": both, "depth": depth})
        for name in RECURRENT
        for both in (False, True)
        for depth in (1, 2)
    ),
    ("transformer", {}),
    ("transformer", {"norm": "rms", "activation": "relu"}),
]
TOKENS = [*SERIES, ("bert", {})]
LENGTHS = [9, 5, 1]


def named(cases):
    return [
        pytest.param(name, options, id=" ".join([name, *map(str, options.values())]))
        for name, options in cases
    ]


def splits(x, y):
    split, none = Split(x, y), Split(x[:0], y[:0])
    return {"train": split, "val": none, "test": none}


def series(lengths=LENGTHS, steps=STEPS):
    x = torch.randn(len(lengths), steps, CHANNELS, generator=torch.Generator().manual_seed(0))
    for sample, length in zip(x, lengths, strict=True):
        sample[length:] = torch.nan
    return x


def tokens(lengths=LENGTHS, steps=STEPS):
    x = torch.randint(1, VOCABULARY, (len(lengths), steps), generator=torch.Generator().manual_seed(0))
    for sample, length in zip(x, lengths, strict=True):
        sample[length:] = 0
    return x


def data_of(x, kind="classification"):
    y = torch.tensor([0, 1, 0]) if kind == "classification" else torch.zeros(3, 2)
    return Data("made", **splits(x, y), kind=kind, shape=tuple(x.shape[1:]), classes=("a", "b"))


def wakened(model, seed=0):
    """Return the network in evaluation mode, with weights so large that each of them tells."""
    made = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=made) * 0.1)
    return model.eval()


def answers(model, x):
    with torch.no_grad():
        return model(x)


@pytest.mark.parametrize(("name", "options"), named(SERIES))
@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_padding_of_a_series_changes_nothing(name, options, kind):
    x = series()
    model = wakened(build(name, data_of(x, kind), width=16, **options))
    together = answers(model, x)
    assert together.shape == (3, 2)
    assert together.std() > 1e-3
    for sample, expected, length in zip(x, together, LENGTHS, strict=True):
        alone = answers(model, sample[None, :length])[0]
        torch.testing.assert_close(alone, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("name", "options"), named(TOKENS))
def test_padding_of_tokens_changes_nothing(name, options):
    x = tokens()
    model = wakened(build(name, (STEPS,), 2, vocab_size=VOCABULARY, width=16, **options))
    together = answers(model, x)
    assert together.std() > 1e-3
    for sample, expected, length in zip(x, together, LENGTHS, strict=True):
        alone = answers(model, sample[None, :length])[0]
        torch.testing.assert_close(alone, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("name", "options"), named(SERIES))
def test_a_sample_of_padding_alone_gives_numbers(name, options):
    x = series()
    model = build(name, data_of(x), width=16, **options).eval()
    assert answers(model, torch.full((2, STEPS, CHANNELS), torch.nan)).isfinite().all()


@pytest.mark.parametrize(("name", "options"), named(TOKENS))
def test_what_stands_in_padding_gets_no_gradient(name, options):
    model = wakened(build(name, (STEPS,), 2, vocab_size=VOCABULARY, width=16, **options))
    embedded = []
    model.embedding1.register_forward_hook(lambda *got: embedded.append(got[2].requires_grad_()))
    x = tokens()
    model(x).sum().backward(inputs=embedded)
    gradient = embedded[0].grad
    assert not gradient[x == 0].any()
    assert gradient[x != 0].any(-1).all() or name in RECURRENT


@pytest.mark.parametrize("name", [*RECURRENT, "gpt"])
def test_the_next_token_is_told_without_hearing_it(name):
    model = wakened(build(name, (STEPS,), vocab_size=VOCABULARY, width=16))
    x = tokens([STEPS] * 3)
    other = x.clone()
    other[:, 5:] = other[:, 5:] % (VOCABULARY - 1) + 1
    before, after = answers(model, x), answers(model, other)
    assert before.shape == (3, STEPS, VOCABULARY)
    torch.testing.assert_close(after[:, :5], before[:, :5], atol=1e-6, rtol=0)
    assert not torch.allclose(after[:, 5:], before[:, 5:], atol=1e-4)


@pytest.mark.parametrize("name", RECURRENT)
def test_the_last_answer_is_after_the_last_real_step(name):
    model = wakened(build(name, data_of(series()), width=16, bidirectional=False))
    layer, head = model[1], model[-1]
    with torch.no_grad():
        for sample, length in zip(series(), LENGTHS, strict=True):
            expected = head(layer(sample[None, :length])[0][:, -1])
            torch.testing.assert_close(model(sample[None]), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", RECURRENT)
def test_classes_are_told_from_both_ends_and_numbers_from_the_last_step(name):
    classes, numbers = (
        build(name, data_of(series(), kind)).spec for kind in ("classification", "regression")
    )
    assert "bidirectional=True" in classes
    assert "MeanSteps()" in classes
    assert "bidirectional" not in numbers
    assert "Last()" in numbers


@pytest.mark.parametrize("name", RECURRENT)
def test_reading_both_ways_cannot_tell_the_next_token(name):
    with pytest.raises(NNArchError, match="see the next token"):
        build(name, (STEPS,), vocab_size=VOCABULARY, bidirectional=True)


@pytest.mark.parametrize("name", [*RECURRENT, "transformer", "bert", "gpt"])
def test_an_entry_names_its_source(name):
    assert any(sign.isdigit() for sign in FAMILIES[name].source)


@pytest.mark.parametrize("name", [*RECURRENT, "transformer"])
def test_a_series_of_one_length_needs_no_masking(name):
    assert "Masking" not in build(name, (STEPS, CHANNELS), 2).spec
    assert build(name, data_of(series()), width=16)[0].__class__.__name__ == "Masking"


def test_a_norm_over_the_batch_is_no_norm_of_steps():
    with pytest.raises(NNArchError, match="norm for steps"):
        build("transformer", (STEPS, CHANNELS), 2, norm="batch")
