"""The explorer's side in the kernel: what the page is told, what it may ask, and when it is shown at all."""

from __future__ import annotations

import gc
import json
import re
import weakref
from xml.etree import ElementTree

import nbformat
import pytest
from ipywidgets.widgets.widget import _instances
from nbclient import NotebookClient
from torch import nn

from nnarch_nb.verbs.graph import Graph, graph
from nnarch_nb.views.live.explorer import script, told, wishes
from nnarch_nb.views.live.explorer.widget import Explorer
from nnarch_nb.views.live.standing import VIEW


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up, self.act, self.down = nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8)

    def forward(self, x):
        return x + self.down(self.act(self.up(x)))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Linear(4, 8), nn.Linear(8, 2)
        self.blocks = nn.ModuleList(Block() for _ in range(6))

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


@pytest.fixture(scope="module")
def drawn() -> Graph:
    return graph(Net(), (4,))


@pytest.fixture
def explorer(drawn, monkeypatch):
    """An explorer whose messages to the page are kept in ``sent``."""
    explorer, sent = Explorer(drawn), []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append(content))
    explorer.sent = sent
    yield explorer
    explorer.close()


def ask(explorer: Explorer, act: str, path: str = "") -> str:
    """Ask as the page does; return the line it gets."""
    explorer.hear(explorer, {"kind": "draw", "act": act, "path": path}, [])
    return explorer.sent[-1]["line"]


def paths(picture: dict, part: str = "nodes") -> list[str]:
    return [each["path"] for each in picture[part]]


def test_the_page_gets_plain_data(drawn):
    picture = told.picture(drawn)
    assert json.loads(json.dumps(picture)) == picture
    up = next(node for node in picture["nodes"] if node["path"] == "blocks.0.up")
    assert (up["type"], up["input"], up["output"], up["params"], up["macs"]) == (
        "Linear",
        "8",
        "16",
        "144 each",
        "128 each",
    )
    assert len(picture["nodes"]) == picture["svg"].count('class="nn-node') == len(drawn.nodes)
    assert picture["edges"] == [[edge.source, edge.target] for edge in drawn.edges]


def test_every_row_leads_to_what_shows_it(drawn):
    picture = told.picture(drawn)
    at = dict(zip((row[0] for row in told.rows(drawn)), picture["at"], strict=True))
    (up,) = [node["id"] for node in picture["nodes"] if node["path"] == "blocks.0.up"]
    assert at["blocks.0"] == at["blocks.5"] == "f0"
    assert at["blocks.0.up"] == at["blocks.3.up"] == f"n{up}"
    assert at[""] == at["blocks"] == ""
    assert all(at[path] for path in at if path not in ("", "blocks"))


def test_a_network_that_is_one_layer():
    drawn = graph(nn.Linear(4, 2), (4,))
    assert told.rows(drawn) == [["", "", "Linear", "2", "10"]]
    assert told.picture(drawn)["at"] == ["n1"]


def test_fold_open_and_draw_all(explorer):
    before = explorer.picture
    assert ask(explorer, "fold", "blocks.0") == ""
    (folded,) = [node for node in explorer.picture["nodes"] if node["kind"] == "group"]
    assert (folded["path"], folded["count"], folded["acts"][0]) == ("blocks.0", 6, "open")
    assert set(explorer.picture["at"]) == {
        "",
        *(f"n{node['id']}" for node in explorer.picture["nodes"][1:-1]),
    }
    assert ask(explorer, "open", "blocks.0") == ""
    assert explorer.picture == before
    assert ask(explorer, "all", "blocks.0") == ""
    assert {f"blocks.{n}.up" for n in range(6)} < set(paths(explorer.picture))
    frame = explorer.picture["frames"][2]
    assert frame["acts"] == ["fold", "once"]
    assert ask(explorer, "once", frame["path"]) == ""
    assert explorer.picture == before
    assert ask(explorer, "fold", "blocks.0") == ""
    assert ask(explorer, "reset") == ""
    assert explorer.picture == before


