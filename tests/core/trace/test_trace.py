"""The table of modules, and networks of every kind."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import Row, Trace, complete_trace, first_trace, trace
from nnarch_nb.core.trace.batch import refuse_batch_dimension
from nnarch_nb.errors import NNArchError


def run(model: nn.Module, inputs: Any, kwargs: Any = None) -> Trace:
    return trace(model, as_call(inputs, kwargs, model))


def row(result: Trace, path: str) -> Row:
    return next(row for row in result.rows if row.path == path)


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.head = nn.Linear(8, 50, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.embed(x))


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(3, 3)
        self.late = nn.Linear(4, 2)
        self.early = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.late(self.early(self.early(x)))


class Averages(nn.Module):
    """Takes a set of rows, so that two sizes are what it wants."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x).mean(1)


def test_tied_weights_count_once() -> None:
    result = run(Tied(), (6,))
    assert (result.params, result.macs) == (400, 6 * 400)
    assert (row(result, "embed").params, row(result, "head").params) == (400, 400)


def test_a_module_called_twice_has_two_calls_and_the_rows_stand_as_they_ran() -> None:
    result = run(Twice(), (4,))
    assert [r.path for r in result.rows] == ["", "early", "late", "unused"]
    assert [r.calls for r in result.rows] == [1, 2, 1, 0]
    assert (row(result, "early").macs, result.macs) == (32, 40)
    assert row(result, "unused").outputs == ()


def test_frozen_parameters_are_not_trainable() -> None:
    model = Twice()
    model.early.requires_grad_(False)
    result = run(model, (4,))
    assert (result.params, result.trainable) == (42, 22)
    assert (row(result, "early").trainable, row(result, "late").trainable) == (0, 10)


def test_buffers_stand_apart() -> None:
    result = run(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), (4,))
    assert (result.params, result.buffers) == (21, 7)


def test_children_come_after_their_parent_and_depth_counts_parents() -> None:
    inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    result = run(nn.Sequential(inner, nn.Linear(4, 1)), (4,))
    assert [(r.path, r.depth, r.leaf) for r in result.rows] == [
        ("", 0, False), ("0", 1, False), ("0.0", 2, True), ("0.1", 2, True), ("1", 1, True),
    ]  # fmt: skip
    assert row(result, "0").macs == 16
    assert row(result, "0").outputs == ((1, 4),)


@pytest.mark.parametrize("wrap", ["sequential", "own"])
def test_nested_two_hundred_deep(wrap: str) -> None:
    class Own(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x)

    model: nn.Module = nn.Linear(4, 4)
    for _ in range(200):
        model = nn.Sequential(model) if wrap == "sequential" else Own(model)
    result = run(model, (4,))
    assert (len(result.rows), result.rows[-1].depth, result.macs) == (201, 200, 16)


def test_a_network_on_meta_needs_no_memory() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(50_000, 50_000), nn.ReLU(), nn.Linear(50_000, 10))
    result = run(model, (50_000,))
    assert (result.mode, result.output, result.macs) == ("fake", (1, 10), 50_000 * 50_010)
    assert next(model.parameters()).is_meta


def test_a_huge_input_needs_no_memory() -> None:
    result = run(nn.Conv2d(3, 64, 3), (3, 100_000, 100_000))
    assert result.output == (1, 64, 99_998, 99_998)


@dataclass
class Scores:
    logits: Tensor
    hidden: Any


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


@pytest.mark.parametrize(
    ("form", "output"),
    [
        (lambda x: {"a": x, "b": x[:, :2]}, ((1, 4), (1, 2))),
        (lambda x: Scores(x, (x, None)), ((1, 4), (1, 4))),
        (lambda x: Pair(x, x.T), ((1, 4), (4, 1))),
        (lambda x: (x,), ((1, 4),)),
        (lambda x: x.sum(), ()),
    ],
)
def test_results_of_every_form(form: Any, output: Any) -> None:
    class Returns(nn.Module):
        def forward(self, x: Tensor) -> Any:
            return form(x)

    result = run(Returns(), (4,))
    assert (result.failure, result.output) == (None, output)


