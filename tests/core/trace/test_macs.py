"""Parameters and multiply-accumulates against formulas worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.core.trace.macs import is_unknown, macs_of

L, E, H, F = 5, 16, 4, 32  # tokens, width, heads, feed-forward width


def run(model: nn.Module, inputs: Any, kwargs: Any = None) -> Trace:
    result = trace(model, as_call(inputs, kwargs, model))
    assert result.failure is None, result.failure
    return result


def encoder(layers: int) -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(E, H, F, batch_first=True), layers)


ATTENTION = 4 * L * E * E + 2 * L * L * E  # three projections in, one out; scores and weighted sum
BLOCK = ATTENTION + 2 * L * E * F
BLOCK_PARAMS = 4 * E * E + 4 * E + 2 * E * F + F + E + 4 * E

CASES = {
    "linear": (nn.Linear(8, 3), (8,), 8 * 3 + 3, 8 * 3),
    "linear without bias": (nn.Linear(8, 3, bias=False), (8,), 24, 24),
    "linear over tokens": (nn.Linear(8, 3), (L, 8), 27, L * 24),
    "conv1d": (nn.Conv1d(3, 6, 5, padding=2), (3, 10), 6 * 3 * 5 + 6, 10 * 6 * 3 * 5),
    "conv2d": (nn.Conv2d(3, 8, 3, stride=2), (3, 9, 9), 8 * 27 + 8, 16 * 8 * 27),
    "conv3d": (nn.Conv3d(2, 4, 2), (2, 4, 4, 4), 4 * 2 * 8 + 4, 27 * 4 * 2 * 8),
    "grouped": (nn.Conv2d(8, 8, 3, groups=4), (8, 5, 5), 8 * 2 * 9 + 8, 9 * 8 * 2 * 9),
    "depthwise": (nn.Conv2d(8, 8, 3, groups=8), (8, 5, 5), 8 * 9 + 8, 9 * 8 * 9),
    "dilated": (nn.Conv2d(1, 2, 3, dilation=2), (1, 9, 9), 20, 25 * 18),
    "transposed": (nn.ConvTranspose2d(4, 6, 3, stride=2), (4, 5, 5), 4 * 6 * 9 + 6, 25 * 4 * 6 * 9),
    "transposed grouped": (nn.ConvTranspose2d(4, 6, 2, groups=2), (4, 5, 5), 4 * 3 * 4 + 6, 25 * 4 * 3 * 4),
    "bilinear": (nn.Bilinear(3, 4, 5), (torch.zeros(2, 3), torch.zeros(2, 4)), 65, 2 * (60 + 20)),
    "lstm": (nn.LSTM(8, 6, batch_first=True), (L, 8), 4 * 6 * (8 + 6) + 8 * 6, L * 4 * 6 * (8 + 6)),
    "lstm of two layers": (
        nn.LSTM(8, 6, 2, batch_first=True),
        (L, 8),
        4 * 6 * 14 + 4 * 6 * 12 + 16 * 6,
        L * 4 * 6 * (14 + 12),
    ),
    "bidirectional": (
        nn.LSTM(8, 6, batch_first=True, bidirectional=True),
        (L, 8),
        2 * (4 * 6 * 14 + 48),
        2 * L * 4 * 6 * 14,
    ),
    "gru": (nn.GRU(8, 6, batch_first=True), (L, 8), 3 * 6 * (8 + 6) + 6 * 6, L * 3 * 6 * (8 + 6)),
    "rnn": (nn.RNN(8, 6, batch_first=True), (L, 8), 6 * 14 + 12, L * 6 * 14),
    "lstm cell": (nn.LSTMCell(8, 6), (8,), 4 * 6 * 14 + 48, 4 * 6 * 14),
    "attention": (
        nn.MultiheadAttention(E, H, batch_first=True),
        (torch.zeros(1, L, E),) * 3,
        4 * E * E + 4 * E,
        ATTENTION,
    ),
    "encoder": (encoder(2), (L, E), 2 * BLOCK_PARAMS, 2 * BLOCK),
    "embedding": (nn.Embedding(10, 4), (L,), 40, 0),
    "norm": (nn.BatchNorm2d(4), (4, 3, 3), 8, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_closed_forms(name: str) -> None:
    model, inputs, params, macs = CASES[name]
    result = run(model, inputs)
    assert (result.mode, result.params, result.macs) == ("fake", params, macs)


@pytest.mark.parametrize("name", ["lstm of two layers", "bidirectional", "attention", "encoder", "conv2d"])
def test_a_real_run_counts_the_same(name: str) -> None:
    model, inputs, _, macs = CASES[name]

    class Decides(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, *args: Any) -> Any:
            return self.inner(*args) if args[0].sum() < 1 else None

    result = run(Decides(), inputs)
    assert (result.mode, result.macs) == ("real", macs)
    assert "DataDependent" in (result.fallback_reason or "")


def test_attention_of_a_fused_kernel() -> None:
    class Attend(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)

    assert run(Attend(), (H, L, E)).macs == 2 * H * L * L * E


@pytest.mark.parametrize(
    ("expression", "macs"),
    [
        (lambda x: x @ x.T, 3 * 3 * 4),
        (lambda x: torch.einsum("ij,kj->ik", x, x), 3 * 3 * 4),
        (lambda x: x @ x[0], 3 * 4),
        (lambda x: torch.dot(x[0], x[1]), 4),
        (lambda x: torch.vdot(x[0], x[1]), 4),
        (lambda x: torch.addmv(x[:, 0], x, x[0]), 3 * 4),
        (lambda x: torch.addbmm(x[:, :3], x[None], x.T[None]), 3 * 3 * 4),
        (lambda x: torch.conv_tbc(x[:, None], x.new_ones(2, 4, 5), x.new_ones(5)), 2 * 2 * 4 * 5),
        (lambda x: torch.sparse.mm(torch.eye(3).to_sparse(), x), 3 * 4),
        (lambda x: x.new_zeros(3, 3).addmm_(x, x.T), 3 * 3 * 4),
        (lambda x: x.new_zeros(2, 3, 3).baddbmm_(x.expand(2, 3, 4), x.T.expand(2, 4, 3)), 2 * 3 * 3 * 4),
        (lambda x: torch.mm(x, x.T, out=x.new_empty(3, 3)), 3 * 3 * 4),
        (lambda x: torch._addmm_activation(x[0, :3], x, x.T), 3 * 3 * 4),
        (
            lambda x: torch._int_mm(x.new_ones(32, 8, dtype=torch.int8), x.new_ones(8, 16, dtype=torch.int8)),
            4096,
        ),
        (lambda x: x + x * 2, 0),
    ],
)
def test_products_written_as_functions(expression: Any, macs: int) -> None:
    class Written(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return expression(x)

    assert run(Written(), (torch.zeros(3, 4),)).macs == macs


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize(
    ("left", "right", "output", "macs"),
    [
        ((6, 8), (3, 8, 16), (6, 16), 6 * 8 * 16),
        ((3, 4, 8), (3, 8, 16), (3, 4, 16), 3 * 4 * 8 * 16),
        ((4, 6), (6, 8), (3, 4, 8), 4 * 6 * 8),
        ((3, 4, 8), (8, 6), (4, 6), 4 * 8 * 6),
    ],
)
def test_grouped_products_of_any_type(left: Any, right: Any, output: Any, macs: int, device: str) -> None:
    class Grouped(nn.Module):
        def forward(self, a: torch.Tensor, b: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
            return torch._grouped_mm(a, b, offs=None if a.dim() == b.dim() == 3 else ends)

    ends = torch.tensor([1, 4, 6], dtype=torch.int32, device=device)
    result = run(Grouped(), (torch.zeros(left, device=device), torch.zeros(right, device=device), ends))
    assert (result.mode, result.output, result.macs) == ("fake", output, macs)


def test_the_article_s_network(simple_cnn: nn.Module) -> None:
    result = run(simple_cnn, (1, 28, 28))
    macs = 26 * 26 * 32 * 9 + 24 * 24 * 64 * 32 * 9 + 9216 * 128 + 1280
    assert (result.params, result.trainable, result.macs) == (1_199_882, 1_199_882, macs)
    assert (result.output, result.weights_bytes) == ((1, 10), 4 * 1_199_882)


def test_a_batch_costs_in_proportion(simple_cnn: nn.Module) -> None:
    one, many = (run(simple_cnn, torch.zeros(n, 1, 28, 28)).macs for n in (1, 7))
    assert many == 7 * one


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (lambda: nn.Sequential(nn.Linear(8, 4), nn.ReLU()), torch.zeros(3, 2, 8)),
        (lambda: nn.Sequential(nn.LSTM(4, 5)), torch.zeros(7, 3, 4)),
        (lambda: nn.Sequential(nn.LSTM(4, 5, 3, bidirectional=True)), torch.zeros(7, 3, 4)),
        (lambda: nn.Sequential(nn.GRU(4, 5, 2, batch_first=True)), torch.zeros(3, 7, 4)),
    ],
)
def test_quantized_layers_cost_what_they_stand_for(make: Callable[[], nn.Module], inputs: Any) -> None:
    model = make()
    whole = torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM, nn.GRU})
    before, result = run(model, inputs), run(whole, inputs)
    assert (result.mode, result.params, result.trainable) == ("real", before.params, 0)
    assert (result.macs, result.uncounted) == (before.macs, ())


@pytest.mark.filterwarnings("ignore")
def test_quantized_convolutions_cost_what_they_stand_for() -> None:
    import torch.ao.quantization as quantization

    class Parts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.quant, self.dequant = quantization.QuantStub(), quantization.DeQuantStub()
            self.conv, self.act = nn.Conv2d(4, 6, 3, 2, 1, groups=2), nn.ReLU()
            self.up, self.line = nn.ConvTranspose2d(6, 2, 2, 2), nn.Linear(8, 5)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.dequant(self.line(self.up(self.act(self.conv(self.quant(x))))))

    model = Parts().eval()
    expected = run(model, (4, 8, 8)).macs
    model.qconfig = quantization.QConfig(
        quantization.MinMaxObserver.with_args(dtype=torch.quint8),
        quantization.MinMaxObserver.with_args(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric),
    )
    quantization.fuse_modules(model, [["conv", "act"]], inplace=True)
    prepared = quantization.prepare(model)
    prepared(torch.rand(1, 4, 8, 8))
    result = run(quantization.convert(prepared), (4, 8, 8))
    assert (result.macs, result.uncounted) == (expected, ())
    assert expected == 16 * 6 * 2 * 9 + 6 * 16 * 2 * 4 + 2 * 8 * 8 * 5


def test_a_kernel_of_others_is_not_counted_and_named() -> None:
    @torch.library.custom_op("nnarch_tests::twice", mutates_args=())
    def twice(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    twice.register_fake(torch.empty_like)

    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return twice(self.fc(x))

    result = run(Own(), (4,))
    assert (result.macs, result.uncounted) == (12, ("twice",))
    assert [(row.path, row.macs) for row in result.rows] == [("", None), ("fc", 12)]


def test_a_product_of_torch_without_a_formula_is_not_taken_for_nothing() -> None:
    class Reduced(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return torch.sparse.sampled_addmm(x.to_sparse_csr(), y, y.T)

    result = run(Reduced(), (torch.eye(3), torch.ones(3, 2)))
    assert (result.macs, result.uncounted) == (0, ("sparse_sampled_addmm",))


def kernel_costs(name: str, *args: Any) -> int:
    return macs_of(getattr(torch.ops.aten, name).default, args, {}, None)


def test_kernels_of_other_devices_cost_the_same() -> None:
    lstm = nn.LSTM(8, 6, 2, bidirectional=True, proj_size=3)
    weights = [weight.detach() for weight in lstm.parameters()]
    told = run(lstm, (torch.zeros(L, 2, 8),)).macs
    assert kernel_costs("_cudnn_rnn", torch.zeros(L, 2, 8), weights) == told
    assert kernel_costs("_cudnn_rnn", torch.zeros(9, 8), weights) * L * 2 == told * 9  # packed: real steps
    x, scales = torch.zeros(5, 64), torch.zeros(2, 16, 2)
    assert kernel_costs("_weight_int4pack_mm", x, torch.zeros(16, 32), 32, scales) == 5 * 64 * 16
    assert kernel_costs("_weight_int8pack_mm", x, torch.zeros(16, 64), torch.zeros(16)) == 5 * 64 * 16
    assert not is_unknown(torch.ops.aten._thnn_fused_lstm_cell.default)
