"""What a stranger's network may raise on the way, told in one line with its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from nnarch_nb.core.device import is_out_of_memory
from nnarch_nb.core.network import name_of
from nnarch_nb.errors import NNArchError, shorten

# By a part of torch's message: what the network does, and what to do about it.
SYMPTOMS = {
    "`_fused_sgd`": "has sparse gradients that come from no layer with sparse=True: "
    "make such a layer, or leave sparse out",
    "add(sparse, dense)": "has sparse gradients, which take no weight_decay: leave it at 0, "
    "or make its embeddings with sparse=False",
    "does not support sparse gradients": "has sparse gradients, which this optimizer cannot take: "
    "make its embeddings with sparse=False, or take the optimizer sgd",
    "backward through the graph a second time": "keeps a tensor of an earlier step, such as a hidden state: "
    "detach() it in its forward",
    "modified by an inplace operation": "writes over a tensor that its gradient needs: "
    "replace in-place operations (add_, +=, inplace=True) in its forward",
}

Explain = Callable[[nn.Module, Tensor, Exception], str]


def explained(model: nn.Module, x: Tensor, error: Exception) -> str:
    """Say what went wrong after a first small run went well."""
    name = name_of(model)
    for symptom, meaning in SYMPTOMS.items():
        if symptom in str(error):
            return f"{name} {meaning}"
    mode = "training" if model.training else "evaluation"
    return (
        f"{name} fails in {mode} on {len(x)} samples of {shape_of(x)}: {quoted(error)}; a first small batch "
        "went well, so look for what depends on the number of samples or on an earlier step"
    )


def shape_of(x: Tensor) -> str:
    return "×".join(map(str, x.shape[1:]))


def quoted(error: Exception) -> str:
    return f"{type(error).__name__}: {shorten(error, 160)}"


@contextmanager
def told(model: nn.Module, x: Tensor, explain: Explain = explained) -> Iterator[None]:
    """Turn whatever the network raises on ``x`` into one line; running out of memory is told elsewhere.

    Raises
    ------
    NNArchError
        The block failed.
    """
    try:
        yield
    except NNArchError:
        raise
    except Exception as error:  # a stranger's forward may raise anything
        if is_out_of_memory(error):
            raise
        raise NNArchError(explain(model, x, error)) from error
