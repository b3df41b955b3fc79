"""A draft: how far a text goes, what is wrong with it, and what mends it."""

from __future__ import annotations

import pytest
import torch

from nnarch_nb import build, data
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.draft import Draft, drafted
from nnarch_nb.verbs.build.draft.edits import doubled, inserted, moved, read_beside, removed, replaced
from nnarch_nb.verbs.build.families.published import PUBLISHED
from nnarch_nb.verbs.build.language import Layer, read, write
from nnarch_nb.verbs.build.planning.flow import Flow
from nnarch_nb.verbs.build.planning.plan import Plan, Planner

ARTICLE = """
nn.Conv2d(1, 32, 3), nn.ReLU()
nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Dropout(0.25)
nn.Flatten(), nn.Linear(9216, 128), nn.ReLU()
nn.Linear(128, 10)
"""
NESTED = """
block = [Conv2d(8, 3, padding=1), ReLU()]
block
Repeat(2, Residual(block, shortcut=[Conv2d(8, 1)]))
Concat(block, []), Flatten(), Linear(3)
"""


def draft(text: str, shape: tuple[int, ...] | None = (1, 8, 8), classes: int | None = None) -> Draft:
    return drafted(text, shape, classes, {}, None, 0)


def test_the_article_lacks_a_pooling():
    found = drafted(ARTICLE, (1, 28, 28), 10, {}, None, 0)
    assert [row.state for row in found.rows] == ["fits"] * 6 + ["broken", "after", "after"]
    assert found.rows[5].shape == (36864,)
    assert found.problem == found.rows[6].problem
    assert "in_features=9216" in found.problem
    first = found.proposals[0]
    assert first.words == "Insert nn.MaxPool2d(2) before nn.Dropout(0.25): 9,216 features"
    mended = found.changed(first.text)
    assert (mended.problem, mended.params, mended.trial.shapes[-1]) == ("", 1_199_882, (10,))
    assert mended.network()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize(
    ("text", "shape", "words"),
    [
        ("Conv2D(8, 3)", (1, 8, 8), "Write Conv2d(8, 3)"),
        ("Conv2d(8, kernal_size=3)", (1, 8, 8), "Write Conv2d(8, kernel_size=3)"),
        ("Conv2d(1, 32, 3)", (1, 8, 8), "Write nn.Conv2d(1, 32, 3)"),
        ("LSTM(8)", (12,), "Insert Unflatten(1, (1, 12)) before LSTM(8)"),
        ("Residual(Conv2d(4, 3, padding=1))", (1, 8, 8), "Write shortcut=[Conv2d(4, 1), BatchNorm2d()]"),
        ("Add(Conv2d(4, 1), Conv2d(8, 1))", (1, 8, 8), "End path 2 with Conv2d(4, 1), BatchNorm2d()"),
        ("nn.Linear(64, 3)", (1, 8, 8), "Insert nn.Flatten() before nn.Linear(64, 3): 64 features"),
        ("nn.Linear(16, 3)", (1, 8, 8),
         "Insert nn.MaxPool2d(2), nn.Flatten() before nn.Linear(16, 3): 16 features"),
        ("Residual(Conv2d(1, 1), ReLU(), Flatten(), nn.Linear(16, 3))", (1, 8, 8),
         "Insert nn.MaxPool2d(2) before Flatten(): 16 features"),
        ("nn.Linear(in_features=5, out_features=2)", (4,), "Write nn.Linear(in_features=4, out_features=2)"),
    ],
)  # fmt: skip
def test_each_proposal_was_tried(text, shape, words):
    found = draft(text, shape)
    assert words in [proposal.words for proposal in found.proposals]
    for proposal in found.proposals:
        then = found.changed(proposal.text)
        assert proposal.mends == (not then.trial.problem)
        if proposal.mends:
            build(proposal.text, shape)


def test_an_answer_to_another_question():
    found = draft("Conv2d(4, 3), ReLU()", classes=10)
    assert "there are 10 classes" in found.problem
    assert found.rows[-1].state == "broken"
    (proposal,) = found.proposals
    assert not found.changed(proposal.text).problem
    assert found.changed(proposal.text).trial.shapes[-1] == (10,)


