"""One forward run, watched: layers, dataflow and costs of any network, which is left as it was.

``trace`` runs the network once on fake tensors (shapes without values, so a 70-billion-parameter
network on a laptop costs nothing) and falls back to a real run where values decide. Everything that
``summary``, ``graph`` and ``check`` show is a view of the ``Trace`` it returns.

``record``  what a trace is, with ``steps`` and ``failures`` of it
``shield``  swaps weights for fakes and puts all back
``flow``    who made which tensor      ``modes``   sees each torch function and kernel
``watch``   sees each layer            ``macs``    what each kernel costs, ``quantized`` ones too
``rows``    the table of layers        ``setting`` the mode, the inputs, the session around
``seen``    what is noted of a layer   ``watched`` one run under watch
``run``     puts them together
``stopped`` what the step that failed was given
``authors`` names the author's functions around an operation
``leaks``   takes back fakes that outlived the run   ``alive`` how much memory is held at once
``memory`` and ``saved`` what training keeps        ``workspace`` what an LSTM notes for its backward run
``fakes``   makes fakes cheaply              ``norms``   the types of the means that training keeps
``windows`` how kernels mix positions, ``resampling`` what interpolations read
``reach``   receptive fields, from that
``timing``  how long each step takes
``fallback`` tells when values are needed ``quick`` the short way for frequent kernels
``batch`` and ``complete`` look at how the inputs were taken, and turn what went wrong into one line.
"""

from nnarch_nb.core.trace.batch import channelless
from nnarch_nb.core.trace.complete import complete_trace, first_trace, refuse_channelless, told
from nnarch_nb.core.trace.memory import kept_for_backward
from nnarch_nb.core.trace.record import Edge, Failure, Given, Operation, Row, Shape, Trace
from nnarch_nb.core.trace.run import trace
from nnarch_nb.core.trace.saved import Kept

__all__ = [
    "Edge",
    "Failure",
    "Given",
    "Kept",
    "Operation",
    "Row",
    "Shape",
    "Trace",
    "channelless",
    "complete_trace",
    "first_trace",
    "kept_for_backward",
    "refuse_channelless",
    "told",
    "trace",
]
