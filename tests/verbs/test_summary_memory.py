"""What fits: the rules of bytes against real runs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.summary import summary
from nnarch_nb.verbs.summary.memory import GB, OPTIMIZERS, PRECISIONS

REAL: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
}


def cnn() -> nn.Module:
    def block(a: int, b: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    return nn.Sequential(block(3, 16), block(16, 16), nn.Dropout(), nn.Flatten(), nn.Linear(1024, 10))


def encoder() -> nn.Module:
    return nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)


CASES = {
    "cnn": (cnn, (3, 8, 8)),
    "encoder": (encoder, (24, 32)),
    "mlp": (lambda: nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 8)), (64,)),
}


def kept(model: nn.Module, x: Tensor, autocast: bool = False) -> int:
    """Return what a real training forward saves, the weights and their copies aside."""
    sizes: dict[int, int] = {}
    alive = []
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    weights = {tuple(p.shape) for p in model.parameters()} | {
        tuple(p.t().shape) for p in model.parameters() if p.dim() == 2
    }

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        copied = autocast and tensor.dtype == torch.bfloat16 and tuple(tensor.shape) in weights
        if storage.data_ptr() not in own and not copied:
            alive.append(tensor)
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with (
        saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16, enabled=autocast),
    ):
        out = model.train()(x)
    del out
    return sum(sizes.values())


@pytest.mark.parametrize("case", CASES)
def test_what_is_kept_is_that_of_a_real_run(case: str) -> None:
    make, shape = CASES[case]
    model = make()
    result = summary(model, shape, batch_size=4)
    assert result.saved_activation_bytes == kept(model, torch.randn(4, *shape))
    half = summary(model, shape, batch_size=4, dtype="bfloat16")
    real = kept(copy.deepcopy(model).bfloat16(), torch.randn(4, *shape).bfloat16())
    assert half.saved_activation_bytes == half.fit().activations
    assert half.saved_activation_bytes == real
    assert half.weights_bytes == sum(t.nbytes for t in copy.deepcopy(model).bfloat16().state_dict().values())


@pytest.mark.parametrize("case", CASES)
def test_autocast_keeps_about_what_16_bits_keep(case: str) -> None:
    make, shape = CASES[case]
    model = make()
    x = torch.randn(4, *shape)
    asked = summary(model, shape, batch_size=4, dtype="mixed")
    assert asked.weights_bytes == summary(model, shape).weights_bytes
    assert asked.fit().activations == pytest.approx(kept(model, x, autocast=True), rel=0.15)


def test_halved_is_exact_where_no_function_keeps_more_than_its_inputs() -> None:
    model = cnn()
    reckoned = summary(model, (3, 8, 8), batch_size=4).fit(dtype="bfloat16").activations
    assert reckoned == pytest.approx(
        summary(model, (3, 8, 8), batch_size=4, dtype="bfloat16").fit().activations, rel=0.02
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_optimizer_state_is_that_of_torch(name: str, dtype: str) -> None:
    model = cnn().to(getattr(torch, dtype))
    model[0].requires_grad_(False)
    kind, more = REAL[name]
    optimizer = kind([p for p in model.parameters() if p.requires_grad], lr=1e-3, **more)
    model(torch.randn(2, 3, 8, 8, dtype=getattr(torch, dtype))).sum().backward()
    optimizer.step()
    tensors = [t for state in optimizer.state.values() for t in state.values() if isinstance(t, Tensor)]
    need = summary(model, (3, 8, 8)).fit(optimizer=name)
    assert need.state == sum(t.nbytes for t in tensors if t.dim())  # besides the count of steps
    assert need.gradients == sum(p.grad.nbytes for p in model.parameters() if p.grad is not None)
    assert need.weights == sum(t.nbytes for t in model.state_dict().values())


def test_the_largest_batch_is_the_largest() -> None:
    result = summary(cnn(), (3, 8, 8))
    for dtype in PRECISIONS:
        most = result.fit(0.01, dtype=dtype).largest_batch
        assert most
        assert result.fit(0.01, dtype=dtype, batch=most).fits
        assert not result.fit(0.01, dtype=dtype, batch=most + 1).fits


def test_the_parts_add_up_and_inference_needs_no_gradients() -> None:
    result = summary(cnn(), (3, 8, 8))
    need = result.fit(1)
    assert need.bytes == need.weights + need.gradients + need.state + (need.activations or 0)
    assert need.available == GB
    bare = result.inference
    assert (bare.gradients, bare.state, bare.activations) == (0, 0, result.peak_activation_bytes)


def test_weights_alone_may_be_too_many() -> None:
    need = summary(nn.Linear(1000, 1000), (1000,)).fit(0.001)
    assert (need.fits, need.largest_batch) == (False, 0)


def test_what_was_not_measured_is_not_nothing() -> None:
    class Frozen(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                raise RuntimeError("this one is not trained")
            return super().forward(x)

    result = summary(Frozen(4, 4), (4,), memory_gb=1)
    need = result.fit(1)
    assert (need.activations, need.bytes, need.fits, need.largest_batch) == (None, None, None, None)
    text = result._repr_mimebundle_()["text/plain"]
    assert "≥ 320 B" in text
    assert "It cannot be told whether it fits 1 GB" in text
    assert "Not measured: the training forward fails: this one is not trained." in text
    assert result.to_pandas()["memory"].isna().all()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"gb": 0}, "gb must be a finite number above 0"),
        ({"batch": 0}, "batch must be a whole number of at least 1"),
        ({"dtype": "bf16"}, "no number type is called 'bf16'"),
        ({"optimizer": "lion"}, "no optimizer is called 'lion'"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(NNArchError, match=message):
        summary(nn.Linear(4, 2), (4,)).fit(**asked)


class Halved(nn.Module):
    """One layer in 16 bits, one in 32."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(100, 100).half(), nn.Linear(100, 100)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.a(x.half()).float())


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w, self.line = nn.Parameter(torch.zeros(100, 100, dtype=torch.cfloat)), nn.Linear(100, 100)

    def forward(self, x: Tensor) -> Tensor:
        return self.line(torch.fft.ifft(torch.fft.fft(x) @ self.w).real)


