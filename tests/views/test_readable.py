"""A network may have any string for a name: no form breaks, and none hides that something is there."""

import json
import warnings
from xml.etree import ElementTree

import pytest
from torch import nn

from nnarch_nb.verbs.graph import graph
from nnarch_nb.views.figure import draw
from nnarch_nb.views.readable import REPLACEMENT, readable

NAMES = ("bell\x07", "half\ud800", "end\x00\x1b[31m", "turned\u202e", "none\ufffe")


@pytest.fixture(scope="module")
def drawn():
    network = nn.Sequential()
    for size, name in enumerate((*NAMES, "层", "🙂"), 2):
        network.add_module(name, nn.Linear(size, size + 1))  # none alike: each is drawn
    return graph(network, (2,))


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_shown_is_marked(name):
    shown = readable(name)
    assert shown != name
    assert REPLACEMENT in shown
    shown.encode()
    ElementTree.fromstring(f"<a>{shown}</a>")


def test_what_can_be_shown_stays():
    text = "层 ü 🙂\n\tnext line\r"
    assert readable(text) == text


def test_every_form_of_a_graph_can_be_written(drawn, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle = json.dumps(drawn._repr_mimebundle_(), ensure_ascii=False).encode()
        files = {
            suffix: drawn.save(tmp_path / f"x{suffix}")
            for suffix in (".html", ".txt", ".svg", ".png", ".dot", ".mmd")
        }
    assert f"half{REPLACEMENT}".encode() in bundle
    root = ElementTree.parse(files[".svg"]).getroot()
    assert f"bell{REPLACEMENT}" in "".join(root.itertext())


def test_a_chart_is_drawn_with_any_label():
    def paint(canvas):
        axes = canvas.subplots()
        axes.barh(range(len(NAMES)), [1] * len(NAMES))
        axes.set_yticks(range(len(NAMES)), labels=NAMES)
        axes.set_title("层 half\ud800")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = draw(paint, 300, 200, "bars").svg
    ElementTree.fromstring(svg)
    assert svg.count(REPLACEMENT) >= len(NAMES) + 1
