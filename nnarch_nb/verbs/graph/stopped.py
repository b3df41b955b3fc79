"""The step that raised: a box of its own, with what it wanted and what it got."""

from __future__ import annotations

from typing import Any

from nnarch_nb.core.trace import Edge, Failure, Operation, Row, Shape, Trace
from nnarch_nb.errors import shorten

# The dimension of the weights that says what is wanted, that of the input it must equal, and its name.
WANTS = {
    "linear": (1, -1, "features"),
    "conv1d": (1, 1, "channels"),
    "conv2d": (1, 1, "channels"),
    "conv3d": (1, 1, "channels"),
    "batch_norm": (0, 1, "channels"),
    "group_norm": (0, 1, "channels"),
}
RESHAPING = {"view", "reshape"}
MOST_WORDS = 60  # characters of an error in a box
GROUPS = 6  # the place of a convolution's groups among its arguments


def failing_step(run: Trace) -> tuple[Operation, list[Edge]] | None:
    """Return the step at which the run stopped, and the tensors that it was given."""
    failure = run.failure
    if failure is None:
        return None
    row = next((row for row in run.rows if row.path == failure.path), None)
    number = len(run.operations)
    whole = row is not None and row.leaf and bool(row.path)
    name = failure.kind if whole else failure.operation or "forward"
    step = Operation(number, "module" if whole else "function", name, failure.path, ())
    if failure.operation is None and not whole and (last := last_within(run, failure.path)) is not None:
        return step, [Edge(last.id, number, last.shapes[0])]
    unnamed: tuple[tuple[Shape, str | None], ...] = tuple((shape, None) for shape in failure.inputs)
    given = failure.operands or unnamed
    found = [(maker(run, shape, source), shape) for shape, source in given if source != ""]
    return step, [
        Edge(source, number, shape, place)
        for place, (source, shape) in enumerate(found)
        if source is not None
    ]


def last_within(run: Trace, path: str) -> Operation | None:
    """Return what ran last in a module whose own code raised."""
    last = run.operations[-1] if run.operations else None
    inside = last is not None and bool(last.shapes) and f"{last.path}.".startswith(f"{path}." if path else "")
    return last if inside else None


def maker(run: Trace, shape: Shape, name: str | None) -> int | None:
    """Return the last step of that name, or of any, that gave such a tensor."""
    for step in reversed(run.operations):
        if shape in step.shapes and name in (None, step.path if step.kind == "module" else step.name):
            return step.id
    return None


def wrong(failure: Failure) -> str:
    """Return what the failing step wanted and what it got, as short as a box needs it."""
    if failure.operation is None:
        kind = "" if failure.error == "RuntimeError" else f"{failure.error}: "
        return shorten(f"{kind}{failure.message}", MOST_WORDS)
    weight = next((given.shape for given in failure.given if given.weight), None)
    got = next((given.shape for given in failure.given if not given.weight), None)
    if failure.operation in WANTS and weight and got:
        of_weight, of_input, unit = WANTS[failure.operation]
        wanted = weight[of_weight] * groups_of(failure)
        if of_weight == 1 and len(got) == len(weight) - 1:
            of_input = 0  # without a batch
        if wanted != got[of_input]:
            return f"wants {wanted:,} {unit}, got {got[of_input]:,}"
    shapes = [shape for shape, source in failure.operands if source] or list(failure.inputs)
    if failure.operation in RESHAPING and shapes:
        return f"wants {sizes(asked(failure.values[1:]))}, got {sizes(shapes[0])}"
    return f"got {' and '.join(map(sizes, shapes[:3]))}" if shapes else failure.error


def asked(values: tuple[Any, ...]) -> Shape:
    """Return the sizes given one by one or as one."""
    whole = values[0] if values and isinstance(values[0], (tuple, list)) else values
    return tuple(size for size in whole if isinstance(size, int))


def groups_of(failure: Failure) -> int:
    given = failure.values[GROUPS] if len(failure.values) > GROUPS else 1
    return given if isinstance(given, int) and str(failure.operation).startswith("conv") else 1


def sizes(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "scalar"


def is_called(row: Row) -> bool:
    """Whether the module ran; one that the error left never ended, but was given something."""
    return row.calls > 0 or bool(row.inputs)
