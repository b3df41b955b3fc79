"""What torchinfo says of the same network, for those who need its figures, with the differences explained.

torchinfo runs the network itself. Left to itself it sets modes, keeps its hooks' records with a reference to
every module in a cache for ever, and moves weights between devices, which destroys those on ``meta``. Here
it is given its inputs, so that nothing is moved, within the shield that a trace runs in; its cache is put
back and its records are emptied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.summary.differences import Said, differences

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.inputs import Call
    from nnarch_nb.core.trace import Trace

MOST_STEPS = 2**17
COLUMNS = ("output_size", "num_params", "mult_adds")


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


def ask(network: nn.Module, call: Call, run: Trace, depth: int) -> Torchinfo:
    """Return what torchinfo says of the network, which is left as it was.

    Raises
    ------
    NNArchError
        torchinfo fails on it, or would take for ever.
    """
    refuse_deep(network)
    said = in_shield(network, call, run.mode == "fake", depth)
    return Torchinfo(said.text, said.params, said.trainable, said.macs, differences(said, run, network))


def refuse_deep(network: nn.Module) -> None:
    """Raise for a network nested so deeply that torchinfo would not come to an end.

    For each layer it goes through all layers within, for each of those again, and so on: twice the work with
    each level.
    """
    steps: dict[str, int] = {}
    for path, module in reversed(list(network.named_modules())):
        below = [f"{path}.{name}" if path else name for name, _ in module.named_children()]
        steps[path] = 1 + 2 * sum(steps.get(each, 0) for each in below) if below else 0
    if steps[""] > MOST_STEPS:
        levels = 1 + max(path.count(".") + 1 if path else 0 for path in steps)
        raise NNArchError(
            f"torchinfo takes twice the time with each level of nesting, and {type(network).__name__} has "
            f"{levels}; leave engine out for figures that do not need it"
        )


def in_shield(network: nn.Module, call: Call, fake: bool, depth: int) -> Said:
    from nnarch_nb.core.trace.setting import deeper, quiet
    from nnarch_nb.core.turns import LOCK

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