@pytest.mark.parametrize(("result", "said"), [(None, "None"), ("text", "a str"), ({"a": 1}, "a dict")])
def test_a_result_without_a_tensor_is_a_failure(result: Any, said: str) -> None:
    class Returns(nn.Module):
        def forward(self, x: Tensor) -> Any:
            return result

    failure = run(Returns(), (4,)).failure
    assert failure
    assert failure.message == f"it returns {said} and no tensor"


def test_keyword_only_forward() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 2)

        def forward(self, *, x: Tensor, mask: Tensor) -> Tensor:
            return self.fc(input=x) * mask

    result = run(Named(), {"x": torch.zeros(3, 4), "mask": torch.ones(3, 1)})
    assert (result.output, row(result, "fc").inputs) == ((3, 2), ((3, 4),))
    assert [op.name for op in result.operations if op.kind == "input"] == ["x", "mask"]


def test_values_that_decide_need_a_real_run() -> None:
    class Decides(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) if x.sum().item() == 0 else x

    result = run(Decides(), (4,))
    assert (result.mode, result.output) == ("real", (1, 2))


@pytest.mark.parametrize("way", ["numpy", "nonzero", "tolist", "packed"])
def test_ways_out_of_torch_need_a_real_run(way: str) -> None:
    class Leaves(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(4, 3, batch_first=True)

        def forward(self, x: Tensor) -> Any:
            if way == "numpy":
                return torch.from_numpy(x.numpy() + 1)
            if way == "nonzero":
                return x.nonzero()
            if way == "tolist":
                return torch.tensor(x.tolist())
            packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([2]), batch_first=True)
            return self.rnn(packed)[0].data

    result = run(Leaves(), (5, 4))
    assert (result.mode, result.failure) == ("real", None)


def test_packed_sequences_count_real_tokens() -> None:
    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(4, 3, batch_first=True)

        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            return self.rnn(nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True))[0].data

    result = run(Packed(), (torch.zeros(2, 10, 4), torch.tensor([7, 2])))
    assert result.macs == 9 * 4 * 3 * (4 + 3)


def test_lazy_layers_are_reported_as_they_would_become_and_stay_lazy() -> None:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2))
    result = run(model, (1, 6, 6))
    assert (result.params, result.output) == (40 + 64 * 2 + 2, (1, 2))
    assert [r.kind for r in result.rows[1:]] == ["Conv2d", "Flatten", "Linear"]
    assert isinstance(model[0], nn.LazyConv2d)
    assert all(nn.parameter.is_lazy(p) for p in model.parameters())


def test_scripted_wrapped_and_parametrized_networks() -> None:
    plain = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scripted = torch.jit.script(plain)
    normed = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)))
    for model in (
        scripted,
        nn.DataParallel(plain),
        normed,
        nn.utils.parametrizations.spectral_norm(plain[0]),
    ):
        result = run(model, (4,))
        assert (result.failure, result.macs >= 12, result.output) == (None, True, (1, 3))


def test_a_network_with_attributes_of_its_own_making() -> None:
    class Answers(nn.Linear):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("_orig"):
                raise RuntimeError("no such thing")
            return super().__getattr__(name)

    assert run(Answers(4, 2), (4,)).output == (1, 2)


def test_tokens_for_a_network_that_begins_with_an_embedding() -> None:
    assert run(nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2)), (5,)).output == (1, 5, 2)


@pytest.mark.parametrize(
    ("model", "shape", "said"),
    [
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 2)), (1, 1, 28, 28), "(1, 28, 28)"),
        (nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), (32, 4), "(4,)"),
        (nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.1)), (32, 4), "(4,)"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), (32, 4), "(4,)"),
    ],
)
def test_a_batch_dimension_given_by_mistake_is_said(model: nn.Module, shape: Any, said: str) -> None:
    call = as_call(shape, None, model)
    with pytest.raises(NNArchError, match="has a batch dimension") as caught:
        refuse_batch_dimension(model, call, trace(model, call))
    assert str(caught.value).startswith(f"{shape} has")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 2)), (1, 28, 28)),
        (nn.Sequential(nn.Flatten(), nn.Linear(12, 3)), (3, 4)),
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)), torch.zeros(32, 4)),
        (nn.TransformerEncoderLayer(8, 2, 16), (5, 8)),
        (nn.Sequential(nn.Linear(5, 3)), (2, 4)),
        (Averages(), (5, 4)),
    ],
)
def test_other_shapes_are_left_to_the_network(model: nn.Module, inputs: Any) -> None:
    call = as_call(inputs, None, model)
    refuse_batch_dimension(model, call, trace(model, call))


