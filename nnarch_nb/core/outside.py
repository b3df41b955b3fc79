"""What a network's code keeps outside the network, and can change when it runs.

A table of positions in a cached function, a mask on the class, a log in a global list: none is an attribute
of the network, and yet a forward run may fill it. They are found by following the code: from the classes of
the modules and their hooks to the names, defaults and closures of their functions, and from there on.
"""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from torch import nn

from nnarch_nb.core.network import is_users, is_users_package
from nnarch_nb.core.remember import is_filled

CACHE = type(functools.cache(lambda: None))
CODE = (types.FunctionType, types.MethodType, functools.partial, CACHE)
DEEPEST = 6  # how many calls from a forward run its helpers are looked at
Namespace = dict[str, Any]
OPERATIONS = {
    "read": {"LOAD_GLOBAL", "LOAD_NAME"},
    "assigned": {"STORE_GLOBAL", "DELETE_GLOBAL"},
    "attributes": {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"},
}


class Outside:
    """The places outside a network that its code names.

    Attributes
    ----------
    namespaces
        Globals, with the names in each that code assigns to.
    classes, cells
        Their attributes and contents are remembered.
    values
        Objects reached, which may be containers.
    caches
        Functions that remember their results.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.namespaces: dict[int, tuple[Namespace, set[str]]] = {}
        self.classes: list[type] = []
        self.cells: list[types.CellType] = []
        self.values: list[Any] = []
        self.caches: list[Any] = []
        self._seen: set[int] = set()
        for root in roots(modules):
            self._visit(root, 0)

    def _visit(self, value: Any, depth: int) -> None:
        if id(value) in self._seen or depth > DEEPEST:
            return
        self._seen.add(id(value))
        if isinstance(value, CACHE):
            self.caches.append(value)
            self._visit(value.__wrapped__, depth)
        elif isinstance(value, types.FunctionType):
            self._visit_function(value, depth)
        elif isinstance(value, type):
            self._visit_class(value, depth)
        else:
            self._visit_parts(value, depth)

    def _visit_parts(self, value: Any, depth: int) -> None:
        parts = parts_of(value)
        if parts is None:
            self.values.append(value)
        for part in parts or ():
            self._visit(part, depth)

    def _visit_function(self, function: types.FunctionType, depth: int) -> None:
        if not is_users(function):
            return
        self.cells += function.__closure__ or ()
        inside = [*contents(function.__closure__ or ()), *(function.__defaults__ or ())]
        names = names_in(function.__code__)
        for value in [*inside, *(function.__kwdefaults__ or {}).values()]:
            self._visit_named(value, names, depth + 1)
        self._visit_names(function.__globals__, names, depth)

    def _visit_names(self, namespace: Namespace, names: Names, depth: int) -> None:
        _, assigned = self.namespaces.setdefault(id(namespace), (namespace, set()))
        assigned |= names.assigned
        for name in (names.read | names.assigned) & namespace.keys():
            self._visit_named(namespace[name], names, depth + 1)

    def _visit_named(self, value: Any, names: Names, depth: int) -> None:
        """Look at what code names; of a module, at what the same code may ask it for."""
        if not isinstance(value, types.ModuleType):
            self._visit(value, depth)
        elif depth <= DEEPEST and is_users_package(value.__name__.partition(".")[0]):
            for name in names.attributes & vars(value).keys():
                self._visit_named(vars(value)[name], names, depth + 1)

    def _visit_class(self, kind: type, depth: int) -> None:
        if not is_users(kind):
            return
        self.classes.append(kind)
        for value in vars(kind).values():
            self._visit(value, depth)


def roots(modules: Iterable[nn.Module]) -> Iterator[Any]:
    """Yield the classes of the modules, their hooks, and the functions they hold."""
    modules = list(modules)
    for kind in dict.fromkeys(map(type, modules)):
        yield from kind.__mro__
    for module in modules:
        for name, value in vars(module).items():
            if name.endswith("hooks"):  # a dict in each module, a list in graphs of torch.fx
                yield from value.values() if isinstance(value, dict) else value or ()
            elif isinstance(value, CODE):
                yield value


def parts_of(value: Any) -> list[Any] | None:
    """Return the functions within what is called like one; None for any other object."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, (classmethod, staticmethod)):
        return [value.__func__]
    if isinstance(value, property):
        return [value.fget]
    return None


class Names(NamedTuple):
    """The names in a function's code: globals read and assigned, and attributes of anything."""

    read: frozenset[str]
    assigned: frozenset[str]
    attributes: frozenset[str]


@functools.lru_cache(1024)
def names_in(code: types.CodeType) -> Names:
    """Return the names that a function's code uses, those of the functions within it too."""
    used: dict[str, set[str]] = {"read": set(), "assigned": set(), "attributes": set()}
    for step in dis.get_instructions(code):
        for kind, operations in OPERATIONS.items():
            if step.opname in operations:
                used[kind].add(str(step.argval))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            for kind, names in names_in(constant)._asdict().items():
                used[kind] |= names
    return Names(**{kind: frozenset(names) for kind, names in used.items()})


def contents(cells: tuple[types.CellType, ...]) -> list[Any]:
    return [cell.cell_contents for cell in cells if is_filled(cell)]
