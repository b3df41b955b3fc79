"""How a summary looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.verbs.summary import summary
from nnarch_nb.views import bundle
from nnarch_nb.views import summary as view


class Mixed(nn.Module):
    """Tied, frozen, twice called, never called, nested."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(8, 8), nn.ReLU()) for _ in range(2))
        self.rnn = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, 50, bias=False)
        self.head.weight = self.embed.weight
        self.unused = nn.Linear(3, 3)
        self.blocks[0].requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        x = self.blocks[1](self.blocks[0](self.blocks[0](x)))
        return self.head(self.rnn(x)[0])


def test_the_article_s_network(simple_cnn: nn.Module, golden: Callable[[str, str], None]) -> None:
    forms = bundle(summary(simple_cnn, (1, 28, 28)))
    golden("summary.txt", forms["text/plain"])
    golden("summary.html", forms["text/html"])


def test_a_network_with_everything(golden: Callable[[str, str], None]) -> None:
    result = summary(Mixed(), (12,), depth=2)
    golden("summary-mixed.txt", view.text(result))
    html = view.html(result)
    for note in ("called 2 times", "frozen", "not called", "2 layers", "Shared weights show in each row"):
        assert note in html, note


def test_depth_folds_and_sums() -> None:
    one, three = (summary(Mixed(), (12,), depth=depth) for depth in (1, 3))
    assert [line.label for line in view.lines(one)] == [
        "embed: Embedding", "blocks: ModuleList", "rnn: LSTM", "head: Linear", "unused: Linear",
    ]  # fmt: skip
    assert len(view.lines(three)) == 11
    for result in (one, three):
        assert sum(line.share for line in view.lines(result)) == pytest.approx(1)


def test_markup_in_names_is_text() -> None:
    evil = type('<script>alert("1")</script>', (nn.Linear,), {})
    model = nn.Sequential()
    model.add_module("<img src=x onerror='a'>\\\"", evil(4, 2))
    result = summary(model, (4,))
    html = view.html(result)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "<script>" in view.text(result)


def test_a_thousand_layers_end_in_a_count() -> None:
    result = summary(nn.Sequential(*(nn.Linear(2, 2) for _ in range(1000))), (2,))
    assert "… 800 more" in view.html(result)
    assert "… 800 more" in view.text(result)
    assert len(view.html(result)) < 120_000


def test_a_real_run_is_said() -> None:
    class Decides(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() == 0 else -x

    assert "Run for real, as fake tensors could not: DataDependent" in view.html(summary(Decides(), (2,)))


def test_tensors_show_their_batch() -> None:
    result = summary(nn.Linear(4, 2), torch.zeros(7, 4))
    assert "7×4 → 7×2" in view.html(result)
    assert "MACs for this input" in view.html(result)


def test_saved_as_page_and_text(simple_cnn: nn.Module, tmp_path: Path) -> None:
    result = summary(simple_cnn, (1, 28, 28))
    assert "<!doctype html>" in result.save(tmp_path / "s.html").read_text()
    assert result.save(tmp_path / "s.txt").read_text() == view.text(result)
