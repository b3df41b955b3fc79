"""A look leaves no trace: every kind of state a forward run may change is put back bit for bit."""

import random
import signal
from collections import Counter, deque

import numpy as np
import pytest
import torch
from torch import nn

from nnarch_nb.core.network import modules_of
from nnarch_nb.core.snapshot import Snapshot, untouched


class Store:
    def __init__(self):
        self.hits = 0
        self.memory = torch.zeros(2)


def draw(sources):
    numpy, older, python, torchs = sources
    return numpy.random(), older.rand(), python.random(), torch.rand((), generator=torchs).item()


class Untidy(nn.Module):
    """A network that changes all it can reach when it runs."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.fc = nn.Linear(3, 3)
        self.lazy = nn.LazyLinear(2)
        self.calls, self.cache, self.log, self.last = 0, {"a": [1]}, [], deque([1], maxlen=3)
        self.counts, self.seen, self.array = Counter("a"), {1}, np.zeros(2)
        self.plain, self.store = torch.zeros(2), Store()
        self.lazy_norm, self.teacher = nn.LazyBatchNorm1d(), [nn.BatchNorm1d(3)]
        self.sources = [
            np.random.default_rng(0),
            np.random.RandomState(0),
            random.Random(0),
            torch.Generator(),
        ]
        self.fc.weight.grad = torch.ones(3, 3)
        self.fc.bias.requires_grad_(False)

    def forward(self, x):
        self.calls += 1
        self.cache["a"].append(2)
        self.cache["b"] = x
        self.log.append(x)
        self.last.append(2)
        self.counts["a"] += 1
        self.seen.add(2)
        self.array += 1
        self.plain += 1
        self.store.hits += 1
        self.store.memory += 1
        self.new = 1
        self.lazy_norm(x)
        self.teacher[0](x)
        draw(self.sources)
        self.norm.eval()
        self.fc.register_forward_hook(lambda *_: None)
        with torch.no_grad():
            self.fc.weight += 1
            self.fc.weight.grad += 1
        self.fc.bias.data = torch.zeros(3)
        self.fc.bias.requires_grad_(True)
        self.extra = nn.Linear(1, 1)
        random.random(), np.random.rand(), torch.rand(1)
        return self.lazy(
            self.fc(nn.functional.batch_norm(x, self.norm.running_mean, self.norm.running_var, training=True))
        )


def state_of(model):
    weights = {
        name: p.detach().clone() for name, p in model.named_parameters() if not nn.parameter.is_lazy(p)
    }
    return {
        "weights": weights,
        "addresses": {n: p.data_ptr() for n, p in model.named_parameters() if not nn.parameter.is_lazy(p)},
        "identities": [id(p) for p in model.parameters()],
        "buffers": {name: b.clone() for name, b in model.named_buffers() if not nn.parameter.is_lazy(b)},
        "grad": model.fc.weight.grad.clone(),
        "tracked": [p.requires_grad for p in model.parameters()],
        "modes": [m.training for m in model.modules()],
        "classes": [type(m) for m in model.modules()],
        "hooks": len(model.fc._forward_hooks),
        "attributes": sorted(vars(model)),
        "plain": (
            model.calls,
            {k: list(v) for k, v in model.cache.items()},
            list(model.log),
            list(model.last),
        ),
        "more": (dict(model.counts), set(model.seen), model.array.tolist(), model.plain.tolist()),
        "store": (model.store.hits, model.store.memory.tolist()),
        "rng": (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()),
    }


def assert_same(a, b):
    assert a.keys() == b.keys()
    for key in a:
        if isinstance(a[key], dict) and any(isinstance(v, torch.Tensor) for v in a[key].values()):
            assert a[key].keys() == b[key].keys()
            assert all(torch.equal(a[key][name], b[key][name]) for name in a[key]), key
        elif isinstance(a[key], torch.Tensor):
            assert torch.equal(a[key], b[key]), key
        else:
            assert a[key] == b[key], key


@pytest.mark.parametrize("end", [None, ValueError, KeyboardInterrupt])
def test_all_is_as_it_was(end):
    model, x = Untidy(), torch.randn(4, 3)
    before = state_of(model)
    hook = []

    def look():
        with untouched(model):
            model(x)
            hook.append(model.calls)
            if end is not None:
                raise end

    if end is None:
        look()
    else:
        with pytest.raises(end):
            look()
    assert hook == [1], "the run itself must have happened"
    assert_same(before, state_of(model))


def test_tied_weights_stay_tied_and_cycles_end():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    model.itself = [model]
    model.itself.append(model.itself)
    with untouched(model):
        model[0].weight.data.add_(1)
    assert model[1].weight is model[0].weight
    assert model.itself[1] is model.itself


def test_a_scripted_network_keeps_its_mode_and_buffers():
    model = torch.nn.Sequential(nn.BatchNorm1d(2))
    before = model[0].running_mean.clone()
    with untouched(model):
        model(torch.randn(8, 2) + 5)
        model.eval()
    assert model.training
    assert torch.equal(model[0].running_mean, before)


def test_what_a_network_holds_without_registering_it_is_put_back():
    model, twin = Untidy(), Untidy()
    with untouched(model):
        model(torch.randn(4, 3))
    assert int(model.teacher[0].num_batches_tracked) == 0
    assert torch.equal(model.teacher[0].running_mean, torch.zeros(3))
    assert draw(model.sources) == draw(twin.sources)
    assert isinstance(model.lazy_norm, nn.LazyBatchNorm1d)
    assert model.lazy_norm(torch.randn(4, 3)).shape == (4, 3)


def test_a_weight_that_is_computed_is_not_asked_for_its_gradient(recwarn):
    layer = nn.Linear(2, 2)
    layer.computed = torch.ones(2, requires_grad=True) * 2
    with untouched(layer):
        layer(torch.ones(1, 2))
    assert not recwarn.list


@pytest.mark.parametrize("place", [lambda b: {"a": [[b]]}, lambda b: {b}, lambda b: Held(b)])
def test_modules_are_found_however_deep_they_are_held(place):
    hidden = nn.BatchNorm1d(3)
    model = nn.Linear(3, 3)
    model._aside = place(hidden)
    model.register_forward_hook(lambda module, args, out: hidden(out))
    assert modules_of(model) == [model, hidden]
    with untouched(model):
        model(torch.randn(4, 3))
    assert int(hidden.num_batches_tracked) == 0


class Held:
    def __init__(self, module):
        self.module = module


@pytest.mark.parametrize("place", ["attribute", "buffer", "parameter"])
def test_memory_that_was_freed_meanwhile_is_not_read(place):
    layer = nn.Linear(8, 4)
    freed = layer.weight if place == "parameter" else torch.ones(8, dtype=torch.bool)
    if place == "attribute":
        layer.extra = freed
    elif place == "buffer":
        layer.register_buffer("extra", freed)
    freed.untyped_storage().resize_(0)
    with untouched(layer):
        freed.untyped_storage().resize_(freed.numel() * freed.element_size())
    assert freed.shape == freed.clone().shape


def test_an_interrupt_while_it_is_put_back_waits(monkeypatch):
    model, restore = nn.Sequential(nn.Linear(2, 2), nn.Dropout()), Snapshot.restore

    def interrupted(snapshot: Snapshot) -> None:
        signal.raise_signal(signal.SIGINT)
        restore(snapshot)

    monkeypatch.setattr(Snapshot, "restore", interrupted)
    with pytest.raises(KeyboardInterrupt), untouched(model):
        model.eval().requires_grad_(False)
    assert all(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
