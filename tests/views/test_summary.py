"""How a summary looks."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.verbs.summary import summary
from nnarch_nb.verbs.summary.columns import COLUMNS
from nnarch_nb.views import bundle
from nnarch_nb.views import summary as view
from nnarch_nb.views.summary_cells import cell
from nnarch_nb.views.summary_lines import lines


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
    for note in ("frozen", "not called", "shared with head", "Shared weights show in each row"):
        assert note in html, note


def test_depth_folds_and_sums() -> None:
    one, three = (summary(Mixed(), (12,), depth=depth) for depth in (1, 3))
    assert [line.label for line in lines(one)] == [
        "embed: Embedding", "blocks: ModuleList", "rnn: LSTM", "head: Linear", "unused: Linear",
    ]  # fmt: skip
    assert len(lines(three)) == 11
    for result in (one, three):
        whole = [line for line in lines(result) if line.whole]
        assert sum(cell(result, COLUMNS["share"], line.layer).share for line in whole) == pytest.approx(1)


def test_blocks_alike_are_one_row_that_says_what_each_costs(golden: Callable[[str, str], None]) -> None:
    result = summary(nn.TransformerEncoder(encoder(), 5, enable_nested_tensor=False), (7, 16))
    folded = next(line for line in lines(result) if line.copies > 1)
    assert (folded.label, folded.layer.params) == ("0–4 ×5: TransformerEncoderLayer", 5 * folded.one.params)
    golden("summary-folded.txt", view.text(result))
    golden("summary-folded.html", view.html(result))


def encoder() -> nn.Module:
    return nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)


def test_shares_add_up_within_folded_rows() -> None:
    result = summary(nn.TransformerEncoder(encoder(), 5, enable_nested_tensor=False), (7, 16))
    found = [line for line in lines(result) if line.whole]
    shares = [cell(result, COLUMNS["share"], line.layer, line.times).share for line in found]
    assert sum(shares) == pytest.approx(1)
    assert any(line.times == 5 for line in found)


def test_a_closed_row_hides_what_it_folds_and_nothing_else() -> None:
    html = view.html(summary(Mixed(), (12,), depth=2))
    groups = re.findall(r'<details class="g(\d+)"', html)
    assert groups == [str(number) for number in range(1, len(groups) + 1)]
    rule = re.search(r"<style>(\.nn-tree[^<]*)</style>", html)
    assert rule is not None
    for group in groups:
        assert f".nn-tree:not(:has(.g{group}[open])) .i{group}" in rule[1]
        assert re.search(rf'<tr class="[^"]*\bi{group}\b', html), "a group with no rows"
    assert "id=" not in html


def test_every_row_is_there_without_the_style() -> None:
    result = summary(nn.TransformerEncoder(encoder(), 5, enable_nested_tensor=False), (7, 16))
    bare = re.sub(r"<style>.*?</style>", "", view.html(result), flags=re.DOTALL)
    rows = re.findall(r"<tr[^>]*><th scope=\"row\"", bare)
    assert "hidden" not in bare
    assert len(rows) >= len(lines(result)) + 1
    for row in result.visible:
        if row.path and row.path.split(".")[1:2] in ([], ["0"]):
            assert row.kind in bare


def test_ranked_rows_are_a_flat_list() -> None:
    result = summary(Mixed(), (12,), sort="params")
    text, html = view.text(result), view.html(result)
    assert "├─" not in text
    assert "<details class" not in html
    assert "Layers by params" in html
    assert text.index("rnn: LSTM") < text.index("embed: Embedding") < text.index("unused: Linear")


def test_columns_come_in_the_order_asked_for() -> None:
    result = summary(Mixed(), (12,), columns=["params_share", "kernel", "dtype", "params"])
    assert 'share of parameters</th><th scope="col">kernel</th>' in view.html(result)
    assert "Of params  Kernel     Type  Parameters" in view.text(result)


def test_does_it_fit_has_an_answer_in_one_line() -> None:
    result = summary(nn.Linear(1000, 1000), (1000,), memory_gb=1, dtype="bfloat16", optimizer="adam")
    most = result.fit(1).largest_batch
    for form in (view.text(result), view.html(result)):
        assert (
            f"Fits 1 GB: training in bf16 with Adam needs about 8.01 MB at a batch of 1; "
            f"the largest batch is {most:,}." in form
        )
    small = summary(nn.Linear(1000, 1000), (1000,), memory_gb=0.001)
    assert "Does not fit 0.001 GB: training in fp32 with Adam needs about 16.0 MB" in view.text(small)
    assert "does not fit" in view.html(small)


def test_what_torchinfo_says_is_shown_with_the_differences() -> None:
    result = summary(nn.Sequential(nn.Linear(4, 2), nn.LayerNorm(2)), (4,), engine="torchinfo")
    for form in (view.text(result), view.html(result)):
        assert "Total mult-adds" in form
        assert "Linear: 10 there, 8 here: it counts biases." in form


def test_a_wide_table_keeps_within_a_terminal() -> None:
    model = nn.Sequential(OrderedDict({"a_very_long_name_indeed_" * 6: nn.Linear(4, 2), "b": nn.ReLU()}))
    text = view.text(summary(model, (4,)))
    assert max(map(len, text.splitlines()[1:8])) <= 120
    assert "a_very_long_name" in text


EVIL = "<img src=x onerror='a'>\\\""


@pytest.mark.parametrize("options", [{}, {"sort": "name"}, {"depth": 1}, {"engine": "torchinfo"}])
def test_markup_in_names_is_text(options: dict[str, Any]) -> None:
    evil = type('<script>alert("1")</script>', (nn.Linear,), {})
    block = type("<b>Block</b>", (nn.Sequential,), {})
    model = block()
    for place in range(3):
        model.add_module(f"{EVIL}{place}", block(evil(4, 4)))
    model.add_module(f"{EVIL}tied", evil(4, 4))
    model.add_module(f"{EVIL}too", evil(4, 4))
    getattr(model, f"{EVIL}too").weight = getattr(model, f"{EVIL}tied").weight
    result = summary(model, (4,), **options)
    html = view.html(result)
    for markup in ("<script", "<img", "<b>Block"):
        assert markup not in html
    assert "&lt;script&gt;" in html
    assert "<script>" in view.text(result)


def test_a_thousand_layers_end_in_a_count() -> None:
    sizes = [2 + place * place % 7 for place in range(1001)]
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    result = summary(nn.Sequential(*layers), (sizes[0],))
    assert re.search(r"… \d+ more", view.html(result)) or len(lines(result)) < 200
    assert len(view.html(result)) < 40_000


def test_ten_thousand_layers_alike_are_a_few_rows() -> None:
    result = summary(
        nn.Sequential(*(nn.Linear(2, 2) if i % 2 else nn.ReLU() for i in range(1000))), (2,), depth=1
    )
    assert [line.label for line in lines(result)] == ["0–999 ×500: ReLU, Linear", "0: ReLU", "1: Linear"]
    assert len(view.html(result)) < 12_000


def test_two_hundred_levels_stay_readable() -> None:
    model: nn.Module = nn.Linear(4, 4)
    for _ in range(200):
        model = nn.Sequential(model)
    result = summary(model, (4,), depth=300)
    assert len(view.html(result)) < 40_000
    assert max(map(len, view.text(result).splitlines()[1:-1])) <= 120


class Bottleneck(nn.Module):
    """A block of ResNet-50."""

    def __init__(self, inside: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inside, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential()
        if stride > 1 or inside != 4 * width:
            shortcut = nn.Conv2d(inside, 4 * width, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * width))

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))
        return self.relu(out + self.downsample(x))


def resnet50() -> nn.Module:
    stages, inside = [], 64
    for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        stride = 1 if width == 64 else 2
        first = Bottleneck(inside, width, stride)
        inside = 4 * width
        stages.append(nn.Sequential(first, *(Bottleneck(inside, width, 1) for _ in range(blocks - 1))))
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def test_large_networks_make_small_pages() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.device("meta"):
        gpt = GPT2LMHeadModel(GPT2Config())
    words = summary(gpt, {"input_ids": torch.zeros(1, 128, dtype=torch.long, device="meta")})
    pixels = summary(resnet50(), (3, 224, 224))
    assert (words.params, pixels.params) == (124_439_808, 25_557_032)
    assert len(view.html(words)) < 15_000
    assert len(view.html(pixels)) < 40_000
    assert any(line.label == "0–11 ×12: GPT2Block" for line in lines(words))
    assert any(line.label == "1–5 ×5: Bottleneck" for line in lines(pixels))


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


def test_a_receptive_field_that_is_a_bound_is_called_so() -> None:
    layers = [nn.Conv2d(1, 1, 3, 2), nn.ConvTranspose2d(1, 1, 4, 2), nn.Conv2d(1, 1, 3)]
    result = summary(nn.Sequential(*layers), (1, 33, 33), columns=["receptive_field"])
    for form in (view.text(result), view.html(result)):
        assert "≤ 8×8" in form
        assert "Receptive field up to 2: at most 8×8 input positions" in form
        assert "≤ 3×3" not in form


def test_a_network_of_one_layer_has_one_row() -> None:
    text = view.text(summary(nn.Linear(4, 2).requires_grad_(False), (4,), columns=["macs"]))
    assert text.count("Linear") == 2, "the title and a row"
    assert "Linear (frozen)" in text
