"""What is drawn once is alike in all that a layer does, not in name and size alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.verbs.graph import Graph, drawing, graph
from nnarch_nb.verbs.graph.layout import lay_out
from tests.zoo import TABLE

UNUSED = {"answers nobody uses"}  # what is without use is not drawn, and said to be so


def frames(result: Graph) -> list[str]:
    return [group.label for group in result.groups]


def counts(result: Graph) -> set[int]:
    return {node.count for node in result.nodes if node.kind in ("layer", "function")}


class Chain(nn.Module):
    def __init__(self, *blocks: nn.Module) -> None:
        super().__init__()
        self.h = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.h:
            x = block(x)
        return x


class Does(nn.Module):
    """A layer, and then a function of the user's."""

    def __init__(self, what: Any, *settings: Any) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.what, self.settings = what, settings

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.what(self.linear(x), x, *self.settings)
        return y


FUNCTIONS = {
    "softmax": (lambda y, x, dim: F.softmax(y, dim), 1, 2),
    "pow": (lambda y, x, exponent: y**exponent, 2, 3),
    "slope": (lambda y, x, slope: F.leaky_relu(y, slope), 0.1, 0.2),
    "dropout": (lambda y, x, p: F.dropout(y, p, False), 0.1, 0.2),
    "causal": (lambda y, x, causal: F.scaled_dot_product_attention(y, y, y, is_causal=causal), True, False),
    "order": (lambda y, x, first: y - x if first else x - y, True, False),
    "view": (lambda y, x, turned: (y.transpose(1, 2) if turned else y) + x, True, False),
    "index": (lambda y, x, at: y + x[:, at : at + 1], 0, 3),
    "window": (lambda y, x, far: torch.ones(8, 8).tril().triu(-far) @ y, 2, 9),
    "filled": (lambda y, x, value: y + x.new_full((8, 8), value), 1.0, 2.0),
    "written": (lambda y, x, value: y + torch.zeros(8).fill_(value), 1.0, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_given_different_things_are_not_alike(name: str) -> None:
    what, a, b = FUNCTIONS[name]
    given = torch.zeros(1, 8, 8)
    assert frames(graph(Chain(*(Does(what, a) for _ in range(6))), given)) == ["h 0–5: Does ×6"]
    changing = graph(Chain(*(Does(what, each) for _ in range(3) for each in (a, b))), given)
    assert frames(changing) == ["h 0–5, 2 at a time: Does ×3", "h.0: Does", "h.1: Does"]
    assert counts(graph(Chain(Does(what, a), Does(what, a), Does(what, b)), given)) == {1, 2}


class Masks(nn.Module):
    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear(x) * self.get_buffer("mask")[:8, :8]
        return y


@pytest.mark.parametrize("dtype", [torch.bool, torch.float32])
def test_masks_of_other_values_are_not_alike(dtype: torch.dtype) -> None:
    whole = torch.ones(9, 9).tril()
    masks = [(whole - whole.tril(-far)).to(dtype) for _ in range(3) for far in (2, 9)]
    result = graph(Chain(*map(Masks, masks)), torch.zeros(1, 8, 8))
    assert frames(result) == ["h 0–5, 2 at a time: Masks ×3", "h.0: Masks", "h.1: Masks"]
    assert frames(graph(Chain(*map(Masks, masks[::2])), torch.zeros(1, 8, 8))) == ["h 0–2: Masks ×3"]


def test_learned_buffers_may_differ() -> None:
    norms = [nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8)) for _ in range(3)]
    norms[1][1].get_buffer("running_mean").fill_(0.5)
    assert frames(graph(Chain(*norms), (8,))) == ["h 0–2: Sequential ×3"]


def test_a_constant_that_all_read_does_not_part_them() -> None:
    class Reads(Chain):
        def forward(self, x: Tensor) -> Tensor:
            angle = torch.arange(8.0)
            for block in self.h:
                x = block(x) * angle.cos()
            return x

    assert frames(graph(Reads(*(nn.Linear(8, 8) for _ in range(5))), (8,))) == ["h 0–4: Linear, × ×5"]


@pytest.mark.parametrize(
    "layers",
    [
        [nn.MultiheadAttention(8, heads, batch_first=True) for heads in (1, 2, 4)],
        [nn.TransformerEncoderLayer(8, heads, 16, batch_first=True) for heads in (1, 2, 4)],
        [nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation=f) for f in (F.relu, F.gelu)],
    ],
)
def test_settings_that_a_layer_does_not_tell_of_count(layers: list[nn.Module]) -> None:
    blocks = [Does(lambda y, x, layer: layer_of(layer, y), layer) for layer in layers]
    for block, layer in zip(blocks, layers, strict=True):
        block.add_module("layer", layer)
    assert counts(graph(Chain(*blocks), torch.zeros(1, 8, 8))) == {1}


