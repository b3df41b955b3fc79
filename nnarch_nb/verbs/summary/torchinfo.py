"""What torchinfo says of the same network, for those who need its figures, with the differences explained.

torchinfo runs the network itself. Left to itself it sets modes, keeps its hooks' records with a reference to
every module in a cache for ever, and moves weights between devices, which destroys those on ``meta``. Here
it is given its inputs, so that nothing is moved, within the shield that a trace runs in; its cache is put
back and its records are emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.errors import NNArchError, shorten

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.inputs import Call
    from nnarch_nb.core.trace import Trace

COLUMNS = ("output_size", "num_params", "mult_adds")
FUNCTIONS = "functions between layers"


@dataclass(frozen=True)
class Torchinfo:
    """What torchinfo says.

    Attributes
    ----------
    text
        Its own table.
    params, trainable, macs
        Its totals.
    differences
        Where they are not ours, and why, a sentence each.
    """

    text: str
    params: int
    trainable: int
    macs: int
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What one run of it left: its text, its totals, and what it says each module cost."""

    text: str
    params: int
    trainable: int
    macs: int
    by_path: dict[str, int]


def ask(network: nn.Module, call: Call, run: Trace, depth: int) -> Torchinfo:
    """Return what torchinfo says of the network, which is left as it was.

    Raises
    ------
    NNArchError
        torchinfo fails on it.
    """
    said = in_shield(network, call, run.mode == "fake", depth)
    return Torchinfo(said.text, said.params, said.trainable, said.macs, differences(said, run))


def in_shield(network: nn.Module, call: Call, fake: bool, depth: int) -> Said:
    from nnarch_nb.core.trace.run import LOCK
    from nnarch_nb.core.trace.setting import deeper, quiet

    failed = ""
    with LOCK, quiet(), deeper(network):
        for shield in (faked_call, real_call) if fake else (real_call,):
            try:
                with shield(network, call) as inside, own_cache():
                    return say(network, inside, depth)
            except Exception as error:  # whatever it fails on, our own figures do not depend on it
                failed = reason_of(error)
    raise NNArchError(
        f"torchinfo fails on {type(network).__name__}: {shorten(failed)}; "
        "leave engine out for figures that do not need it"
    )


def reason_of(error: BaseException) -> str:
    """Return what the network said first; torchinfo wraps it in words of its own."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


@contextmanager
def faked_call(network: nn.Module, call: Call) -> Iterator[Call]:
    from torch._subclasses.fake_tensor import FakeTensorMode

    from nnarch_nb.core.trace.leaks import Fakes
    from nnarch_nb.core.trace.setting import placed
    from nnarch_nb.core.trace.shield import faked

    fake = FakeTensorMode(allow_non_fake_inputs=True)
    with faked(network, fake, Fakes()), fake:
        yield placed(network, call, fake.from_tensor)


@contextmanager
def real_call(network: nn.Module, call: Call) -> Iterator[Call]:
    import torch

    from nnarch_nb.core.snapshot import untouched
    from nnarch_nb.core.trace.setting import placed

    with untouched(network):
        yield placed(network, call, torch.clone)


@contextmanager
def own_cache() -> Iterator[None]:
    """Put torchinfo's cache of past runs back, which would keep the network alive."""
    from torchinfo import torchinfo

    before = dict(torchinfo._cached_forward_pass)
    try:
        yield
    finally:
        torchinfo._cached_forward_pass.clear()
        torchinfo._cached_forward_pass.update(before)


def say(network: nn.Module, call: Call, depth: int) -> Said:
    import torchinfo

    # Given data, it moves nothing to a device of its own choice.
    data, more = (list(call.args), call.kwargs) if call.args else (dict(call.kwargs), {})
    found = torchinfo.summary(
        network, input_data=data, col_names=COLUMNS, depth=depth, verbose=0, mode="eval",
        row_settings=("depth", "var_names"), **more,
    )  # fmt: skip
    paths = {id(module): path for path, module in network.named_modules()}
    by_path: dict[str, int] = {}
    for layer in found.summary_list:
        if layer.is_leaf_layer:
            path = paths.get(layer.layer_id, "")
            by_path[path] = by_path.get(path, 0) + layer.macs
    said = Said(str(found), found.total_params, found.trainable_params, found.total_mult_adds, by_path)
    for layer in found.summary_list:  # they hold the modules, and each other
        vars(layer).clear()
    return said


def differences(said: Said, run: Trace) -> tuple[str, ...]:
    return (*params_differ(said, run), *macs_differ(said, run))


def params_differ(said: Said, run: Trace) -> list[str]:
    if said.params == run.params:
        return []
    shared = any(row.shared_with for row in run.rows)
    idle = any(row.leaf and not row.calls and row.params for row in run.rows)
    why = [
        *(["weights used in several places count once here, every time there"] if shared else []),
        *(["layers that never ran are left out there"] if idle else []),
    ]
    because = f": {'; '.join(why)}" if why else ""
    return [f"Parameters: {said.params:,} there, {run.params:,} here{because}."]


def macs_differ(said: Said, run: Trace) -> list[str]:
    """Return the totals and what each kind of layer adds to the difference, the largest first."""
    if said.macs == run.macs:
        return []
    pairs = by_kind(said, run)
    apart = sorted(
        (kind for kind, (a, b) in pairs.items() if a != b), key=lambda k: -abs(pairs[k][0] - pairs[k][1])
    )
    return [
        f"Multiply-adds: {said.macs:,} there, {run.macs:,} here.",
        *(
            f"{kind}: {pairs[kind][0]:,} there, {pairs[kind][1]:,} here: {why(kind, *pairs[kind])}."
            for kind in apart
        ),
    ]


def by_kind(said: Said, run: Trace) -> dict[str, tuple[int, int]]:
    """Return what torchinfo and we count for each kind of layer, and for what is no layer."""
    found: dict[str, tuple[int, int]] = {}
    within = ""
    for row in run.rows:
        if within and row.path.startswith(within):
            continue
        within = f"{row.path}." if row.leaf and row.path else ""
        if row.leaf:
            theirs, ours = found.get(row.kind, (0, 0))
            found[row.kind] = (theirs + below(said, row.path), ours + (row.macs or 0))
    found[FUNCTIONS] = (0, sum(step.macs for step in run.operations if step.kind == "function"))
    return found


def below(said: Said, path: str) -> int:
    return sum(macs for each, macs in said.by_path.items() if each == path or each.startswith(f"{path}."))


# Tried in this order: whether it applies to what they and we count, and what to say.
REASONS: list[tuple[Callable[[str, int, int], Any], str]] = [
    (lambda kind, theirs, ours: kind == FUNCTIONS, "it sees layers alone"),
    (lambda kind, theirs, ours: not theirs, "it has no rule for this layer"),
    (lambda kind, theirs, ours: not ours, "it counts each weight, here only those of products count"),
    (lambda kind, theirs, ours: theirs < ours, "it counts each weight once a sample, not once a step"),
    (lambda kind, theirs, ours: theirs <= 2 * ours, "it counts biases"),
    (lambda kind, theirs, ours: "Conv" in kind, "it takes every class named so for a convolution"),
    (lambda kind, theirs, ours: True, "its rule is by the number of weights, ours by the kernels that ran"),
]  # fmt: skip


def why(kind: str, theirs: int, ours: int) -> str:
    return next(words for applies, words in REASONS if applies(kind, theirs, ours))
