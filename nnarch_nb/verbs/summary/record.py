"""What a summary is: numbers and names, with no reference to the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.options import require_number, require_whole, type_name
from nnarch_nb.core.result import Result
from nnarch_nb.verbs.summary.kept import KeptMemory
from nnarch_nb.verbs.summary.layer import Layer, outermost
from nnarch_nb.verbs.summary.memory import GB, INFERENCE, OWN, PRECISIONS, Fit, fit
from nnarch_nb.verbs.summary.stored import Stored, floating_types

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from nnarch_nb.verbs.summary.torchinfo import Torchinfo

NOT_MEASURED = KeptMemory()


@dataclass(frozen=True, repr=False)
class Summary(Result):
    """A network at a glance.

    Attributes
    ----------
    name, given
        The network and what it was called with.
    params, trainable, buffers
        Numbers in it; a tensor used in several places counts once.
    weights_bytes, buffers_bytes, dtypes
        Memory of parameters and buffers, of the buffers alone, and the types of the parameters.
    macs
        Multiply-accumulates for the given inputs, without those of the kernels in ``uncounted``, whose cost
        cannot be told; a shape means a batch of one.
    output
        Shape of the result, batch included; a tuple of shapes where there are several.
    rows
        Every module, each after its parent, siblings in the order in which they ran.
    depth, columns, sort
        How many levels of ``rows`` the table shows, what it tells of each, and by what it is ranked; None
        for a tree.
    functions
        What ran between the layers, such as ``relu`` and ``flatten``.
    batch
        How many samples it was given.
    per_sample
        Whether a shape was given, so that figures are for one sample.
    mode, fallback_reason
        ``fake`` if nothing was computed, ``real`` if the network had to run, and why.
    training
        Whether it ran as in training.
    peak_activation_bytes
        The most that a forward run without gradients holds at once, weights and inputs aside; None if
        not measured.
    kept
        What a forward run in training keeps for the backward run, the inputs included.
    memory_gb, optimizer, precision
        What was asked of memory: how much there is, for which optimizer, with which number type.
    uncounted
        Kernels whose cost cannot be told.
    notes
        How the network took the input, where that may surprise.
    torchinfo
        What torchinfo says of the network, where it was asked.
    stored
        The parameters by number type.
    quantized
        It has layers of whole numbers, which are not trained and take no other type.
    """

    name: str
    given: str
    params: int
    trainable: int
    buffers: int
    weights_bytes: int
    dtypes: tuple[str, ...]
    macs: int
    output: tuple[Any, ...] | None
    rows: tuple[Layer, ...]
    depth: int
    functions: tuple[str, ...]
    per_sample: bool
    mode: str
    columns: tuple[str, ...]
    batch: int = 1
    fallback_reason: str | None = None
    uncounted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sort: str | None = None
    training: bool = False
    buffers_bytes: int = 0
    peak_activation_bytes: int | None = None
    kept: KeptMemory = NOT_MEASURED
    memory_gb: float | None = None
    optimizer: str = "adam"
    precision: str | None = None
    torchinfo: Torchinfo | None = None
    stored: tuple[Stored, ...] = ()
    quantized: bool = False

    def __repr__(self) -> str:
        layers = f"{len(self.leaves)} layer{'s' if len(self.leaves) != 1 else ''}"
        return f"Summary({self.name}: {self.params:,} parameters, {self.counted}, {layers})"

    @property
    def counted(self) -> str:
        """The multiply-accumulates in words: a bound where some could not be told."""
        if self.uncounted:
            return f"at least {self.macs:,} MACs" if self.macs else "MACs not measured"
        return f"{self.macs:,} MACs"

    @property
    def leaves(self) -> list[Layer]:
        """The modules that are looked at as a whole, without those within them."""
        return [row for row in self.visible if row.leaf]

    @property
    def visible(self) -> list[Layer]:
        """The rows that do not lie within a layer that is looked at as a whole."""
        return outermost(self.rows)

    @property
    def saved_activation_bytes(self) -> int | None:
        """What a forward run in training keeps for the backward run; None if not measured."""
        return self.kept.bytes

    @property
    def dtype(self) -> str:
        """The type of its floating-point numbers; ``own`` where there are several, or complex ones alone."""
        types = [each.dtype for each in floating_types(self.stored)]
        known = types[0] if len(types) == 1 and types[0] in PRECISIONS else OWN
        return known if self.stored else "float32"

    @property
    def is_real(self) -> bool:
        """Whether none of its parameters is complex."""
        return not any(name.startswith("complex") for name in self.dtypes)

    @property
    def floating_size(self) -> int:
        """The bytes of its floating-point numbers; of the smallest where there are several types."""
        return min((each.size for each in floating_types(self.stored)), default=4)

    @property
    def widest(self) -> Layer | None:
        """The layer that sees most of the input without seeing all of it; None where none looks around."""
        looking = [row for row in self.leaves if row.receptive_field and max(row.receptive_field) > 1]
        return max(looking, key=lambda row: row.receptive_field or (), default=None)

    def fit(
        self,
        gb: float | None = None,
        *,
        batch: int | None = None,
        dtype: str | torch.dtype | None = None,
        optimizer: str | None = None,
    ) -> Fit:
        """Return what the network needs in memory, and whether it fits.

        Parameters
        ----------
        gb
            The memory there is, in GB of 10⁹ bytes; None only reckons the need.
        batch
            Samples at once; None takes those of the summary.
        dtype
            ``float32``, ``bfloat16``, ``float16``, ``float64`` or ``mixed`` (autocast: weights in float32,
            products in 16 bits), or such a type of torch; None takes each parameter's own.
        optimizer
            ``sgd``, ``momentum`` (SGD with momentum), ``rmsprop``, ``adam``, ``adamw``, or ``none`` for
            inference; None takes the one the summary was asked with.

        Returns
        -------
        Fit
            Fields ``fits``, ``bytes``, ``largest_batch``, and the parts. An estimate: workspaces,
            fragmentation and what the device itself takes come on top.

        Raises
        ------
        NNArchError
            An option is none of these.

        Examples
        --------
        >>> import torch, nnarch_nb
        >>> need = nnarch_nb.summary(torch.nn.Linear(1000, 1000), (1000,)).fit(1, optimizer="adam")
        >>> need.fits, need.weights, need.gradients, need.state
        (True, 4004000, 4004000, 8008000)
        """
        available = None if gb is None else int(require_number("gb", gb, above=0) * GB)
        samples = self.batch if batch is None else require_whole("batch", batch, 1)
        to = self.asked_dtype if dtype is None else type_name(dtype)
        return fit(self, available, samples, to, optimizer or self.optimizer)

    @property
    def asked_dtype(self) -> str:
        """The number type that memory was asked about; the network's own if none was named."""
        return self.precision or self.dtype

    @property
    def inference(self) -> Fit:
        """What a forward run alone needs."""
        return self.fit(self.memory_gb, optimizer=INFERENCE)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])
