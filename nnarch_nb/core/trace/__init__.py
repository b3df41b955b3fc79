"""One forward run, watched: layers, dataflow and costs of any network, which is left as it was.

``trace`` runs the network once on fake tensors (shapes without values, so a 70-billion-parameter
network on a laptop costs nothing) and falls back to a real run where values decide. Everything that
``summary``, ``graph`` and ``check`` show is a view of the ``Trace`` it returns.

``record``  what a trace is            ``shield``  swaps weights for fakes and puts all back
``flow``    who made which tensor      ``modes``   sees each torch function and kernel
``watch``   sees each layer            ``macs``    what each kernel costs
``rows``    the table of layers        ``run``     puts them together
``batch`` and ``complete`` turn what went wrong into one line.
"""

from nnarch_nb.core.trace.batch import refuse_batch_dimension
from nnarch_nb.core.trace.complete import complete_trace
from nnarch_nb.core.trace.record import Edge, Failure, Operation, Row, Shape, Trace
from nnarch_nb.core.trace.run import trace

__all__ = [
    "Edge",
    "Failure",
    "Operation",
    "Row",
    "Shape",
    "Trace",
    "complete_trace",
    "refuse_batch_dimension",
    "trace",
]
