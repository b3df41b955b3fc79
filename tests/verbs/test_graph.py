"""The verb ``graph``: what is drawn, how it is folded, and where it goes."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.graph import Graph, graph
from nnarch_nb.verbs.graph import drawing as drawing_module
from nnarch_nb.verbs.graph import layout as layout_module
from nnarch_nb.verbs.graph.layout import TIME_LIMIT, TooSlow, lay_out
from nnarch_nb.views import bundle


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.mlp = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mlp(self.norm(x))


class Scale(nn.Module):
    """A layer of one's own, with nothing within."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.exp() + 1


def labels(result: Graph) -> list[str]:
    return [node.label for node in result.nodes]


def edges(result: Graph) -> list[tuple[str, str, str]]:
    return [(result.nodes[e.source].label, result.nodes[e.target].label, e.label) for e in result.edges]


def test_the_article_s_network(simple_cnn: nn.Module) -> None:
    result = graph(simple_cnn, (1, 28, 28))
    assert repr(result) == "Graph(MendedCNN: 11 nodes, 10 edges, 0 joins)"
    assert labels(result) == [
        "input B×1×28×28", "conv1: Conv2d", "relu", "conv2: Conv2d", "relu", "max_pool2d", "dropout: Dropout",
        "fc1: Linear", "relu", "fc2: Linear", "output B×10",
    ]  # fmt: skip
    # A shape stands where it changes; the flatten before fc1 is drawn through.
    assert [edge.label for edge in result.edges] == [
        "", "B×32×26×26", "", "B×64×24×24", "", "B×64×12×12", "B×9216", "B×128", "", "",
    ]  # fmt: skip
    assert result.notes == ("Not drawn: 1 rearrangement (flatten, view, …).",)
    conv2 = result.nodes[3]
    assert (conv2.path, conv2.params, conv2.macs, conv2.shapes) == (
        "conv2", 18_496, 10_616_832, ((1, 64, 24, 24),),
    )  # fmt: skip


def frames(result: Graph) -> list[tuple[str, int | None, str]]:
    return [(group.path, group.parent, group.label) for group in result.groups]


def test_skips_join_and_modules_are_framed() -> None:
    result = graph(nn.Sequential(Block(), nn.Linear(4, 4), Block()), (4,))
    assert result.joins == 2
    assert frames(result) == [
        ("0", None, "0: Block"), ("2", None, "2: Block"),
        ("0.mlp", 0, "mlp: Sequential"), ("2.mlp", 1, "mlp: Sequential"),
    ]  # fmt: skip
    gelu = next(node for node in result.nodes if node.type == "GELU")
    assert gelu.group is not None
    assert result.groups[gelu.group].path == "0.mlp"
    assert [edge[:2] for edge, kind in kinds(result) if kind == "skip"] == [
        ("input B×4", "+"), ("1: Linear", "+"),
    ]  # fmt: skip


def kinds(result: Graph) -> list[tuple[tuple[str, str, str], str]]:
    return list(zip(edges(result), (edge.kind for edge in result.edges), strict=True))


def test_depth_folds_modules_into_boxes() -> None:
    model = nn.Sequential(Block(), nn.Linear(4, 4), Block())
    one = graph(model, (4,), depth=1)
    assert labels(one) == ["input B×4", "0: Block", "1: Linear", "2: Block", "output B×4"]
    assert [node.macs for node in one.nodes] == [0, 64, 16, 64, 0]
    two = graph(model, (4,), depth=2)
    assert labels(two)[1:4] == ["norm: LayerNorm", "mlp: Sequential", "+"]
    assert two.joins == 2


def test_two_calls_of_one_module_are_told_apart_from_two_modules() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block()

        def forward(self, x: Tensor) -> Tensor:
            return self.block(self.block(x))

    assert labels(graph(Twice(), (4,), depth=1)) == ["input B×4", "block: Block ×2 calls", "output B×4"]


def test_a_layer_of_one_s_own_is_one_box() -> None:
    result = graph(nn.Sequential(Scale(), nn.Linear(4, 2)), (4,))
    assert labels(result) == ["input B×4", "0: Scale", "1: Linear", "output B×2"]
    assert [node.kind for node in result.nodes] == ["input", "layer", "layer", "output"]


def test_a_module_is_given_what_it_rearranges_within() -> None:
    class Flattens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, 4))

        def forward(self, x: Tensor) -> Tensor:
            return (x.view(-1, 4) @ self.weight).view(x.shape)

    result = graph(nn.Sequential(nn.Linear(4, 4), Flattens()), (3, 4))
    assert [edge.shape for edge in result.edges] == [(1, 3, 4)] * 3


