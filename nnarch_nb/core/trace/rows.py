"""The table of modules: sizes counted once however often a tensor is used, siblings as they ran."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from inspect import isroutine
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.network import above
from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.given import DIGITS, PLAIN, Found, words
from nnarch_nb.core.trace.record import Row
from nnarch_nb.core.trace.seen import OPAQUE, Seen, kind_of

NEVER = Seen(first=-1, inputs=())
QUANTIZED = ("torch.ao.nn.quantized", "torch.ao.nn.intrinsic.quantized")


@dataclass
class Sizes:
    """Parameters below one module by their identity, so that a shared one counts once."""

    all: dict[int, Tensor] = field(default_factory=dict)
    own: dict[int, Tensor] = field(default_factory=dict)

    @property
    def trainable(self) -> dict[int, Tensor]:
        return {key: tensor for key, tensor in self.all.items() if tensor.requires_grad}


def numbers_in(tensors: dict[int, Tensor]) -> int:
    return sum(0 if is_lazy(tensor) else tensor.numel() for tensor in tensors.values())


def bytes_in(tensors: dict[int, Tensor]) -> int:
    return sum(
        0 if is_lazy(tensor) else tensor.numel() * tensor.element_size() for tensor in tensors.values()
    )


def ancestors(path: str) -> Iterator[str]:
    """Yield the path and every path above it, the network's own ``""`` last."""
    yield from above(path)
    yield ""


def sizes_of(modules: dict[str, nn.Module]) -> dict[str, Sizes]:
    """Return each module's parameters by its path."""
    sizes = {path: Sizes() for path in modules}
    for path, module in modules.items():
        own: dict[int, Tensor] = {id(p): p for p in module._parameters.values() if p is not None}
        own |= {id(p): p for p in packed(module)}
        sizes[path].own = own
        for outer in ancestors(path):
            sizes[outer].all.update(own)
    return sizes


def is_quantized(module: nn.Module) -> bool:
    return type(module).__module__.startswith(QUANTIZED)


def packed(module: nn.Module) -> list[Tensor]:
    """Return the weights of a quantized layer, which keeps them in a form that is no parameter."""
    if not is_quantized(module):
        return []
    asked = (getattr(module, name, None) for name in ("weight", "bias", "get_weight", "get_bias"))
    given = (ask() for ask in asked if callable(ask))
    return [tensor.detach() for value in given for tensor in tensors_in(value)]  # they are not trained


def first_calls(paths: list[str], seen: dict[str, Seen]) -> dict[str, int]:
    """Return when each module, or the first within it, ran; those that did not come last."""
    first = dict.fromkeys(paths, len(paths))
    for path in paths:
        if path in seen:
            for outer in ancestors(path):
                first[outer] = min(first[outer], seen[path].first)
    return first


def in_order(paths: list[str], seen: dict[str, Seen]) -> list[str]:
    """Return the paths as a tree: each after its parent, siblings by their first call."""
    first = first_calls(paths, seen)
    children: dict[str, list[str]] = {path: [] for path in paths}
    for path in paths:
        if path:
            children[path.rpartition(".")[0]].append(path)
    ordered, waiting = [], [""]
    while waiting:
        path = waiting.pop()
        ordered.append(path)
        waiting += sorted(children[path], key=first.__getitem__)[::-1]
    return ordered


def macs_by_path(ordered: list[str], seen: dict[str, Seen]) -> dict[str, int | None]:
    """Return what each module cost; a list of modules is never called and costs what is in it."""
    ran = {path: seen.get(path, NEVER) for path in ordered}
    macs = {path: each.macs if each.counted else None for path, each in ran.items()}
    for path in reversed(ordered):
        parent = path.rpartition(".")[0]
        if path and not ran[parent].calls:
            macs[parent] = added(macs[parent], macs[path])
    return macs


