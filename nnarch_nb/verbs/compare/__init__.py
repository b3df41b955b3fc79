"""``compare``: what several networks cost on the same input, and how that grows with its size."""

from __future__ import annotations

from typing import Literal

from nnarch_nb.core.types import Inputs, Networks
from nnarch_nb.verbs.compare.result import Compared, Comparison, Growth, Latency, Point

__all__ = ["Compared", "Comparison", "Growth", "Latency", "Point", "compare"]


def compare(
    models: Networks,
    inputs: Inputs,
    kwargs: Inputs | None = None,
    *,
    grow: Literal["auto", "none", "length", "side"] = "auto",
    repeats: int = 50,
    seconds: float = 2.0,
    batch_size: int | None = None,
    training: bool = False,
    seed: int = 0,
) -> Comparison:
    """Measure networks side by side: size, MACs, memory, latency and growth.

    Each network is traced once for its parameters, multiply-accumulates (MACs) and memory, run a number of
    times for its latency, and traced at other sizes of the input to see how its MACs grow. Nothing of it
    stays behind. A network that fails has a row that says why; the others are measured.

    Parameters
    ----------
    models
        A network, a list or tuple of them, or a dict from names to networks. On a line, variables written
        ``mlp,cnn,vit``, or one that holds them.
    inputs
        As for ``summary``: the shape of one sample without the batch dimension, a tensor, a tuple of
        tensors, a dict of keyword arguments, or a ``Data``; the same for all. Where networks take different
        inputs: a list with one of these for each network, or a dict from the networks' names.
    kwargs
        More keyword arguments, for all; or a dict of such dicts by the networks' names.
    grow
        What grows: the ``length`` of a sequence, the ``side`` of an image, what the network lets grow
        (``auto``), or ``none``.
    repeats
        Timed runs of each network, at most; 0 measures no latency.
    seconds
        Time for them, about, for each network; up to twice that where it is too short for the six runs that
        an interval needs.
    batch_size
        Samples in the batch that is made from a shape or taken from a ``Data``; one if not given.
    training
        Look at the networks as in training instead of evaluation, and time forward and backward run: a
        training step without loss and optimizer.
    seed
        For the values of made-up inputs, and for networks that draw random numbers.

    Returns
    -------
    Comparison
        With ``rows`` (one a network), ``growth`` by name, and ``to_pandas()``.

    Raises
    ------
    NNArchError
        There is no network, the inputs are none or do not fit the networks' names, an option is out of
        range, or none of the networks runs.

    Notes
    -----
    MACs are those of ``summary``. Peak activations are what the forward run holds at most, beside weights
    and inputs. Latency: warm-up, then the networks take turns, so that a busy moment of the
    machine falls on all of them; the median with a distribution-free 95 % interval between two order
    statistics (W. R. Thompson, Annals of Mathematical Statistics 7, 1936), which takes the runs for
    independent. Growth: MACs at some multiples of the given size, and the polynomial through them by
    Newton's divided differences of whole numbers, believed only where it meets at least one point more than
    it needs. Its degree is the exponent in the limit; the exponent at the given size is the slope there of
    log MACs against log size.

    Examples
    --------
    >>> from torch import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, 32, batch_first=True)
    >>> rnn = nn.LSTM(8, 8, batch_first=True)
    >>> result = compare({"attention": layer, "lstm": rnn}, (16, 8), repeats=0)
    >>> result
    Comparison(on 16×8: attention 16,384 MACs, lstm 8,192 MACs)
    >>> {name: growth.limit for name, growth in result.growth.items()}
    {'attention': 2, 'lstm': 1}
    """
    from nnarch_nb.verbs.compare import work
    from nnarch_nb.verbs.compare.options import Options

    return work.comparison(
        models, inputs, kwargs, Options(grow, repeats, seconds, batch_size, training, seed)
    )
