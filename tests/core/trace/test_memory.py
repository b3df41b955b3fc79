"""What is kept for backward: against closed forms, and byte for byte against a real training forward."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace import trace, workspace
from nnarch_nb.core.trace.memory import kept_for_backward
from nnarch_nb.core.trace.run import real_run
from nnarch_nb.core.trace.setting import Manner, quiet
from nnarch_nb.errors import NNArchError


class Block(nn.Module):
    """A residual block as in ResNet, with a skip that changes the size."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 8, 3, 2, 1, bias=False), nn.Conv2d(8, 8, 3, 1, 1, bias=False)
        self.norm_a, self.norm_b = nn.BatchNorm2d(8), nn.BatchNorm2d(8)
        self.skip = nn.Sequential(nn.Conv2d(4, 8, 1, 2, bias=False), nn.BatchNorm2d(8))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm_b(self.b(self.relu(self.norm_a(self.a(x)))))
        return self.relu(out + self.skip(x))


class Attends(nn.Module):
    """Attention by hand, with a part of the network left out of the result."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out, self.unused = nn.Linear(16, 48), nn.Linear(16, 16), nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        self.unused(x).tanh()
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, 4, 4).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(attended.transpose(1, 2).flatten(2))


class Checkpointed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.last = nn.Sequential(nn.Linear(8, 64), nn.GELU(), nn.Linear(64, 8)), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(checkpoint(self.inner, x.sin(), use_reentrant=False))


def gpt2() -> nn.Module:
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(vocab_size=50, n_positions=16, n_embd=32, n_layer=2, n_head=4)
    return transformers.GPT2LMHeadModel(config)


def saved_in_earnest(model: nn.Module, args: tuple[Any, ...]) -> int:
    """Return the bytes that a plain run on values keeps in storages that are not the network's."""
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.detach()
        return tensor.detach()

    with untouched(model), quiet(), saved_tensors_hooks(pack, lambda tensor: tensor):
        result = model.train()(*args)
    assert result is not None
    return sum(t.untyped_storage().nbytes() for pointer, t in kept.items() if pointer not in own)


IMAGES, STEPS = torch.zeros(3, 4, 8, 8), torch.zeros(2, 9, 16)
CASES: dict[str, Any] = {
    "cnn": (lambda: nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
                                  nn.Dropout(0.3), nn.Flatten(), nn.Linear(72, 5)), IMAGES),
    "resnet": (Block, IMAGES),
    "transformer": (lambda: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2, enable_nested_tensor=False), STEPS),
    "lstm": (lambda: nn.LSTM(16, 8, 2, dropout=0.1, bidirectional=True), STEPS),
    "gru": (lambda: nn.GRU(16, 8), STEPS),
    "checkpoint": (Checkpointed, torch.zeros(5, 8)),
    "gpt2": (gpt2, torch.zeros(2, 7, dtype=torch.long)),
    "weight_norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(16, 8)), STEPS),
    "frozen": (lambda: nn.Sequential(nn.Linear(16, 8), nn.Linear(8, 4).requires_grad_(False)), STEPS),
}  # fmt: skip


@pytest.mark.parametrize("name", ["cnn", "resnet", "transformer", "gru", "gpt2"])
def test_equal_to_a_real_run_in_16_bits(name: str) -> None:
    make, x = CASES[name]
    model = make().eval()
    cast = copy.deepcopy(model).bfloat16()
    given = x.bfloat16() if x.is_floating_point() else x
    expected = saved_in_earnest(cast, (given,))
    assert kept_for_backward(model, as_call(x), "bfloat16").bytes == expected
    assert kept_for_backward(cast.eval(), as_call(given)).bytes == expected


