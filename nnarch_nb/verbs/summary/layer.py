"""One row of a summary: what a module is, got, gave and cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.options import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from nnarch_nb.core.trace import Row
    from nnarch_nb.core.trace.reach import Field


@dataclass(frozen=True)
class Layer:
    """One module of the network.

    Attributes
    ----------
    path, kind, depth
        Dotted path (``""`` for the network itself), class name, and how many modules it lies within.
    input, output
        Shape, batch included, of the tensor it got and gave; a tuple of shapes where there are
        several, None where it never ran.
    params, own_params, trainable
        Parameters in it and what it contains, of its own, and those of ``params`` that are trained.
    macs
        Multiply-accumulates of all its calls; None if not all could be told.
    calls
        How often it ran.
    leaf
        It is looked at as a whole.
    own_bytes, buffers
        Memory of its own parameters, and the numbers in its own buffers.
    memory
        Bytes kept for the backward run by it and what it contains; None if not measured.
    kernel, dtype
        Size of its window, and the types of its own parameters; None and ``""`` where it has none.
    receptive_field
        How many input positions one of its outputs depends on, by direction of space; None where that is
        all of the input, has no meaning, or cannot be followed.
    field_at_most
        The receptive field is a bound: positions differ in what they see, and none sees more.
    shared_with
        Other modules that hold one of its own parameters too.
    fingerprint
        Equal for modules that are made alike and ran alike.
    lazy
        Its sizes are those it would take from these inputs; the module itself is still without.
    """

    path: str
    kind: str
    depth: int
    input: tuple[Any, ...] | None
    output: tuple[Any, ...] | None
    params: int
    own_params: int
    trainable: int
    macs: int | None
    calls: int
    leaf: bool
    own_bytes: int = 0
    buffers: int = 0
    memory: int | None = None
    kernel: tuple[int, ...] | None = None
    dtype: str = ""
    receptive_field: tuple[int, ...] | None = None
    field_at_most: bool = False
    shared_with: tuple[str, ...] = ()
    fingerprint: str = ""
    lazy: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def layer(
    row: Row,
    module: nn.Module | None,
    cast: str | None = None,
    memory: int | None = None,
    field: Field | None = None,
) -> Layer:
    """Return the row of a module, None if its forward run replaced it, looked at in another number type."""
    return Layer(
        path=row.path,
        kind=row.kind,
        depth=row.depth,
        input=only(row.inputs),
        output=only(row.outputs),
        params=row.params,
        own_params=row.own_params,
        trainable=row.trainable,
        macs=row.macs,
        calls=row.calls,
        leaf=row.leaf,
        own_bytes=row.own_bytes,
        buffers=row.own_buffers,
        memory=memory,
        kernel=kernel_of(module),
        dtype=", ".join(cast_names(dtypes_of(module, recurse=False), cast)) if module is not None else "",
        receptive_field=field.size if field else None,
        field_at_most=field.at_most if field else False,
        shared_with=row.shared_with,
        fingerprint=row.fingerprint,
        lazy=is_waiting(module),
    )


def outermost(rows: Iterable[Layer]) -> list[Layer]:
    """Return the rows that do not lie within a layer that is looked at as a whole."""
    found: list[Layer] = []
    last: Layer | None = None
    for row in rows:
        if last is None or not row.path.startswith(f"{last.path}." if last.path else ""):
            found.append(row)
            last = row if row.leaf else last
    return found


def only(shapes: tuple[tuple[int, ...], ...]) -> tuple[Any, ...] | None:
    """Return the one shape, the shapes where there are several, None where there is none."""
    return shapes[0] if len(shapes) == 1 else shapes or None


def kernel_of(module: nn.Module | None) -> tuple[int, ...] | None:
    """Return the size of a layer's window, one number for each dimension that was given."""
    size = vars(module).get("kernel_size") if module is not None else None
    sizes = size if isinstance(size, tuple) else (size,)
    return sizes if all(isinstance(each, int) for each in sizes) else None


def dtypes_of(module: nn.Module, recurse: bool = True) -> tuple[str, ...]:
    names = (type_name(parameter.dtype) for parameter in module.parameters(recurse))
    return tuple(dict.fromkeys(names))


def cast_names(names: tuple[str, ...], dtype: str | None) -> tuple[str, ...]:
    """Return the types of the parameters when those of floating-point numbers are cast."""
    if dtype is None:
        return names
    return tuple(dict.fromkeys(dtype if "float" in name else name for name in names))


def is_waiting(module: nn.Module | None) -> bool:
    """Whether a module has yet to learn the size of a parameter."""
    from torch.nn.parameter import is_lazy

    return module is not None and any(map(is_lazy, module.parameters(recurse=False)))
