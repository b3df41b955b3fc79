"""``check``: does this network accept this input? If not: where, why, and what would work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.result import Result
from nnarch_nb.core.types import Inputs, Network

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Step:
    """One layer or function that ran.

    Attributes
    ----------
    path
        Of the layer in the network, such as ``encoder.0.fc``; empty for a function.
    kind
        The class of the layer or the name of the function.
    output
        Shape of what it returned, batch included.
    """

    path: str
    kind: str
    output: tuple[int, ...]


@dataclass(frozen=True)
class Check(Result):
    """What one forward run of the network on this input comes to.

    Attributes
    ----------
    name, given
        The network and the input it was tried on.
    ok
        Whether the run reached its end.
    layers
        The layers that worked, in order, with the shape that each returned.
    steps
        The same with the functions between them.
    failing, kind
        Path and class of the first layer that fails, or whose result does not fit the data (a path of "" is
        the network itself); None if ok.
    runs
        The forward run reached its end, so that what is wrong is the result or how the input was taken.
    operation
        The function in which a layer fails, such as ``cat``; None if it was not one.
    line
        The line of the user's code that was running when it failed; empty where none is known.
    expected, got
        What that layer wants and what it is given, where they are sizes; else None.
    arithmetic
        Where the given size comes from, such as ``64·24·24``; empty where it is no product.
    reason
        What is wrong, in one sentence; empty if ok.
    proposal
        A change that was tried and makes the run reach its end; None if none was found.
    alternatives
        Other changes that work.
    output
        Shape of the result; None if the run fails.
    mode
        ``fake`` if nothing was computed, ``real`` where the network cannot be run without computing,
        ``none`` if it could not be run at all.
    confirmed
        After a run without computing, one on values reached its end too; skipped where it is dear.
    notes
        How the network took the input, where that may surprise, and traps that raise no error.
    """

    name: str
    given: str
    ok: bool
    layers: tuple[Step, ...]
    steps: tuple[Step, ...]
    failing: str | None
    kind: str | None
    expected: int | None
    got: int | None
    arithmetic: str
    reason: str
    proposal: str | None
    alternatives: tuple[str, ...]
    output: Any
    mode: str
    runs: bool = True
    operation: str | None = None
    line: str = ""
    confirmed: bool = False
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        finding = f"ok, returns {self.output}" if self.ok else self.reason
        return f"Check({self.name} on {self.given}: {finding})"

    def to_pandas(self) -> pd.DataFrame:
        """Return the steps that worked, one a row."""
        import pandas as pd

        return pd.DataFrame([vars(step) for step in self.steps], columns=["path", "kind", "output"])


def check(model: Network, inputs: Inputs, kwargs: Inputs | None = None) -> Check:
    """Find out whether a network accepts an input, and what to change if not.

    Parameters
    ----------
    model
        The network; it is not touched.
    inputs
        What it is to take: the shape of one sample without the batch dimension (``1,28,28``), tensors,
        or data, whose number of classes is checked too.
    kwargs
        Keyword arguments for the network.

    Returns
    -------
    Check
        The finding. A network that fails is an answer, not an error: notebooks run on.

    Raises
    ------
    NNArchError
        ``model`` is no network, or ``inputs`` are no inputs (a shape with a batch dimension among them).

    Notes
    -----
    The run is traced without computing where that is possible, and then, where it costs little, done once
    on values, which alone show an index that is out of range. A network that takes one sample is tried
    on two, which a batch size that is written in does not survive. A proposal is shown only after the
    network, changed that way for the moment of the trial, ran to its end; the changes that leave most as
    it is come first, and several at once only where one alone does not do.

    Examples
    --------
    >>> import nnarch_nb, torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.Linear(9, 2))
    >>> print(nnarch_nb.check(model, (1, 8, 8)).reason)
    2 (Linear) expects 9 features but gets 144 = 4·6·6
    >>> found = nnarch_nb.check(torch.nn.Conv2d(3, 8, 3), torch.zeros(2, 8, 8, 3))
    >>> for part in found.proposal.split("; "):
    ...     print(part)
    the channels are behind
    x.permute(0, 3, 1, 2) gives 3·8·8
    tried: the network then returns (2, 8, 6, 6)
    """
    from nnarch_nb.verbs.check import diagnosis

    return diagnosis.diagnose(model, inputs, kwargs)
