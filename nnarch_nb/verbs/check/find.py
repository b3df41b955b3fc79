"""What a traced run comes to."""

from __future__ import annotations

from torch import nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace import Trace
from nnarch_nb.verbs.check.failing import why_it_fails
from nnarch_nb.verbs.check.finding import Finding
from nnarch_nb.verbs.check.misfit import Widths, missing_channels, other_result


def finding_of(model: nn.Module, call: Call, run: Trace, widths: Widths = ()) -> Finding | None:
    """Return why the run failed, or why its result cannot be what is wanted; None if all is well."""
    if run.failure is not None:
        return why_it_fails(model, run, run.failure)
    return missing_channels(model, call, run) or other_result(model, call, run, widths)