class Energy(nn.Module):
    """Differentiates in its forward run, as networks of physics do."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(self.fc(x).sum(), x)[0]


class Chooses(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.sum() > 0, lambda x: self.fc(x), lambda x: self.fc(-x), (x,))


def test_networks_that_differentiate_or_choose_in_forward_run() -> None:
    assert (run(Energy(), (2,)).failure, run(Energy(), (2,)).output) == (None, (1, 2))
    chooses = run(Chooses(), (2,))
    assert (chooses.failure, chooses.output, chooses.uncounted) == (None, (1, 1), ("cond",))


def test_a_hidden_module_runs_in_evaluation_mode_and_gets_its_own_back() -> None:
    model = nn.Linear(4, 4)
    model.teacher = [nn.BatchNorm1d(4)]
    model.register_forward_hook(lambda module, args, result: module.teacher[0](result))
    assert run(model, (4,)).failure is None
    assert model.teacher[0].training
    assert int(model.teacher[0].num_batches_tracked) == 0


def test_sparse_inputs_take_a_real_run() -> None:
    result = trace(nn.Linear(4, 2), as_call(torch.eye(4).to_sparse()))
    assert (result.mode, result.output, result.failure) == ("real", (4, 2), None)


def test_a_shape_is_indices_wherever_the_embedding_stands() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out, self.table = nn.Linear(8, 2), nn.Embedding(20, 8)

        def forward(self, words: Tensor) -> Tensor:
            return self.out(self.table(words).mean(1))

    assert complete_trace(Late(), (7,))[2].output == (1, 2)


class TimeSecond(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x.transpose(0, 1))[0].transpose(0, 1)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (nn.TransformerEncoderLayer(16, 4, 32), True),
        (nn.LSTM(16, 4), True),
        (TimeSecond(), False),
        (nn.LSTM(16, 4, batch_first=True), False),
    ],
)
def test_steps_taken_for_a_batch_are_noted(model: nn.Module, told: bool) -> None:
    notes = first_trace(model, (50, 16))[2].notes
    assert [("torch.zeros(50, 1, 16)" in note) for note in notes] == [True] * told


def test_a_sample_without_channels_is_refused_and_one_with_too_many_is_a_finding() -> None:
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 1, 3))
    with pytest.raises(NNArchError, match=r"\(28, 28\) has no channels, which 0 wants: give \(1, 28, 28\)"):
        complete_trace(model, (28, 28))
    failure = first_trace(model, (3, 28, 28))[2].failure
    assert failure
    assert failure.path == "0"
    with pytest.raises(
        NNArchError, match="has a batch dimension: give the shape of one sample, \\(1, 28, 28"
    ):
        complete_trace(model, (1, 1, 28, 28))


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm, self.drop = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.norm(self.fc(x)))


def test_training_runs_with_the_modules_and_gradients_of_training() -> None:
    class Tells(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            assert self.training
            assert torch.is_grad_enabled()
            return x

    model = Tells().eval()
    assert trace(model, as_call((4,)), training=True).failure is None
    assert not model.training


def test_a_network_given_in_training_keeps_what_is_frozen_in_it() -> None:
    class Tells(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, : 1 + self.training]

    model = nn.Sequential(Tells()).train()
    model[0].eval()
    assert trace(model, as_call((4,)), training=True).output == (1, 1)
    assert trace(model.eval(), as_call((4,)), training=True).output == (1, 2)


def test_one_value_a_channel_is_normalized_as_in_evaluation_and_said() -> None:
    model = Normed()
    result = trace(model, as_call((4,)), training=True)
    assert (result.failure, result.mode) == (None, "fake")
    assert "cannot train norm: it ran as in evaluation" in result.notes[0]
    assert model.norm.training
    assert first_trace(model, (4,), training=True, batch_size=2)[2].notes == ()


def test_training_and_a_skipped_layer_keep_the_way_for_gradients() -> None:
    class Differentiates(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.skip = nn.Linear(2, 1), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            x = x.detach().requires_grad_()
            return torch.autograd.grad(self.skip(self.fc(x)).sum(), x)[0]

    assert run(Differentiates(), (2,)).failure is None


def test_another_type_is_taken_without_touching_the_weights() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    plain = run(model, (4,))
    half = trace(model, as_call((4,)), dtype="bfloat16")
    assert (half.failure, half.output, half.mode, half.macs) == (None, (1, 3), "fake", plain.macs)
    assert half.params == plain.params
    assert half.weights_bytes * 2 == plain.weights_bytes - 8 + 16  # the number of batches stays a long
    assert half.peak_activation_bytes * 2 == plain.peak_activation_bytes
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert trace(model, as_call((4,)), dtype=torch.float64).weights_bytes == plain.weights_bytes * 2 - 8


def test_another_type_keeps_tied_weights_tied() -> None:
    assert trace(Tied(), as_call((6,), None, Tied()), dtype="float16").weights_bytes == 800


def test_another_type_needs_fakes() -> None:
    with pytest.raises(
        NNArchError, match=r"takes a real run \(lazy layers .*give model.to\(torch.bfloat16\)"
    ):
        trace(nn.Sequential(nn.LazyLinear(2)), as_call((4,)), dtype="bfloat16")
    with pytest.raises(NNArchError, match="no dtype is called"):
        trace(nn.Linear(4, 2), as_call((4,)), dtype="bfloat")


def test_a_batch_size_is_for_made_up_inputs() -> None:
    result = first_trace(nn.Linear(4, 2), (4,), batch_size=32)[2]
    assert (result.output, result.macs) == ((32, 2), 32 * 8)
    assert first_trace(nn.Embedding(9, 2), (5,), batch_size=3)[2].output == (3, 5, 2)
    with pytest.raises(NNArchError, match=r"\(28, 28\) has no channels"):
        complete_trace(nn.Conv2d(4, 8, 3), (28, 28), batch_size=4)


def test_a_tensor_given_twice_is_one_tensor_in_the_run() -> None:
    class Same(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a if a is b else a[:, :1]

    x = torch.zeros(1, 4)
    assert run(Same(), (x, x)).output == (1, 4)
    assert run(Same(), (x, x.clone())).output == (1, 1)


def test_a_network_on_meta_is_looked_at_as_on_a_device() -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(16, 48)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = self.qkv(x).view(1, -1, 3, 4, 4).permute(2, 0, 3, 1, 4)
            return nn.functional.scaled_dot_product_attention(q, k, v)

    on_cpu = run(Attends(), (1000, 16))
    with torch.device("meta"):
        model = Attends()
        on_meta, given = run(model, (1000, 16)), run(model, torch.zeros(1, 1000, 16))
    assert on_meta.peak_activation_bytes == on_cpu.peak_activation_bytes == given.peak_activation_bytes
    assert all(p.is_meta for p in model.parameters())


def test_a_network_that_names_meta_itself_is_run_there() -> None:
    class Names(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 3, device="meta")

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) + torch.ones(3, device="meta")

    assert run(Names(), (4,)).failure is None


def test_a_cache_handed_on_is_no_input_of_the_layer() -> None:
    class Store:
        def __init__(self) -> None:
            self.kept: list[Tensor] = []

    class Layer(nn.Module):
        def forward(self, x: Tensor, store: Store) -> Tensor:
            store.kept.append(x * 2)
            return x + 1

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(Layer() for _ in range(3))

        def forward(self, x: Tensor) -> Any:
            store = Store()
            for layer in self.layers:
                x = layer(x, store)
            return {"x": x, "store": store}

    result = run(Net(), (4,))
    assert [row(result, f"layers.{i}").inputs for i in range(3)] == [((1, 4),)] * 3
    assert len({row(result, f"layers.{i}").fingerprint for i in range(3)}) == 1
    assert result.output == ((1, 4),)


def test_recurrent_layers_take_another_type_and_meta() -> None:
    call = as_call((5, 8))
    model = nn.LSTM(8, 4, batch_first=True)
    listed = model._flat_weights
    plain, half = trace(model, call), trace(model, call, dtype="bfloat16")
    assert (half.failure, half.output, half.macs) == (None, plain.output, plain.macs)
    assert model._flat_weights is listed
    assert all(a is b for a, b in zip(listed, model.parameters(), strict=True))
    on_meta = nn.LSTM(8, 4, batch_first=True, device="meta")
    assert trace(on_meta, call).peak_activation_bytes == plain.peak_activation_bytes
