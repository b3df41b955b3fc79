"""Does the network accept the input; if not, where, why, and what was tried and works."""

import pytest
import torch
from torch import nn

from nnarch_nb import NNArchError, build, check
from nnarch_nb.core.data import Data, Split


def test_the_articles_network_fails_at_fc1_for_want_of_pooling(article_cnn):
    found = check(article_cnn, (1, 28, 28))
    assert not found.ok
    assert (found.failing, found.expected, found.got) == ("fc1", 9216, 36864)
    assert found.arithmetic == "64·24·24"
    assert "MaxPool2d(2)" in found.proposal
    assert "64·12·12 = 9216" in found.proposal
    assert "(1, 10)" in found.proposal
    assert [step.path for step in found.layers] == ["conv1", "conv2", "dropout"]
    assert found.layers[1].output == (1, 64, 24, 24)


def test_a_network_that_works_is_told_so(simple_cnn):
    found = check(simple_cnn, (1, 28, 28))
    assert found.ok
    assert found.output == (1, 10)
    assert found.failing is found.proposal is None
    assert len(found.to_pandas()) == len(found.steps)


def make(*layers):
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("model", "inputs", "failing", "told"),
    [
        (make(nn.Linear(784, 8)), (1, 28, 28), "0", "Flatten() before 0 gives 1·28·28 = 784"),
        (make(nn.Conv2d(3, 4, 3)), torch.zeros(2, 9, 9, 3), "0", "x.permute(0, 3, 1, 2)"),
        (make(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2)), (8, 8), "2", "becomes (1, 8, 8)"),
        (make(nn.Conv2d(1, 4, 3)), torch.zeros(2, 1, 9, 9).long(), "0", "x.float()"),
        (make(nn.Linear(4, 2)), torch.zeros(2, 4).double(), "0", "x.to(torch.float32)"),
        (make(nn.Embedding(9, 4)), torch.zeros(2, 5), "0", "x.long()"),
        (make(nn.Linear(4, 8), nn.BatchNorm1d(7), nn.Linear(9, 3)), (4,), "1", "give 1 num_features=8; give"),
        (make(nn.Conv2d(1, 4, 3), nn.Conv2d(5, 4, 3)), (1, 9, 9), "1", "give 1 in_channels=4"),
    ],
)  # fmt: skip
def test_common_mistakes_get_a_proposal_that_works(model, inputs, failing, told):
    before = [p.clone() for p in model.parameters()]
    found = check(model, inputs)
    assert not found.ok
    assert found.failing == failing
    assert told in found.proposal
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert not check(model, inputs).ok, "the trial must be taken back"


def test_the_pooling_proposed_is_the_one_that_trains(article_cnn):
    """What the proposal says is true: with the pooling in place the layer gets its 9,216 features."""
    spec = "Conv2d(32, 3), ReLU(), Conv2d(64, 3), ReLU(), MaxPool2d(2), Dropout(.25), Flatten()"
    assert build(spec, (1, 28, 28)).shapes[-1] == (check(article_cnn, (1, 28, 28)).expected,)


class Raises(nn.Module):
    def forward(self, x):
        raise ValueError("no <b>way</b>\nsecond line")


class Multiplies(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 5)

    def forward(self, x):
        return self.a(x) @ self.b(x)


class Needs(nn.Module):
    def forward(self, x, mask):
        return x * mask


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Raises(), "no <b>way</b>"),
        (Multiplies(), "cannot multiply"),
        (Needs(), "mask"),
        (nn.Module(), "forward"),
    ],
)
def test_whatever_a_forward_run_raises_is_a_finding(model, told):
    found = check(model, (4,))
    assert not found.ok
    assert found.proposal is None
    assert told in found.reason
    assert "\n" not in repr(found)
    html = found._repr_mimebundle_()["text/html"]
    assert "<b>way</b>" not in html


def test_outputs_are_held_against_the_classes_of_the_data():
    part = Split(torch.zeros(6, 4), torch.tensor([0, 1, 2] * 2))
    data = Data("toy", part, part, part, "classification", (4,), ("a", "b", "c"))
    found = check(make(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), data)
    assert (found.failing, found.expected, found.got) == ("2", 3, 2)
    assert "out_features=3" in found.proposal
    assert check(make(nn.Linear(4, 3)), data).ok


