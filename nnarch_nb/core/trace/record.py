"""What a trace is: plain numbers and names, with no reference to the network or to a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]


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


class Window(NamedTuple):
    """What a convolution or pooling sees of its input at each position, by spatial dimension.

    ``transposed`` for one that spreads each input over a window of its output. An interpolation is a window
    whose sizes may be fractions; ``uneven`` if positions differ in what they see, and it covers them all.
    """

    size: tuple[Any, ...]
    stride: tuple[Any, ...]
    padding: tuple[Any, ...] = ()
    dilation: tuple[int, ...] = ()
    transposed: bool = False
    uneven: bool = False


class Mixing(NamedTuple):
    """How a kernel mixes positions.

    ``window``; ``order`` where axes change places; ``view`` where the same numbers take another shape;
    ``linear`` for a product along the last axis; ``slice`` for a part of one axis, as a window along that in
    ``order``; ``along`` where all positions along those in ``order`` may meet; ``all`` where any position may
    reach any other.
    """

    kind: Literal["window", "order", "view", "linear", "slice", "along", "all"]
    window: Window | None = None
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One step of the dataflow.

    Attributes
    ----------
    id
        Its number in the order of execution.
    kind
        ``input``, ``module`` (a leaf layer), ``function`` (such as ``relu`` or ``add``) or ``output``.
    name
        Class name of the layer, name of the function, or name of the argument.
    path
        The layer's path; for a function the path of the module it is written in.
    shapes
        Of what it returns.
    macs
        Multiply-accumulates of this one step.
    repeats
        The modules it ran in that had run before, with how often: tells two calls of one module apart.
    mixings
        How its kernels mix positions, in order; empty for what works on each position alone.
    helper
        For a function, those of the author's that it was called in below ``forward``: ``rope/rotate``.
    bytes
        Memory of what it returns.
    arguments, index
        What it was given that is no tensor, as text; where it takes a part of a tensor, the numbers that say
        which, apart from it.
    constants
        Of its tensors those that no step made, weights aside: the place of each, and a text that is equal
        for those made alike.
    """

    id: int
    kind: Literal["input", "module", "function", "output"]
    name: str
    path: str
    shapes: Shapes
    macs: int = 0
    repeats: tuple[tuple[str, int], ...] = ()
    helper: str = ""
    bytes: int = 0
    mixings: tuple[Mixing, ...] = ()
    arguments: str = ""
    index: tuple[int, ...] = ()
    constants: tuple[tuple[int, str], ...] = ()


class Edge(NamedTuple):
    """A tensor on its way; a tensor used twice by one operation makes two edges.

    ``place`` counts the tensors that the target was given, in order.
    """

    source: int
    target: int
    shape: Shape
    place: int = 0


class Given(NamedTuple):
    """A tensor that the step which failed got; ``source`` is the step that made it, empty for a constant."""

    shape: Shape
    dtype: str
    device: str
    source: str
    weight: bool


@dataclass(frozen=True)
class Failure:
    """Where and why the forward run stopped.

    Attributes
    ----------
    path, kind
        The innermost module that was running: dotted path (``""`` for the network) and class name.
    inputs
        Shapes of the tensors it got.
    operation
        Name of the torch function that failed, None if it was not one.
    operands
        The tensors that function got: shape of each, and where it came from, such as ``enc.1``; empty
        for one that does not depend on the inputs.
    index
        The largest index that an embedding was asked for, where it failed on values.
    message, error
        What was raised: the first lines of its text, and its type's name.
    arguments, takes
        The tensors that the module got, with type and device, and the classes of its positional
        arguments, such as ``tuple``.
    given, values
        All tensors that the function got, weights among them, and its positional arguments with those
        by name last; in the place of a tensor the word ``Tensor``.
    line
        The line of the user's code that was running; empty where none is known.
    """

    path: str
    kind: str
    inputs: Shapes
    operation: str | None
    message: str
    error: str
    operands: tuple[tuple[Shape, str], ...] = ()
    index: int | None = None
    arguments: tuple[Given, ...] = ()
    takes: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    values: tuple[Any, ...] = ()
    line: str = ""

    @property
    def is_inherent(self) -> bool:
        """Whether what failed does not depend on the inputs, so that other values would fail too."""
        constant = bool(self.operands) and not any(source for _, source in self.operands)
        return constant or self.message.startswith("Dimension out of range")


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
