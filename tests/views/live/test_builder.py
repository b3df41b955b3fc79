"""The builder's side in the kernel: what the page may ask, what it is told, and what comes of a draft."""

from __future__ import annotations

import json
import re
import threading
from contextlib import suppress

import nbformat
import pytest
import torch
from ipywidgets.widgets.widget import _instances
from nbclient import NotebookClient

from nnarch_nb import build, data
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.draft import Draft, drafted
from nnarch_nb.views.live.builder import script, told, usual
from nnarch_nb.views.live.builder.bench import ACTS, Bench
from nnarch_nb.views.live.builder.code import code_of
from nnarch_nb.views.live.builder.widget import Builder
from nnarch_nb.views.live.standing import VIEW

CNN = "Conv2d(8, 3), ReLU(), Flatten(), Linear(10)"


def draft(text: str = CNN, shape: tuple[int, ...] | None = (1, 8, 8), classes: int | None = 10) -> Draft:
    return drafted(text, shape, classes, {}, None, 0)


@pytest.fixture
def bench() -> Bench:
    return Bench(draft())


def test_what_only_the_text_said_is_missed(bench):
    bench.do("text", {"text": "width = 4\nConv2d(width, 3)  # narrow\nFlatten(), Linear(10)"})
    line = bench.do("remove", {"at": "1"})
    assert line.endswith("without its comments and parameters (width), which undoing brings back.")
    assert bench.do("add", {"at": "0", "text": "Flatten()"}) == "Added Flatten()."
    bench.do("undo", {})
    bench.do("undo", {})
    assert "# narrow" in bench.draft.text
    assert "text was written anew" in bench.do("up", {"at": "2"})


@pytest.mark.parametrize("text", ["1,16,16", "[1, 16, 16]", "(1,16,16)", "1x16×16", "1 16 16", "1; 16; 16,"])
def test_a_shape_may_be_written_as_one_likes(bench, text):
    bench.do("input", {"text": text})
    assert bench.draft.wish.shape == (1, 16, 16)


@pytest.fixture
def builder(monkeypatch):
    """A builder whose messages to the page are kept in ``sent``."""
    builder, sent = Builder(draft(), {}), []
    monkeypatch.setattr(builder, "send", lambda content, buffers=None: sent.append(content))
    builder.sent = sent
    yield builder
    builder.close()


def ask(builder: Builder, **question) -> dict:
    """Ask as the page does; return the answer, which has the question's number."""
    builder.hear(builder, {"number": 7, **question}, [])
    assert builder.sent[-1]["number"] == 7
    json.dumps(builder.sent[-1])
    return builder.sent[-1]


def test_the_acts_and_the_way_back(bench):
    bench.do("add", {"at": "1", "text": "maxpool2d"})
    assert (bench.draft.layers[2].name, bench.chosen) == ("MaxPool2d", (2,))
    bench.do("edit", {"at": "2", "text": "AvgPool2d(3), Dropout(0.1)"})
    assert [layer.name for layer in bench.draft.layers[2:4]] == ["AvgPool2d", "Dropout"]
    bench.do("up", {"at": "3"})
    bench.do("down", {"at": "2"})
    bench.do("double", {"at": "3"})
    bench.do("remove", {"at": "4"})
    bench.do("remove", {"at": "3"})
    bench.do("edit", {"at": "2", "text": "  "})
    assert bench.draft.layers == draft().layers
    bench.do("classes", {"text": "3"})
    assert "there are 3 classes" in bench.draft.problem
    bench.do("mend", {"words": bench.draft.proposals[0].words})
    assert bench.draft.problem == ""
    bench.do("input", {"text": "3 × 16 × 16"})
    assert bench.draft.wish.shape == (3, 16, 16)
    while bench.before:
        bench.do("undo", {})
    assert (bench.draft.text, bench.draft.wish.shape, bench.draft.classes) == (CNN, (1, 8, 8), 10)
    while bench.after:
        bench.do("redo", {})
    assert bench.draft.wish.shape == (3, 16, 16)


def test_typing_goes_back_in_one_step(bench):
    for text in ("Linear", "Linear(", "Linear(10)"):
        bench.do("text", {"text": text})
    assert len(bench.before) == 1
    bench.do("undo", {})
    assert bench.draft.text == CNN
    bench.do("text", {"text": "ReLU()"})
    bench.do("add", {"at": "0", "text": "ReLU"})
    bench.do("text", {"text": "Tanh()"})
    assert len(bench.before) == 3


