"""The modules of this package that networks are made of; each runs on torch alone.

Nothing here knows of specifications: a module's source can be put into generated code as it stands.
``OWN_LAYERS`` is the one list of those that are written like torch's; what holds other layers is in
``chain`` and ``combine``.
"""

from __future__ import annotations

from torch import nn

from nnarch_nb.verbs.build.modules.attention import SelfAttention
from nnarch_nb.verbs.build.modules.chain import Chain
from nnarch_nb.verbs.build.modules.changes import SinceLast
from nnarch_nb.verbs.build.modules.combine import Add, Concat, Repeat, Residual
from nnarch_nb.verbs.build.modules.masking import Masking
from nnarch_nb.verbs.build.modules.pooling import First, Last, MaxSteps, MeanSteps
from nnarch_nb.verbs.build.modules.tokens import ClassToken, Positions, Segments, Transpose, Unembed

__all__ = [
    "OWN_LAYERS",
    "Add",
    "Chain",
    "ClassToken",
    "Concat",
    "First",
    "Last",
    "Masking",
    "MaxSteps",
    "MeanSteps",
    "Positions",
    "Repeat",
    "Residual",
    "Segments",
    "SelfAttention",
    "SinceLast",
    "Transpose",
    "Unembed",
]

OWN_LAYERS: dict[str, type[nn.Module]] = {
    kind.__name__: kind
    for kind in (
        SelfAttention,
        Positions,
        Segments,
        ClassToken,
        Unembed,
        Transpose,
        Masking,
        First,
        Last,
        MeanSteps,
        MaxSteps,
        SinceLast,
    )
}