def test_a_tensor_used_twice_makes_two_edges() -> None:
    class Squares(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * x

    result = graph(Squares(), (4,))
    assert [edge[:2] for edge in edges(result)] == [
        ("input B×4", "×"), ("input B×4", "×"), ("×", "output B×4"),
    ]  # fmt: skip
    assert result.joins == 0  # they are one tensor


def test_lines_that_cannot_be_followed_are_said_to_be_missing() -> None:
    class Computes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.from_numpy(x.numpy() * 2)

    result = graph(Computes(), (4,))
    assert labels(result) == ["input B×4", "output B×4"]
    assert result.notes == ("Lines are missing: what runs outside torch, as in numpy, cannot be followed.",)


def test_an_output_without_the_input_is_said_to_be_so() -> None:
    class Ignores(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1, 3))

        def forward(self, x: Tensor) -> Tensor:
            return self.weight * 2

    assert graph(Ignores(), (4,)).notes == ("The output does not depend on the input.",)


def test_noise_is_a_box_that_takes_the_form_of_a_tensor_alone() -> None:
    class Noisy(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + torch.randn_like(x) * 2 + torch.zeros_like(x)

    result = graph(Noisy(), (4,))
    assert labels(result) == ["input B×4", "randn_like", "×", "+", "+", "output B×4"]
    assert [(edge.source, edge.target) for edge in result.edges] == [(1, 2), (0, 3), (2, 3), (3, 4), (4, 5)]


def test_functions_without_use_are_left_out() -> None:
    class Wastes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x.abs().sum()
            return x.relu()

    result = graph(Wastes(), (4,))
    assert labels(result) == ["input B×4", "relu", "output B×4"]
    assert result.notes == ("Not drawn: 2 functions without use for the result.",)


def test_scripts_are_one_box() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scripted = torch.jit.script(nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
    result = graph(nn.Sequential(scripted, nn.Linear(4, 2)), (4,))
    assert labels(result) == ["input B×4", "0: Sequential", "1: Linear", "output B×2"]
    assert len(result.edges) == 3


@pytest.mark.parametrize("model", [nn.Linear(4, 2), nn.LSTM(4, 2, batch_first=True), nn.Identity()])
def test_a_single_layer(model: nn.Module) -> None:
    result = graph(model, (3, 4) if isinstance(model, nn.LSTM) else (4,))
    assert labels(result)[1] == type(model).__name__


def test_a_network_that_returns_its_input() -> None:
    class Nothing(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x

    assert edges(graph(Nothing(), (4,))) == [("input B×4", "output B×4", "")]


def growing(count: int) -> nn.Module:
    """A chain of layers of which none is like another."""
    return nn.Sequential(*(nn.Linear(i, i + 1) for i in range(1, count + 1)))


class Own(nn.Sequential):
    """A part of its own size, so that it does not fold."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(4, width), nn.GELU(), nn.Linear(width, 4))


def test_too_many_steps_lower_the_depth_and_say_so() -> None:
    model = nn.Sequential(*(Own(width) for width in range(1, 61)))
    result = graph(model, (4,))
    assert len(result.nodes) == 62
    assert result.depth == 1
    assert result.notes == ("Opened to depth 1 of 2: deeper it would have 182 steps.",)
    assert len(graph(model, (4,), depth=2).nodes) == 182


def test_a_chain_without_end_shows_its_ends() -> None:
    result = graph(growing(400), (1,), depth=1)
    assert len(result.nodes) == 300
    more = result.nodes[149]
    assert (more.label, more.macs) == ("… 103 more", sum(i * (i + 1) for i in range(149, 252)))
    assert [(e.source, e.target) for e in result.edges] == [(i, i + 1) for i in range(299)]
    assert result.notes == ("Not drawn: 103 steps in the middle.",)


def test_a_layout_that_takes_too_long_is_stopped() -> None:
    dot = "digraph {" + "".join(f"n{i}->n{j}[key={i * 60 + j}];" for i in range(60) for j in range(i)) + "}"
    with pytest.raises(TooSlow):
        lay_out(dot, nodes=1000, edges=0, frames=0, limit=0.01)


def test_what_cannot_be_laid_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> Any:
        raise TooSlow

    monkeypatch.setattr(drawing_module, "lay_out", slow)
    with pytest.raises(NNArchError, match="too tangled"):
        graph(nn.Linear(4, 2), (4,))


def test_large_and_small_layouts_agree() -> None:
    result = graph(nn.Sequential(*(Scale() if i % 2 else nn.Tanh() for i in range(99))), (4,), expand=["*"])
    assert len(result.nodes) == 101
    gaps = {b.y - a.y for a, b in zip(result.layout.boxes[1:], result.layout.boxes[2:-1], strict=False)}
    small = graph(nn.Sequential(nn.Tanh(), Scale(), nn.Tanh()), (4,)).layout
    assert max(gaps) - min(gaps) <= 1
    assert small.boxes[3].y - small.boxes[2].y in gaps


def test_boxes_do_not_overlap() -> None:
    layout = graph(nn.Sequential(Block(), Block()), (4,), expand=["*"]).layout
    for i, a in enumerate(layout.boxes):
        for b in layout.boxes[:i]:
            assert (
                a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            )
        assert a.x >= 0
        assert a.x + a.width <= layout.width


def test_direction_right_is_wide(simple_cnn: nn.Module) -> None:
    layout = graph(simple_cnn, (1, 28, 28), direction="right").layout
    assert layout.width > 10 * layout.height


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth must be a whole number of at least 1"),
        ({"direction": "up"}, "direction is 'up' but must be one of down, right"),
        ({"format": "pdf"}, "format is 'pdf' but must be one of html, svg, png, dot, mermaid"),
        ({"heat": "flops"}, "heat is 'flops' but must be one of macs, params, memory, time"),
        ({"fold": ["encoder"]}, "fold: no module has the path or class 'encoder'"),
        ({"expand": 3}, "expand takes paths, class names or globs"),
    ],
)
def test_options_that_make_no_sense(options: Any, message: str) -> None:
    with pytest.raises(NNArchError, match=message):
        graph(nn.Sequential(nn.Linear(4, 2)), (4,), **options)


def test_saved_in_every_form(simple_cnn: nn.Module, tmp_path: Path) -> None:
    result = graph(simple_cnn, (1, 28, 28))
    starts = {
        ".svg": b"<svg ",
        ".png": b"\x89PNG",
        ".dot": b"digraph {",
        ".html": b"<!doctype",
        ".txt": b"Mended",
        ".mmd": b"flowchart TD",
        ".mermaid": b"flowchart TD",
    }
    for suffix, start in starts.items():
        assert result.save(tmp_path / f"graph{suffix}").read_bytes().startswith(start)
    with pytest.raises(NNArchError, match=r"a Graph saves as .*\.svg, \.dot, .*, not as '\.pdf'"):
        result.save(tmp_path / "graph.pdf")


def test_dot_is_what_graphviz_reads(simple_cnn: nn.Module) -> None:
    import pygraphviz

    read = pygraphviz.AGraph(string=graph(simple_cnn, (1, 28, 28)).dot)
    assert (len(read.nodes()), len(read.edges())) == (11, 10)
    assert read.get_node("n1").attr["label"] == "conv1: Conv2d"


def test_nothing_is_written_to_the_terminal(simple_cnn: nn.Module, capfd: pytest.CaptureFixture[str]) -> None:
    graph(growing(90), (1,))
    bundle(graph(simple_cnn, (1, 28, 28)))
    assert capfd.readouterr() == ("", "")


def test_the_layout_s_own_process_imports_no_torch() -> None:
    code = "import sys; from nnarch_nb.verbs.graph.layout import lay_out as l; l('digraph{n0}',1,0,0);"
    code += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


class Stage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 1, 1), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.a(x))


class UNet(nn.Module):
    """Its stages are kept in lists and run apart from one another."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.ModuleList([Stage(), Stage()]), nn.ModuleList([Stage(), Stage()])
        self.blocks = nn.ModuleList([Stage(), Stage()])

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for stage in self.down:
            x = stage(x)
            kept.append(x)
            x = nn.functional.max_pool2d(x, 2)
        for block in self.blocks:
            x = block(x)
        for stage in self.up:
            x = stage(nn.functional.interpolate(x, scale_factor=2) + kept.pop())
        return x


def test_stages_in_lists_run_down_the_page() -> None:
    opened = graph(UNet(), (1, 8, 8))
    assert [group.label for group in opened.groups if group.parent is None] == [
        "down.0: Stage", "down.1: Stage", "blocks 0–1: Stage ×2", "up.0: Stage", "up.1: Stage",
    ]  # fmt: skip
    closed = graph(UNet(), (1, 8, 8), depth=1)
    labels = [node.label for node in closed.nodes]
    assert [label for label in labels if ":" in label] == [
        "down.0: Stage", "down.1: Stage", "blocks 0–1: Stage ×2", "up.0: Stage", "up.1: Stage",
    ]  # fmt: skip
    assert all(edge.source < edge.target for edge in closed.edges)
    assert opened.joins == 2


def test_what_is_too_tangled_shows_its_beginning_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def impatient(dot: str, nodes: int, edges: int, frames: int, limit: float) -> Any:
        asked.append(limit)
        if nodes > 90:
            raise TooSlow
        return lay_out(dot, nodes, edges, frames, limit)

    monkeypatch.setattr(drawing_module, "lay_out", impatient)
    result = graph(growing(95), (1,))
    assert len(result.nodes) == 60
    late = "A finer picture took too long to lay out on this machine."
    assert result.notes == (late, "Not drawn: 38 steps in the middle.")
    assert max(asked) <= TIME_LIMIT


def test_few_boxes_with_many_lines_leave_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = []
    monkeypatch.setattr(layout_module, "elsewhere", lambda dot, limit: elsewhere.append(dot) or dot)
    monkeypatch.setattr(layout_module, "layout_of", lambda *_: None)
    lay_out("digraph {n0}", nodes=20, edges=41, frames=0)
    assert elsewhere


def test_copies_are_called_by_what_holds_them_and_nothing_else():
    from nnarch_nb import build

    model = build("Linear(4), Repeat(3, Residual(Linear(4), ReLU())), Linear(2)", (4,))
    labels = [group.label for group in graph(model, (4,)).groups]
    assert "repeat1 0–2: Residual ×3" in labels