def test_comments_stay_until_the_list_is_changed(bench):
    bench.do("text", {"text": "ReLU()  # why not\nFlatten()"})
    bench.do("classes", {"text": ""})
    assert "# why not" in bench.draft.text
    bench.do("remove", {"at": "1"})
    assert bench.draft.text == "ReLU()"
    bench.do("remove", {"at": "0"})
    assert (bench.draft.text, bench.draft.rows) == ("", ())
    bench.do("add", {"at": "", "text": "Linear"})
    assert bench.draft.text == "Linear(64)"


def test_what_cannot_be_read_keeps_the_list(bench):
    bench.do("text", {"text": "Conv2d(8, 3), ReLU("})
    state = told.state(bench)
    assert state["stale"]
    assert len(state["rows"]) == 4
    assert "was never closed" in state["problem"]
    with pytest.raises(NNArchError, match="mend it in the text"):
        bench.do("remove", {"at": "0"})


@pytest.mark.parametrize(
    ("act", "what", "says"),
    [
        ("edit", {"at": "0", "text": "Conv2d("}, "never closed"),
        ("remove", {"at": "9"}, "no such layer"),
        ("remove", {"at": "1.0"}, "head of a path"),
        ("remove", {"at": "-1"}, "no such row"),
        ("remove", {"at": "x"}, "no such row"),
        ("up", {"at": "0"}, "first layer"),
        ("add", {"at": "0", "text": ""}, "which layer"),
        ("mend", {"words": "Write x"}, "earlier text"),
        ("family", {"name": "gpt2x"}, "no family is called"),
        ("family", {"name": "gru"}, "gru takes"),
        ("input", {"text": "1,,28,-1"}, "sizes parted by commas"),
        ("input", {"text": "0"}, "1 or more"),
        ("input", {"text": "99999999999,99999999999"}, "does not fit in memory"),
        ("classes", {"text": "none"}, "whole number"),
        ("undo", {}, "nothing to undo"),
        ("redo", {}, "nothing to redo"),
        ("eval", {}, "no act is called"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_changes_nothing(bench, act, what, says):
    before = bench.draft
    with pytest.raises(NNArchError, match=says):
        bench.do(act, what)
    assert bench.draft is before


def test_nothing_is_run(bench):
    bench.do("add", {"at": "0", "text": "__import__('os')"})
    assert "no layer is called '__import__'" in bench.draft.problem


def test_every_act_is_bounded(bench):
    for act in sorted(ACTS):
        for what in (
            {},
            {"at": None},
            {"at": "0" * 99, "text": "Linear(10**12), " * 50, "name": None, "words": 3},
        ):
            with suppress(NNArchError):
                bench.do(act, what)
            assert told.state(bench)["rows"] is not None


def test_a_family_writes_its_text_and_is_kept(bench):
    bench.do("family", {"name": "cnn"})
    assert bench.draft.network().nnarch_name == "SimpleCNN"
    assert code_of("cell", bench.draft, "net", {}).startswith("%nnarch build cnn -o net --input 1,8,8")
    bench.do("remove", {"at": "0"})
    assert code_of("cell", bench.draft, "net", {}).startswith("%%nnarch build -o net --input 1,8,8")
    options = drafted("resnet", (1, 8, 8), 10, {"depth": 8, "residual": False}, None, 3)
    line = code_of("cell", options, "net", {})
    assert line == "%nnarch build resnet -o net --input 1,8,8 --classes 10 --seed 3 --depth 8 --no-residual"


def test_the_page_gets_plain_data():
    found = told.state(Bench(draft("Residual(Conv2d(1, 3, padding=1)), Linear(1, 2, 3)", classes=None)))
    assert json.loads(json.dumps(found)) == found
    assert [row["at"] for row in found["rows"]] == ["0", "0.0.0", "1"]
    assert found["rows"][1]["level"] == 1
    assert found["rows"][2]["state"] == "broken"
    assert not found["stands"]
    assert {"Conv2d", "Residual", "SelfAttention"} <= set(told.choices()["layers"])
    assert {"cnn", "resnet50"} <= set(told.choices()["families"])
    drawn = told.picture(draft())
    assert "<svg" in drawn["svg"]
    assert "conv1: Conv2d" in drawn["alt"]
    assert told.picture(draft("", None)) == {"svg": "", "alt": ""}


def test_a_number_that_no_column_holds_is_short():
    rows = told.state(Bench(draft("Flatten(), Linear(10), Linear(10**12)")))["rows"]
    assert [row["params"] for row in rows] == ["", "650", "11.0 T"]


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_usual_layers_are_written_well(dims):
    shape = {1: (8,), 2: (6, 8), 3: (3, 16, 16)}[dims]
    for text in usual.palette(shape):
        given = drafted(text, shape, None, {}, None, 0)
        alone = "takes" in given.problem or "steps" in given.problem or "Pooling" in given.problem
        assert not given.problem or alone, given.problem
    for name in usual.names():
        assert drafted(usual.usual_text(name), None, None, {}, None, 0).unreadable == ""


def test_answers_carry_the_number(builder):
    answer = ask(builder, kind="act", act="add", at="0", text="ReLU")
    assert len(answer["state"]["rows"]) == 5
    assert answer["state"]["line"] == "Added ReLU()."
    answer = ask(builder, kind="act", act="add", at="0", text="Conv2d(")
    assert answer["state"]["refused"]
    assert len(answer["state"]["rows"]) == 5
    assert "<svg" in ask(builder, kind="draw")["svg"]
    assert "class Network" in ask(builder, kind="code", form="python", name="net")["code"]
    assert ask(builder, kind="code", form="exe", name="net")["refused"]
    for odd in (None, 3, {}, {"kind": "eval"}, {"kind": None}):
        builder.hear(builder, odd, [])


def test_a_mistake_of_ours_is_answered_too(builder, monkeypatch):
    monkeypatch.setattr(told, "picture", lambda draft: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(builder, kind="draw")
    assert "failed within the builder" in builder.sent[-1]["line"]


def test_used_as_model(builder):
    before = torch.get_rng_state()
    assert ask(builder, kind="use", name="net")["line"] == "The notebook has it as net: 2,970 parameters."
    assert torch.equal(torch.get_rng_state(), before)
    network = builder.variables["net"]
    same = build(CNN, (1, 8, 8))
    assert torch.equal(network[0].weight, same[0].weight)
    assert "in place of what had that name" in ask(builder, kind="use", name="net")["line"]
    assert ask(builder, kind="use", name="not a name")["refused"]
    ask(builder, kind="act", act="text", text="Linear(")
    assert ask(builder, kind="use", name="other")["refused"]
    assert set(builder.variables) == {"net"}


def test_weights_are_drawn_on_the_main_thread(builder):
    class Loop:
        def __init__(self):
            self.waiting = []

        def call_soon_threadsafe(self, do):
            self.waiting.append(do)

    builder.loop = Loop()
    thread = threading.Thread(target=builder.hear, args=(builder, {"kind": "use", "name": "net"}, []))
    thread.start()
    thread.join()
    assert builder.variables == {}
    builder.loop.waiting.pop()()
    assert "net" in builder.variables


def test_code_runs_and_is_the_network():
    found = draft()
    scope: dict = {}
    exec(code_of("python", found, "net", {}), scope)
    network = found.network()
    scope["net"].load_state_dict(network.state_dict())
    x = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(scope["net"].eval()(x), network.eval()(x))
    with pytest.raises(NNArchError, match="gets"):
        code_of("python", draft("nn.Linear(3, 4)"), "net", {})
    x = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    mine = data((x, (x.sum(1) > 0).long()))
    given = drafted("Linear(2)", mine, None, {}, "Tiny", 0)
    assert (
        code_of("cell", given, "m", {"mine": mine})
        == "%%nnarch build -o m --input mine --name 'Tiny'\nLinear(2)"
    )


def test_the_script_is_one_module():
    text = script.script()
    assert not re.search(r"^import |^export (?!default)", text, flags=re.MULTILINE)
    assert text.count("export default") == 1
    names = re.findall(r"^(?:class|(?:async )?function|const|let) (\w+)", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert "innerHTML" not in text


def test_closed_leaves_nothing(builder):
    mine = {builder.model_id, builder.layout.model_id}
    assert mine <= set(_instances)
    builder.hear(builder, {"kind": "closed"}, [])
    assert not mine & set(_instances)


def test_only_a_page_gets_a_builder():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("%load_ext nnarch_nb"),
            nbformat.v4.new_code_cell("%%nnarch build --ui --input 4 -o net\nnn.Linear(5, 2)"),
            nbformat.v4.new_code_cell("'net' in dir()"),
        ]
    )
    NotebookClient(notebook, kernel_name="python3").execute()
    (shown,) = notebook.cells[1].outputs
    assert VIEW not in shown.data
    assert "has in_features=5; give 4" in shown.data["text/plain"]
    assert "Write Linear(2)" in shown.data["text/html"]
    assert notebook.cells[2].outputs[0].data["text/plain"] == "False"