def test_a_network_may_end_in_a_convolution_or_in_nothing_that_can_be_resized():
    part = Split(torch.zeros(6, 1, 8, 8), torch.tensor([0, 1, 2] * 2))
    data = Data("toy", part, part, part, "classification", (1, 8, 8), ("a", "b", "c"))
    found = check(make(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()), data)
    assert (found.failing, found.expected, found.got) == ("0", 3, 4)
    assert "out_channels=3" in found.proposal
    assert check(make(nn.Flatten(), nn.BatchNorm1d(64)), data).proposal is None


@pytest.mark.parametrize(
    ("model", "inputs", "told"),
    [
        (3, (4,), "expected a torch.nn.Module"),
        (nn.Linear, (4,), "is a class"),
        (nn.Linear(4, 2), "four", "shape of one sample"),
        (nn.Linear(4, 2), (4, 0), "size below 1"),
        (make(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2)), (1, 1, 8, 8), "batch dimension"),
    ],
)
def test_what_is_no_network_or_no_input_is_an_error(model, inputs, told):
    with pytest.raises(NNArchError) as caught:
        check(model, inputs)
    assert told in str(caught.value)


def test_a_finding_shows_itself(article_cnn, simple_cnn, golden):
    for name, model in (("check-fails", article_cnn), ("check-ok", simple_cnn)):
        forms = check(model, (1, 28, 28))._repr_mimebundle_()
        golden(f"{name}.txt", forms["text/plain"] + "\n")
        golden(f"{name}.html", forms["text/html"] + "\n")


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(50, 8), nn.Embedding(16, 8)

    def forward(self, words):
        return self.words(words) + self.places(torch.arange(words.shape[1]))


def test_an_index_out_of_range_shows_on_values():
    found = check(Positions(), (20,))
    assert (found.ok, found.failing, found.mode) == (False, "places", "real")
    assert found.reason == "places (Embedding) has 16 rows, 0 to 15, but is asked for row 19"
    assert found.proposal.startswith("give places num_embeddings=20; tried")
    assert check(nn.Sequential(nn.Embedding(10, 4)), torch.tensor([[3, 12]])).got == 13
    assert check(Positions(), (16,)).confirmed


def test_what_is_too_dear_to_confirm_says_what_was_not_seen():
    found = check(nn.Embedding.from_pretrained(torch.empty(2**26, 8)), (3,))
    assert (found.ok, found.confirmed) == (True, False)
    assert "range of an index, was not seen" in found._repr_mimebundle_()["text/plain"]


def test_a_missing_channel_is_not_the_batch():
    found = check(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 1, 3)), (28, 28))
    assert "wants channels, and the sample 28×28 has none" in found.reason
    assert "(28, 28) becomes (1, 28, 28)" in found.proposal


def test_the_picture_is_followed_back_through_the_flow_not_matched_by_number():
    model = make(
        nn.Conv2d(1, 16, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 144), nn.ReLU(), nn.Linear(16, 10)
    )
    found = check(model, (1, 8, 8))
    assert (found.failing, found.expected, found.got, found.arithmetic) == ("5", 16, 144, "")
    assert found.proposal.startswith("give 5 in_features=144")
    assert not found.alternatives


def four(*shape):
    split = Split(torch.zeros(4, *shape), torch.arange(4) % 2)
    return Data("four", split, split, split, "classification", shape, ("a", "b"))


class Mixes(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 8, 3), nn.Linear(144, 10)

    def forward(self, x):
        return self.fc(self.conv(x).view(-1, 144))


def test_a_view_that_swallows_the_batch_is_found():
    found = check(Mixes(), four(1, 14, 14))
    assert (found.ok, found.runs) == (False, True)
    assert "returns the shape (8, 10) for one sample, the data asks for (1, 2)" in found.reason
    assert check(Mixes(), (1, 14, 14)).ok  # nothing says that it was not meant, as in a cut into windows


def test_a_layer_wrong_at_both_ends_is_mended_at_both():
    found = check(make(nn.Linear(10, 4)), four(30))
    assert found.proposal.startswith("give 0 in_features=30; give 0 out_features=2; tried")