@pytest.mark.parametrize(
    "text", ["Linear(10**12)", "Repeat(10**9, ReLU())", "Conv2d(10**9, 3), Linear(10**9)"]
)
def test_what_is_too_large_is_never_made(text):
    found = draft(text, (1, 8, 8))
    assert found.problem
    assert any(row.state == "broken" for row in found.rows)
    with pytest.raises(NNArchError):
        found.network()


def test_a_sample_too_large_is_refused():
    with pytest.raises(NNArchError, match="does not fit in memory"):
        draft("ReLU()", (10**9, 10**9))


def test_what_cannot_be_read_says_where():
    found = draft("Conv2d(8, 3\nReLU()")
    assert found.rows == ()
    assert found.unreadable.startswith("line 1, column 7")
    assert found.caret.endswith("^")
    assert repr(found) == "Draft(not readable yet)"
    assert draft("").problem.startswith("there are no layers yet")


def test_rows_inside_others_have_their_addresses():
    found = draft(NESTED)
    assert found.problem == ""
    by_place = {row.at: row for row in found.rows}
    assert by_place[(0, 0, 0)].text == "Conv2d(8, 3, padding=1)"
    assert by_place[(1, 0, 0, 1)].text == "shortcut"
    assert by_place[(2, 1)].text == "path 2: as it came"
    # One use of the part reads the image, the others 8 channels.
    assert by_place[(0, 0, 0)].params == 80
    assert by_place[(2, 0, 0, 0, 0)].params == 584
    assert by_place[(1,)].params == 2 * by_place[(1, 0, 0)].params
    network = build(NESTED, (1, 8, 8))
    assert found.params == sum(p.numel() for p in network.parameters())


def test_the_break_is_told_where_it_is_inside():
    found = draft("ReLU(), Residual(Conv2d(1, 3, padding=1), Linear(1, 2, 3, 4)), Flatten()")
    states = {row.at: row.state for row in found.rows}
    assert states == {(0,): "fits", (1,): "holds", (1, 0, 0): "fits", (1, 0, 1): "broken", (2,): "after"}


@pytest.mark.parametrize("name", ["resnet18", "gpt2", "vit-b-16"])
def test_published_ones_are_counted_without_being_made(name):
    found = drafted(name, None, None, {}, None, 0)
    assert (found.problem, found.params) == ("", PUBLISHED[name].parameters)


def test_data_tells_input_and_classes():
    x = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    made = data((x, (x.sum(1) > 0).long()))
    found = drafted("Linear(5)", made, None, {}, None, 0)
    assert found.classes == 2
    assert "there are 2 classes" in found.problem
    network = found.changed("Linear(2)").network()
    assert network.classes == made.classes


@pytest.mark.parametrize(
    ("name", "text", "words", "at"),
    [
        ("vowels", "GRU(8), Last(), Linear(9)", "Begin with Masking()", (0,)),
        ("docstrings", "Embedding(900, 8), GRU(8), Last(), Linear(5)",
         "Write Embedding(900, 8, padding_idx=0)", (0,)),
        ("docstrings", "Embedding(900, 8, padding_idx=0), BatchNorm1d(), Last(), Linear(5)",
         "Write LayerNorm()", (1,)),
        ("docstrings", "Embedding(900, 8, padding_idx=0), GRU(8), Flatten(), Linear(5)", None, None),
        ("docstrings", "Embedding(900, 8, padding_idx=0), GRU(8), Last(), Linear(4)",
         "Write Linear(5) at the end", (3,)),
    ],
)  # fmt: skip
def test_padding_that_nobody_sees_is_mended(name, text, words, at):
    made = data(name)
    found = drafted(text, made, None, {}, None, 0)
    broken = [row.at for row in found.rows if row.state == "broken"]
    if words is None:
        assert found.problem == ""
        return
    assert broken == [at]
    assert found.proposals[0].words == words
    assert found.changed(found.proposals[0].text).problem == ""
    with pytest.raises(NNArchError):
        build(text, made)
    build(found.proposals[0].text, made)


