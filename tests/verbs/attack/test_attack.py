"""``attack``: closed forms on linear networks, exact limits, repeatability, and real digits."""

from __future__ import annotations

import signal
from pkgutil import resolve_name

import pytest
import torch
from torch import nn

import nnarch_nb
from nnarch_nb import NNArchError, attack
from nnarch_nb.core.data import Data, Normalization, Split
from nnarch_nb.core.stats import wilson
from nnarch_nb.verbs.attack import pgd, space
from nnarch_nb.verbs.attack.attacks import ATTACKS, NUMBERS

BOUNDS = (-100.0, 100.0)


def points(n: int = 40, features: int = 5, classes: int = 2, shift: Normalization | None = None) -> Data:
    """Return random raw points, normalized where a shift is given."""
    draw = torch.Generator().manual_seed(1)
    raw = torch.randn(n, features, generator=draw)
    part = Split(shift.apply(raw) if shift else raw, torch.randint(classes, (n,), generator=draw))
    names = tuple(map(str, range(classes)))
    return Data(
        "points", part, part, part, "classification", (features,), names, normalization=shift, bounds=BOUNDS
    )


def linear(outputs: int = 2, features: int = 5) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(features, outputs)


@pytest.fixture(scope="module")
def digits() -> Data:
    return nnarch_nb.data("digits")


@pytest.fixture(scope="module")
def network(digits: Data) -> nn.Module:
    """Return a small network trained on digits, left in training mode as a careless user would."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 10)
        )
        optimizer = torch.optim.Adam(model.parameters(), 3e-3)
        for _ in range(15):
            for part in torch.randperm(len(digits.train)).split(64):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(digits.train.x[part]), digits.train.y[part]).backward()
                optimizer.step()
        return model.train()


@pytest.fixture(scope="module")
def result(network: nn.Module, digits: Data):
    return attack(network, digits, n=64, eps=2.0)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_smallest_eps_of_a_linear_network_is_known(name):
    """Between two classes it is the margin over the one-norm of the weights' difference."""
    model, data = linear(), points()
    weights = model.weight[1] - model.weight[0]
    margins = (data.test.x @ weights + model.bias[1] - model.bias[0]).detach()
    smallest = margins.abs() / weights.abs().sum().detach()
    right = (margins > 0).long() == data.test.y
    for eps in smallest[right][:6].tolist():
        below = attack(model, data, eps=eps * 0.999, attacks=[name])
        above = attack(model, data, eps=eps * 1.001, attacks=[name])
        assert torch.equal(below.fooled(), (~right | (smallest < eps * 0.999))[below.indices])
        assert torch.equal(above.fooled(), (~right | (smallest < eps * 1.001))[above.indices])


def test_pgd_finds_the_smallest_eps_between_many_classes():
    model, data = linear(6), points(classes=6)
    scores = model(data.test.x).detach()
    right = scores.argmax(1) == data.test.y
    gaps = scores.gather(1, data.test.y[:, None]) - scores
    norms = (model.weight[data.test.y][:, None] - model.weight[None]).abs().sum(2).detach()
    smallest = (gaps / norms).nan_to_num(torch.inf).scatter(1, data.test.y[:, None], torch.inf).amin(1)
    for eps in smallest[right][:4].tolist():
        below, above = (attack(model, data, eps=eps * share) for share in (0.995, 1.005))
        index = below.indices
        assert torch.equal(below.fooled(), (~right | (smallest < eps * 0.995))[index])
        assert torch.equal(above.fooled(), (~right | (smallest < eps * 1.005))[index])


def test_normalization_is_inside():
    """The same network on normalized and on raw data gives the same answer in raw units."""
    shift = Normalization(torch.tensor([0.3, -1, 0.5, 2, 0]), torch.tensor([0.5, 2, 1.5, 0.7, 3]))
    net = linear(3)
    raw = attack(nn.Sequential(Shift(shift), net), points(classes=3), eps=0.2)
    normalized = attack(net, points(classes=3, shift=shift), eps=0.2)
    assert raw.robust == normalized.robust
    torch.testing.assert_close(raw.originals, normalized.originals)
    torch.testing.assert_close(raw.adversarial(), normalized.adversarial(), atol=1e-4, rtol=0)


