"""The short way for frequent kernels gives what torch's own gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from nnarch_nb.core.trace.fakes import fake_from, unfilled
from nnarch_nb.core.trace.quick import QUICK, Quickly, quickly

aten = torch.ops.aten
X, Y = torch.zeros(4, 6), torch.zeros(4, 6).t().contiguous().t()
CASES: list[tuple[str, Callable[[Tensor, Tensor], Any]]] = [
    ("view.default", lambda x, y: x.view(2, 12)),
    ("transpose.int", lambda x, y: x.transpose(0, 1)),
    ("expand.default", lambda x, y: x[None].expand(3, 4, 6)),
    ("slice.Tensor", lambda x, y: x[1:, ::2]),
    ("split.Tensor", lambda x, y: x.split(4, 1)),
    ("unbind.int", lambda x, y: x.unbind(1)),
    ("add.Tensor", lambda x, y: x + y),
    ("mul.Tensor", lambda x, y: x.bfloat16() * y[:1]),
    ("div.Tensor", lambda x, y: x.int() / 2),
    ("where.self", lambda x, y: torch.where(x > 0, x, y)),
    ("clone.default", lambda x, y: y.clone()),
    ("_softmax.default", lambda x, y: y.softmax(0)),
    ("mean.dim", lambda x, y: x.mean(1, keepdim=True)),
    ("native_layer_norm.default", lambda x, y: torch.layer_norm(y, (6,))),
    ("cat.default", lambda x, y: torch.cat([x, y.double()], 1)),
    ("mm.default", lambda x, y: x @ y.t()),
    ("addmm.default", lambda x, y: torch.addmm(x[0, :4], x, y.t())),
    ("bmm.default", lambda x, y: torch.bmm(x[None], y.t()[None])),
]


def described(forward: Callable[[Tensor, Tensor], Any], quick: bool) -> list[Any]:
    fake = FakeTensorMode()
    with fake:
        x, y = fake.from_tensor(X), fake.from_tensor(Y)
        if quick:
            with Quickly():
                out = forward(x, y)
        else:
            out = forward(x, y)
    tensors = [out] if isinstance(out, Tensor) else list(out)
    shared = [t.untyped_storage()._cdata == x.untyped_storage()._cdata for t in tensors]
    return [
        (
            type(t),
            t.shape,
            t.stride(),
            t.dtype,
            t.device,
            t.storage_offset(),
            t.untyped_storage().nbytes(),
            same,
        )
        for t, same in zip(tensors, shared, strict=True)
    ]


@pytest.mark.parametrize(("name", "forward"), CASES)
def test_as_torch_does(name: str, forward: Callable[[Tensor, Tensor], Any]) -> None:
    assert name in {str(kernel).removeprefix("aten.") for kernel in QUICK}
    assert described(forward, quick=True) == described(forward, quick=False)


def forms(out: Any) -> list[Any]:
    tensors = [out] if isinstance(out, Tensor) else list(out)
    return [(t.shape, t.stride(), t.dtype, t.untyped_storage().nbytes()) for t in tensors]


def on_fakes(forward: Callable[..., Any], given: tuple[Tensor, ...]) -> list[Any]:
    fake = FakeTensorMode()
    with fake:
        copies = [fake.from_tensor(tensor) for tensor in given]
        with Quickly():
            return forms(forward(*copies))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("name", "forward"), CASES)
def test_as_the_kernel_does_on_values(
    name: str, forward: Callable[[Tensor, Tensor], Any], dtype: torch.dtype
) -> None:
    given = (X.to(dtype), Y.to(dtype))
    assert on_fakes(forward, given) == forms(forward(*given))


NORMALIZATIONS: list[Callable[[Tensor, Tensor], Any]] = [
    lambda x, w: aten.native_layer_norm(x, [4], w, w, 1e-5),
    lambda x, w: aten.native_layer_norm(x, [4], None, None, 1e-5),
    lambda x, w: aten.native_group_norm(x, w, w, 3, 4, 1, 2, 1e-5),
    lambda x, w: aten.native_batch_norm(x, w, w, w.clone(), w.clone(), True, 0.1, 1e-5),
]


@pytest.mark.parametrize("normalize", NORMALIZATIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("mixed", [True, False])
def test_means_have_the_type_they_have_on_values(
    normalize: Callable[[Tensor, Tensor], Any], dtype: torch.dtype, mixed: bool
) -> None:
    given = (torch.ones(3, 4, dtype=dtype), torch.ones(4, dtype=torch.float32 if mixed else dtype))
    assert on_fakes(normalize, given) == forms(normalize(*given))


def test_what_is_not_plain_is_left_to_torch() -> None:
    fake = FakeTensorMode()
    with fake:
        cpu, other = fake.from_tensor(X), torch.zeros(4, 6, device="meta")
        constant = torch.tensor(1.0)
        assert quickly(aten.add.Tensor, (cpu, other), {}) is NotImplemented
        assert quickly(aten.neg.default, (constant,), {}) is NotImplemented
        assert quickly(aten.argmax.default, (cpu,), {}) is NotImplemented
    with FakeTensorMode():
        assert quickly(aten.neg.default, (cpu,), {}) is NotImplemented
    assert quickly(aten.neg.default, (X,), {}) is NotImplemented


@pytest.mark.parametrize("device", ["cpu", "meta", "cuda:1"])
@pytest.mark.parametrize("weight", [True, False])
def test_a_fake_is_made_as_torch_makes_one(
    device: str, weight: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_tensor, "init_gpu_context", lambda device: None)
    mode, on = FakeTensorMode(), torch.device(device)
    with mode:
        made = fake_from(mode, unfilled((2, 3), (1, 2), torch.float16), on, weight, weight)
        form = unfilled((2, 3), (1, 2), torch.float16)
        torchs = FakeTensor(mode, form, on, requires_grad=weight, _is_param=weight)
        assert vars(made) == vars(torchs)
        assert torch._C._dispatch_keys(made) == torch._C._dispatch_keys(torchs)
        for tensor in (made, torchs):
            assert (tensor.device, tensor.dtype, tensor.stride()) == (on, torch.float16, (1, 2))
            assert (tensor.requires_grad, tensor.is_leaf, tensor._version) == (weight, True, 0)
            assert isinstance(tensor, torch.nn.Parameter) is weight
