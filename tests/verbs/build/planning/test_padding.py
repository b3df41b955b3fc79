"""A layer that would mix real steps with padding is refused where it is written, with a cure that works."""

import pytest

from nnarch_nb import build
from nnarch_nb.verbs.build.planning.flow import Padded

from ..conftest import told_of

SERIES = (6, 3)


@pytest.mark.parametrize(
    ("written", "cure"),
    [
        ("BatchNorm1d()", "LayerNorm()"),
        ("InstanceNorm1d()", "LayerNorm()"),
        ("GroupNorm(2)", "LayerNorm()"),
        ("AvgPool1d(2)", "MeanSteps()"),
        ("AdaptiveAvgPool1d(1)", "MeanSteps()"),
        ("TransformerEncoderLayer(3)", "Residual(LayerNorm(), SelfAttention(3))"),
        ("Flatten()", "MeanSteps()"),
        ("Softmax(1)", "MeanSteps()"),
        ("LayerNorm((6, 3))", "MeanSteps()"),
        ("Conv1d(8, 3)", "Transpose(1, 2), Conv1d(64, 3, padding='same'), Transpose(1, 2)"),
        ("Transpose(1, 2), Linear(4)", "MeanSteps()"),
        ("Transpose(1, 2), GRU(4)", "MeanSteps()"),
        ("Transpose(1, 2), LayerNorm()", "MeanSteps()"),
        ("Transpose(1, 2), Conv1d(8, 3, stride=2)", "MeanSteps()"),
        ("Transpose(1, 2), Conv1d(8, 3, padding=1, padding_mode='circular')", "MeanSteps()"),
        ("Unflatten(1, (2, 3))", "MeanSteps()"),
        ("FeatureAlphaDropout()", "Dropout()"),
    ],
)
def test_what_mixes_steps_is_refused_under_a_mask_and_taken_without(written, cure):
    *_, last = build(written, SERIES).plan
    lead = "LayerNorm(), "  # what is padding is not 0 any more
    told = told_of(f"Masking(), {lead}{written}, Linear(2)", SERIES)
    assert f"{last.layer} would mix real steps with the padding of shorter samples; " in told
    assert build(f"Masking(), {cure}, Linear(2)", SERIES).shapes


def test_a_refusal_stands_where_the_layer_is_written():
    assert told_of("Masking()\nRepeat(2, Residual(\n  ReLU(), BatchNorm1d()))", SERIES).startswith(
        "line 3, column 11: BatchNorm1d() "
    )


@pytest.mark.parametrize(
    ("spec", "padded"),
    [
        ("Masking()", Padded()),
        ("Masking(), Dropout(0.1), ReLU()", Padded()),
        ("Masking(), Linear(3)", Padded(zero=False)),
        ("Masking(), Linear(3), GRU(3)", Padded()),
        ("Masking(), Linear(3), Masking()", Padded()),
        ("Masking(), Transpose(1, 2)", Padded(steps=2)),
        ("Masking(), Transpose(1, -1), Conv1d(2, 3, padding=1), Transpose(1, 2)", Padded(zero=False)),
        ("Masking(), Last()", None),
        ("Masking(), Flatten()", None),
        ("Masking(), Hardtanh(-1, 2)", Padded()),
        ("Masking(), Hardtanh(1, 2)", Padded(zero=False)),
        ("Masking(), Dropout1d(0.5)", Padded()),
        ("Masking(), AlphaDropout(0.5)", Padded(zero=False)),
        ("Linear(3)", None),
    ],
)
def test_where_padding_is_and_whether_it_is_0_is_known(spec, padded):
    import torch

    from nnarch_nb.verbs.build.language import read
    from nnarch_nb.verbs.build.planning.plan import planned

    with torch.device("meta"):
        assert planned(read(spec), torch.zeros(1, *SERIES))[1].padded == padded


def test_a_convolution_takes_steps_whose_padding_is_0_and_no_others():
    first = "Masking(), Transpose(1, 2), Conv1d(4, 3, padding=1), "
    assert "Masking(), Transpose(1, 2)" in told_of(f"{first}Conv1d(4, 3, padding=1)", SERIES)
    assert build(f"{first}Conv1d(4, 1)", SERIES).shapes
    zero = "Transpose(1, 2), Masking(), Transpose(1, 2), "
    assert build(f"{first}{zero}Conv1d(4, 3, padding=1)", SERIES).shapes


def test_masking_stands_where_the_series_comes_in():
    assert "write it first" in told_of("Linear(3), Masking()", SERIES)
    assert "write it first" in told_of("Residual(Masking(), GRU(3))", SERIES)
    assert "takes (steps, features)" in told_of("Masking()", (3, 8, 8))


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("Masking(), Add(Transpose(1, 2), Identity())", "only some keep the steps"),
        ("Masking(), Concat(GRU(3), GRU(3))", "joins the steps of padded sequences one after the other"),
        ("Add(Embedding(9, 4, padding_idx=0), Embedding(9, 4))", "only some keep the steps"),
    ],
)
def test_paths_meet_with_their_steps_in_the_same_place(spec, told):
    shape = (6,) if "Embedding" in spec else (3, 3)
    assert told in told_of(spec, shape)


def test_tokens_without_padding_index_and_images_know_no_mask():
    assert build("Embedding(9, 4), BatchNorm1d(), Flatten(), Linear(2)", (6,)).shapes[-1] == (2,)
    assert build("Conv2d(4, 3), BatchNorm2d(), Flatten(), Linear(2)", (1, 6, 6)).shapes[-1] == (2,)


@pytest.mark.parametrize(
    "spec",
    [
        "Masking(), Add(ClassToken(), [ClassToken(), Linear(3)])",
        "Masking(), Residual(ClassToken(), shortcut=[ClassToken()])",
        "Concat([Masking(), ClassToken()], [Masking(), ClassToken()], dim=-1)",
    ],
)
def test_a_path_does_not_lengthen_a_sequence_whose_mask_stays_as_long(spec):
    assert "puts steps in front of a padded sequence; write ClassToken() before" in told_of(spec, SERIES)
    assert build("Masking(), ClassToken(), Add(Linear(3), []), GRU(2), Last()", SERIES).shapes[-1] == (2,)
    assert build("Add(ClassToken(), [ClassToken(), Linear(3)])", SERIES).shapes == ((7, 3),)