def test_what_is_asked_within_a_copy_holds_for_all(drawn):
    nested = nn.Sequential(*(nn.Sequential(Block(), nn.LayerNorm(8)) for _ in range(4)))
    drawn = graph(nested, (8,))
    folded = wishes.act(drawn, "fold", "0.0")
    apart = wishes.act(folded, "all", "0")
    assert {f"{n}.0" for n in range(4)} == {node.path for node in apart.nodes if node.kind == "group"}
    opened = wishes.act(wishes.act(graph(nested, (8,), depth=2), "open", "0.0"), "all", "0")
    assert {f"{n}.0.up" for n in range(4)} < {node.path for node in opened.nodes}
    once = wishes.act(apart, "once", "3")
    assert (once.nodes, once.groups) == (folded.nodes, folded.groups)
    # The row of a copy leads to the one that is drawn for it.
    at = dict(zip((row[0] for row in told.rows(once)), told.picture(once)["at"], strict=True))
    assert at["3"] == at["0"] == "f0"


def test_more_shapes_than_one_are_told_in_words():
    assert told.in_words(((1, 5), (1, 7), (1, 9)), True) == "5 and 2 more"
    assert told.in_words((1, 5), True) == "5"
    assert told.in_words((), True) == ""


def test_a_name_with_any_character_can_be_told_and_asked():
    network = nn.Sequential()
    network.add_module("a\x07\ud800", nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    drawn = graph(network, (2,))
    picture = told.picture(drawn)
    json.dumps([picture, told.rows(drawn)], ensure_ascii=False).encode()
    ElementTree.fromstring(picture["svg"])
    (frame,) = (frame["path"] for frame in picture["frames"])
    assert frame == "a\ufffd\ufffd"
    assert "group" in {node.kind for node in wishes.act(drawn, "fold", frame).nodes}


def test_a_repeat_of_two_is_drawn_whole_and_has_no_box():
    layers = [layer for _ in range(5) for layer in (nn.Linear(4, 4), nn.ReLU())]
    drawn = graph(nn.Sequential(*layers, nn.Linear(4, 1)), (4,))
    (frame,) = told.picture(drawn)["frames"]
    assert (frame["count"], frame["acts"]) == (5, ["all"])
    at = dict(zip((row[0] for row in told.rows(drawn)), told.picture(drawn)["at"], strict=True))
    assert at["0"] == at["8"] != at["9"] == at["1"]
    assert len(wishes.act(drawn, "all", frame["path"]).nodes) == 13


def test_what_cannot_be_done_comes_back_as_one_line(explorer):
    before = explorer.picture
    assert ask(explorer, "fold", "no.such") == "there is no such module in this network"
    assert "opn" in ask(explorer, "opn", "blocks.0")
    assert ask(explorer, "fold", "head") == "It cannot be drawn otherwise."
    assert explorer.picture == before


def test_a_bug_of_ours_still_answers_the_page(explorer, monkeypatch):
    monkeypatch.setattr(told, "picture", lambda graph: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(explorer, "fold", "blocks.0")
    assert explorer.sent == [{"kind": "drawn", "line": "This could not be drawn: ZeroDivisionError."}]


@pytest.mark.parametrize("message", [None, "draw", {}, {"kind": "else"}, {"kind": ["draw"]}])
def test_it_ignores_what_it_does_not_know(explorer, message):
    explorer.hear(explorer, message, [])
    assert not explorer.sent


def test_closing_lets_go(drawn):
    held = set(_instances)
    explorer = Explorer(drawn)
    gone = weakref.ref(explorer)
    assert set(_instances) - held
    explorer.hear(explorer, {"kind": "closed"}, [])
    assert set(_instances) == held
    del explorer
    gc.collect()
    assert gone() is None


def test_names_stay_text():
    network = nn.Sequential()
    network.add_module('<img src=x onerror="alert(1)">', nn.Linear(2, 2))
    network.add_module("</svg><script>alert(2)</script>", nn.ReLU())
    drawn = graph(network, (2,))
    svg = told.picture(drawn)["svg"]
    assert "<img" not in svg
    assert "<script" not in svg
    # Everything else is data: the page's code makes text of it, and never reads it as markup.
    code = script.script()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)
    assert told.rows(drawn)[1][1] == '<img src=x onerror="alert(1)">'


def test_the_code_is_one_module_of_all_its_files():
    code = script.script()
    folder = script.files("nnarch_nb.views.live.explorer")
    assert {path.name.removesuffix(".js") for path in folder.iterdir() if path.name.endswith(".js")} == set(
        script.PARTS
    )
    assert "import " not in re.sub(r"//.*", "", code)
    assert code.count("export ") == 1
    # One module has one list of names.
    names = re.findall(r"^(?:class|(?:async )?function|const|let) (\w+)", code, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg", "", code + script.style())


def test_a_part_is_put_after_those_it_takes_from():
    for place, part in enumerate(script.PARTS):
        taken = re.findall(r'from "\./(\w+)\.js"', script.read(f"{part}.js"))
        assert set(taken) <= set(script.PARTS[:place])


def test_a_long_list_is_cut_by_depth(monkeypatch, drawn):
    monkeypatch.setattr(told, "MOST_ROWS", 10)
    rows = told.rows(drawn)
    assert [row[0] for row in rows][:4] == ["", "embed", "blocks", "blocks.0"]
    assert len(rows) == len(told.picture(drawn)["at"]) == 10
    explorer = Explorer(drawn)
    assert explorer.unlisted == len(drawn.trace.rows) - 10
    explorer.close()
    monkeypatch.setattr(told, "MOST_ROWS", 3)
    assert [row[0] for row in told.rows(drawn)] == ["", "embed", "blocks"]


def test_without_a_page_only_the_picture_is_shown(tmp_path):
    """Run as nbconvert does: a widget in the file would be one that nobody can ever see."""
    cells = [
        "import torch, nnarch_nb\nmodel = torch.nn.Linear(4, 2)",
        "nnarch_nb.graph(model, (4,), explore=True)",
        "nnarch_nb.graph(model, (4,)).explore().explored",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = notebook.cells[1].outputs
    assert set(output.data) == {"text/html", "text/plain", "image/png"}
    assert notebook.cells[2].outputs[0].data["text/plain"] == "True"


def test_in_plain_python_it_is_the_picture(drawn):
    assert drawn.explore()._repr_mimebundle_() == drawn._repr_mimebundle_()


@pytest.fixture(scope="module")
def page_kernel(kernel):
    """A kernel whose requests name their cell, as those of a notebook page do."""
    make = kernel.client.session.msg

    def named(msg_type, *args, **kwargs):
        if msg_type == "execute_request":
            kwargs["metadata"] = {"cellId": "a"}
        return make(msg_type, *args, **kwargs)

    kernel.client.session.msg = named
    yield kernel
    kernel.client.session.msg = make


def test_with_a_page_the_picture_comes_first_and_the_widget_after(page_kernel):
    page_kernel.run("from nnarch_nb.verbs.graph import graph\nlayer = torch.nn.Linear(4, 2)")
    static, widget = page_kernel.run("g = graph(layer, (4,), explore=True)\ng").shown
    assert set(static) == {"text/html", "text/plain", "image/png"}
    assert widget[VIEW]["model_id"]
    assert widget["text/plain"] == ""
    assert len(page_kernel.run("graph(layer, (4,))").shown) == 1
    assert page_kernel.run("print(type(g).__name__, g.explored)").printed == "Graph True\n"


def test_a_cell_run_again_ends_what_it_showed_before(page_kernel):
    page_kernel.run("from nnarch_nb.verbs.graph import graph\nlayer = torch.nn.Linear(4, 2)")
    page_kernel.run("display(graph(layer, (4,), explore=True))\ngraph(layer, (4,), explore=True)")
    count = "from nnarch_nb.views.live.standing import _shown\nprint(len(_shown))"
    assert page_kernel.run(count).printed == "2\n"
    page_kernel.run("graph(layer, (4,), explore=True)")
    assert page_kernel.run(count).printed == "1\n"
