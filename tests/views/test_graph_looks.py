"""The looks that carry a meaning, the legend that tells it, and the parts a program can find."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from torch import Tensor, nn

from nnarch_nb.verbs.graph import Graph, graph
from nnarch_nb.verbs.graph.layout import Line
from nnarch_nb.verbs.graph.sizes import LABEL_MARGIN, label_size
from nnarch_nb.views import bundle
from nnarch_nb.views import graph as view
from nnarch_nb.views.graph_paths import curve, spans, titles, walk

SVG = "{http://www.w3.org/2000/svg}"


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.fc = nn.LayerNorm(4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fc(self.norm(x))


def blocks() -> Graph:
    return graph(nn.Sequential(*(Block() for _ in range(4)), nn.Linear(4, 2)), (4,))


def words(html: str) -> str:
    """Return what is left for those who see neither style nor drawing."""
    bare = re.sub(r"<(style|svg).*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def test_marked_parts_are_those_of_the_graph() -> None:
    result = blocks()
    root = ElementTree.fromstring(view.svg(result, marked=True))
    nodes = [part for part in root.iter(f"{SVG}g") if part.get("class") == "nn-node"]
    found = {int(part.get("data-node", "")): (part.get("data-path"), part.get("data-kind")) for part in nodes}
    assert found == {node.id: (node.path, node.kind) for node in result.nodes}
    assert {part.get("tabindex") for part in nodes} == {"-1"}
    (frame,) = (part for part in root.iter(f"{SVG}g") if part.get("class") == "nn-frame")
    assert (frame.get("data-path"), frame.get("data-count")) == ("0", "4")
    lines = [part for part in root.iter(f"{SVG}path") if part.get("class") == "nn-edge"]
    ends = [(int(part.get("data-source", "")), int(part.get("data-target", ""))) for part in lines]
    assert ends == [(edge.source, edge.target) for edge in result.edges]
    assert len(view.svg(result)) < len(view.svg(result, marked=True))
    assert "data-" not in view.svg(result)


def test_the_legend_tells_what_is_there_and_nothing_else() -> None:
    plain = words(view.html(graph(nn.Sequential(nn.Linear(4, 4)), (4,))))
    told = words(view.html(blocks()))
    for meaning in ("passes by and is joined", "on to the next copy", "copies alike, drawn once", "other"):
        assert meaning in told
        assert meaning not in plain
    frozen = nn.Linear(4, 4).requires_grad_(False)
    assert "frozen" in words(view.html(graph(nn.Sequential(frozen), (4,))))
    tied = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    tied[2].weight = tied[0].weight
    html = view.html(graph(tied, (4,)))
    assert "weights shared" in words(html)
    assert "weights shared with 2</title>" in html


def test_lines_differ_by_more_than_colour() -> None:
    svg = blocks().svg
    assert svg.count('stroke-width="2"') == 1
    assert svg.count('stroke-dasharray="4 3"') == 1


def test_heat_writes_its_share_and_its_scale() -> None:
    model = nn.Sequential(nn.Linear(4, 30), nn.ReLU(), nn.Linear(30, 1))
    html = view.html(graph(model, (4,), heat="macs"))
    assert "share of the multiply-accumulates" in words(html)
    assert ": Linear 80 %" in html
    assert ": Linear 20 %" in html
    assert "#fee838" in html


def test_a_failure_is_told_before_the_picture(article_cnn: nn.Module) -> None:
    result = graph(article_cnn, (1, 28, 28))
    told = words(view.html(result))
    assert "fc1 (Linear) fails on 1×36864" in told
    assert "stopped here" in told
    assert "wants 9,216 features, got 36,864" in result.svg
    assert "fc1: Linear, wants 9,216 features, got 36,864" in view.text(result)
    assert "stopped by an error" in view.text(result)
    assert "wants 9,216 features, got 36,864" in result.dot
    assert "wants 9,216 features, got 36,864" in result.mermaid


def test_formats() -> None:
    model = nn.Sequential(nn.Linear(4, 2))
    assert view.text(graph(model, (4,), format="mermaid")).startswith("flowchart TD")
    assert view.text(graph(model, (4,), format="dot")).startswith("digraph {")
    assert "<pre" in view.html(graph(model, (4,), format="dot"))
    assert "<svg" not in view.html(graph(model, (4,), format="png"))
    assert "nn-title" not in view.html(graph(model, (4,), format="svg")).split("</style>")[1]
    for form in ("html", "svg", "png", "dot", "mermaid"):
        shown = bundle(graph(model, (4,), format=form))
        assert set(shown) == {"text/plain", "text/html", "image/png"}


def test_large_pictures_stay_light() -> None:
    class Own(nn.Sequential):
        def __init__(self, width: int) -> None:
            super().__init__(nn.Linear(4, width), nn.GELU(), nn.Linear(width, 4))

    result = graph(nn.Sequential(*(Own(width) for width in range(1, 32))), (4,))
    assert len(result.nodes) > 90
    assert len(view.html(result)) < 40_000


def test_titles_stand_where_no_line_crosses_them() -> None:
    result = blocks()
    box, title = result.layout.frames[0], view.svg(result)
    x = int(re.findall(r'<text x="(\d+)" y="\d+" font-weight="600">0–3', title)[0])
    crossings = [px for line in result.layout.lines for px, py in walk(line) if box.y + 4 <= py <= box.y + 18]
    assert not any(x <= px <= x + 60 for px in crossings)


def test_straight_curves_are_written_as_lines() -> None:
    down = Line(points=((5, 0), (5, 3), (5, 6), (5, 9), (5, 12), (5, 15), (5, 20)), tip=(5, 25), label=None)
    assert curve(down) == "M5 0v20"
    bent = Line(points=((0, 0), (0, 10), (10, 10), (10, 20)), tip=(10, 25), label=None)
    assert curve(bent) == "M0 0c0 10 10 10 10 20"


def test_large_files_are_fine_enough_to_read() -> None:
    from io import BytesIO

    from PIL import Image

    result = blocks()
    width, height = Image.open(BytesIO(view.EXPORTS[".png"](result))).size
    assert abs(width - 2 * result.layout.width) <= 2
    assert abs(height - 2 * result.layout.height) <= 2


def test_names_with_markup_are_text_in_mermaid() -> None:
    evil = '"]; click n0 call x() <script>alert(1)</script> %%{init}%% #quot; `a` end\n%%'
    model = nn.Sequential()
    model.add_module("a", nn.Sequential(type(evil, (nn.Linear,), {})(4, 4), nn.ReLU()))
    model.add_module("b", nn.Linear(4, 2))
    source = graph(model, (4,)).mermaid
    quoted = re.sub(r'"[^"]*"', "", source)
    assert not re.search(r"script|alert|click|init|quot|`", quoted)
    inside = re.sub(r"#\d+;", "", "".join(re.findall(r'"([^"]*)"', source)))
    assert not re.search(r"[<>`;#(){}\[\]]", inside)
    assert "#60;script#62;" in source
    assert source.count("\n") == len(source.splitlines())


def test_mermaid_has_every_part() -> None:
    result = blocks()
    source = result.mermaid
    assert 'subgraph g0["0–3: Block ×4"]' in source
    for edge in result.edges:
        arrow = {"flow": "-->", "skip": "==>", "repeat": "-.->"}[edge.kind]
        assert re.search(rf"n{edge.source} {re.escape(arrow)}(\|[^|]*\|)? n{edge.target}\n", source)
    assert all(re.search(rf"\bn{node.id}[\[(]", source) for node in result.nodes)


def test_names_are_set_apart_in_every_box_or_in_none() -> None:
    long = "a" * 200
    network = nn.Sequential()
    network.add_module(long, nn.Linear(2, 3))
    for size in range(3, 67):
        network.add_module(f"l{size}", nn.Linear(size, size + 1))
    large = graph(network, (2,))
    assert "monospace" not in view.svg(large)
    named = sum(node.kind != "output" for node in large.nodes)
    assert view.svg(large, marked=True).count('font-family="monospace"') == named
    few = view.svg(graph(network[:2], (2,)))
    assert few.count('font-family="monospace"') == 3
    assert few.index('monospace" font-size="11">aaa') > 0


def test_no_line_crosses_the_title_of_a_narrow_frame() -> None:
    inner = nn.Sequential(nn.ReLU(), nn.Tanh())
    result = graph(nn.Sequential(nn.Linear(4, 4), inner, nn.Linear(4, 4)), (4,))
    (group,), (box,), (title,) = result.groups, result.layout.frames, titles(result)
    width = label_size(group.label)[0]
    assert box.x < title[0]
    assert title[0] + width - LABEL_MARGIN < box.x + box.width
    walked = [list(walk(line)) for line in result.layout.lines]
    crossing = [span for steps in walked for span in spans(steps, title[1] - 9, title[1])]
    assert crossing
    assert all(right < title[0] or left > title[0] + width - LABEL_MARGIN for left, right in crossing)
