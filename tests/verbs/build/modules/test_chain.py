"""Padding behind a sample's end changes nothing, and what is packed equals a loop over single samples."""

import pytest
import torch
from torch import nn

from nnarch_nb import build
from nnarch_nb.verbs.build.modules import Chain, ClassToken, Last, Masking, MeanSteps

LENGTHS = (5, 2, 7, 1)
CHANNELS = 3
ENCODER = (
    "Repeat(2, Residual(LayerNorm(), SelfAttention(2)), Residual(LayerNorm(), Linear(16), GELU(), Linear(8)))"
)


def samples(seed=0):
    """Return series of different lengths."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(length, CHANNELS, generator=generator) for length in LENGTHS]


def padded(series, steps):
    """Return the series in one tensor, NaN after the end of each."""
    x = torch.full((len(series), steps, CHANNELS), torch.nan)
    for row, one in zip(x, series, strict=True):
        row[: len(one)] = one
    return x


SERIES = [
    "Masking(), GRU(8), Last(), Linear(3)",
    "Masking(), RNN(8), MeanSteps(), Linear(3)",
    "Masking(), LSTM(8, num_layers=2, bidirectional=True), Last(), Linear(3)",
    "Masking(), GRU(6, bidirectional=True), GRU(4, bidirectional=True), MeanSteps(), Linear(3)",
    f"Masking(), Linear(8), {ENCODER}, MeanSteps(), Linear(3)",
    f"Masking(), Linear(8), ClassToken(), {ENCODER}, LayerNorm(), First(), Linear(3)",
    f"Masking(), Linear(8), {ENCODER}, Last(), Linear(3)",
    f"Masking(), Linear(8), Dropout1d(0.0), {ENCODER}, Concat(MeanSteps(), MaxSteps()), Linear(3)",
    f"Masking(), Linear(8), Positions(20), {ENCODER}, MeanSteps(), Linear(3)",
    f"embed = [Masking(), Linear(8), ClassToken()]\nembed, {ENCODER}, MeanSteps(), Linear(3)",
    "Masking(), Transpose(1, 2), Conv1d(8, 3, padding=1), ReLU(), Transpose(1, 2), GRU(4), Last()",
    "Masking(), Transpose(1, 2), Conv1d(8, 5, padding='same'), Transpose(1, 2), Masking(), Transpose(1, 2), "
    "Conv1d(8, 3, padding=2, dilation=2), Transpose(1, 2), MeanSteps()",
    "Masking(), Concat(GRU(4), [Linear(5), Tanh()], dim=-1), MeanSteps(), Linear(3)",
    "Masking(), Linear(8), Add(GRU(8), [Linear(8), SelfAttention(2)]), Last(), Linear(3)",
    "Masking(), Residual(GRU(4), shortcut=[Linear(4)]), Concat(Last(), MeanSteps()), Linear(3)",
    "Masking(), Repeat(3, Residual(GRU(3))), Last()",
]  # fmt: skip


@pytest.mark.parametrize("spec", SERIES)
@pytest.mark.parametrize("training", [True, False])
def test_padding_changes_no_result_and_a_batch_is_a_loop_over_its_samples(spec, training):
    model = build(spec, (7, CHANNELS)).train(training)
    alone = torch.cat([model(one[None]) for one in samples()])
    for steps in (7, 12):
        torch.testing.assert_close(model(padded(samples(), steps)), alone, rtol=1e-5, atol=1e-6)
    assert alone.std() > 1e-3  # the network does look at its input


@pytest.mark.parametrize("spec", SERIES)
def test_no_gradient_reaches_the_padding(spec):
    model = build(spec, (7, CHANNELS)).eval()
    x = padded(samples(), 9).requires_grad_()
    model(x).square().sum().backward()
    assert torch.equal(x.grad[x.detach().isnan()], torch.zeros(int(x.detach().isnan().sum())))
    assert x.grad[~x.detach().isnan()].abs().max() > 0
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


TOKENS = [
    "Embedding(30, 8, padding_idx=0), LSTM(6, bidirectional=True), Last(), Linear(2)",
    f"Embedding(30, 8, padding_idx=0), Positions(16), {ENCODER}, MeanSteps(), Linear(2)",
    f"Embedding(30, 8, padding_idx=0), ClassToken(), Positions(16), {ENCODER}, First(), Linear(2)",
    f"Embedding(30, 8, padding_idx=0), Segments(), {ENCODER}, Last()",
    "Add(Embedding(30, 8, padding_idx=0), [Embedding(30, 4, padding_idx=0), Linear(8)]), GRU(4), Last()",
]


@pytest.mark.parametrize("spec", TOKENS)
def test_padding_of_tokens_changes_no_result(spec):
    model = build(spec, (7,)).eval()
    rows = [
        torch.randint(1, 30, (1, length), generator=torch.Generator().manual_seed(1)) for length in LENGTHS
    ]
    alone = torch.cat([model(row) for row in rows])
    together = torch.cat([nn.functional.pad(row, (0, 9 - row.shape[1])) for row in rows])
    torch.testing.assert_close(model(together), alone, rtol=1e-5, atol=1e-6)


def test_without_a_mask_the_same_network_does_see_the_padding():
    model = build("Embedding(30, 8), LSTM(6), Last()", (7,)).eval()
    row = torch.randint(1, 30, (1, 4), generator=torch.Generator().manual_seed(1))
    assert not torch.allclose(model(row), model(nn.functional.pad(row, (0, 2))))


def test_a_sample_of_padding_alone_gives_numbers():
    for spec in SERIES:
        x = padded(samples(), 7)
        x[1] = torch.nan
        assert build(spec, (7, CHANNELS)).eval()(x).isfinite().all(), spec


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_no_samples_have_no_answers(kind):
    model = build(f"Masking(), {kind}(8), Last()", (9, 4))
    assert model(torch.zeros(0, 9, 4)).shape == (0, 8)


def test_a_nan_among_numbers_is_not_hidden():
    x = padded(samples(), 7)
    x[0, 1, 2] = torch.nan
    y = build("Masking(), GRU(4), Last()", (7, CHANNELS))(x)
    assert y[0].isnan().all()
    assert y[1:].isfinite().all()


def test_a_chain_takes_the_mask_that_it_is_given_and_makes_one_only_if_it_has_none():
    chain = Chain(Masking(), MeanSteps())
    x = torch.tensor([[[2.0], [4.0], [9.0]]])
    assert chain(x).item() == 5
    assert chain(x, torch.tensor([[True, True, False]])).item() == 3


def test_steps_put_in_front_are_real():
    chain = Chain(Chain(ClassToken(2)), Last())
    mask = torch.tensor([[True, False], [False, False]])
    x = torch.arange(8.0).reshape(2, 2, 2)
    y = chain(x, mask)
    assert torch.equal(y[0], x[0, 0])
    assert torch.equal(y[1], chain[0][0].weight)
    assert chain[0].next_mask(mask).tolist() == [[True, True, False], [True, False, False]]


def test_the_mask_is_dropped_with_the_steps():
    class Asks(nn.Module):
        takes_mask = True

        def forward(self, x, mask=None):
            self.mask = mask
            return x

    pooled, asks = MeanSteps(), Asks()
    Chain(Masking(), pooled, asks)(torch.ones(2, 3, 4))
    assert asks.mask is None


def test_of_a_tuple_the_first_goes_on():
    chain = Chain(nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2))
    assert chain(torch.zeros(2, 5, 3)).shape == (2, 5, 2)


RECURRENT = {
    "RNN": nn.RNN(5, 4, 2, nonlinearity="relu", batch_first=True, bidirectional=True),
    "GRU": nn.GRU(5, 4, 3, batch_first=True),
    "LSTM": nn.LSTM(5, 4, 2, batch_first=True, bidirectional=True, bias=False, dropout=0.3),
    "projected": nn.LSTM(5, 4, proj_size=3, batch_first=True, bidirectional=True),
}


@pytest.mark.parametrize("kind", RECURRENT)
def test_a_padded_recurrent_layer_can_be_exported(kind):
    """Packing cannot; what stands in for it gives the same for other lengths and batch sizes."""
    network = Chain(Masking(), RECURRENT[kind], Last()).eval()

    def series(*lengths):
        x = torch.randn(len(lengths), 7, 5, generator=torch.Generator().manual_seed(len(lengths)))
        for sample, length in zip(x, lengths, strict=True):
            sample[length:] = torch.nan
        return x

    sizes = ({0: torch.export.Dim("n", min=2)},)
    exported = torch.export.export(network, (series(3, 7),), dynamic_shapes=sizes).module()
    for lengths in ((3, 7), (1, 2, 7, 6, 0)):
        assert torch.allclose(exported(series(*lengths)), network(series(*lengths)), atol=1e-6)
