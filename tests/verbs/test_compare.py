"""Networks side by side: figures against closed forms, failures as rows, growth against known laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.core import events
from nnarch_nb.core.events import Task
from nnarch_nb.core.stats import wilson
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.compare import Growth, compare
from nnarch_nb.verbs.compare.latency import beyond, in_turns, summed
from nnarch_nb.verbs.compare.options import Options
from nnarch_nb.verbs.summary import summary

D, HEADS, WIDE = 16, 2, 40


class Encoder(nn.Module):
    """One layer of self-attention; MACs are n(4d² + 2dw) + 2dn²."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(D, HEADS, WIDE, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


class LinearAttention(nn.Module):
    """Keys meet values before queries do: 3nd² for the projections, 2nd² for the products."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(D, D, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        q, k = F.elu(self.q(x)) + 1, F.elu(self.k(x)) + 1
        return q @ (k.transpose(1, 2) @ self.v(x))


class ViT(nn.Module):
    """Patches of 7 as tokens, without a fixed number of positions."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, D, 7, 7)
        self.encoder = Encoder()
        self.head = nn.Linear(D, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(self.patches(x).flatten(2).transpose(1, 2)).mean(1))


class Positions(nn.Module):
    """Tokens with a row for each of 64 positions."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(50, D), nn.Embedding(64, D)
        self.encoder = Encoder()

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(self.words(x) + self.places(torch.arange(x.shape[1])))


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)
    )


def mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))


def growth(model: nn.Module, inputs: Any, **options: Any) -> Growth:
    (row,) = compare(model, inputs, repeats=0, **options).rows
    assert row.growth is not None
    return row.growth


def test_figures_are_those_of_summary() -> None:
    result = compare({"cnn": cnn(), "mlp": mlp()}, (1, 28, 28), repeats=0, grow="none")
    for row, model in zip(result.rows, (cnn(), mlp()), strict=True):
        known = summary(model, (1, 28, 28))
        assert (row.params, row.macs, row.weights_bytes) == (known.params, known.macs, known.weights_bytes)
        assert row.growth is None
        assert not row.fixed
        assert row.latency is None
    one, two = result.rows
    assert (one.macs, two.macs) == (8 * 9 * 28 * 28 + 80, 784 * 16 + 160)


def test_memory_is_that_of_the_closed_form() -> None:
    row = compare(nn.Sequential(nn.Linear(4, 100), nn.Sigmoid()), (4,), repeats=0).rows[0]
    assert row.peak_bytes == 2 * 100 * 4, "the layer's result and the activation's"
    assert row.kept_bytes == 4 * 4 + 100 * 4, "the layer's input and the activation's result"


def test_self_attention_is_quadratic_in_length() -> None:
    n, found = 32, growth(Encoder(), (32, D))
    linear, square = 4 * D * D + 2 * D * WIDE, 2 * D
    assert (found.dimension, found.given, found.limit) == ("length", n, 2)
    assert found.coefficients == (0, linear, square)
    assert [(point.size, point.macs) for point in found.points] == [
        (m, linear * m + square * m * m) for m in (16, 32, 64, 128, 256)
    ]
    assert found.exponent == pytest.approx((linear + 2 * square * n) / (linear + square * n))
    assert found.crossing == pytest.approx(linear / square)


@pytest.mark.parametrize(
    ("model", "inputs", "law"),
    [
        (nn.LSTM(D, 8, batch_first=True), (32, D), (0, 4 * 8 * (D + 8))),
        (nn.GRU(D, 8), (32, D), (0, 3 * 8 * (D + 8))),
        (LinearAttention(), (32, D), (0, 5 * D * D)),
        (nn.Conv1d(3, 4, 5), (3, 40), (-4 * 4 * 3 * 5, 4 * 3 * 5)),
    ],
)
def test_laws_of_length(model: nn.Module, inputs: Any, law: tuple[int, ...]) -> None:
    found = growth(model, inputs)
    assert (found.dimension, found.coefficients, found.limit) == ("length", law, 1)


def test_convolution_is_quadratic_and_a_vit_quartic_in_the_side() -> None:
    conv = growth(cnn(), (1, 28, 28))
    assert (conv.dimension, conv.coefficients) == ("side", (80, 0, 72))
    assert conv.exponent == pytest.approx(2, abs=0.01)
    vit = growth(ViT(), (1, 28, 28))
    assert vit.limit == 4
    assert vit.coefficients[4] == pytest.approx(2 * D / 7**4)
    assert vit.coefficients[2] == pytest.approx((49 * D + 4 * D * D + 2 * D * WIDE) / 49)


def test_strides_that_round_are_still_quadratic() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 7, 2, 3), nn.MaxPool2d(3, 2, 1), nn.Conv2d(8, 8, 3, 2), nn.Conv2d(8, 8, 3, 2)
    )
    found = growth(model, (3, 30, 30))
    assert (found.limit, found.fitted) == (2, ())
    assert found.exponent == pytest.approx(2, abs=0.3)


def test_the_time_of_time_first_layers_grows() -> None:
    found = growth(nn.LSTM(D, 8), torch.zeros(20, 3, D))
    assert found.given == 20
    assert found.coefficients == (0, 3 * 4 * 8 * (D + 8))


def test_positions_end_where_the_embedding_does() -> None:
    assert growth(Positions(), (64,)).points[-1].size == 64
    assert growth(Positions(), (16,)).points[-1].size == 64
    assert growth(Positions(), (64,)).limit == 2


def test_masks_grow_along() -> None:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attend = nn.MultiheadAttention(D, 2, batch_first=True)

        def forward(self, x: Tensor, mask: Tensor, padding: Tensor) -> Tensor:
            return self.attend(x, x, x, attn_mask=mask, key_padding_mask=padding)[0]

    n = 12
    inputs = (torch.zeros(2, n, D), torch.zeros(n, n, dtype=torch.bool), torch.zeros(2, n, dtype=torch.bool))
    found = growth(Masked(), inputs)
    assert found.limit == 2
    assert found.points[-1].size == 8 * n


def test_a_fixed_size_is_said_and_what_cannot_grow_too() -> None:
    assert compare(mlp(), (1, 28, 28), repeats=0).rows[0].fixed
    row = compare(Encoder(), (8, D), repeats=0, grow="side").rows[0]
    assert (row.growth, row.fixed) == (None, False)
    assert row.notes == ("Its input has no side that may grow.",)
    assert compare(nn.LazyLinear(3), (4,), repeats=0).growth == {}


def test_one_failing_network_is_a_row_that_says_why() -> None:
    bad = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(9, 2))
    good, failed = compare([cnn(), bad], (1, 28, 28), repeats=0).rows
    assert good.macs
    assert failed.problem == "2 (Linear) expects 9 features but gets 5408 = 8·26·26"
    assert (failed.name, failed.macs, failed.params) == ("Sequential 2", None, None)


def test_if_all_fail_it_is_an_error() -> None:
    with pytest.raises(NNArchError, match=r"a: 0 .* but gets 1; b: 0 .* but gets 1"):
        compare({name: nn.Sequential(nn.Conv2d(3, 8, 3)) for name in "ab"}, (1, 8, 8))


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (cnn(), ["Sequential"]),
        ([cnn(), cnn(), ViT()], ["Sequential", "Sequential 2", "ViT"]),
        ((cnn(), ViT()), ["Sequential", "ViT"]),
        ({"a": cnn(), "b": cnn()}, ["a", "b"]),
        (nn.ModuleDict({"a": cnn()}), ["a"]),
    ],
)
def test_names(models: Any, names: list[str]) -> None:
    assert [row.name for row in compare(models, (1, 28, 28), repeats=0, grow="none").rows] == names


def test_each_network_may_have_its_own_input() -> None:
    models = {"cnn": cnn(), "tokens": Positions()}
    for inputs in (
        [(1, 28, 28), (16,)],
        {"cnn": (1, 28, 28), "tokens": torch.zeros(1, 16, dtype=torch.long)},
    ):
        result = compare(models, inputs, repeats=0)
        assert {name: found.dimension for name, found in result.growth.items()} == {
            "cnn": "side",
            "tokens": "length",
        }


def test_names_may_be_numbers() -> None:
    result = compare({1: cnn(), 2: Positions()}, {1: (1, 28, 28), 2: (16,)}, repeats=0, grow="none")
    assert [(row.name, row.given) for row in result.rows] == [("1", "1×28×28"), ("2", "16")]


def test_a_dict_of_other_names_is_keyword_arguments() -> None:
    row = compare({"cnn": cnn()}, {"input": torch.zeros(2, 1, 8, 8)}, repeats=0).rows[0]
    assert row.macs == 2 * (72 * 64 + 80)


@pytest.mark.parametrize(
    ("models", "inputs", "options", "message"),
    [
        ([], (4,), {}, "nothing to compare"),
        (3, (4,), {}, "cannot compare 3"),
        ([nn.Linear], (4,), {}, "is a class, not a network"),
        ({"a": cnn(), "b": cnn()}, [(1, 8, 8)], {}, "list of 1 for 2 networks"),
        ({"a": cnn(), "b": cnn()}, {"a": (1, 8, 8)}, {}, "nothing for the network 'b'"),
        ({"net": cnn()}, {"net": (1, 8, 8), "nett": (4,)}, {}, "no network. Did you mean `net`"),
        ({"net": cnn(), "b": cnn()}, {"net": (1, 8, 8), "c": (4,)}, {}, "names 'c', which is no network"),
        ({1: cnn(), "1": cnn()}, (1, 8, 8), {}, "two networks are called '1'"),
        ({"": cnn()}, (1, 8, 8), {}, "empty name"),
        (cnn(), cnn(), {}, r"inputs is a network \(Sequential\): write the networks together"),
        (cnn(), [cnn(), cnn()], {}, "inputs is a network"),
        (cnn(), (1, 8, 8), {"kwargs": cnn()}, "kwargs is a network"),
        (cnn(), (1, 8, 8), {"grow": "lenght"}, "Did you mean `length`"),
        (cnn(), (1, 8, 8), {"repeats": -1}, "repeats must be"),
        (cnn(), (1, 8, 8), {"seconds": 0}, "seconds must be"),
        (cnn(), torch.zeros(2, 1, 8, 8), {"batch_size": 3}, "batch"),
    ],
)
def test_mistakes_are_told(models: Any, inputs: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(NNArchError, match=message):
        compare(models, inputs, **options)


@pytest.mark.parametrize(
    ("model", "inputs", "family"),
    [
        (cnn(), (1, 8, 8), "CNN"),
        (mlp(), (784,), "MLP"),
        (ViT(), (1, 28, 28), "Transformer"),
        (nn.LSTM(4, 4, batch_first=True), (8, 4), "RNN"),
        (nn.Sequential(nn.Conv1d(4, 4, 3), nn.LSTM(8, 4)), (4, 10), "CNN + RNN"),
        (LinearAttention(), (8, D), "other"),
        (nn.ReLU(), (4,), "other"),
    ],
)
def test_families_are_told_by_what_ran(model: nn.Module, inputs: Any, family: str) -> None:
    assert compare(model, inputs, repeats=0, grow="none").rows[0].family == family


def test_attention_written_by_hand_is_attention() -> None:
    class ByHand(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q = nn.Linear(D, D)

        def forward(self, x: Tensor) -> Tensor:
            weights = F.dropout((self.q(x) @ x.transpose(1, 2)).softmax(-1), 0.1, self.training)
            return weights @ x

    assert compare(ByHand(), (8, D), repeats=0, grow="none").rows[0].family == "Transformer"


def test_latency_has_its_interval_and_number() -> None:
    for row in compare([cnn(), ViT()], (1, 28, 28), repeats=8, seconds=60, grow="none").rows:
        time = row.latency
        assert time is not None
        assert time.n == 8
        assert 0 < time.low <= time.median <= time.high


def test_a_budget_ends_the_runs() -> None:
    time = compare(cnn(), (1, 28, 28), repeats=10**6, seconds=0.05, grow="none").rows[0].latency
    assert time is not None
    assert 1 <= time.n < 10**6


def test_networks_take_turns_and_one_that_fails_is_left_out() -> None:
    order: list[str] = []

    def run(name: str) -> Callable[[], float]:
        def once() -> float:
            order.append(name)
            if name == "c" and order.count("c") == 2:
                raise ValueError("no luck")
            return float(len(order))

        return once

    why: dict[str, str] = {}
    options = Options("none", 3, 60.0, None, False, 0)
    times = in_turns({name: run(name) for name in "abc"}, why, options, Task("compare", "abc", 9))
    assert order == [*"abc", *"bca", *"ab"]
    assert times == {"a": [1, 6, 7], "b": [2, 4, 8], "c": [3]}
    assert why == {"c": "ValueError: no luck"}


def test_a_slow_network_does_not_use_up_the_time_of_a_fast_one() -> None:
    runs = {"slow": lambda: 0.3, "slower": lambda: 3.0, "fast": lambda: 0.001}
    task = Task("compare", "abc", 9)
    times = in_turns(runs, {}, Options("none", 50, 1.0, None, False, 0), task)
    assert {name: len(each) for name, each in times.items()} == {"slow": 6, "slower": 1, "fast": 50}
    assert task.done == 3


def test_training_runs_backward_in_training_mode() -> None:
    class Told(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            answer = super().forward(x)
            if self.training and type(x) is Tensor:
                answer.register_hook(backwards)
            return answer

    def backwards(gradient: Tensor) -> None:
        raise RuntimeError("backward was reached")

    model = Told(4, 4).eval()
    row = compare(model, (4,), repeats=2, training=True, grow="none").rows[0]
    assert row.latency is None
    assert "backward was reached" in row.notes[-1]
    assert compare(model, (4,), repeats=2, grow="none").rows[0].latency is not None


def test_training_leaves_no_trace() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(144, 2)
    ).eval()
    model[0].weight.grad = gradient = torch.ones_like(model[0].weight)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    row = compare(model, (1, 8, 8), repeats=2, training=True, batch_size=4).rows[0]
    assert row.latency is not None
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model[0].weight.grad is gradient
    assert bool((gradient == 1).all())
    assert model[4].weight.grad is None
    assert not any(module.training for module in model.modules())


def test_gradients_do_not_reach_the_inputs_given() -> None:
    x = torch.randn(2, 4, requires_grad=True)

    class Wants(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            assert x.requires_grad, "as the tensor given does"
            return super().forward(x)

    model = Wants(4, 4)
    assert compare(model, x, repeats=2, training=True, grow="none").rows[0].latency is not None
    assert x.grad is None
    assert x.requires_grad


def test_a_network_that_differentiates_is_timed_with_gradients() -> None:
    class Physics(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            x = x.requires_grad_()
            return torch.autograd.grad(super().forward(x).tanh().sum(), x, create_graph=True)[0]

    assert compare(Physics(2, 1), (2,), repeats=2, grow="none").rows[0].latency is not None


def test_what_cannot_be_timed_says_why() -> None:
    with torch.device("meta"):
        model = cnn()
    row = compare(model, (1, 8, 8), repeats=2).rows[0]
    assert row.latency is None
    assert row.notes == ("No latency: it is on the meta device, where weights have no values.",)
    assert row.growth is not None


@pytest.mark.parametrize(
    ("step", "macs", "timed", "grown"),
    [(1, [16, None], 0, 0), (2, [16, 16], 0, 0), (4, [16, 16], 2, 0), (5, [16, 16], 2, 1)],
)
def test_an_interrupt_returns_what_was_measured(step: int, macs: list[Any], timed: int, grown: int) -> None:
    """Three steps a network: traced, timed in turns with the others, grown."""

    class Stops:
        def update(self, task: Task) -> None:
            if task.done >= step:
                task.stop.set()

        def finish(self, task: Task, result: Any) -> None:
            assert result is not None

    unlisten = events.listen(lambda task: Stops())
    try:
        result = compare([nn.Linear(4, 4), nn.Linear(4, 4)], (4,), repeats=1, seconds=60)
    finally:
        unlisten()
    assert result.stopped
    assert [row.macs for row in result.rows] == macs
    assert sum(row.latency is not None for row in result.rows) == timed
    assert sum(row.fixed or row.growth is not None for row in result.rows) == grown


def test_the_batch_is_as_large_as_asked_for() -> None:
    one, four = (compare(cnn(), (1, 8, 8), repeats=0, batch_size=size).rows[0] for size in (1, 4))
    assert four.macs == 4 * one.macs
    assert four.growth.coefficients == tuple(4 * c for c in one.growth.coefficients)


def test_pandas_has_a_row_for_each() -> None:
    bad = nn.Conv2d(3, 8, 3)
    table = compare({"cnn": cnn(), "bad": bad}, (1, 28, 28), repeats=6, seconds=60).to_pandas()
    assert list(table["name"]) == ["cnn", "bad"]
    assert table.loc[0, ["n", "limit", "dimension"]].tolist() == [6, 2, "side"]
    assert table["macs"].isna().tolist() == [False, True]


def test_the_interval_covers_the_median_as_often_as_it_says() -> None:
    """By the binomial law, which knows nothing of the distribution: here of an ugly one."""
    draw = torch.Generator().manual_seed(0)
    samples = torch.rand(4000, 15, generator=draw).sub(0.5).mul(3).tan()
    found = [summed(row) for row in samples.tolist()]
    share = wilson(sum(one.low <= 0 <= one.high for one in found), len(found))
    assert share.high > 0.95
    assert share.value > 0.95 - 0.01


@pytest.mark.parametrize(("n", "rank"), [(1, 0), (5, 0), (6, 1), (9, 2), (20, 6), (100, 40), (2000, 956)])
def test_ranks_are_those_of_the_tables(n: int, rank: int) -> None:
    assert beyond(n) == rank


def test_the_result_holds_no_network() -> None:
    result = compare(cnn(), (1, 8, 8), repeats=1)
    assert not [value for value in vars(result.rows[0]).values() if isinstance(value, nn.Module | Tensor)]
