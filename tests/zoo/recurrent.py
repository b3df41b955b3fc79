"""Networks that go through a sequence step by step."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .entry import B, Cost, Entry, conv, floats, linear, products, recurrent, table, words

L = 7  # steps


class Packed(nn.Module):
    """Sequences of unequal length, packed so that padding costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(5, 6, batch_first=True, bidirectional=True)
        self.head = nn.Linear(12, 3)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.head(pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0])


class Steps(nn.Module):
    """A cell called in a loop of Python."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(5, 6)
        self.gru = nn.GRUCell(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(len(x), 6)
        last = x.new_zeros(len(x), 4)
        for step in x.unbind(1):
            h, c = self.cell(step, (h, c))
            last = self.gru(h, last)
        return last


class Translator(nn.Module):
    """Encoder and decoder with Luong's attention between them."""

    def __init__(self) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(11, 6), nn.Embedding(13, 6)
        self.encoder = nn.GRU(6, 8, batch_first=True)
        self.decoder = nn.GRU(6, 8, batch_first=True)
        self.score = nn.Linear(8, 8, bias=False)
        self.mix, self.out = nn.Linear(16, 8), nn.Linear(8, 13)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, last = self.encoder(self.source(source))
        states, _ = self.decoder(self.target(target), last)
        weights = torch.softmax(states @ self.score(memory).transpose(1, 2), -1)
        return self.out(torch.tanh(self.mix(torch.cat([states, weights @ memory], -1))))


TRANSLATOR = (
    table(11, 6) + table(13, 6) + recurrent(3, 6, 8, L) + recurrent(3, 6, 8, 5)
    + linear(8, 8, L, bias=False) + products(8, 5, L) + linear(16, 8, 5) + linear(8, 13, 5)
)  # fmt: skip


class Crnn(nn.Module):
    """Columns of a picture, read one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.gru = nn.GRU(8 * 4, 6, batch_first=True, bidirectional=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(self.conv(x).relu(), (2, 1))
        return self.head(self.gru(x.permute(0, 3, 1, 2).flatten(2))[0]).log_softmax(-1)


class ConvLstm(nn.Module):
    """An LSTM whose products are convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Conv2d(2 + 3, 4 * 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(len(x), 3, *x.shape[-2:])
        for frame in x.unbind(1):
            i, f, o, g = self.gates(torch.cat([frame, h], 1)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h


class WordModel(nn.Module):
    """Predicts the next word by the table it reads words with."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.rnn = nn.RNN(8, 8, num_layers=2, nonlinearity="relu")  # time first
        self.out = nn.Linear(8, 30)
        self.out.weight = self.words.weight

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Tensor]:
        x, state = self.rnn(self.words(tokens), state)
        return self.out(x), state


def deep(given: int, hidden: int, gates: int, directions: int = 2, projected: int = 0) -> Cost:
    """Return the cost of two layers, the second fed by all directions of the first."""
    out = (projected or hidden) * directions
    first, second = (recurrent(gates, each, hidden, L, projected) * directions for each in (given, out))
    return first + second


ENTRIES = [
    Entry("rnn", lambda: nn.RNN(5, 6), floats((L, B, 5)), recurrent(1, 5, 6, L).called(B)),
    Entry("lstm", lambda: nn.LSTM(5, 6, batch_first=True), floats((B, L, 5)),
          recurrent(4, 5, 6, L).called(B)),
    Entry("lstm without batch", lambda: nn.LSTM(5, 6), floats((L, 5)), recurrent(4, 5, 6, L)),
    Entry("lstm, 2 layers, both ways", lambda: nn.LSTM(5, 6, 2, batch_first=True, bidirectional=True),
          floats((B, L, 5)), deep(5, 6, 4).called(B)),
    Entry("lstm without bias", lambda: nn.LSTM(5, 6, bias=False), floats((L, B, 5)),
          Cost(4 * 6 * 11, B * L * 4 * 6 * 11)),
    Entry("lstm, projected", lambda: nn.LSTM(5, 6, 2, proj_size=3, batch_first=True, bidirectional=True),
          floats((B, L, 5)), deep(5, 6, 4, 2, 3).called(B)),
    Entry("gru, 2 layers, both ways", lambda: nn.GRU(5, 6, 2, bidirectional=True, dropout=0.1),
          floats((L, B, 5)), deep(5, 6, 3).called(B)),
    Entry("packed sequences", Packed, lambda: (floats((3, L, 5))()[0], torch.tensor([3, 7, 2])),
          # 3 + 7 + 2 steps are read; the head sees all of the padded answer
          recurrent(4, 5, 6, 12) * 2 + linear(12, 3, 3 * L), values="lengths are values"),
    Entry("cells in a loop", Steps, floats((B, L, 5)),
          (recurrent(4, 5, 6, L) + recurrent(3, 6, 4, L)).called(B)),
    Entry("translator", Translator, lambda: (words(11, (B, L))()[0], words(13, (B, 5))()[0]),
          TRANSLATOR.called(B)),
    Entry("crnn", Crnn, floats((B, 1, 8, L)),
          (conv(1, 8, 9, 8 * L) + recurrent(3, 32, 6, L) * 2 + linear(12, 10, L)).called(B)),
    Entry("convolutional lstm", ConvLstm, floats((B, L, 2, 5, 5)), conv(5, 12, 9, 25).called(B * L)),
    Entry("tied word model", WordModel, words(30, (L, B)),
          (table(30, 8) + recurrent(1, 8, 8, L) * 2 + Cost(30, L * 8 * 30)).called(B)),
]  # fmt: skip
