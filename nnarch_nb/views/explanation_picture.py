"""The explanation as one PNG, for places that show no html."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnarch_nb.views import explanation_series, explanation_tokens, figure, pixels
from nnarch_nb.views.explanation_parts import MOST, Part, parts, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.figure import SubFigure

    from nnarch_nb.verbs.explain import Explanation

TILE = 72  # points
LEGEND = 110  # points, for the names of columns


def png(result: Explanation, captions: list[str]) -> bytes:
    """Return every part of the explanation, images over maps; the captions stand on top."""
    if explanation_tokens.is_text(result):
        return texts(result, captions)
    shown, limit = parts(result), scale(result)
    heights = [2 if part.drawable else 1.6 for part in shown]
    legend = 0 if all(part.drawable for part in shown) else LEGEND
    width, height = legend + TILE * max(2, len(captions)), TILE * sum(heights) + 40

    def paint(canvas: Canvas) -> None:
        panels = canvas.subfigures(len(shown), 1, height_ratios=heights, squeeze=False)[:, 0]
        for number, (panel, part) in enumerate(zip(panels, shown, strict=True)):
            above = captions if number == 0 else [""] * len(captions)
            if part.drawable:
                paint_images(panel, part, limit, above, result.bounds)
            else:
                paint_columns(panel, part, limit, above)

    return figure.smaller_png(figure.rendered(paint, width, height, figure.INK_ON_ANY, "png"))


def texts(result: Explanation, captions: list[str]) -> bytes:
    def paint(canvas: Canvas) -> None:
        explanation_tokens.paint(canvas, result, range(len(captions)), captions)

    width = 2 * TILE * len(captions)
    return figure.smaller_png(figure.rendered(paint, width, 2 * TILE, figure.INK_ON_ANY, "png"))


def paint_images(
    panel: SubFigure, part: Part, limit: float, captions: list[str], bounds: tuple[float, float] | None
) -> None:
    axes = panel.subplots(2, len(captions), squeeze=False)
    for i, caption in enumerate(captions):
        axes[0, i].set_title(caption, fontsize=8)
        if part.series:
            paint_png(axes[0, i], explanation_series.values(part, i, "").png)
            paint_png(axes[1, i], explanation_series.heat(part, i, limit, "").png)
            continue
        paint_png(axes[0, i], pixels.values(part.raw[i], bounds or spread(part), "").png)
        paint_png(axes[1, i], pixels.signed(part.maps[i], limit, "").png)


def paint_png(axes: Axes, png: bytes) -> None:
    import io

    from PIL import Image

    axes.imshow(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), interpolation="nearest")
    axes.set_axis_off()


def spread(part: Part) -> tuple[float, float]:
    return float(part.raw.min()), float(part.raw.max())


def paint_columns(panel: SubFigure, part: Part, limit: float, captions: list[str]) -> None:
    from matplotlib.colors import ListedColormap

    maps = part.columns(part.maps)
    order = np.argsort(-np.abs(maps).mean(0), kind="stable")[:MOST]
    palette = ListedColormap(np.array(pixels.diverging()).reshape(-1, 3) / 255)
    axes = panel.subplots()
    axes.imshow(maps[:, order].T, cmap=palette, vmin=-(limit or 1), vmax=limit or 1, aspect="auto")
    axes.set_yticks(range(len(order)), [part.column(j)[:24] for j in order], fontsize=8)
    axes.set_xticks(range(len(captions)), captions, fontsize=8)
    axes.xaxis.tick_top()
    axes.grid(visible=False)
