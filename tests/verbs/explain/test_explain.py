"""``explain``: attributions known in closed form, Captum's own answer, and how exact they are."""

from __future__ import annotations

import signal

import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

import nnarch_nb
from nnarch_nb import NNArchError, explain
from nnarch_nb.core.data import Data, Normalization, Split
from nnarch_nb.core.probe import scores_of
from nnarch_nb.verbs.explain import ways
from nnarch_nb.verbs.explain.methods import METHODS


class Digits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(8 * 16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.head(self.drop(x.flatten(1)))


def fit(model: nn.Module, data: Data, epochs: int = 30) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        optimizer = torch.optim.Adam(model.parameters(), 5e-3)
        for _ in range(epochs):
            for part in torch.randperm(len(data.train)).split(128):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(data.train.x[part]), data.train.y[part]).backward()
                optimizer.step()
        return model


@pytest.fixture(scope="module")
def digits() -> Data:
    return nnarch_nb.data("digits")


@pytest.fixture(scope="module")
def network(digits: Data) -> nn.Module:
    torch.manual_seed(0)
    return fit(Digits(), digits, epochs=8)


def linear(features: int = 4, outputs: int = 3) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(features, outputs)


def test_a_linear_network_is_exact():
    model, x = linear(), torch.randn(6, 4)
    result = explain(model, x, target=2, baseline=0.5)
    assert result.attributions.shape == x.shape
    torch.testing.assert_close(result.attributions, model.weight[2] * (x - 0.5), rtol=1e-5, atol=1e-6)
    assert result.completeness.max() < 1e-5
    assert result.steps.tolist() == [64] * 6


def test_a_product_shares_out_equally():
    class Product(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, 0] * x[:, 1]

    x = torch.tensor([[3.0, -2.0], [1.0, 5.0]])
    torch.testing.assert_close(explain(Product(), x).attributions, (x.prod(1) / 2)[:, None].expand(2, 2))


def test_it_is_what_captum_says(network, digits):
    x = digits.test.x[:5]
    result = explain(network, x, steps=50)
    network.eval()
    by_hand = IntegratedGradients(network).attribute(x, target=network(x).argmax(1), n_steps=50)
    network.train()
    torch.testing.assert_close(result.attributions, by_hand.float(), rtol=1e-4, atol=1e-5)


