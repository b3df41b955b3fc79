"""What a step was given besides the tensors on their way: numbers, words and constants.

Two steps of one name on tensors of one size may still do different things: a convolution with another
dilation, an attention with another mask. Texts that are equal where these are tell them apart.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.nn.parameter import is_lazy

from nnarch_nb.core.remember import is_allocated
from nnarch_nb.core.trace.flow import Flow

# They take a part of a tensor; which one changes from round to round where a loop walks along it.
INDEXING = {"getitem", "setitem", "select", "narrow"}
PLAIN = (int, float, complex, bool, str, bytes, type(None), torch.dtype, torch.device, torch.layout)
LONGEST = 60
MOST_BYTES = 2**20  # of a constant whose values are looked at
DEPTH = 6
DIGITS = re.compile(r"\d+")  # in a name they tell one copy from the next


class Words(NamedTuple):
    """The arguments of a step as text, and the numbers of an index apart from it."""

    text: str
    indices: tuple[int, ...] = ()


def words(name: str, given: Any) -> Words:
    """Return what is no tensor of a function's arguments, with the places of the tensors.

    Examples
    --------
    >>> words("softmax", ((torch.zeros(2),), {"dim": -1}))
    Words(text='((T),{dim:-1})', indices=())
    >>> words("getitem", ((torch.zeros(2), (slice(None), 3)), {}))
    Words(text='((T,(:None:None:None,#)),{})', indices=(3,))
    """
    index: list[int] | None = [] if name in INDEXING else None
    return Words(short(written(given, index)), tuple(index or ()))


def written(value: Any, index: list[int] | None, depth: int = 0) -> str:
    if isinstance(value, Tensor):
        return "T"
    if index is not None and type(value) is int:
        index.append(value)
        return "#"
    if isinstance(value, PLAIN):
        return repr(value)
    if depth > DEPTH:
        return "…"
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{written(v, index, depth + 1)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "(" + ",".join(written(each, index, depth + 1) for each in value) + ")"
    if isinstance(value, slice):
        parts = (value.start, value.stop, value.step)
        return "".join(f":{written(part, index, depth + 1)}" for part in parts)
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def short(text: str) -> str:
    return text if len(text) <= LONGEST else digest(text.encode())


def digest(text: bytes) -> str:
    return blake2b(text, digest_size=8).hexdigest()


@dataclass(frozen=True)
class Found:
    """The network before the run: which modules train, and what each buffer holds, by path."""

    training: dict[str, bool] = field(default_factory=dict)
    buffers: dict[str, dict[str, str]] = field(default_factory=dict)


def found(model: nn.Module) -> Found:
    modules = dict(model.named_modules())
    return Found(
        {path: module.training for path, module in modules.items()},
        {path: buffers_in(module) for path, module in modules.items() if module._buffers},
    )


def buffers_in(module: nn.Module) -> dict[str, str]:
    """Return the form of each buffer, and what is in one that is a mask; others are learned or counted."""
    own = type(module).__module__.startswith("torch.nn")
    buffers = {name: buffer for name, buffer in module._buffers.items() if buffer is not None}
    return {name: form_of(each) if own else form_of(each) + mask_in(each) for name, each in buffers.items()}


def form_of(tensor: Tensor) -> str:
    return f"{'' if is_lazy(tensor) else tuple(tensor.shape)}{tensor.dtype}"


def mask_in(tensor: Tensor) -> str:
    """Return a digest of the values where there are two at most."""
    if not is_readable(tensor) or tensor.dtype.is_complex or not tensor.numel():
        return ""
    if tensor.dtype is not torch.bool:
        least, most = tensor.aminmax()
        if not bool(((tensor == least) | (tensor == most)).all()):
            return ""
    return values_in(tensor)


def is_readable(tensor: Tensor) -> bool:
    """Whether the values are there, and few and near enough to look at."""
    plain = (
        type(tensor) is Tensor
        and not is_lazy(tensor)
        and not isinstance(tensor, FakeTensor)
        and tensor.device.type == "cpu"
    )
    if not plain or tensor.layout is not torch.strided or tensor.is_quantized:
        return False
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):  # as within vmap
        return False
    few = tensor.is_contiguous() and tensor.numel() * tensor.element_size() <= MOST_BYTES
    return few and is_allocated(tensor)


def values_in(tensor: Tensor) -> str:
    size = tensor.numel() * tensor.element_size()  # read past torch, which makes fakes during a trace
    return digest(ctypes.string_at(tensor.data_ptr(), size)) if size else ""


@dataclass
class Constants:
    """Where each tensor comes from that depends on no input, as a text that is alike for alike ones."""

    flow: Flow = field(default_factory=Flow)
    texts: list[str] = field(default_factory=list)

    def begin(self, modules: dict[str, nn.Module], before: Found) -> None:
        """Name the buffers; numbers in their paths do not count, nor which of several copies owns them."""
        for path, texts in before.buffers.items():
            buffers = dict(modules[path].named_buffers(recurse=False))
            for name, text in texts.items():
                buffer = buffers.get(name)
                if buffer is not None and not is_lazy(buffer):
                    self.made(buffer, short(re.sub(DIGITS, "#", f"{path}.{name}") + text))

    def made(self, tensor: Tensor, text: str) -> None:
        self.texts.append(text)
        self.flow.made(tensor, len(self.texts) - 1)

    def computed(self, name: str, given: Any, inputs: list[Tensor], results: list[Tensor]) -> None:
        """Note what a function made of constants alone."""
        known = {id(tensor) for tensor in inputs}
        fresh = [tensor for tensor in results if id(tensor) not in known]
        if fresh:
            text = self.made_by(name, given, inputs)
            for place, tensor in enumerate(fresh):
                self.made(tensor, f"{text}.{place}" if place else text)

    def wrote(self, name: str, given: Any, inputs: list[Tensor], results: list[Tensor]) -> None:
        """Note that a function changed a constant in its place."""
        text = self.made_by(name, given, inputs)
        for tensor in results:
            self.made(tensor, text)
            self.flow.wrote(tensor, len(self.texts) - 1)

    def made_by(self, name: str, given: Any, inputs: list[Tensor]) -> str:
        return digest(f"{name}{words('', given).text}{[self.of(tensor) for tensor in inputs]}".encode())

    def of(self, tensor: Tensor) -> str:
        if isinstance(tensor, nn.Parameter):
            return f"W{form_of(tensor)}"
        number = None if is_lazy(tensor) else self.flow.source(tensor)
        if number is None:
            self.made(tensor, form_of(tensor) + (values_in(tensor) if is_readable(tensor) else ""))
            number = len(self.texts) - 1
        return self.texts[number]


def constants_of(
    constants: Constants, inputs: list[Tensor], sources: list[int | None]
) -> Iterator[tuple[int, str]]:
    """Yield the place and the text of each input that no step made; weights are told of elsewhere."""
    for place, (tensor, source) in enumerate(zip(inputs, sources, strict=True)):
        if source is None and not isinstance(tensor, nn.Parameter):
            yield place, constants.of(tensor)
