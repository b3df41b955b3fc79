"""One network of a comparison, ready to be measured; or why it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace import Trace, complete_trace
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.compare.options import Options


@dataclass(frozen=True)
class Subject:
    """A network that runs, without its wrappers, what it is called with, and its trace."""

    model: nn.Module
    call: Call
    run: Trace


def subject_of(model: nn.Module, inputs: Any, kwargs: Any, options: Options) -> Subject:
    return Subject(
        *complete_trace(model, inputs, kwargs, training=options.training, batch_size=options.batch_size)
    )


def why_not(model: nn.Module, inputs: Any, kwargs: Any, error: NNArchError) -> str:
    """Return why a network does not run, in the words of ``check`` where it finds the layer."""
    from nnarch_nb.verbs.check import check

    try:
        return check(model, inputs, kwargs).reason or str(error)
    except NNArchError:
        return str(error)