def test_normalization_does_not_change_the_map(digits):
    """A network that normalizes its raw inputs itself is the same network."""
    shift = digits.normalization

    class Inside(nn.Module):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, raw: torch.Tensor) -> torch.Tensor:
            return self.net(shift.apply(raw))

    torch.manual_seed(0)
    net = Digits()
    raw = Data(
        **{**vars(digits), "normalization": None, **{k: split(digits, k) for k in ("train", "val", "test")}}
    )
    first, second = explain(net, digits, n=3), explain(Inside(net), raw, n=3)
    torch.testing.assert_close(first.attributions, second.attributions, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(first.inputs, second.inputs, rtol=1e-4, atol=1e-4)


def split(data: Data, name: str) -> Split:
    part = getattr(data, name)
    return Split(data.raw(part.x), part.y)


def test_a_data_tells_labels_names_and_units(network, digits):
    result = explain(network, digits, n=4, seed=3)
    x, y = digits.test.x[result.indices], digits.test.y[result.indices]
    assert result.attributions.shape == (4, 1, 8, 8)
    assert torch.equal(result.inputs, digits.raw(x))
    assert torch.equal(result.labels, y)
    assert torch.equal(result.prediction, network.eval()(x).argmax(1))
    assert torch.equal(result.target, result.prediction)
    assert ((result.confidence > 0.1) & (result.confidence <= 1)).all()
    assert (result.split, result.source, result.unit, result.bounds) == (
        "test",
        "digits",
        "logit",
        (0.0, 16.0),
    )
    assert result.baseline == "black (0)"
    assert not result.attributions.requires_grad
    assert repr(result) == "Explanation(Digits: integrated-gradients, n=4)"
    frame = result.to_pandas()
    assert frame.index.tolist() == result.indices.tolist()
    assert {"target", "label", "prediction", "confidence", "completeness", "steps"} <= set(frame.columns)


def test_the_seed_draws_the_samples_and_nothing_else(network, digits):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (explain(network, digits, n=3, steps=8, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.attributions, again.attributions)
    assert not torch.equal(first.indices, other.indices)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_table_has_names_and_is_compared_with_its_mean():
    wine = nnarch_nb.data("wine")
    model = linear(13, 3)
    result = explain(model, wine, target=1)
    expected = model.weight[1] * (wine.test.x[result.indices] - wine.train.x.mean(0))
    torch.testing.assert_close(result.attributions, expected, rtol=1e-4, atol=1e-5)
    assert result.baseline == "the training mean"
    assert "attribution of alcohol" in result.to_pandas().columns


def test_a_regression_explains_its_value():
    diabetes = nnarch_nb.data("diabetes")
    result = explain(nn.Linear(10, 1), diabetes, n=3)
    assert result.confidence is None
    assert result.unit == "output"
    assert result.prediction.is_floating_point()
    assert result.labels.shape == (3,)


def test_several_inputs_are_explained_together():
    class Two(nn.Module):
        def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
            return 2 * left.sum(1) - right.flatten(1).sum(1)

    left, right = torch.rand(3, 2), torch.rand(3, 1, 2, 2)
    by_position = explain(Two(), (left, right))
    torch.testing.assert_close(by_position.attributions[0], 2 * left)
    torch.testing.assert_close(by_position.attributions[1], -right)
    by_name = explain(Two(), {"right": right, "left": left})
    torch.testing.assert_close(by_name.attributions["left"], 2 * left)
    assert by_name.inputs.keys() == {"left", "right"}


def test_sequences_recurrent_and_attentive():
    class Recurrent(nn.Module):
        def __init__(self, layer: nn.Module, width: int) -> None:
            super().__init__()
            self.layer, self.head = layer, nn.Linear(width, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            answer = self.layer(x)
            return self.head((answer[0] if isinstance(answer, tuple) else answer).mean(1))

    torch.manual_seed(0)
    lstm = explain(Recurrent(nn.LSTM(4, 6, batch_first=True), 6), torch.randn(3, 7, 4))
    assert lstm.attributions.shape == (3, 7, 4)
    assert lstm.completeness.max() < 0.05
    # In evaluation mode this layer has a fast path without gradients; from a constant its norm jumps.
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    attentive = explain(Recurrent(layer, 4), torch.randn(3, 7, 4) + torch.arange(4), baseline=1.0)
    assert attentive.attributions.shape == (3, 7, 4)
    assert attentive.attributions.any()


def test_more_steps_where_the_error_is_large():
    """A steep sigmoid is missed by two steps; only the sample that crosses it gets more."""

    class Steep(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(30 * (x - 0.62))

    result = explain(Steep(), torch.tensor([[1.0], [0.0]]), steps=2)
    assert result.steps.tolist() == [16, 2]
    assert any("took up to 16 steps" in note for note in result.notes)
    exact = explain(Steep(), torch.tensor([[1.0]]), steps=64)
    assert exact.completeness[0] < 0.01
    assert exact.attributions[0, 0] == pytest.approx(1.0, abs=0.01)


def test_an_error_that_stays_is_told():
    class Jump(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x > 0.61).float() + 0.1 * x

    result = explain(Jump(), torch.ones(1, 1), steps=4)
    assert result.completeness[0] > 0.8
    assert any("stay above 5 % completeness error" in note for note in result.notes)


def test_it_works_within_inference_mode():
    model, x = linear(), torch.randn(2, 4)
    with torch.inference_mode():
        result = explain(model, x * 1)
    assert torch.equal(result.attributions, explain(model, x).attributions)


def test_the_error_is_measured_against_the_change_and_not_the_score():
    class Offset(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid((x.sum(1, keepdim=True) - 0.62) * 30) * 0.2 + 1000

    result = explain(Offset(), torch.tensor([[1.0, 0.0]]), steps=2)
    off = abs(float(result.attributions.sum()) - 0.2) / 0.2
    assert result.steps.tolist() == [16]
    assert result.completeness[0] == pytest.approx(off, abs=2e-3)


def two_classes(bias: float = 0.0) -> tuple[nn.Linear, Data]:
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(3.0)
        model.bias.fill_(bias)
    part = Split(torch.tensor([[2.0], [-2.0], [0.1]]), torch.tensor([1, 0, 1]))
    return model, Data("patients", part, part, part, "classification", (1,), ("sick", "well"))


def test_one_output_is_the_logit_of_the_second_of_two_classes():
    model, data = two_classes()
    result = explain(model, data, n=3, baseline=0.0)
    x = result.inputs[:, 0]
    assert torch.equal(result.prediction, (x > 0).long())
    torch.testing.assert_close(result.confidence, torch.sigmoid(3 * x.abs()))
    torch.testing.assert_close(result.attributions[:, 0], 3 * x)
    assert result.target.tolist() == [1, 1, 1]
    assert (result.unit, result.classes) == ("logit", ("sick", "well"))
    assert "one output is read as the logit of the second class, well" in result.notes


def test_one_output_that_is_a_probability_is_taken_as_such():
    model, data = two_classes()
    shares = explain(nn.Sequential(model, nn.Sigmoid()), data, n=3)
    logits = explain(model, data, n=3)
    assert shares.unit == "probability"
    assert torch.equal(shares.prediction, logits.prediction)
    torch.testing.assert_close(shares.confidence, logits.confidence)


def test_a_logit_that_happens_to_lie_between_0_and_1_is_told_by_the_other_samples():
    model, data = two_classes(bias=0.2)
    seed = next(s for s in range(99) if 0 < explain(model, data, n=1, seed=s).inputs.item() < 1)
    result = explain(model, data, n=1, seed=seed)
    assert 0 < result.inputs.item() * 3 + 0.2 < 1
    assert result.unit == "logit"


def test_one_output_for_three_classes_names_none():
    part = Split(torch.rand(6, 1), torch.arange(6) % 3)
    data = Data("three", part, part, part, "classification", (1,), ("a", "b", "c"))
    result = explain(nn.Linear(1, 1), data)
    assert (result.confidence, result.classes) == (None, ())


X, Y = torch.rand(40, 4), torch.arange(40) % 2
DATA = {
    "a pair": (X, Y),
    "given splits": (X, Y, X, Y),
    "arrays": (X.numpy(), Y.numpy()),
    "words": (X, ["a", "b"] * 20),
    "values": (X, X[:, 0]),
    "a dict": {"x": X, "y": Y},
    "a name": "iris",
}


@pytest.mark.parametrize("name", DATA)
def test_what_data_accepts_is_data(name):
    result = explain(linear(), DATA[name], n=2)
    assert len(result) == len(result.labels) == 2


def test_arguments_that_the_network_takes_are_no_data():
    class Sum(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
            return x.sum(1) if y is None else x.sum(1) + 2 * y

    result = explain(Sum(), (X, X[:, 0]))
    torch.testing.assert_close(result.attributions[1], 2 * X[:, 0])
    assert explain(Sum(), {"x": X, "y": X[:, 0]}).attributions.keys() == {"x", "y"}
    assert explain(Sum(), (X, Y)).split == "test"


def test_a_first_operation_in_place_changes_no_data():
    x = X.clone() - 0.5
    model = nn.Sequential(nn.ReLU(inplace=True), linear())
    result = explain(model, x, target=0)
    torch.testing.assert_close(result.attributions, model[1].weight[0] * x.relu())
    assert torch.equal(x, X - 0.5)


def test_nothing_changes_nothing_is_attributed():
    result = explain(linear(), torch.zeros(2, 4))
    assert not result.attributions.any()
    assert result.completeness.tolist() == [0.0, 0.0]


def test_probabilities_are_taken_as_such():
    result = explain(nn.Sequential(linear(), nn.Softmax(1)), torch.randn(3, 4))
    logits = explain(linear(), result.inputs)
    assert (result.unit, logits.unit) == ("probability", "logit")
    torch.testing.assert_close(result.confidence, logits.confidence)


def test_an_answer_with_logits_is_read():
    class Answer(dict):
        @property
        def logits(self) -> torch.Tensor:
            return self["logits"]

    class Hugging(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = linear()

        def forward(self, x: torch.Tensor) -> Answer:
            return Answer(logits=self.net(x))

    x = torch.randn(2, 4)
    model = Hugging()
    assert torch.equal(explain(model, x).attributions, explain(model.net, x).attributions)


def test_memory_is_bounded(monkeypatch):
    sizes = []

    def watched(model: nn.Module, args: tuple[torch.Tensor, ...], **more: object) -> torch.Tensor:
        sizes.append(len(args[0]))
        return scores_of(model, args, **more)

    monkeypatch.setattr(ways, "scores_of", watched)
    monkeypatch.setattr(ways, "NUMBERS", 40 * 10)
    explain(linear(10, 2), torch.rand(30, 10))
    assert max(sizes) <= 40


def test_an_interrupt_keeps_what_is_finished():
    class Stopped(nn.Linear):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            if self.calls == 9:
                signal.raise_signal(signal.SIGINT)
            return super().forward(x)

    result = explain(Stopped(4, 2), torch.rand(64, 4))
    assert 0 < len(result) < 64
    assert len(result.attributions) == len(result.confidence) == len(result)
    assert any("stopped after" in note for note in result.notes)


def test_the_table_of_methods_is_importable():
    from pkgutil import resolve_name

    assert all(callable(resolve_name(place)) for place in METHODS.values())


def spoiled(x: torch.Tensor) -> torch.Tensor:
    """Change in place what the backward run needs."""
    grown = x.exp()
    kept = grown * 1
    grown.add_(1)
    return grown * kept


class Broken(nn.Module):
    """A network that goes wrong in a way of one's choice."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.net, self.how = linear(), how

    def forward(self, x: torch.Tensor) -> object:
        y = self.net(x)
        wrong = {
            "raises": lambda: 1 / 0,
            "dict": lambda: {"scores": y},
            "tuple": lambda: (y, y),
            "scalar": lambda: y.sum(),
            "cube": lambda: y[:, :, None],
            "nan": lambda: y / 0 * 0,
            "detached": lambda: y.detach(),
            "argmax": lambda: y.argmax(1),
            "in place": lambda: spoiled(y),
            "complex": lambda: torch.complex(y, y),
            "constant": lambda: torch.ones(len(x), 3, requires_grad=True) * 2,
        }
        return wrong[self.how]()


BROKEN = {
    "raises": "cannot run on",
    "dict": "returns a dict",
    "tuple": "returns a tuple",
    "scalar": "returns a single number",
    "cube": "expected one row of scores",
    "nan": "returns NaN",
    "detached": "no gradient in its input",
    "argmax": "no gradient in its input",
    "complex": "returns complex numbers: make its forward return real ones",
    "constant": "no gradient in its input",
    "in place": r"backward run of Broken fails: .*in place",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_network_that_cannot_be_explained(how):
    with pytest.raises(NNArchError, match=BROKEN[how]):
        explain(Broken(how), torch.rand(2, 4))


BAD = {
    "method": ({"method": "integrated-gradient"}, "Did you mean `integrated-gradients`"),
    "steps": ({"steps": 0}, "steps must be a whole number of at least 1"),
    "n": ({"n": 0}, "n must be a whole number"),
    "target": ({"target": 3}, "outputs? .*0 to 2|0 to 2"),
    "half a sample": ({"n": 2.5}, "n must be a whole number"),
    "negative target": ({"target": -1}, "target must be a whole number"),
    "baseline": ({"baseline": float("nan")}, "finite"),
    "a baseline too large": ({"baseline": 1e39}, "beyond what float32 holds"),
    "an endless baseline": ({"baseline": 10**400}, "baseline must be a finite number"),
    "device": ({"device": "toaster"}, "not available"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_options(name):
    options, message = BAD[name]
    with pytest.raises(NNArchError, match=message):
        explain(linear(), torch.rand(2, 4), **options)


INPUTS = {
    "integers": (torch.ones(2, 4, dtype=torch.long), "holds integers"),
    "no samples": (torch.ones(0, 4), "no samples"),
    "a shape": ((4,), "has no values to explain"),
    "a number": (torch.tensor(1.0), "no samples"),
    "mixed": ((torch.rand(2, 4), None), "not a tensor"),
    "uneven": ((torch.rand(2, 4), torch.rand(3, 4)), "same number of samples"),
    "nonsense": (object(), "cannot make inputs"),
    "NaN": (torch.full((2, 4), float("nan")), "NaN"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_bad_inputs(name):
    inputs, message = INPUTS[name]
    with pytest.raises(NNArchError, match=message):
        explain(linear(), inputs)


def test_a_data_without_samples_or_of_tokens():
    def empty(x: torch.Tensor) -> Data:
        part = Split(x, torch.zeros(len(x), dtype=torch.long))
        return Data("none", part, part, part, "classification", (4,), ("a", "b"), normalization=None)

    with pytest.raises(NNArchError, match="no samples"):
        explain(linear(), empty(torch.rand(0, 4)))
    with pytest.raises(NNArchError, match="holds integers"):
        explain(linear(), empty(torch.ones(3, 4, dtype=torch.long)))


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(9, 3), nn.Linear(3, 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(tokens).mean(1))


def test_a_negative_baseline_has_a_real_minus():
    assert explain(linear(), torch.rand(2, 4), baseline=-0.5).baseline == "−0.5 everywhere"


def test_not_a_network():
    with pytest.raises(NNArchError, match="Linear is a class"):
        explain(nn.Linear, torch.rand(2, 4))


def test_a_baseline_is_in_raw_units():
    x = torch.tensor([[2.0, 4.0], [6.0, 8.0]])
    part = Split((x - 5) / 2, torch.tensor([0, 1]))
    shift = Normalization(torch.tensor([5.0, 5.0]), torch.tensor([2.0, 2.0]))
    data = Data("two", part, part, part, "classification", (2,), ("a", "b"), normalization=shift)
    model = nn.Linear(2, 2)
    result = explain(model, data, target=0, baseline=1.0, n=2)
    torch.testing.assert_close(result.attributions, model.weight[0] * (x[result.indices] - 1) / 2)
