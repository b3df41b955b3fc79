"""A look leaves no trace: the looking verbs leave the model and the session bitwise as they were."""

from __future__ import annotations

import gc
import random
import signal
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import nnarch_nb
from nnarch_nb.errors import NNArchError

from .kinds import fresh

SHAPE = (1, 8, 8)


class Nasty(nn.Module):
    """Everything in it changes when it runs, and it draws from every random generator."""

    def __init__(self, mishap: Callable[[int], None] = lambda call: None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.frozen = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(64, 10)
        self.twin = nn.Linear(64, 10)
        self.twin.weight = self.head.weight
        self.register_buffer("steps", torch.zeros(()))
        self.register_buffer("secret", torch.zeros(3), persistent=False)
        self.calls, self.cache, self.notes = 0, [], {"last": None, "seen": {1}}
        self.mishap = [mishap]  # in a list, as a network would hold a callback

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.cache.append(self.calls)
        self.notes["last"] = x.detach()
        self.notes["seen"].add(self.calls)
        self.steps += 1
        self.secret = self.secret + 1
        self.fresh = "made by running"
        scale = 1 + 1e-3 * (random.random() + np.random.rand())
        x = torch.relu(self.norm(self.conv(x))) * scale + 1e-3 * torch.rand(())
        self.mishap[0](self.calls)
        x = self.drop(nn.functional.max_pool2d(self.frozen(x), 2)).flatten(1)
        return self.head(x) + 0.5 * self.twin(x)


def nasty(mishap: Callable[[int], None] = lambda call: None) -> Nasty:
    torch.manual_seed(1)
    model = Nasty(mishap).train()
    model.norm.eval()
    model.frozen.requires_grad_(False)
    for parameter in (model.frozen.weight, model.head.weight):
        parameter.grad = torch.rand_like(parameter)
    model.head.register_forward_hook(lambda module, given, output: model.cache.append("hooked"))
    model.register_forward_pre_hook(lambda module, given: model.notes.update(pre=len(model.cache)))
    return model


def frozen(value: Any) -> Any:
    """Return a value that compares bit for bit, tensors by their bytes and everything else by itself."""
    if isinstance(value, torch.Tensor):
        gradient = None if value.grad is None else (id(value.grad), frozen(value.grad))
        content = value.detach().numpy().tobytes()
        return (
            id(value),
            value.data_ptr(),
            value.dtype,
            value.device,
            value.requires_grad,
            content,
            gradient,
        )
    if isinstance(value, dict):
        return [(key, frozen(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [frozen(item) for item in value]
    return (id(value), repr(value)) if isinstance(value, (set, nn.Module)) else value


def portrait(model: nn.Module) -> dict[str, Any]:
    """Return all that a look must not change: every module's attributes, and the session's randomness."""
    attributes = {
        f"{path}.{name}": frozen(value)
        for path, module in model.named_modules()
        for name, value in vars(module).items()
    }
    numpy = np.random.get_state()
    generators = {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "numpy": (numpy[1].tobytes(), numpy[2:]),
        "python": random.getstate(),
        "default dtype": torch.get_default_dtype(),
        "gradients on": torch.is_grad_enabled(),
        "interrupt": signal.getsignal(signal.SIGINT),
    }
    return attributes | generators


@pytest.fixture(scope="module")
def data() -> Any:
    return nnarch_nb.data("digits", limit=200)


class Language(nn.Module):
    """Answers for each token what a network answers for an image: a look at it looks at the network."""

    def __init__(self, answers: nn.Module) -> None:
        super().__init__()
        self.answers = answers

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.answers(torch.zeros(len(tokens), *SHAPE))
        return scores.unsqueeze(1).expand(-1, tokens.shape[1], -1)


LOOKS: dict[str, Callable[[nn.Module, Any], Any]] = {
    "check": lambda model, data: nnarch_nb.check(model, SHAPE),
    "summary": lambda model, data: nnarch_nb.summary(model, SHAPE),
    "graph": lambda model, data: nnarch_nb.graph(model, SHAPE),
    "compare": lambda model, data: nnarch_nb.compare([model, model.conv], SHAPE, repeats=2),
    "generate": lambda model, data: nnarch_nb.generate(Language(model), [1, 2], 2),
    "explain": lambda model, data: nnarch_nb.explain(model, data, n=2, steps=4),
    "attack": lambda model, data: nnarch_nb.attack(model, data, eps=0.1, n=8, steps=2),
}
VERBS: dict[str, Callable[[nn.Module, Any], Any]] = {
    "check": lambda model, data: nnarch_nb.check(model, data),
    "summary": lambda model, data: nnarch_nb.summary(model, data),
    "graph": lambda model, data: nnarch_nb.graph(model, data),
    "compare": lambda model, data: nnarch_nb.compare([model], data, repeats=2, grow="none"),
    "generate": lambda model, data: nnarch_nb.generate(Language(model), [1, 2], 2),
    "explain": lambda model, data: nnarch_nb.explain(model, data, n=2, steps=4),
    "attack": lambda model, data: nnarch_nb.attack(model, data, n=8, steps=2),
}
MAKERS = {
    "data",
    "advise",
    "build",
    "load",
    "load_pretrained",
    "train",
}  # these make something, or are asked to change the model


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, data: Any) -> Iterator[Callable[[nn.Module], Any]]:
    verb = LOOKS[request.param]
    return lambda model: verb(model, data)


def assert_untouched(model: nn.Module, look: Callable[[nn.Module], Any]) -> None:
    random.seed(2)
    np.random.seed(3)
    torch.manual_seed(4)
    before = portrait(model)
    with suppress(KeyboardInterrupt, NNArchError):
        look(model)
    after = portrait(model)
    assert [name for name in before if before[name] != after.get(name)] == []
    assert list(after) == list(before)


def test_every_verb_is_either_a_look_or_a_maker():
    assert LOOKS.keys() | MAKERS == nnarch_nb.VERBS.keys()


def test_the_portrait_sees_a_run():
    model = nasty()
    before = portrait(model)
    model(torch.rand(2, *SHAPE))
    changed = {name for name, value in portrait(model).items() if before.get(name) != value}
    assert {".calls", ".cache", ".notes", "._buffers", ".fresh", "torch", "numpy", "python"} <= changed


def test_a_look_leaves_no_trace(look):
    assert_untouched(nasty(), look)


def test_a_failing_forward_leaves_no_trace(look):
    def fail(call: int) -> None:
        raise ValueError("no luck")

    assert_untouched(nasty(fail), look)


def test_failing_late_leaves_no_trace(look):
    def fail(call: int) -> None:
        if call > 2:
            raise ValueError("no luck at last")

    assert_untouched(nasty(fail), look)


def test_a_raised_interrupt_leaves_no_trace(look):
    def interrupt(call: int) -> None:
        raise KeyboardInterrupt

    assert_untouched(nasty(interrupt), look)


def test_a_real_interrupt_leaves_no_trace(look):
    def interrupt(call: int) -> None:
        signal.raise_signal(signal.SIGINT)

    assert_untouched(nasty(interrupt), look)


def restless(name: str, mishap: Callable[[int], None] = lambda call: None) -> tuple[nn.Module, Any]:
    """Return a network of tokens or a series that changes with every run."""
    model, data = fresh(name)
    model.calls, model.drop = 0, nn.Dropout(0.5)

    def before(module: nn.Module, given: Any) -> None:
        module.calls += 1
        module.seen = module.drop(torch.ones(3)) * torch.rand(())
        mishap(module.calls)

    model.register_forward_pre_hook(before)
    model.head.weight.grad = torch.rand_like(model.head.weight)
    return model.train(), data


def fail_late(call: int) -> None:
    if call > 3:
        raise ValueError("no luck at last")


def interrupt_late(call: int) -> None:
    if call > 3:
        raise KeyboardInterrupt


@pytest.mark.parametrize("mishap", [lambda call: None, fail_late, interrupt_late])
@pytest.mark.parametrize("name", ["texts", "next tokens", "series"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_look_at_tokens_or_a_series_leaves_no_trace(verb, name, mishap):
    model, data = restless(name, mishap)
    assert_untouched(model, lambda network: VERBS[verb](network, data))


def test_the_verbs_are_the_same_for_tokens():
    assert VERBS.keys() == LOOKS.keys()


def test_the_model_is_freed(look):
    model = nasty()
    gone = weakref.ref(model)
    result = look(model)
    result._repr_mimebundle_()
    del model
    gc.collect()
    assert gone() is None


def test_looks_in_several_threads_wait_for_each_other() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
    before = portrait(model)
    errors: list[Exception] = []

    def look() -> None:
        try:
            for _ in range(2):
                nnarch_nb.compare(model, SHAPE, repeats=2, grow="none")
                nnarch_nb.summary(model, SHAPE)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert portrait(model) == before


@pytest.mark.parametrize("kind", [torch.float32, torch.bool])
def test_a_buffer_whose_memory_was_freed(kind: torch.dtype) -> None:
    model = nn.Sequential(nn.Linear(8, 4))
    model.register_buffer("freed", torch.ones(8, dtype=kind))
    model.extra = torch.ones(8)
    for tensor in (model.freed, model.extra):
        tensor.untyped_storage().resize_(0)
    assert nnarch_nb.summary(model, (8,)).params == 36
    assert nnarch_nb.check(model, (8,)).ok
