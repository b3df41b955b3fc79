"""Fit a network to data: what a careful engineer would write, in one line."""

from __future__ import annotations

from typing import Annotated

from nnarch_nb.core.types import DataLike, Network, OneOf
from nnarch_nb.verbs.train.result import Run
from nnarch_nb.verbs.train.settings import Settings, optimizers, schedules

__all__ = ["Run", "train"]


def train(
    model: Network,
    data: DataLike,
    *,
    epochs: int = 10,
    lr: float = 1e-3,
    batch_size: int = 64,
    optimizer: Annotated[str, OneOf(optimizers)] = "adam",
    schedule: Annotated[str, OneOf(schedules)] = "cooldown",
    weight_decay: float = 0.0,
    patience: int = 3,
    device: str = "auto",
    seed: int = 0,
) -> Run:
    """Train a network and keep its best weights.

    The kind of data chooses the loss: cross-entropy for classes, for the next token at every real step and
    for the class of every pixel; binary cross-entropy for several labels, and for two classes where the
    network has one output (the logit of the second: above 0 it says the second class); the mean squared
    error for numbers, and for giving back what was given. Numbers are learned in deviations of their
    targets and answered in raw units.

    The network ends with the weights of the lowest validation loss, on the device and in the mode it came
    with. One interrupt stops after the current step, with weights and history in order; a second one stops
    at once. Weights that lead to NaN or infinity are never kept.

    A part of the network that is in evaluation mode, while the network as a whole is in training mode, and
    whose parameters are all frozen, stays in evaluation mode: a frozen backbone keeps the statistics of its
    normalization.

    Parameters
    ----------
    model
        The network; it returns one number a class, label or target, shape ``(batch, outputs)``, without a
        softmax or sigmoid, or an answer that carries them as ``.logits``. For two classes one number will
        do, shape ``(batch, 1)`` or ``(batch,)``. For the next token it returns
        ``(batch, steps, vocabulary)``, for the class of every pixel ``(batch, classes, height, width)``,
        and for what it was given that shape. Its weights are changed in place.
    data
        What to learn: a ``Data``, or a tuple ``(x, y)`` or ``(x, y, x_val, y_val)`` of tensors.
    epochs
        Passes over the training split, at most.
    lr
        Learning rate at the start.
    batch_size
        Samples a step. A last batch of a single sample joins the one before it.
    optimizer
        ``adam``, ``adamw``, ``sgd`` (with momentum 0.9) or ``rmsprop``.
    schedule
        How the learning rate goes over the ``epochs`` asked for: ``cooldown`` stays, then falls to 0 in
        the last 30 %; ``cosine`` and ``linear`` fall to 0 all the way; ``constant`` stays.
    weight_decay
        Pull of the weights towards 0, as the optimizer of ``torch.optim`` takes it.
    patience
        Stop after so many epochs without a lower validation loss; 0 never stops early.
    device
        ``auto`` is the accelerator if there is one, else the CPU; or a name such as ``cuda:1``.
    seed
        Decides order, dropout and everything else random; the session's generators stay as they are.

    Returns
    -------
    Run
        History, best epoch, and figures with 95 % intervals on samples held out: accuracy; R² and RMSE; F1
        over all labels; token accuracy and perplexity; or the mean intersection over union of classes.

    Raises
    ------
    NNArchError
        The network does not fit the data or fails on the way (it then has its best weights so far), an
        option is out of range, or memory ran out.

    Notes
    -----
    Adam: D. P. Kingma and J. Ba, ICLR 2015; AdamW: I. Loshchilov and F. Hutter, ICLR 2019. The data is
    held on the device and cut into batches there: with the same order the losses are those of the plain
    loop. The cooldown is that of A. Hägele et al., NeurIPS 2024: in two epochs of MNIST it raised the test
    accuracy of the article's network from 98.5 % to 98.9 % (2 seeds); the cosine (I. Loshchilov and
    F. Hutter, ICLR 2017, without restarts) did as much there but cost small data 5 points in 10 epochs.
    Early stopping as in L. Prechelt, "Early stopping, but when?", 1998.

    Examples
    --------
    >>> import torch
    >>> x = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
    >>> y = (x.sum(1) > 0).long()
    >>> model = torch.nn.Linear(4, 2)
    >>> run = train(model, (x[:150], y[:150], x[150:], y[150:]), epochs=20, lr=0.1)
    >>> run.accuracy > 0.9
    True
    """
    from nnarch_nb.verbs.train import loop

    settings = Settings(epochs, lr, batch_size, optimizer, schedule, weight_decay, patience, device, seed)
    return loop.run(model, data, settings)