def test_edits_by_address():
    layers = read(NESTED)
    part = replaced(layers, (0, 0, 0), read("Conv2d(4, 5, padding=2)"))[0]
    assert write(part).count("Conv2d(4, 5, padding=2)") == 1  # defined once, used three times
    assert inserted(layers, (2, 1), read("ReLU()"))[0][2].paths[1] == read("ReLU()")
    assert inserted(layers, (), read("ReLU()"))[1] == (0,)
    assert removed(layers, (4,))[1] == (3,)
    assert doubled(layers, (4,))[0][4] == doubled(layers, (4,))[0][5]
    assert moved(layers, (3,), 1)[0][3:] == (layers[4], layers[3])
    out, at = moved(read("Residual(Linear(4), ReLU()), Linear(2)"), (0, 0, 1), 1)
    assert (write(out), at) == ("Residual(Linear(4)), ReLU()\nLinear(2)", (1,))
    assert read_beside("block, ReLU()", layers)[0].label == "block"


@pytest.mark.parametrize(
    ("text", "do", "says"),
    [
        ("ReLU()", lambda layers: moved(layers, (0,), -1), "first layer"),
        ("ReLU()", lambda layers: removed(layers, (3,)), "no such layer"),
        ("Residual(ReLU())", lambda layers: removed(layers, (0, 0, 0)), "remove Residual itself"),
        ("ReLU()", lambda layers: inserted(layers, (0, 0), layers), "no such path"),
        ("ReLU()", lambda layers: read_beside("Linear(", layers), "^column 7"),
        (NESTED, lambda layers: read_beside("\nLinear(", layers), "^line 2, column 7"),
        (NESTED, lambda layers: moved(layers, (0, 0, 1), 1), "within the part"),
    ],
)
def test_edits_that_cannot_be(text, do, says):
    with pytest.raises(NNArchError, match=says):
        do(read(text))


def test_the_picture_marks_what_does_not_fit():
    found = drafted(ARTICLE, (1, 28, 28), 10, {}, None, 0).graph()
    assert found.failure.startswith("linear1 (Linear) fails on 1×36864: nn.Linear(9216, 128)")
    assert [node.type for node in found.nodes][-1] == "Linear"
    assert draft("ReLU()", None).graph() is None
    assert draft(NESTED).graph().failure == ""
    assert draft("Embedding(10, 4), Linear(2)", (7,)).graph().failure == ""


def test_a_layer_is_planned_once_for_all_drafts(monkeypatch):
    text = "Conv2d(8, 3), BatchNorm2d(), " * 20 + "Flatten(), Linear(3)"
    first, made, leaf = draft(text, (1, 64, 64)), [], Planner.leaf

    def counted(planner: Planner, layer: Layer, flow: Flow) -> tuple[Plan, Flow]:
        made.append(layer.name)
        return leaf(planner, layer, flow)

    rows = first.rows
    monkeypatch.setattr(Planner, "leaf", counted)
    again = draft(f"{text}, ReLU()", (1, 64, 64))
    assert again.rows[:-1] == rows
    assert len(made) <= 1
    assert again.params == first.params == sum(p.numel() for p in build(text, (1, 64, 64)).parameters())


def test_what_is_known_is_of_the_same_numbers_and_the_same_input():
    assert draft("Conv2d(8, 3)", (1, 8, 8)).params == 80
    assert draft("Conv2d(8, 3)", (2, 8, 8)).params == 152
    assert draft("Flatten(), Linear(1)").problem == ""
    assert "True" in draft("Flatten(), Linear(True)").problem
    assert draft("Dropout(0)").problem == ""
    assert draft("Embedding(9, 4), Unembed()", (5,)).trial.shapes[-1] == (5, 9)
    assert draft("Embedding(7, 4), Unembed()", (5,)).trial.shapes[-1] == (5, 7)
    broken = draft("ReLU()\nConv2d(1, 32, 3)")
    assert broken.problem == draft("\n\nReLU(), Conv2d(1, 32, 3)").problem


def test_a_network_is_written_anew_from_its_text():
    network = build("width = 4\nConv2d(width, 3), ReLU(), Flatten(), Linear(3)", (1, 8, 8))
    found = build(network, ui=True)
    assert (found.text, found.wish.shape) == (network.spec, (1, 8, 8))
    again = build(network, (1, 10, 10))
    assert again.shapes[0] == (4, 8, 8)
    with pytest.raises(NNArchError, match="Linear was not made by build, so there is no text of it"):
        build(torch.nn.Linear(4, 3), (4,), ui=True)


def test_data_may_be_named():
    assert build("cnn", "digits", ui=True).classes == 10
