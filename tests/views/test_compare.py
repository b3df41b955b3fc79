"""How a comparison looks: exact text for known figures, light pictures, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nnarch_nb import views
from nnarch_nb.verbs.compare import Compared, Comparison, Growth, Latency, Point
from nnarch_nb.verbs.compare.result import NOT_REACHED
from nnarch_nb.views import compare as view
from nnarch_nb.views import compare_growth, compare_laws, compare_sizes, compare_words

LIMIT = 40_000  # bytes of pictures in a saved notebook


def grows(law: tuple[int, ...], sizes: tuple[int, ...] = (16, 32, 64, 128, 256), **fields: object) -> Growth:
    cost = [sum(c * n**power for power, c in enumerate(law)) for n in sizes]
    points = tuple(Point(n, macs, 40 * n) for n, macs in zip(sizes, cost, strict=True))
    known = {
        "dimension": "length", "given": 32, "points": points, "exponent": 1.31, "limit": len(law) - 1,
        "coefficients": law, "fitted": sizes, "peak_exponent": 1.0,
        "crossing": 100.0 if len(law) > 2 else None,
    }  # fmt: skip
    return Growth(**{**known, **fields})


def row(name: str, times: int = 1, **fields: object) -> Compared:
    known = {
        "kind": "Net", "family": "RNN", "given": "32", "params": 12_345 * times, "trainable": 12_345 * times,
        "weights_bytes": 49_380 * times, "macs": 3_200_000 * times, "peak_bytes": 1280 * times,
        "kept_bytes": 5000 * times, "latency": Latency(1.5e-3 * times, 1.4e-3 * times, 1.6e-3 * times, 50),
        "device": "cpu", "mode": "fake", "growth": grows((0, 100_000), exponent=1.0),
    }  # fmt: skip
    return Compared(name, **{**known, **fields})


def comparison(*rows: Compared, **fields: object) -> Comparison:
    return Comparison(rows, **{"batch_size": None, "training": False, "threads": 2, **fields})


@pytest.fixture
def result() -> Comparison:
    return comparison(
        row("lstm"),
        row("<b>gpt</b>", 3, family="Transformer", growth=grows((0, 100_000, 1000))),
        row("mlp", 2, family="MLP", growth=None, fixed=True),
        Compared("bad", "Net", problem="fc (Linear) expects 3 features but gets <4>"),
    )


def test_several_networks(result: Comparison, golden: Callable[[str, str], None]) -> None:
    golden("compare.txt", view.text(result))
    html = re.sub(r'<figure role="img".*?</figure>', "<figure></figure>", view.html(result), flags=re.DOTALL)
    golden("compare.html", html)


def test_one_network(golden: Callable[[str, str], None]) -> None:
    golden("compare-one.txt", view.text(comparison(row("gpt", growth=grows((0, 100_000, 1000))))))


def test_everything_is_escaped(result: Comparison) -> None:
    html = view.html(result)
    assert "<b>gpt" not in html
    assert "&lt;b&gt;gpt&lt;/b&gt;" in html
    assert "gets &lt;4&gt;" in html
    assert "<script" not in html


def test_measured_figures_are_marked(result: Comparison) -> None:
    unmarked = re.sub(r'<(\w+)[^>]*class="nn-measured".*?</\1>', "", view.html(result), flags=re.DOTALL)
    assert "1.50 ms" in view.html(result)
    assert not re.search(r"\d (ms|µs)", unmarked)


def test_the_pictures_are_light(result: Comparison) -> None:
    many = comparison(*(row(f"a network with a long name, number {n}", n + 1) for n in range(12)))
    for shown in (result, many):
        pictures = compare_growth.pictures(shown)
        assert len(pictures) == 2
        assert max(len(one.svg) + len(one.source) for one in pictures) < LIMIT


def test_the_lines_are_named_and_said(result: Comparison) -> None:
    costs, peaks = compare_growth.pictures(result)
    assert "lstm → n<" in costs.svg
    assert "&lt;b&gt;gpt&lt;/b&gt; → n²<" in costs.svg
    assert costs.alt == "MACs against the size of the input: lstm n, <b>gpt</b> n^1.3 → n²"
    assert "→" not in peaks.svg
    assert len(set(re.findall(r"stroke-dasharray: ([\d. ,]+)", costs.svg))) >= 2, "not by colour alone"


def test_unlike_inputs_share_an_axis_of_multiples() -> None:
    image = grows((0, 0, 50), (14, 28, 56), dimension="side", given=28)
    shown = comparison(row("lstm"), row("cnn", growth=image))
    assert "times the given one" in compare_growth.pictures(shown)[0].svg
    sizes = compare_sizes.table(shown)[0]
    assert [line[0] for line in sizes.rows] == ["0.5×", "1×", "2×", "4×", "8×"]
    assert sizes.rows[0][1:] == ["1,600,000", "9,800"]


def test_what_was_not_measured_is_not_nought(result: Comparison) -> None:
    bare = {"latency": None, "growth": None, "peak_bytes": None, "kept_bytes": None}
    text = view.text(comparison(row("a", **bare), row("b")))
    assert text.count("not measured") == 2
    assert not re.search(r"\b0 B", text)
    nothing = view.text(comparison(row("a", **bare)))
    assert "latency" not in nothing
    assert "Latency: not measured." in nothing
    assert views.bundle(comparison(row("a", **bare)))["image/png"]


def test_costs_that_are_bounds_say_so() -> None:
    text = view.text(comparison(row("a", uncounted=("odd.kernel",)), row("b", uncounted=("odd",), macs=0)))
    assert "≥ 3.20 M" in text
    assert "a: not measured are the MACs of odd.kernel." in text
    assert "least MACs" not in text
    assert "not measured MACs" in view.text(comparison(row("b", uncounted=("odd",), macs=0)))


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (Latency(1.55e-3, 1.45e-3, 1.7e-3, 50), "a or b fastest: their intervals meet"),
        (Latency(3e-3, 2.9e-3, 3.1e-3, 50), "a fastest: 1.50 ms, 2× ahead of b"),
        (Latency(3e-3, None, None, 3), "a or b fastest: too few runs to tell"),
        (None, ""),
    ],
)
def test_the_fastest_is_named_where_it_can_be_told(second: Latency | None, words: str) -> None:
    found = [f for f in compare_words.strip(comparison(row("a"), row("b", latency=second))) if f.measured]
    assert " ".join(f"{figure.value} {figure.unit}" for figure in found) == words


def test_equals_are_not_ranked() -> None:
    same = comparison(row("a"), row("b"))
    assert [f.value for f in compare_words.strip(same)] == ["a or b"]
    assert [f.value for f in compare_words.strip(comparison(row("a"), row("b"), row("c")))] == [
        "a or 2 others"
    ]
    only = comparison(row("a"), Compared("bad", "Net", problem="fails"))
    assert compare_words.strip(only) == []


def test_an_interrupt_and_training_are_said(result: Comparison) -> None:
    text = view.text(replace(result, stopped=True, training=True, batch_size=8))
    assert "Stopped early" in text
    assert "as in training" in text
    assert "batch of 8" in text
    assert "forward and backward" in text


def test_saved_as_page_text_and_picture(result: Comparison, tmp_path: Path) -> None:
    assert "<!doctype html>" in result.save(tmp_path / "c.html").read_text()
    assert result.save(tmp_path / "c.txt").read_text() == view.text(result)
    assert result.save(tmp_path / "c.png").read_bytes()[:4] == b"\x89PNG"


def test_its_line_names_costs(result: Comparison) -> None:
    assert repr(result) == (
        "Comparison(on 32: lstm 3,200,000 MACs, <b>gpt</b> 9,600,000 MACs, mlp 6,400,000 MACs, bad fails)"
    )


def test_what_has_no_cost_at_all_still_shows() -> None:
    free = tuple(Point(n, 0, None) for n in (4, 8))
    shown = comparison(row("a", macs=0, growth=grows((0,), exponent=None, limit=None, points=free)))
    bundle = views.bundle(shown)
    assert bundle["image/png"]
    assert "Peak activations" not in bundle["text/html"]


def test_networks_not_reached_do_not_fail() -> None:
    shown = comparison(row("a"), Compared("b", "Net", problem=NOT_REACHED), stopped=True)
    assert repr(shown) == "Comparison(on 32: a 3,200,000 MACs, b not reached)"


def test_charts_are_readable_however_many_and_long_the_names() -> None:
    names = ["$x_2$ & y_^ %$", "spread\nout", *(f"a network with a long name, number {n}" for n in range(9))]
    costs, _ = compare_growth.pictures(comparison(*map(row, names)))
    assert "a network… number 5 → n<" in costs.svg
    assert "number 6" not in costs.svg
    assert "$x_2$ &amp; y_^ %$ → n<" in costs.svg, "letters, no formula"
    assert costs.caption == "Drawn are the first 8 of 11 networks."


def test_the_law_is_claimed_as_far_as_it_was_found() -> None:
    exact = row("exact")
    near = row("near", growth=grows((0, 5), fitted=()))
    slope = row("slope", growth=grows((0, 5), limit=None, coefficients=(), fitted=()))
    lazy = row("lazy", growth=None, untold="it is lazy")
    words = compare_laws.growing(comparison(slope))
    assert "polynomial" not in words
    assert "limit, from" not in words
    assert "only the slope between traced sizes: slope." in words
    words = compare_laws.growing(comparison(exact, near, slope, lazy))
    assert "from the exact polynomial" in words
    assert "Within 3 % only, as strides round sizes: near." in words
    assert "slope: slope." not in words
    assert "from a fit" in compare_laws.growing(comparison(near))
    assert compare_laws.law(lazy) == "not told"
    assert "lazy: growth not told, as it is lazy." in view.text(comparison(exact, lazy))
