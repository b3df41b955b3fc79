"""What repeats is drawn once, and nothing is lost by it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.graph import Graph, graph


class Block(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.mlp = nn.Sequential(nn.Linear(4, width), nn.GELU(), nn.Linear(width, 4))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mlp(self.norm(x))


class Stack(nn.Module):
    """Blocks in a list, with what every one of them reads too."""

    def __init__(self, count: int, shared: bool = False, all_out: bool = False) -> None:
        super().__init__()
        self.h = nn.ModuleList(Block() for _ in range(count))
        self.side = nn.Linear(4, 4)
        self.shared, self.all_out = shared, all_out

    def forward(self, x: Tensor) -> Tensor:
        extra, kept = self.side(x), []
        for block in self.h:
            x = block(x + extra if self.shared else x)
            kept.append(x)
        return torch.cat(kept, 1) if self.all_out else x + extra


class Cells(nn.Module):
    """A recurrent net written as a loop over time."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = nn.LSTMCell(3, 5), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(x.shape[0], 5)
        kept = []
        for step in range(x.shape[1]):
            h, c = self.cell(x[:, step], (h, c))
            kept.append(h)
        return self.out(torch.stack(kept, 1))


class Tapped(nn.Module):
    """Five blocks alike; what the second gave is used again at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.h = nn.ModuleList(Block() for _ in range(5))

    def forward(self, x: Tensor) -> Tensor:
        kept = x
        for number, block in enumerate(self.h):
            x = block(x)
            kept = x if number == 1 else kept
        return torch.cat([x, kept], 1)


class Ladder(nn.Module):
    """Down and up again: each stage on the way up reads one of its own on the way down."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))
        self.up = nn.ModuleList(nn.Linear(8, 4) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for layer in self.down:
            x = layer(x)
            kept.append(x)
        for layer in self.up:
            x = layer(torch.cat([x, kept.pop()], 1))
        return x


class Dense(nn.Module):
    """Every layer alike in size, and wired to all before it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))

    def forward(self, x: Tensor) -> Tensor:
        given = [x]
        for layer in self.layers:
            given.append(layer(torch.stack(given).sum(0)))
        return given[-1]


def pairs() -> nn.Module:
    layers = [layer for _ in range(6) for layer in (nn.Linear(4, 4), nn.ReLU())]
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), *layers, nn.Linear(4, 3))


def nested() -> nn.Module:
    return nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), Block(), Block(), Block()) for _ in range(3)))


def labels(result: Graph) -> list[str]:
    return [node.label for node in result.nodes]


def frames(result: Graph) -> list[str]:
    return [group.label for group in result.groups]


def lines(result: Graph, kind: str) -> list[tuple[str, str]]:
    return [
        (result.nodes[e.source].label, result.nodes[e.target].label) for e in result.edges if e.kind == kind
    ]


def test_blocks_alike_are_one_frame_with_a_line_back() -> None:
    result = graph(Stack(12), (4,))
    assert frames(result) == ["h 0–11: Block ×12", "mlp: Sequential"]
    assert (result.groups[0].path, result.groups[0].count) == ("h.0", 12)
    assert lines(result, "repeat") == [("+", "norm: LayerNorm")]
    # The residual begins outside, at the input, and inside the next copies at the sum before.
    assert lines(result, "skip")[0] == ("input B×4", "+")


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (Stack(7), (4,)), (Stack(7, shared=True), (4,)), (Stack(7, all_out=True), (4,)), (Cells(), (9, 3)),
        (Tapped(), (4,)), (Ladder(), (4,)), (Dense(), (4,)), (pairs(), (2,)), (nested(), (4,)),
        (nn.Transformer(16, 2, 3, 3, 32, batch_first=True), (torch.zeros(1, 5, 16), torch.zeros(1, 4, 16))),
    ],
)  # fmt: skip
def test_nothing_is_lost(model: nn.Module, shape: Any) -> None:
    folded, whole = graph(model, shape, depth=9), graph(model, shape, expand=["*"])
    assert sum(node.count for node in folded.nodes) == len(whole.nodes)
    assert sum(node.macs * node.count for node in folded.nodes) == whole.macs

    # Every line is drawn, but that of several from one step on to the next copy one is enough.
    def kinds(result: Graph) -> set[tuple[str, str, tuple[int, ...]]]:
        types = [node.type for node in result.nodes]
        return {(types[e.source], types[e.target], e.shape) for e in result.edges}

    going_on = {folded.nodes[edge.source].type for edge in folded.edges if edge.kind == "repeat"}
    going_on |= {node.type for node in folded.nodes if node.copies > 1}
    assert kinds(folded) <= kinds(whole)
    assert {source for source, _, _ in kinds(whole) - kinds(folded)} <= going_on
    assert all(edge.kind != "repeat" for edge in whole.edges)


def test_a_pair_that_repeats_is_one_frame() -> None:
    result = graph(pairs(), (2,))
    assert frames(result) == ["2–13: Linear, ReLU ×6"]
    assert labels(result) == [
        "input B×2", "0: Linear", "1: ReLU", "2: Linear", "3: ReLU", "14: Linear", "output B×3",
    ]  # fmt: skip


def test_a_chain_of_single_layers_is_one_box() -> None:
    result = graph(nn.Sequential(*(nn.Linear(4, 4) for _ in range(10))), (4,))
    assert labels(result) == ["input B×4", "0–9: Linear ×10", "output B×4"]
    assert [(node.copies, node.count) for node in result.nodes] == [(1, 1), (10, 10), (1, 1)]
    two = graph(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)), (4,))
    assert labels(two)[1:3] == ["0: Linear", "1: Linear"]


def test_folds_in_folds() -> None:
    result = graph(nested(), (4,))
    assert frames(result) == ["0–2: Sequential ×3", "1–3: Block ×3", "mlp: Sequential"]
    assert {node.count for node in result.nodes if node.group == 1} == {9}


def test_what_all_copies_read_enters_once() -> None:
    result = graph(Stack(7, shared=True), (4,))
    # The sums between the blocks, and the last one, are part of what repeats.
    assert [label for label in frames(result) if "×7" in label] == ["h 0–6: Block, + ×7"]
    assert [edge for edge in lines(result, "flow") if edge[0] == "side: Linear"] == [("side: Linear", "+")]


def test_what_all_copies_give_leaves_once_and_says_so() -> None:
    result = graph(Stack(7, all_out=True), (4,))
    (out,) = [edge for edge in result.edges if edge.each > 1]
    assert (out.each, out.label, result.nodes[out.target].label) == (7, "from each of 7", "cat")


def test_a_loop_over_time_is_one_box_with_its_calls() -> None:
    assert labels(graph(Cells(), (9, 3))) == [
        "input B×9×3", "cell: LSTMCell ×9 calls", "stack", "out: Linear", "output B×9×2",
    ]  # fmt: skip


def test_a_copy_used_elsewhere_ends_the_run() -> None:
    result = graph(Tapped(), (4,))
    assert [label for label in frames(result) if "Block" in label] == ["h 0–1: Block ×2", "h 2–4: Block ×3"]
    assert lines(result, "skip").count(("+", "cat")) == 1


def test_copies_wired_differently_do_not_fold() -> None:
    assert all(node.count == 1 for node in graph(Ladder(), (4,)).nodes)
    assert all(node.count == 1 for node in graph(Dense(), (4,)).nodes)


def test_copies_made_differently_do_not_fold() -> None:
    model = nn.Sequential(*(Block() for _ in range(3)))
    for parameter in model[1].parameters():
        parameter.requires_grad_(False)
    result = graph(model, (4,))
    assert [node.count for node in result.nodes] == [1] * len(result.nodes)
    assert {node.path for node in result.nodes if node.frozen} == {"1.norm", "1.mlp.0", "1.mlp.2"}
    widths = nn.Sequential(Block(8), Block(9))
    assert len(graph(widths, (4,)).nodes) == 12


def test_expand_and_fold_by_path_class_and_glob() -> None:
    model = Stack(4)
    result = graph(model, (4,))
    assert frames(result.redrawn(expand=["h.0"]))[:2] == ["h.0: Block", "h 1–3: Block ×3"]
    for word in ("h", "Block", "h.*", "B?ock"):
        assert frames(result.redrawn(expand=[word]))[:4] == [f"h.{i}: Block" for i in range(4)]
    for word in ("Block", "h.*"):
        assert labels(result.redrawn(fold=[word])) == [
            "input B×4", "side: Linear", "h 0–3: Block ×4", "+", "output B×4",
        ]  # fmt: skip
    one_open = result.redrawn(expand=["h.2"], depth=1)
    assert labels(one_open)[2:8] == [
        "h 0–1: Block ×2", "norm: LayerNorm", "mlp: Sequential", "+", "h.3: Block", "+",
    ]  # fmt: skip
    assert graph(model, (4,), fold=["*.mlp"]).nodes[3].label == "mlp: Sequential"


def test_every_part_of_a_network_without_parts() -> None:
    assert labels(graph(nn.Linear(4, 2), (4,), expand=["*"]))[1] == "Linear"


def test_redrawn_needs_no_network_and_keeps_what_was_asked() -> None:
    model = Stack(4)
    result = graph(model, (4,), depth=1, direction="right")
    del model
    again = result.redrawn()
    assert again == result
    opened = result.redrawn(depth=2)
    assert (opened.asked_depth, opened.direction, opened.given) == (2, "right", result.given)
    assert opened.redrawn(depth=1) == result
    assert result.redrawn(expand=["*"]).redrawn(expand=[]) == result
    with pytest.raises(NNArchError, match=r"expand: no module has the path or class 'blok'. Did you mean"):
        result.redrawn(expand=["blok"])
    with pytest.raises(NNArchError, match="nothing was timed"):
        result.redrawn(heat="time")


def test_one_tensor_from_which_three_are_made_is_no_join() -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(4, 12)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = self.qkv(x).chunk(3, -1)
            return F.scaled_dot_product_attention(q, k, v)

    assert graph(Attends(), (3, 4)).joins == 0


def rotate_half(x: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([-b, a], -1)


def apply_rotary(x: Tensor, angle: Tensor) -> Tensor:
    return x * angle.cos() + rotate_half(x) * angle.sin()


class Rotates(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(4, 4)

    def forward(self, x: Tensor, attention_mask: Tensor) -> Tensor:
        bias = (1 - attention_mask.float()) * -1e9
        return apply_rotary(self.proj(x), torch.arange(4.0)) + bias[:, None]


def test_side_work_is_one_small_box() -> None:
    given = {"x": torch.zeros(1, 3, 4), "attention_mask": torch.ones(1, 4)}
    result = graph(Rotates(), given)
    assert labels(result) == [
        "x 1×3×4", "attention_mask 1×4", "mask", "proj: Linear", "rotary", "+", "output 1×3×4",
    ]  # fmt: skip
    for words in (["rotary", "mask"], ["*"]):
        assert len(result.redrawn(expand=words).nodes) == 12
    assert "mask" in labels(result.redrawn(expand=["rotary"]))


def test_gpt2_of_any_depth_is_one_block() -> None:
    transformers = pytest.importorskip("transformers")
    with torch.device("meta"):
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config(n_layer=5, n_embd=48, n_head=4))
    result = graph(model, {"input_ids": torch.zeros(1, 8, dtype=torch.long, device="meta")})
    assert "h 0–4: GPT2Block ×5" in frames(result)
    assert len(result.nodes) < 30
    shared = {node.path: node.shared for node in result.nodes if node.shared}
    assert shared == {"transformer.wte": ("lm_head",), "lm_head": ("transformer.wte",)}
    assert next(node for node in result.nodes if node.path == "lm_head").text == "lm_head: Linear ="


def test_a_box_asked_for_splits_the_run_that_it_is_in() -> None:
    result = graph(Stack(5), (4,), fold=["h.2"])
    assert [label for label in frames(result) if "Block" in label] == ["h 0–1: Block ×2", "h 3–4: Block ×2"]
    assert "h.2: Block" in labels(result)
    assert labels(result.redrawn(fold=["h"]))[2] == "h 0–4: Block ×5"


def test_one_module_called_twice_holds_its_weights_once() -> None:
    class Siamese(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower, self.head = nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Linear(8, 2)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return self.head(torch.cat([self.tower(a), self.tower(b)], 1))

    pair = torch.zeros(1, 4), torch.zeros(1, 4)
    opened = graph(Siamese(), pair)
    for result in (opened, opened.redrawn(depth=1)):
        assert sum(node.params for node in result.nodes) == result.params == 38
        assert sum("=" in node.text for node in result.nodes) == 2
        assert [(node.call, node.calls) for node in result.nodes if node.calls > 1] == [(1, 2), (2, 2)]
        assert "the same module, call 2 of 2" in result.svg
    shares = [node.heat for node in opened.redrawn(heat="params").nodes if node.path == "tower.0"]
    assert shares == [20 / 38, 0]
