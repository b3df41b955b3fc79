"""A run that fails is drawn as far as it came; heat and marks of single boxes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.graph import Graph, Node, graph
from nnarch_nb.views.graph import html


def failing(result: Graph) -> Node:
    (node,) = (node for node in result.nodes if node.wrong)
    return node


def before(result: Graph, node: Node) -> list[str]:
    return [result.nodes[edge.source].label for edge in result.edges if edge.target == node.id]


def test_the_article_s_crash(article_cnn: nn.Module) -> None:
    result = graph(article_cnn, (1, 28, 28))
    assert [node.label for node in result.nodes] == [
        "input B×1×28×28", "conv1: Conv2d", "relu", "conv2: Conv2d", "relu", "dropout: Dropout",
        "fc1: Linear",
    ]  # fmt: skip
    node = failing(result)
    assert (node.label, node.kind, node.wrong) == (
        "fc1: Linear",
        "layer",
        "wants 9,216 features, got 36,864",
    )
    assert before(result, node) == ["dropout: Dropout"]
    assert result.edges[-1].label == "B×36864"
    assert result.failure.startswith("fc1 (Linear) fails on 1×36864: mat1 and mat2")
    assert repr(result) == "Graph(ArticleCNN: 7 nodes, 6 edges, 0 joins, stopped by an error)"
    assert failing(result.redrawn(direction="right")) == node


@pytest.mark.parametrize(
    ("layer", "shape", "wrong"),
    [
        (nn.Conv2d(3, 8, 3), (4, 9, 9), "wants 3 channels, got 4"),
        (nn.Conv2d(6, 8, 3, groups=2), (4, 9, 9), "wants 6 channels, got 4"),
        (nn.BatchNorm2d(3), (4, 9, 9), "wants 3 channels, got 4"),
        (nn.MaxPool2d(5), (4, 3, 3), "got 1×4×3×3"),
    ],
)
def test_what_a_layer_wanted(layer: nn.Module, shape: tuple[int, ...], wrong: str) -> None:
    assert failing(graph(nn.Sequential(nn.Identity(), layer), shape)).wrong == wrong


class Skips(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.conv = nn.MaxPool2d(2), nn.Conv2d(3, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(x) + self.conv(x)


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.body = nn.Conv2d(3, 3, 1), nn.ModuleDict({"skips": Skips()})

    def forward(self, x: Tensor) -> Tensor:
        return self.body["skips"](self.stem(x))


def test_branches_that_do_not_meet() -> None:
    result = graph(Nested(), (3, 8, 8))
    node = failing(result)
    assert (node.label, node.path, node.wrong) == ("+", "body.skips", "got 1×3×4×4 and 1×3×6×6")
    assert before(result, node) == ["down: MaxPool2d", "conv: Conv2d"]
    assert [group.label for group in result.groups] == ["body.skips: Skips"]
    closed = failing(graph(Nested(), (3, 8, 8), depth=1))
    assert (closed.label, closed.wrong) == ("body.skips: Skips", node.wrong)


def test_a_failure_that_is_no_function() -> None:
    class Raises(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("no")

    result = graph(nn.Sequential(nn.Linear(4, 4), Raises()), (4,))
    assert (failing(result).label, failing(result).wrong) == ("1: Raises", "ValueError: no")
    assert before(result, failing(result)) == ["0: Linear"]


def test_a_failure_in_forward_itself_hangs_from_what_ran_last() -> None:
    class Raises(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 6)

        def forward(self, x: Tensor) -> Tensor:
            torch.relu(self.fc(x))
            raise ValueError("no such <b>")

    for model in (Raises(), nn.Sequential(nn.Linear(4, 4), Raises())):
        result = graph(model, (4,))
        node = failing(result)
        assert (node.label, node.wrong) == ("forward", "ValueError: no such <b>")
        assert before(result, node) == ["relu"]


def test_a_view_that_fails_is_drawn() -> None:
    class Views(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x).flatten(1).view(-1, 3)

    node = failing(result := graph(Views(), (4,)))
    assert (node.label, node.wrong) == ("view", "wants -1×3, got 1×8")
    assert before(result, node) == ["fc: Linear"]


def test_heat_is_the_share_of_all_copies() -> None:
    model = nn.Sequential(*(nn.Linear(10, 10, bias=False) for _ in range(4)), nn.ReLU(), nn.Linear(10, 10))
    result = graph(model, (10,), heat="macs")
    assert [node.heat for node in result.nodes] == [None, 0.8, 0.0, 0.2, None]
    assert [node.text for node in result.nodes][1:4] == ["0–3: Linear ×4 80 %", "4: ReLU", "5: Linear 20 %"]
    params = result.redrawn(heat="params")
    assert [node.heat for node in params.nodes][1:4] == [400 / 510, 0.0, 110 / 510]
    memory = result.redrawn(heat="memory")
    assert [node.heat for node in memory.nodes][1:4] == [4 / 6, 1 / 6, 1 / 6]
    assert params.redrawn(heat="macs") == result


def test_heat_by_time_is_measured_and_kept() -> None:
    result = graph(nn.Sequential(nn.Linear(10, 10), nn.ReLU()), (10,), heat="time")
    shares = [node.heat for node in result.nodes[1:-1]]
    assert all(share is not None and share > 0 for share in shares)
    assert sum(share or 0 for share in shares) == pytest.approx(1)
    assert result.redrawn(heat="macs").redrawn(heat="time") == result
    with torch.device("meta"):
        empty = nn.Linear(4, 4)
    with pytest.raises(NNArchError, match="meta device"):
        graph(empty, torch.zeros(1, 4, device="meta"), heat="time")


def test_time_of_a_failed_run_is_not_measured(article_cnn: nn.Module) -> None:
    result = graph(article_cnn, (1, 28, 28), heat="time")
    assert {node.heat for node in result.nodes} == {None}
    assert failing(result).wrong
    assert "not measured" in html(result)


def test_shared_weights_name_their_partner() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
            self.b.weight = self.a.weight

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.tanh(self.a(x)))

    result = graph(nn.Sequential(Tied(), nn.Linear(4, 2)), (4,))
    assert {node.path: node.shared for node in result.nodes if node.shared} == {
        "0.a": ("0.b",),
        "0.b": ("0.a",),
    }
    closed = graph(nn.Sequential(Tied(), nn.Linear(4, 2)), (4,), depth=1)
    assert not any(node.shared for node in closed.nodes)  # both are in one box
