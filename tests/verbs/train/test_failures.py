"""A network that fails on the way: one line that names cause and cure, and its best weights so far."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train import train

from .conftest import classes, cut


class Stateful(nn.Module):
    """Carries its hidden state, and with it the graph, into the next step."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.state = nn.LSTM(4, 2, batch_first=True), None

    def forward(self, x):
        answer, self.state = self.layer(x[:, None], self.state)
        return answer[:, -1]


class Overwriting(nn.Linear):
    def forward(self, x):
        h = super().forward(x).exp()
        g = h * 1
        h.add_(1)
        return h * g


class Picky(nn.Linear):
    """Takes few sizes of batches."""

    sizes = (2, 64)

    def forward(self, x):
        if len(x) not in self.sizes:
            raise ValueError("other\nsizes only")
        return super().forward(x)


class PickyLater(Picky):
    sizes = (2, 50)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Stateful(), r"^Stateful keeps a tensor of an earlier step, .*: detach\(\) it in its forward$"),
        (Overwriting(4, 2), r"^Overwriting writes over a tensor .*: replace in-place operations"),
        (Picky(4, 2), "^Picky fails in training on 50 samples of 4: ValueError: other sizes only; a first"),
        (PickyLater(4, 2), "^PickyLater fails in evaluation on 100 samples of 4: ValueError"),
    ],
)
def test_a_failing_step_is_one_line(model, words):
    with pytest.raises(NNArchError, match=words):
        train(model, classes(), epochs=2, batch_size=50)
    assert all(p.isfinite().all() and p.grad is None for p in model.parameters())
    assert model.training


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(10, 2))

    def forward(self, x):
        return nn.functional.embedding(x[:, 0], self.weight, sparse=True)


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (nn.EmbeddingBag, {"optimizer": "adam"}, "sparse=False, or take the optimizer sgd$"),
        (nn.EmbeddingBag, {"optimizer": "rmsprop"}, "sparse=False, or take the optimizer sgd$"),
        (nn.EmbeddingBag, {"optimizer": "sgd", "weight_decay": 0.1}, "which take no weight_decay"),
        (Functional, {"optimizer": "sgd"}, "come from no layer with sparse=True"),
    ],
)
def test_sparse_gradients_that_cannot_be_taken(make, options, words):
    model = make() if make is Functional else make(10, 2, sparse=True)
    before, x = model.weight.detach().clone(), torch.arange(100)[:, None] % 10
    points = cut(x, x[:, 0] % 2, (60, 20, 20), "classification", ("even", "odd"))
    with pytest.raises(NNArchError, match=words):
        train(model, points, epochs=1, **options)
    assert torch.equal(model.weight, before)