def layer_of(layer: nn.Module, y: Tensor) -> Any:
    return layer(y, y, y)[0] if isinstance(layer, nn.MultiheadAttention) else layer(y)


def test_modes_as_given_count() -> None:
    model = Chain(*(nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)) for _ in range(4)))
    assert frames(graph(model, (8,))) == ["h 0–3: Sequential ×4"]
    model.h[3].eval()
    assert frames(graph(model, (8,))) == ["h 0–2: Sequential ×3", "h.3: Sequential"]
    assert graph(model.eval(), (8,)).nodes == graph(model.train(), (8,)).nodes


def test_words_and_switches_of_a_users_layer_count_but_not_its_numbers() -> None:
    blocks = [Does(lambda y, x: y) for _ in range(4)]
    for number, block in enumerate(blocks):
        block.__dict__.update(number=number, title=f"block {number}")
    assert frames(graph(Chain(*blocks), torch.zeros(1, 8, 8))) == ["h 0–3: Does ×4"]
    for number, block in enumerate(blocks):
        block.__dict__["kind"] = "local" if number % 2 else "global"
    assert frames(graph(Chain(*blocks), torch.zeros(1, 8, 8)))[0] == "h 0–3, 2 at a time: Does ×2"


def test_local_and_global_attention_in_turn() -> None:
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "vocab_size": 100}
    more = {"intermediate_size": 64, "num_key_value_heads": 1, "head_dim": 16, "sliding_window": 8}
    gemma = transformers.Gemma3TextConfig(num_hidden_layers=12, **sizes, **more)
    neo = transformers.GPTNeoConfig(
        num_layers=6, hidden_size=32, num_heads=2, vocab_size=100, window_size=8,
        max_position_embeddings=64, attention_types=[[["global", "local"], 3]],
    )  # fmt: skip
    with torch.device("meta"):
        models = transformers.Gemma3ForCausalLM(gemma), transformers.GPTNeoForCausalLM(neo)
    tokens = torch.zeros(1, 16, dtype=torch.long, device="meta")
    first, second = (frames(graph(model, {"input_ids": tokens})) for model in models)
    assert first[1:4] == [
        "layers 0–11, 6 at a time: Gemma3DecoderLayer ×2", "layers 0–4: Gemma3DecoderLayer ×5",
        "layers.5: Gemma3DecoderLayer",
    ]  # fmt: skip
    assert "h 0–5, 2 at a time: GPTNeoBlock ×3" in second


def test_what_the_last_copy_alone_gives_twice_does_not_come_from_each() -> None:
    class Squares(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = super().forward(x)
            return x * x

    result = graph(Squares(*(nn.Sequential(nn.Linear(8, 8), nn.ReLU()) for _ in range(2))), (8,))
    assert 2 in counts(result)
    assert [edge.each for edge in result.edges] == [1] * len(result.edges)


def test_a_closed_box_costs_all_that_repeats_in_it() -> None:
    inner = [[nn.Sequential(nn.Linear(8, 8), nn.ReLU()) for _ in range(5)] for _ in range(2)]
    model = nn.Sequential(*(nn.Sequential(*each) for each in inner), nn.Linear(8, 3))
    box = graph(model, (8,), fold=["0", "1"]).nodes[1]
    assert (box.label, box.params, box.macs) == ("0–1: Sequential ×2", 360, 320)


@pytest.mark.parametrize("name", [name for name in TABLE if name not in UNUSED])
def test_the_boxes_cost_what_the_network_costs(name: str) -> None:
    entry = TABLE[name]
    with torch.device("meta" if entry.large else "cpu"):
        whole = graph(entry.make(), entry.inputs(), depth=1)
    for result in (whole, whole.redrawn(depth=2)):
        assert sum(node.macs * node.count for node in result.nodes) == result.macs == entry.cost.macs


class Dense(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        sizes = (4 * (place + 1) for place in range(count))
        self.layers = nn.ModuleList(nn.Sequential(nn.Linear(size, 4), nn.ReLU()) for size in sizes)

    def forward(self, x: Tensor) -> Tensor:
        given = [x]
        for layer in self.layers:
            given.append(layer(torch.cat(given, 1)))
        return given[-1]


def test_what_is_drawn_does_not_depend_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(dot: str, nodes: int, *rest: Any) -> Any:
        asked.append(nodes)
        return lay_out(dot, nodes, *rest)

    monkeypatch.setattr(drawing, "lay_out", counting)
    sizes = [len(graph(Dense(count), (4,)).nodes) for count in (20, 60)]
    assert sizes == asked == [61, 24]  # the first that is tried comes to an end
