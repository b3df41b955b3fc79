"""What a user may get wrong: each ends in one line that says what to do, and nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train import train

from .conftest import classes, net, numbers


class Returns(nn.Module):
    """Gives a form of its own to what a linear layer returns."""

    def __init__(self, form) -> None:
        super().__init__()
        self.layer, self.form = nn.Linear(4, 2), form

    def forward(self, x):
        return self.form(self.layer(x))


def fail(x):
    raise KeyError("weight\nfile")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            nn.Linear(4, 5),
            "Linear returns 5 numbers a sample but points has 2 classes; end with Linear(…, 2)",
        ),
        (nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), "Sequential ends in a sigmoid: leave it out"),
        (Returns(lambda y: y[:, 0].sigmoid()), "Returns ends in a sigmoid"),
        (Returns(lambda y: y[:, :1].sigmoid().squeeze(1)), "takes the logit of the second class"),
        (nn.Sequential(nn.Linear(4, 2), nn.Softmax(1)), "Sequential ends in a softmax: leave it out"),
        (Returns(lambda y: y.softmax(-1)), "Returns ends in a softmax.*takes the scores before it"),
        (nn.Linear(3, 2), "Linear fails on samples of 4: RuntimeError: .* run %nnarch check model data"),
        (Returns(lambda y: (y, y)), "returns a tuple; training needs one tensor of shape (batch, 2)"),
        (Returns(lambda y: None), "returns a NoneType"),
        (
            Returns(lambda y: {"logits": y}),
            "returns a dict; training needs one tensor of shape (batch, 2); "
            "return its 'logits', or an object with .logits",
        ),
        (
            Returns(lambda y: y[:, :, None]),
            r"returns the shape (2, 2, 1) for 2 samples; training needs (2, 2)",
        ),
        (Returns(lambda y: y.sum()), r"returns the shape () for 2 samples"),
        (Returns(lambda y: y.detach()), "no gradient reaches the parameters of Returns"),
        (Returns(lambda y: y.long()), "no gradient reaches"),
        (Returns(fail), "Returns fails on samples of 4: KeyError: 'weight"),
        (nn.ReLU(), "ReLU has no parameters, so there is nothing to train"),
        (net().requires_grad_(False), "all parameters of Sequential are frozen"),
        (net().double(), "Sequential holds float64 but the data is float32; use model.to(torch.float32)"),
        (nn.Linear(4, 2, device="meta"), "Linear is on the meta device, where weights have no values"),
        (nn.Linear, "Linear is a class, not a network"),
        ("model", "expected a torch.nn.Module but got 'model' (str)"),
    ],
)
def test_a_network_that_does_not_fit(model, words):
    with pytest.raises(NNArchError) as raised:
        train(model, classes())
    assert "\n" not in str(raised.value)
    for part in words.split(".*"):
        assert part.strip() in str(raised.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"epochs": 2.5}, "epochs must be a whole number"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1"),
        ({"patience": -1}, "patience must be a whole number of at least 0"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"seed": 2**63}, "seed must be a whole number"),
        ({"lr": 0}, "lr must be a finite number above 0, not 0"),
        ({"lr": float("nan")}, "lr must be a finite number above 0"),
        ({"lr": 10**400}, "lr must be a finite number above 0, not 1000"),
        ({"lr": "fast"}, "lr must be a finite number above 0, not 'fast'"),
        ({"weight_decay": -0.1}, "weight_decay must be a finite number of at least 0"),
        ({"optimizer": "adm"}, "no optimizer is called 'adm'. Did you mean `adam`?"),
        ({"schedule": "cosin"}, "no schedule is called 'cosin'. Did you mean `cosine`?"),
        ({"device": "cuda:99"}, "device 'cuda:99' is not available here"),
        ({"device": "gpu"}, "device 'gpu' is not available here"),
        ({"device": 3.5}, "device 3.5 is not available here"),
    ],
)
def test_options_out_of_range(options, words):
    with pytest.raises(NNArchError) as raised:
        train(net(), classes(), **options)
    assert words in str(raised.value)


def test_no_samples_to_learn_from():
    with pytest.raises(NNArchError, match="points has no training samples"):
        train(net(), classes(train=0))


def test_batches_of_one_and_batch_norm():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    with pytest.raises(NNArchError, match="normalizes over the batch, which takes 2 samples or more"):
        train(model, classes(), batch_size=1)


def test_a_regression_wants_a_number_a_target():
    with pytest.raises(NNArchError, match=r"returns 2 numbers a sample but points has 1 target; end with"):
        train(net(2), numbers())


def test_one_output_does_for_two_classes_alone():
    points = replace(classes(), classes=("below", "above", "beside"))
    with pytest.raises(NNArchError, match="returns 1 number a sample but points has 3 classes; end with Lin"):
        train(net(1), points)


def test_floats_that_stand_for_classes():
    points = numbers()
    for split in (points.train, points.val, points.test):
        split.y.copy_(split.y > 0)
    words = r"returns 2 numbers a sample but points has 1 target; y holds floats 0 and 1: give y.long\(\) for"
    with pytest.raises(NNArchError, match=words):
        train(net(2), points)
    with pytest.raises(NNArchError, match=r"y holds floats 0 to 1: give y.long"):
        train(net(3), points)


def test_one_sample_and_batch_norm():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    with pytest.raises(NNArchError, match="takes 2 samples or more: points has 1 to learn from, give more"):
        train(model, numbers(train=1))


@pytest.mark.parametrize("layer", [nn.Linear, nn.LazyLinear])
def test_a_network_made_in_inference_mode_is_refused(layer):
    sizes = (2,) if layer is nn.LazyLinear else (4, 2)
    with torch.inference_mode():
        model = layer(*sizes)
    with pytest.raises(NNArchError, match=r"(?i)inference ?mode"):
        train(model, classes())


def test_a_refused_network_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 5))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(NNArchError):
        train(model, classes())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.training


class Hungry(nn.Linear):
    """Asks for more memory than there is at its tenth run."""

    runs = 0

    def forward(self, x):
        self.runs += 1
        if self.runs == 10:
            self.held.append(x.new_empty(1000))
            torch.empty(10**15)
        return super().forward(x)


def test_out_of_memory_is_one_line_and_leaves_the_network_whole():
    model = Hungry(4, 2)
    model.held = []
    before = model.weight.detach().clone()
    with pytest.raises(NNArchError, match=r"out of memory while training Hungry on .* try batch_size=32"):
        train(model, classes(), epochs=5)
    assert torch.equal(model.weight, before) or model.weight.isfinite().all()
    assert model.weight.grad is None
    assert model.training


def test_an_error_in_the_middle_leaves_the_best_weights():
    class Failing(Hungry):
        def forward(self, x):
            self.runs += 1
            if self.runs == 12:
                raise ValueError("the user's own")
            return nn.Linear.forward(self, x)

    model = Failing(4, 2).eval()
    with pytest.raises(NNArchError, match=r"Failing fails in evaluation .* ValueError: the user's own"):
        train(model, classes(), epochs=5)
    assert not model.training
    assert model.weight.isfinite().all()


def test_masks_of_which_no_pixel_counts():
    x, y = torch.rand(8, 1, 4, 4), torch.randint(0, 2, (8, 4, 4))
    with pytest.raises(NNArchError, match="every target of the val split is -100"):
        train(nn.Conv2d(1, 2, 1), (x, y, x, torch.full_like(y, -100)), epochs=1)
