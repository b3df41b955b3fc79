"""Pictures are the same on every run, small, escaped, and free of what would leak into a page."""

import re

from nnarch_nb.views.figure import draw


def paint(canvas):
    axes = canvas.subplots()
    axes.plot([1, 2, 3], [1, 0.55, 0.333], label="<script>x</script>")
    axes.set_xticks([1, 1.25])
    axes.legend()


def test_the_same_picture_is_the_same_bytes():
    first, second = (draw(paint, 400, 190, "falls") for _ in range(2))
    assert (first.svg, first.png) == (second.svg, second.png)


def test_the_drawing_takes_the_hosts_ink_and_brings_no_style_or_changing_id():
    svg = draw(paint, 400, 190, "falls").svg
    assert "currentColor" in svg
    assert "<style" not in svg
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert ">1.25<" in svg, "numbers in labels keep their digits"
    assert not re.search(r'id="[\w.]+_\d+"', svg)


def test_a_curve_and_its_fallback_are_small():
    picture = draw(paint, 400, 190, "falls")
    assert len(picture.svg) + len(picture.source) < 20_000


def test_the_sessions_figures_are_not_touched():
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    draw(paint, 400, 190, "falls")
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before