class Shift(nn.Module):
    def __init__(self, shift: Normalization) -> None:
        super().__init__()
        self.shift = shift

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shift.apply(x)


def test_no_eps_changes_nothing(network, digits):
    result = attack(network, digits, eps=0)
    assert torch.equal(result.adversarial(), result.originals)
    assert torch.equal(result.originals, digits.raw(digits.test.x[result.indices]).clamp(0, 16))
    assert result.robust == {0.0: (result.clean.value, result.clean.low, result.clean.high)}
    plain = points()
    exact = attack(linear(), plain, eps=0.0)
    assert torch.equal(exact.adversarial(0), plain.test.x[exact.indices])


@pytest.mark.parametrize("eps", [0.1, 1 / 3, 1.7, 8 / 255])
def test_limits_are_exact(network, digits, eps):
    result = attack(network, digits, n=16, eps=eps, steps=6)
    for size in result.robust:
        change = (result.adversarial(size) - result.originals).abs()
        assert change.max().item() <= size
        assert (result.adversarial(size).double() - result.originals.double()).abs().max().item() <= size
        assert result.adversarial(size).min() >= 0
        assert result.adversarial(size).max() <= 16


def test_robust_accuracy_is_below_clean_and_falls_with_eps(result):
    assert list(result.robust) == [0.5, 1.0, 2.0]
    for curve in (result.robust, *result.attacks.values()):
        shares = [result.clean.value, *(share for share, _, _ in curve.values())]
        assert shares == sorted(shares, reverse=True)
    for eps, (share, low, high) in result.robust.items():
        assert low <= share <= high
        assert share <= min(curve[eps][0] for curve in result.attacks.values())
    assert result.robust[2.0][0] < result.clean.value - 0.2


