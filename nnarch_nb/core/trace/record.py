"""What a trace is: plain numbers and names, with no reference to the network or to a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nnarch_nb.core.trace.failures import Failure, Given
from nnarch_nb.core.trace.steps import Edge, Mixing, Operation, Shape, Shapes, Window

__all__ = ["Edge", "Failure", "Given", "Mixing", "Operation", "Row", "Shape", "Shapes", "Trace", "Window"]


@dataclass(frozen=True)
class Row:
    """One module of the network.

    Attributes
    ----------
    path, kind, depth
        Dotted path (``""`` for the network itself), class name, and how many modules it lies within.
    inputs, outputs
        Shapes of the tensors of its first call, with the batch dimension.
    params, own_params, trainable
        Parameters in it and its children, of its own, and those of ``params`` that are trained; each
        tensor counts once however often it is used.
    macs
        Multiply-accumulates of all its calls, those of its children included; for what is never
        called itself, such as a list of modules, those of its children. None if not all could be told.
    calls
        How often it ran; 0 for one never called.
    leaf
        It is looked at as a whole: it has no modules within, or it runs them in a way of its own.
    own_bytes
        Memory of its own parameters.
    own_buffers
        Numbers in buffers of its own.
    shared_with
        Other modules that hold one of its own parameters too.
    fingerprint
        Equal for two modules that are made alike and ran alike: same classes, settings of torch's layers,
        sizes of weights, children, shapes in and out, cost and calls. Their names do not matter.
    """

    path: str
    kind: str
    depth: int
    inputs: Shapes
    outputs: Shapes
    params: int
    own_params: int
    trainable: int
    macs: int | None
    calls: int
    leaf: bool
    own_bytes: int = 0
    own_buffers: int = 0
    shared_with: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def parent(self) -> str:
        return self.path.rpartition(".")[0]


@dataclass(frozen=True, repr=False)
class Trace:
    """What one forward run showed.

    Attributes
    ----------
    rows
        Every module, each after its parent, siblings in the order of their first call.
    operations, edges
        The dataflow at the level at which it was written.
    params, trainable, buffers
        Numbers in the network; each tensor counts once.
    weights_bytes
        Memory of the parameters and buffers.
    macs
        Multiply-accumulates for the given inputs, without those of the kernels in ``uncounted``.
    output
        Shape of the result, or the shapes of the tensors in it; None if there was no result.
    returned
        What kind of result: ``tensor``, ``logits`` for an object that carries them, else its class.
    mode
        ``fake`` if nothing was computed, ``real`` if the network ran on its weights.
    fallback_reason
        Why the run had to be real.
    uncounted
        Kernels whose cost cannot be told, such as those of quantized layers.
    confirmed
        After a run on fakes, one on values reached its end too.
    notes
        What a reader must know about how the inputs were taken.
    failure
        Where it stopped; None if it ran to its end.
    peak_activation_bytes
        The most memory that tensors made during the run held at once: each storage once however many views
        it has, without weights, buffers and inputs, and without what kernels need for themselves. None if
        the run failed or held tensors whose memory cannot be told.
    """

    rows: tuple[Row, ...]
    operations: tuple[Operation, ...]
    edges: tuple[Edge, ...]
    params: int
    trainable: int
    buffers: int
    weights_bytes: int
    macs: int
    output: Shape | Shapes | None
    returned: str
    mode: Literal["fake", "real"]
    fallback_reason: str | None = None
    uncounted: tuple[str, ...] = ()
    confirmed: bool = False
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    peak_activation_bytes: int | None = None

    def __repr__(self) -> str:
        end = f"failed in {self.failure.path or 'forward'}" if self.failure else f"→ {self.output}"
        return f"Trace({len(self.rows)} modules, {self.params:,} parameters, {self.macs:,} MACs, {end})"
