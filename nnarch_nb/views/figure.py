"""Pictures: inline SVG that takes the host's theme, and the same picture as a PNG beside it.

Matplotlib draws both. It runs off screen and without pyplot, so it neither touches the session's
figures nor minds the thread it is on; the SVG is the same on every machine.
"""

from __future__ import annotations

import io
import re
import warnings
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from nnarch_nb.views.readable import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas
    from PIL import Image

INK = "#010203"  # drawn, then replaced by currentColor: matplotlib knows no such colour
INK_ON_ANY = "#7a7a7a"  # readable on white and on black, for the PNG
LINE_WIDTH = 1.8
COLOURS = 64  # of a PNG
OPACITIES = 3  # of a line's edge

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nnarch_nb",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.linewidth": 0.5,
    "grid.alpha": 0.35,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
}
INKED = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color")


@dataclass(frozen=True)
class Picture:
    """One picture in the two forms a notebook needs.

    Attributes
    ----------
    svg
        The drawing, to be placed inline; empty for pictures made of pixels, which are shown as PNG.
    png
        The same as pixels, on a transparent ground.
    alt
        What it shows, for those who cannot see it.
    caption
        The line beneath.
    """

    svg: str
    png: bytes
    alt: str
    caption: str = ""

    @property
    def inline(self) -> Markup:
        # Our own drawing: text in it was escaped by the library that drew it.
        return Markup(self.svg)

    @property
    def source(self) -> str:
        return "data:image/png;base64," + b64encode(self.png).decode()


def draw(
    paint: Callable[[Canvas], None], width: float, height: float, alt: str, caption: str = ""
) -> Picture:
    """Return what ``paint`` draws on an empty canvas of that size in pixels."""
    svg = rendered(paint, width, height, INK, "svg").decode()
    png = rendered(paint, width, height, INK_ON_ANY, "png")
    return Picture(slim(svg), smaller_png(png), alt, caption)


def rendered(paint: Callable[[Canvas], None], width: float, height: float, ink: str, form: str) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**mpl.rcParamsDefault, **STYLE, **dict.fromkeys(INKED, ink)}):
        canvas = Figure(figsize=(width / 72, height / 72), dpi=96, layout="constrained")
        paint(canvas)
        make_readable(canvas)
        buffer = io.BytesIO()
        # No date, no version: the same picture is the same bytes.
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        with warnings.catch_warnings():
            # The font has no sign for every script; a box stands for what it lacks.
            warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
            canvas.savefig(buffer, format=form, transparent=True, metadata=metadata)
    return buffer.getvalue()


def make_readable(canvas: Canvas) -> None:
    """Replace what no font can show: half of a pair of characters would end the drawing."""
    from matplotlib.text import Text
    from matplotlib.ticker import FuncFormatter

    for text in canvas.findobj(Text, include_self=False):
        text.set_text(readable(text.get_text()))
    for axis in (axis for axes in canvas.axes for axis in (axes.xaxis, axes.yaxis)):
        written = axis.get_major_formatter()  # it writes its labels anew when they are drawn
        if isinstance(written, FuncFormatter):
            axis.set_major_formatter(FuncFormatter(partial(readable_label, written.func)))


def readable_label(label: Callable[[float, int | None], str], value: float, place: int | None) -> str:
    return readable(label(value, place))


def slim(svg: str) -> str:
    """Return the drawing without what a notebook need not keep, in the host's ink and font.

    Matplotlib's own style sheet goes because inline it would reach the whole page; group ids go because
    two pictures would share them.
    """
    svg = svg[svg.index("<svg") :]
    for useless in (r"<metadata>.*?</metadata>", r"<!--.*?-->", r"<style.*?</style>", r' id="[\w.]+_\d+"'):
        svg = re.sub(useless, "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]+", "font-family: system-ui, sans-serif", svg)
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"\d+\.\d{2,}", one_decimal, tag[0]), svg)
    svg = re.sub(r' transform="rotate\(-0[^"]*\)"', "", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace(INK, "currentColor")
    return re.sub(r"(?<=>)\s+(?=<)", "", svg).strip()


def one_decimal(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}"


def smaller_png(png: bytes, colours: int = COLOURS) -> bytes:
    """Return the picture in few colours: a third of the bytes for what is mostly flat."""
    from PIL import Image

    return quantized(Image.open(io.BytesIO(png)).convert("RGBA"), colours)


def of_few_opacities(png: bytes) -> bytes:
    """Return lines with coarser edges and every colour: fewer colours would leave whole lines out."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGBA")
    step = 255 / OPACITIES
    opacity = image.getchannel("A").point([round(round(value / step) * step) for value in range(256)])
    image.putalpha(opacity)
    clear = Image.new("RGBA", image.size, (255, 255, 255, 0))
    return quantized(Image.composite(image, clear, opacity.point([0] + [255] * 255)), COLOURS)


def quantized(image: Image.Image, colours: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    image.quantize(colours, method=Image.Quantize.FASTOCTREE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