class Bump(nn.Module):
    """Fooled only near one half, and flat elsewhere: a large step passes over it."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(20.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height = self.scale * (torch.relu(0.1 - (x - 0.5).abs()) - 0.05)
        return torch.cat([-height, height], 1)


BUMP_X = torch.cat([torch.linspace(0.41, 0.44, 50), torch.tensor([0.5])])[:, None]
BUMP_Y = torch.tensor([0] * 50 + [1])


def test_a_large_eps_does_not_hide_what_a_small_one_finds():
    for eps in (0.8, 0.4, 0.2):
        result = attack(Bump(), (BUMP_X, BUMP_Y, BUMP_X, BUMP_Y), eps=eps, bounds=(0, 1))
        assert result.robust[0.2][0] == result.robust[eps][0] == 0


def test_a_figure_does_not_rest_on_what_was_tried_at_a_larger_eps(monkeypatch):
    # Half the way back is not taken, so that the search is weak enough to leave some.
    monkeypatch.setattr(pgd, "back_where_flat", lambda gradient, ahead, here, batch: ahead)
    x, y = BUMP_X, BUMP_Y
    whole = attack(Bump(), (x, y, x, y), eps=0.8, bounds=(0, 1))
    monkeypatch.setattr(space, "SHARES", (1.0,))
    alone = attack(Bump(), (x, y, x, y), eps=0.2, bounds=(0, 1))
    assert whole.robust[0.2] == alone.robust[0.2]
    assert whole.robust[0.2][0] < 0.8
    assert (whole.fooled(0.2) <= whole.fooled(0.4)).all()
    assert (whole.fooled(0.4) <= whole.fooled(0.8)).all()


def test_the_adversarials_fool_the_network_when_asked_by_hand(result, network, digits):
    network.eval()
    for eps, (share, _, _) in result.robust.items():
        with torch.no_grad():
            verdicts = network(digits.ready(result.adversarial(eps))).argmax(1)
        assert torch.equal(verdicts, result.verdicts[eps])
        assert (verdicts == result.labels).float().mean().item() == pytest.approx(share)
    network.train()


def test_wrong_predictions_count_as_fooled(result):
    wrong = result.predictions != result.labels
    assert wrong.any()
    for eps in result.robust:
        assert result.fooled(eps)[wrong].all()
        assert torch.equal(result.adversarial(eps)[wrong], result.originals[wrong])


def test_the_answer_does_not_depend_on_the_batches(network, digits):
    one, many = (attack(network, digits, n=16, eps=1.5, steps=16, batch_size=size) for size in (1, 8))
    assert one.robust == many.robust
    assert one.attacks == many.attacks
    assert torch.equal(one.verdicts[1.5], many.verdicts[1.5])
    assert one.budget["backward"] == many.budget["backward"]


def test_the_seed_is_all_that_is_random(network, digits):
    torch.manual_seed(7)
    before = torch.get_rng_state()
    first, again, other = (attack(network, digits, n=16, eps=1.0, steps=8, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first.adversarial(), again.adversarial())
    assert not torch.equal(first.indices, other.indices)
    assert torch.equal(torch.get_rng_state(), before)


def test_pgd_is_at_least_as_strong_as_fgsm_and_more_steps_help(network, digits):
    result = attack(network, digits, n=96, eps=1.5)
    assert result.attacks["pgd"][1.5][0] <= result.attacks["fgsm"][1.5][0]
    quick = attack(network, digits, n=96, eps=1.5, attacks=["pgd"], steps=2)
    assert result.attacks["pgd"][1.5][0] <= quick.attacks["pgd"][1.5][0]


def test_saturated_scores_do_not_stop_pgd():
    """Cross-entropy has no gradient where scores are huge; the margin still has one."""
    model, data = linear(), points()
    plain = attack(model, data, eps=0.1, attacks=["pgd"])
    with torch.no_grad():
        model.weight *= 1e5
        model.bias *= 1e5
    assert attack(model, data, eps=0.1, attacks=["pgd"]).robust == plain.robust


def test_probabilities_are_attacked_like_scores():
    model, data = linear(3), points(classes=3)
    assert (
        attack(nn.Sequential(model, nn.Softmax(1)), data, eps=0.1).robust
        == attack(model, data, eps=0.1).robust
    )


def test_zero_gradients_are_told():
    model = nn.Sequential(linear(), nn.Hardtanh(-1e-6, 1e-6))
    result = attack(model, points(), eps=0.1)
    assert any("gradients were exactly zero" in note for note in result.notes)


def test_an_unsteady_network_is_told():
    class Noisy(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) + torch.randn(len(x), self.out_features)

    result = attack(Noisy(5, 2), points(), eps=0.1)
    assert any("not deterministic" in note for note in result.notes)
    shares = [share for share, _, _ in result.robust.values()]
    assert shares == sorted(shares, reverse=True)


def test_columns_with_names_have_their_own_range():
    wine = nnarch_nb.data("wine")
    result = attack(nn.Linear(13, 3), wine, steps=6)
    train = wine.raw(wine.train.x)
    reach = 0.1 * (train.amax(0) - train.amin(0))
    assert result.unit == "of each column's range"
    assert result.eps == 0.1
    assert ((result.adversarial() - result.originals).abs() <= reach * (1 + 1e-6)).all()
    lowest = torch.minimum(train.amin(0), result.originals.amin(0))
    assert (result.adversarial() >= lowest).all()
    shared = attack(nn.Linear(13, 3), wine, eps=0.5, bounds=(0, 2000), steps=6)
    assert shared.unit == "raw units 0–2000"
    assert (shared.adversarial() - shared.originals).abs().max() <= 0.5


def test_an_eps_that_is_given_is_raw_unless_a_share_is_asked_for():
    wine = nnarch_nb.data("wine")
    raw = attack(nn.Linear(13, 3), wine, eps=0.5, steps=4)
    assert raw.unit == "raw units of each column"
    assert (raw.adversarial() - raw.originals).abs().max() <= 0.5
    assert any("unit='range'" in note for note in raw.notes)
    sure = linear(3, 13)
    with torch.no_grad():
        sure.bias[0] += 1e4  # so that some withstand, whose changes are as large as may be
    share = attack(sure, wine, eps=0.2, unit="range", steps=4)
    spans = wine.raw(wine.train.x).amax(0) - wine.raw(wine.train.x).amin(0)
    assert share.unit == "of each column's range"
    assert ((share.adversarial() - share.originals).abs().max(0).values / spans).max() > 0.15


def test_a_share_of_the_pixels_range(network, digits):
    share, raw = (
        attack(network, digits, n=4, steps=2, **o) for o in ({"eps": 0.1, "unit": "range"}, {"eps": 1.6})
    )
    assert share.unit == "of the range 0–16"
    assert torch.equal(share.adversarial(), raw.adversarial())


def test_the_default_eps_is_a_tenth_of_the_range(network, digits):
    result = attack(network, digits, n=4, steps=2)
    assert result.eps == pytest.approx(1.6)
    assert result.unit == "pixels 0–16"


@pytest.mark.parametrize(
    ("eps", "words"), [(20.0, "spans the whole range"), (8 / 255 * 0.5, r"did you mean 0.251?")]
)
def test_an_eps_for_another_scale_is_doubted(network, digits, eps, words):
    assert any(words in note for note in attack(network, digits, n=2, steps=2, eps=eps).notes)


def test_bounds_for_another_scale_are_doubted():
    x, y = torch.rand(20, 5), torch.arange(20) % 2
    wide = attack(linear(), (x, y, x, y), bounds=(0, 255), eps=8, steps=2)
    assert any("of the bounds 0–255: eps is probably in another unit" in note for note in wide.notes)
    near = attack(linear(), (x, y, x, y), bounds=(0, 1), eps=0.1, steps=2)
    assert not any("bounds" in note for note in near.notes)


def test_a_range_with_negative_numbers_is_not_a_subtraction():
    assert attack(linear(), points(), eps=0.1, steps=2).unit == "raw units −100 to 100"


def test_columns_that_are_no_continuous_numbers_are_named():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"city": ["Rome", "Oslo"] * 20, "age": range(40), "y": ["a", "b", "b", "a"] * 10}
    )
    frame["weight"] = torch.rand(40).numpy()
    data = nnarch_nb.data(frame, target="y")
    notes = attack(linear(2, 4), data, steps=2).notes
    assert any("(city, age) were changed like continuous values" in note for note in notes)


def test_a_first_operation_in_place_changes_no_data():
    class Shifted(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x -= 0.5
            return super().forward(x)

    data = points()
    before = data.test.x.clone()
    model = Shifted(5, 2)
    plain = nn.Linear(5, 2)
    with torch.no_grad():
        plain.weight.copy_(model.weight)
        plain.bias.copy_(model.bias - 0.5 * model.weight.sum(1))
    result = attack(model, data, eps=0.1)
    assert torch.equal(data.test.x, before)
    assert torch.equal(result.originals, before[result.indices])
    assert result.robust == attack(plain, data, eps=0.1).robust


def test_the_largest_seed_draws_too():
    assert len(attack(linear(), points(), eps=0.1, n=2, steps=2, seed=2**63 - 1)) == 2


def test_the_record_is_whole(result, digits):
    assert (result.split, result.source, result.norm, result.seed, result.steps) == (
        "test",
        "digits",
        "linf",
        0,
        40,
    )
    assert (result.audit, result.certified) == (None, None)
    assert result.bounds == (0.0, 16.0)
    assert result.clean == wilson(int((result.predictions == result.labels).sum()), 64)
    assert result.budget["backward"] > 0
    assert result.budget["forward"] > result.budget["backward"]
    assert result.budget["cpu_seconds"] > 0
    assert "clean" in repr(result)
    assert "\n" not in repr(result)
    frame = result.to_pandas()
    assert list(frame.columns) == ["eps", "attack", "accuracy", "low", "high", "n"]
    assert set(frame.attack) == {"none", "fgsm", "pgd", "any"}
    assert torch.equal(result.adversarial(), result.adversarial(2.0))
    with pytest.raises(NNArchError, match=r"eps 3 was not measured; there are 0.5, 1, 2"):
        result.adversarial(3)


def test_it_works_within_inference_mode(network, digits):
    with torch.inference_mode():
        inside = attack(network, digits, eps=1.0, n=4, steps=4)
    assert torch.equal(inside.adversarial(), attack(network, digits, eps=1.0, n=4, steps=4).adversarial())


def test_a_tuple_is_data(network, digits):
    x, y = digits.test.x[:32], digits.test.y[:32]
    result = attack(network, (x, y, x, y), eps=0.1, n=8, steps=4)
    assert len(result) == 8


def interrupted(at: int) -> nn.Module:
    class Interrupted(nn.Linear):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            if self.calls == at:
                signal.raise_signal(signal.SIGINT)
            return super().forward(x)

    torch.manual_seed(0)
    return Interrupted(5, 2)


def test_an_interrupt_keeps_what_was_finished():
    model = interrupted(60)
    result = attack(model, points(), eps=0.4)
    assert list(result.attacks["fgsm"]) == list(result.robust) == [0.1, 0.2, 0.4]
    assert 0 < len(result.attacks["pgd"]) < 3
    assert any(note.startswith("stopped before pgd at ε = ") for note in result.notes)
    assert result.robust[0.4][0] <= min(result.attacks["fgsm"][0.4][0], result.attacks["pgd"][0.1][0])
    assert model.calls == 0


def test_an_interrupt_of_the_first_attack_keeps_its_finished_samples():
    whole = attack(interrupted(0), points(), eps=0.4, attacks=["pgd"], batch_size=4)
    part = attack(interrupted(60), points(), eps=0.4, attacks=["pgd"], batch_size=4)
    n = len(part)
    assert 0 < n < len(whole)
    assert part.notes[0] == f"stopped after {n} of 40 samples"
    assert torch.equal(part.indices, whole.indices[:n])
    assert torch.equal(part.verdicts[0.1], whole.verdicts[0.1][:n])
    assert part.clean == wilson(int((part.predictions == part.labels).sum()), n)


@pytest.mark.parametrize("seed", range(3))  # the first samples drawn may be wrong without attack
def test_an_early_interrupt_has_nothing_to_show(seed):
    model = interrupted(3)
    with pytest.raises(NNArchError, match="stopped before the first samples"):
        attack(model, points(), eps=0.4, seed=seed)
    assert model.calls == 0


BAD = {
    "eps": ({"eps": -0.1}, "eps must be a finite number of at least 0, not -0.1"),
    "eps is NaN": ({"eps": float("nan")}, "eps must be a finite number"),
    "bounds": ({"bounds": (1.0, 0.0)}, "the smaller value, then the larger"),
    "three bounds": ({"bounds": (0, 1, 2)}, "two raw values"),
    "bounds of words": ({"bounds": ("0", "1")}, "each of bounds must be a finite number"),
    "bounds too wide": ({"bounds": (-1e308, 1e308)}, "go beyond what float32 holds"),
    "endless bounds": ({"bounds": (-(10**400), 10**400)}, "each of bounds must be a finite number"),
    "eps in words": ({"eps": "8/255"}, "eps must be a finite number"),
    "narrow": ({"bounds": (0.0, 1.0)}, r"give bounds=\("),
    "n": ({"n": 0}, "n must be a whole number of at least 1"),
    "steps": ({"steps": 0}, "steps must be a whole number"),
    "batch size": ({"batch_size": 0}, "batch_size must be a whole number"),
    "attack": ({"attacks": ["pdg"]}, "Did you mean `pgd`"),
    "no attack": ({"attacks": []}, "no attack is asked for"),
    "device": ({"device": "toaster"}, "not available"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_options(name):
    options, message = BAD[name]
    with pytest.raises(NNArchError, match=message):
        attack(linear(), points(), **options)


def changed(**fields: object) -> Data:
    return Data(**{**vars(points()), **fields})


def test_bad_data():
    def data(x: torch.Tensor) -> Data:
        part = Split(x, torch.zeros(len(x), dtype=torch.long))
        return changed(train=part, val=part, test=part)

    cases = {
        "needs classes": changed(kind="regression"),
        "no samples": data(torch.rand(0, 5)),
        "holds integers": data(torch.ones(3, 5, dtype=torch.long)),
        "NaN or infinity": data(torch.full((3, 5), torch.nan)),
    }
    for message, bad in cases.items():
        with pytest.raises(NNArchError, match=message):
            attack(linear(), bad)


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
            "tuple": lambda: (y, y),
            "nan": lambda: y / 0 * 0,
            "detached": lambda: y.detach(),
            "in place": lambda: spoiled(y),
        }
        return wrong[self.how]()


BROKEN = {
    "raises": "cannot run on",
    "tuple": "returns a tuple",
    "nan": "returns NaN",
    "detached": "no gradient in its input",
    "in place": r"backward run of Broken fails: .*in place",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_network_that_cannot_be_attacked(how):
    with pytest.raises(NNArchError, match=BROKEN[how]):
        attack(Broken(how), points())


@pytest.mark.parametrize(("outputs", "words"), [(1, "1 score"), (5, "5 scores")])
def test_fewer_scores_than_classes(outputs, words):
    message = f"^Linear returns {words} a sample, but points has 6 classes: give its last layer 6 outputs$"
    with pytest.raises(NNArchError, match=message):
        attack(linear(outputs), points(classes=6))


class Both(nn.Module):
    """A network of one output with a second written out: the log-odds, or the chances, of both classes."""

    def __init__(self, one: nn.Module, probability: bool) -> None:
        super().__init__()
        self.one, self.probability = one, probability

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        said = self.one(x)
        return torch.cat([1 - said, said] if self.probability else [torch.zeros_like(said), said], 1)


@pytest.mark.parametrize("probability", [False, True])
def test_one_output_for_two_classes_is_attacked_like_two(probability):
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
    model = layers.append(nn.Sigmoid()) if probability else layers
    one, two = (attack(net, points(), eps=0.4) for net in (model, Both(model, probability)))
    assert 0 < two.robust[0.4][0] < two.clean.value
    assert (one.clean, one.robust, one.attacks) == (two.clean, two.robust, two.attacks)
    torch.testing.assert_close(one.adversarial(), two.adversarial())
    unit = "probability" if probability else "logit"
    assert one.notes[0] == f"one output is read as the {unit} of the second class, 1"
    assert two.notes == ()


def test_one_output_is_read_as_explain_reads_it():
    """A logit that lies between 0 and 1 for all samples attacked is told by the others."""
    model, data = nn.Linear(1, 1), torch.cat([torch.full((40, 1), 0.1), torch.full((40, 1), -2.0)])
    with torch.no_grad():
        model.weight.fill_(1.0), model.bias.fill_(0.0)
    part = Split(data, (data[:, 0] > 0).long())
    data = Data("two", part, part, part, "classification", (1,), ("no", "yes"), bounds=(-3.0, 3.0))
    seed = next(s for s in range(99) if attack(model, data, eps=0, n=1, seed=s).labels.item())
    result = attack(model, data, eps=0, n=1, seed=seed)
    assert result.clean.value == 1.0
    assert "one output is read as the logit of the second class, yes" in result.notes
    assert result.notes[0] in nnarch_nb.explain(model, data, n=1, seed=seed).notes


@pytest.mark.parametrize(("swing", "samples"), [(0.0, "every sample"), (4.0, "39 of 40 samples")])
def test_a_network_that_answers_one_class_is_doubted(swing, samples):
    model = linear()
    with torch.no_grad():
        model.weight.mul_(swing)
        model.bias.copy_(torch.tensor([-4.0, 4.0]))
    notes = " ".join(attack(model, points(), eps=0.01, steps=2).notes)
    near = "" if samples.startswith("every") else "close to "
    assert f"the network answers 1 for {samples}: accuracy is {near}that class's share" in notes


def test_the_table_of_attacks_is_importable():
    assert all(callable(resolve_name(place)) for place in ATTACKS.values())