@pytest.mark.parametrize("name", CASES)
def test_equal_to_a_real_run_byte_for_byte(name: str) -> None:
    make, x = CASES[name]
    model = make().eval()
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    expected = saved_in_earnest(model, (x,))
    kept = kept_for_backward(model, as_call(x))
    assert (kept.mode, kept.note, kept.bytes) == ("fake", "", expected)
    assert expected > 0
    assert sum(kept.by_path.values()) == expected
    assert all(torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())
    assert not any(module.training or module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("name", CASES)
def test_the_peak_of_a_training_forward_is_that_of_a_real_one(name: str) -> None:
    make, x = CASES[name]
    model = make()
    fake = trace(model, as_call(x), training=True)
    real = real_run(model, as_call(x), "asked for", Manner(training=True))
    assert (fake.mode, real.mode, fake.failure) == ("fake", "real", None)
    assert fake.peak_activation_bytes == real.peak_activation_bytes
    assert (fake.peak_activation_bytes or 0) >= (kept_for_backward(model, as_call(x)).bytes or 0) - x.nbytes


def test_what_the_result_does_not_need_is_not_kept() -> None:
    kept = kept_for_backward(Attends(), as_call(STEPS))
    x = qkv = STEPS.nbytes
    qkv *= 3
    sums = 2 * 4 * 9 * 4
    assert kept.by_path["qkv"] == x
    assert kept.by_path[""] == qkv + x + sums  # q, k and v in one memory, the result, and its normalizers
    assert "unused" not in kept.by_path


def test_integers_are_told_apart() -> None:
    kept = kept_for_backward(nn.Embedding(9, 4), as_call(torch.zeros(3, 5, dtype=torch.long)))
    assert (kept.bytes, kept.float_bytes) == (3 * 5 * 8, 0)


def test_another_type_halves_the_floats() -> None:
    model, call = Block(), as_call(IMAGES)
    plain, half = kept_for_backward(model, call), kept_for_backward(model, call, "bfloat16")
    assert plain.bytes == plain.float_bytes
    assert half.bytes
    assert half.bytes * 2 == plain.bytes


def test_a_frozen_normalization_stays_frozen() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    model.train()[1].eval()
    assert kept_for_backward(model, as_call((4,))).by_path == {"0": 16}
    assert kept_for_backward(model.eval(), as_call((4,))).by_path == {"0": 16, "1": 16}


def test_one_value_a_channel_is_normalized_as_in_evaluation_and_said() -> None:
    kept = kept_for_backward(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), as_call((4,)))
    assert kept.bytes == 16 + 12
    assert "cannot train 1: it ran as in evaluation" in kept.note


def test_values_that_decide_take_a_real_run_that_is_undone() -> None:
    class Decides(nn.Sequential):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) if x.sum().item() == 0 else x

    model = Decides(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Sigmoid())
    kept = kept_for_backward(model, as_call((4,), batch_size=2))
    assert (kept.mode, kept.by_path["0"], kept.by_path["2"]) == ("real", 32, 24)
    assert int(model[1].num_batches_tracked) == 0
    assert all(p.grad is None for p in model.parameters())
    assert kept_for_backward(model, as_call((4,)), "bfloat16").bytes is None


def test_a_compiled_script_takes_a_real_run() -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        scripted = torch.jit.script(nn.Linear(4, 3))
    assert kept_for_backward(scripted, as_call((4,))).bytes == 16


def test_a_network_on_meta_needs_no_memory() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(50_000, 50_000), nn.ReLU(), nn.Linear(50_000, 10))
    assert kept_for_backward(model, as_call((50_000,))).bytes == 2 * 200_000


def test_a_forward_that_fails_is_not_measured() -> None:
    kept = kept_for_backward(nn.Linear(4, 3), as_call((5,)))
    assert (kept.bytes, kept.float_bytes, kept.by_path) == (None, None, {})
    assert kept.note.startswith("not measured: the training forward fails: ")
    with pytest.raises(NNArchError, match="no dtype is called"):
        kept_for_backward(nn.Linear(4, 3), as_call((5,)), "int8")


def test_a_long_lstm_is_reckoned_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = nn.LSTM(64, 64).eval(), torch.zeros(160, 4, 64)
    expected = saved_in_earnest(model, (x,))
    monkeypatch.setattr(workspace, "EXACT_MACS", 20 * 4 * 2 * 256 * 64)  # twenty steps
    kept = kept_for_backward(model, as_call(x))
    assert kept.note == workspace.RECKONED
    assert kept.bytes == pytest.approx(expected, rel=0.01)
    assert kept_for_backward(model, as_call(x[:20])).note == ""