@pytest.mark.parametrize("make", [Halved, Complex])
def test_each_parameter_counts_in_its_own_type(make: Callable[[], nn.Module]) -> None:
    model = make()
    own = sum(parameter.nbytes for parameter in model.parameters())
    result = summary(model, torch.zeros(2, 100))
    need = result.fit(1)
    assert (need.weights, need.gradients, need.state) == (own, own, 2 * own)
    assert need.activations == result.saved_activation_bytes
    assert result.fit(dtype="mixed", optimizer="none").weights == own
    copies = 2 * sum(p.numel() for p in model.parameters() if p.dtype == torch.float32)
    assert result.fit(dtype="mixed").weights == own + copies
    assert (
        "training in" in summary(make(), torch.zeros(2, 100), memory_gb=1)._repr_mimebundle_()["text/plain"]
    )


def test_complex_numbers_have_no_form_in_16_bits() -> None:
    need = summary(Complex(), (100,)).fit(dtype="bfloat16")
    assert need.weights == need.gradients == 8 * 100 * 100 + 2 * (100 * 100 + 100)


def test_a_network_of_several_types_is_cast_whole() -> None:
    assert summary(Halved(), torch.zeros(2, 100)).fit(dtype="float32").weights == 4 * 20_200

    class Both(Halved):
        def forward(self, x: Tensor) -> Tensor:
            return self.b(self.a(x.to(self.a.weight.dtype)).to(self.b.weight.dtype))

    cast = summary(Both(), torch.zeros(2, 100), dtype="float32")
    assert (cast.dtypes, cast.weights_bytes, cast.fit().gradients) == (("float32",), 80_800, 80_800)


def test_types_of_torch_are_taken() -> None:
    result = summary(nn.Linear(4, 2), (4,), dtype=torch.bfloat16)
    assert result == summary(nn.Linear(4, 2), (4,), dtype="bfloat16")
    assert result.fit(dtype=torch.float64) == result.fit(dtype="float64")
    with pytest.raises(NNArchError, match="no number type is called 'int8'"):
        result.fit(dtype=torch.int8)


@pytest.mark.filterwarnings("ignore")
def test_quantized_networks_are_not_trained() -> None:
    model = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(8, 4)), {nn.Linear})
    result = summary(model, (8,), memory_gb=1)
    assert result.quantized
    text, html = result._repr_mimebundle_()["text/plain"], result._repr_mimebundle_()["text/html"]
    for form in (text, html):
        assert "inference in its own types needs" in form
        for word in ("Adam", "autocast", "bf16", "kept for backward"):
            assert word not in form
    assert result.trainable == 0