def test_no_proposal_where_groups_do_not_divide_and_none_for_scripts():
    assert check(make(nn.Conv2d(3, 9, 1), nn.Conv2d(16, 16, 1, groups=16)), (3, 4, 4)).proposal is None
    with pytest.warns(DeprecationWarning, match="jit.script"):
        script = torch.jit.script(make(nn.Flatten(), nn.Linear(9, 2)))
    found = check(script, (1, 8, 8))
    assert found.reason.endswith("stopped at `return F.linear(input, self.weight, self.bias)`")


def test_the_network_in_a_wrapper_is_looked_at():
    found = check(nn.DataParallel(make(nn.Linear(4, 3), nn.Linear(2, 1))), (4,))
    assert (found.failing, found.proposal[:24]) == ("1", "give 1 in_features=3; tr")


def test_a_picture_with_its_channels_lacks_the_batch_first():
    found = check(make(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2)), torch.zeros(1, 8, 8))
    assert found.proposal.startswith("the batch dimension is missing: x.unsqueeze(0) gives (1, 1, 8, 8)")


class Skips(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool, self.conv, self.up = (
            nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 3, padding=1),
            nn.ConvTranspose2d(4, 4, 2, 2),
        )

    def forward(self, x):
        across = self.conv(x)
        return torch.cat([across, self.up(self.pool(across))], 1)


def test_branches_that_do_not_meet_are_named_with_an_input_that_works():
    found = check(Skips(), (3, 31, 31))
    assert found.reason == "cat in Skips cannot join 1×4×31×31 (from conv) and 1×4×30×30 (from up)"
    assert found.operation == "cat"
    assert found.proposal.startswith("give an input of 3×32×32, whose sides 4 divides; tried")
    assert "✗ cat" in found._repr_mimebundle_()["text/plain"]


def test_a_result_that_is_no_row_of_numbers_is_told_with_its_shape():
    found = check(Skips(), four(3, 8, 8))
    assert found.reason == "Skips returns 8×8×8 numbers a sample but the data asks for 2"
    text = found._repr_mimebundle_()["text/plain"]
    assert text.startswith("Skips runs on 3×8×8, but not as it should")
    assert "✗" not in text


def test_one_number_tells_two_classes_apart():
    assert check(nn.Linear(30, 1), four(30)).ok
    assert check(make(nn.Linear(30, 1), nn.Flatten(0)), four(30)).ok
    assert not check(nn.Linear(30, 3), four(30)).ok


def test_a_squeeze_that_drops_a_batch_of_one_is_told():
    class Squeezes(nn.Linear):
        def forward(self, x):
            return super().forward(x).squeeze()

    found = check(Squeezes(30, 1), four(30))
    assert not found.ok
    assert found.reason == "Squeezes returns no row for a batch of one sample: squeeze(-1) keeps the batch"


def test_a_result_in_a_dict_is_noted_where_other_verbs_would_refuse_it():
    class InDict(nn.Module):
        def forward(self, x):
            return {"logits": x[:, :2], "more": x}

    found = check(InDict(), four(30))
    assert found.ok
    assert found.notes == (
        "It returns a dict: train, explain and attack read one tensor, or an object with .logits.",
    )
    assert "first of 2 outputs" in found._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: torch.linalg.inv(x),
        lambda x: nn.functional.embedding(x.long()[:, 0] - 1, x.new_ones(4, 2)),
        lambda x: x if x.log().isfinite().all() else 1 / 0,
    ],
)
def test_values_that_were_made_up_accuse_nobody(forward):
    class Wants(nn.Module):
        def forward(self, x):
            return forward(x)

    found = check(Wants(), (3, 3))
    assert found.ok == (found.mode == "fake")
    assert "made-up values (zeros)" in found.notes[0] or "made up (zeros)" in found.notes[0]


@pytest.mark.parametrize(
    ("forward", "shape"),
    [
        (lambda x: x.unfold(2, 8, 8).unfold(3, 8, 8).flatten(0, 3), (3, 16, 16)),
        (lambda x: torch.cat([x, x.flip(-1)]), (5,)),
        (lambda x: x.flatten(1).T @ x.flatten(1), (4,)),
        (lambda x: x.squeeze(0), (5,)),
        (lambda x: x.permute(2, 3, 0, 1), (4, 6, 6)),
    ],
)
def test_other_batches_are_no_mistake_by_themselves(forward, shape):
    class Other(nn.Module):
        def forward(self, x):
            return forward(x)

    assert check(Other(), shape).ok