def added(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def rows_of(
    modules: dict[str, nn.Module], sizes: dict[str, Sizes], seen: dict[str, Seen], before: Found
) -> tuple[Row, ...]:
    """Return a row for every module of the network, by its path."""
    ordered = in_order(list(modules), seen)
    macs, holders = macs_by_path(ordered, seen), holders_of(sizes)
    rows = {
        path: row_of(path, modules[path], sizes[path], seen.get(path, NEVER), macs[path], holders)
        for path in ordered
    }
    marks = fingerprints(rows, modules, sizes, before)
    return tuple(replace(rows[path], fingerprint=marks[path]) for path in ordered)


def row_of(
    path: str,
    module: nn.Module,
    sizes: Sizes,
    seen: Seen,
    macs: int | None,
    holders: dict[int, list[str]],
) -> Row:
    return Row(
        path=path,
        kind=kind_of(module),
        depth=path.count(".") + 1 if path else 0,
        inputs=seen.inputs,
        outputs=seen.outputs,
        params=numbers_in(sizes.all),
        own_params=numbers_in(sizes.own),
        trainable=numbers_in(sizes.trainable),
        macs=macs,
        calls=seen.calls,
        leaf=isinstance(module, OPAQUE) or next(module.children(), None) is None,
        own_bytes=bytes_in(sizes.own),
        own_buffers=numbers_in({id(buffer): buffer for buffer in module.buffers(recurse=False)}),
        shared_with=tuple(
            dict.fromkeys(other for key in sizes.own for other in holders[key] if other != path)
        ),
    )


def holders_of(sizes: dict[str, Sizes]) -> dict[int, list[str]]:
    """Return which modules hold each parameter as their own."""
    holders: dict[int, list[str]] = {}
    for path, each in sizes.items():
        for key in each.own:
            holders.setdefault(key, []).append(path)
    return holders


def fingerprints(
    rows: dict[str, Row], modules: dict[str, nn.Module], sizes: dict[str, Sizes], before: Found
) -> dict[str, str]:
    """Return a mark for each module that is the same for modules made alike that ran alike."""
    marks: dict[str, str] = {}
    within: dict[str, list[tuple[str, str]]] = {path: [] for path in rows}
    for path in sorted(rows, key=lambda path: -rows[path].depth):
        row = rows[path]
        was = (before.training[path] == before.training[""], before.buffers.get(path))
        made = (row.kind, settings_of(modules[path]), weights_marks(sizes[path]), was, sorted(within[path]))
        # Only the first input: what a cache adds grows from block to block, and the cost tells of it.
        ran = (row.inputs[:1], row.outputs, row.macs, row.calls)
        marks[path] = blake2b(repr((made, ran)).encode(), digest_size=8).hexdigest()
        if path:
            within[row.parent].append((row.name, marks[path]))
    return marks


def settings_of(module: nn.Module) -> str:
    """Return how a layer was made: all that torch's own say, of a user's the words and switches.

    A user's numbers may be indices, and so may the digits in a name.
    """
    held = {name: value for name, value in vars(module).items() if is_setting(name, value)}
    if type(module).__module__.startswith("torch.nn"):
        return f"{module.extra_repr()}{words('', held).text}"
    told = {name: value for name, value in held.items() if isinstance(value, (str, bool))}
    return f"{type(module).__module__}{re.sub(DIGITS, '#', repr(told))}"


def is_setting(name: str, value: Any) -> bool:
    """Whether an attribute is a number, a word or a function; what a layer keeps for itself begins with _."""
    if name == "training" or name.startswith("_"):
        return False
    several = value if isinstance(value, (tuple, list)) else (value,)
    return all(isinstance(each, PLAIN) or isroutine(each) for each in several)


def weights_marks(sizes: Sizes) -> list[tuple[tuple[int, ...], str, bool]]:
    return [(tuple(p.shape), str(p.dtype), p.requires_grad) for p in sizes.own.values() if not is_lazy(p)]
