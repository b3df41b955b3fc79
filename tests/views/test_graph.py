"""How a graph looks."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import torch
from PIL import Image
from torch import Tensor, nn

from nnarch_nb.verbs.graph import Graph, graph
from nnarch_nb.views import bundle
from nnarch_nb.views import graph as view

EVIL = "<script>alert('1')</script>"
EVIL_NAME = '<img src=x onerror="a">\\N\\'


def evil() -> Graph:
    model = nn.Sequential()
    model.add_module(EVIL_NAME, nn.Sequential(type(EVIL, (nn.Linear,), {})(4, 4), nn.ReLU()))
    model.add_module("$\\alpha$", nn.Linear(4, 2))
    return graph(model, (4,))


def test_the_article_s_network(simple_cnn: nn.Module, golden: Callable[[str, str], None]) -> None:
    result = graph(simple_cnn, (1, 28, 28))
    golden("graph.txt", view.text(result))
    golden("graph.svg", result.svg)
    golden("graph.dot", result.dot)


def test_a_network_with_skips_and_frames(golden: Callable[[str, str], None]) -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(x + self.norm(self.conv(x)))

    result = graph(nn.Sequential(nn.Conv2d(3, 4, 1), Residual(), Residual()), (3, 8, 8))
    golden("graph-residual.svg", result.svg)
    golden("graph-residual.txt", view.text(result))


def test_all_forms_are_light(simple_cnn: nn.Module) -> None:
    forms = bundle(graph(simple_cnn, (1, 28, 28)))
    png = b64decode(forms["image/png"])
    assert len(forms["text/html"]) + len(forms["image/png"]) < 20_000
    assert len(png) < 15_000
    width, height = Image.open(BytesIO(png)).size
    assert height > 3 * width


def test_the_picture_takes_the_host_s_theme(simple_cnn: nn.Module) -> None:
    svg = graph(simple_cnn, (1, 28, 28)).svg
    assert 'fill="currentColor"' in svg
    assert "system-ui" in svg
    assert not re.search(r'\bid="|<script|<style|#000|black|white|\d\.\d', svg)


def test_every_node_says_what_it_is(simple_cnn: nn.Module) -> None:
    root = ElementTree.fromstring(graph(simple_cnn, (1, 28, 28)).svg)
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "conv2 · gives B×64×24×24 · 18,496 parameters · 10,616,832 MACs" in titles
    assert len(titles) == 11


def test_html_carries_svg_and_its_fallback(simple_cnn: nn.Module) -> None:
    html = view.html(graph(simple_cnn, (1, 28, 28)))
    assert html.count("<svg") == html.count('<img class="nn-fallback"') == 1
    assert 'aria-label="Dataflow of MendedCNN, 1×28×28 → 10: 11 steps, 0 joins' in html
    for family in ("convolution", "linear", "activation", "pooling"):
        assert f"</span>{family}</span>" in html


def test_markup_in_names_is_text_everywhere() -> None:
    result = evil()
    for form in (result.svg, view.svg(result, marked=True), view.html(result)):
        assert "<script" not in form
        assert "<img src=x" not in form
    texts = "".join(ElementTree.fromstring(result.svg).itertext())
    assert EVIL in texts
    assert EVIL_NAME in texts
    assert bundle(result)["image/png"]


def test_markup_in_names_is_text_in_dot() -> None:
    import pygraphviz

    read = pygraphviz.AGraph(string=evil().dot)
    label = read.get_node("n1").attr["label"]
    assert label.replace("\\\\", "\\") == f"0: {EVIL}"
    (frame,) = read.subgraphs()
    assert frame.graph_attr["label"].replace("\\\\", "\\") == f"{EVIL_NAME}: Sequential"


def test_names_of_every_script_and_length() -> None:
    model = nn.Sequential()
    for name in ("層一", "é" * 200, "a b", "🙂", "-", "node"):
        model.add_module(name, nn.Linear(2, 2))
    result = graph(model, (2,))
    ElementTree.fromstring(result.svg)
    assert max(len(node.label) for node in result.nodes) < 70
    assert result.layout.width < 700


def test_tensors_show_their_batch() -> None:
    assert "7×4 → 7×2" in view.html(graph(nn.Linear(4, 2), torch.zeros(7, 4)))


def test_wide_pictures_scroll_instead_of_shrinking(simple_cnn: nn.Module) -> None:
    assert "max-width:none" in graph(simple_cnn, (1, 28, 28), direction="right").svg
    assert "max-width:none" not in graph(simple_cnn, (1, 28, 28)).svg
