"""Series as lines: a sample of each class, how long they are, and the whole series behind a forecast."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from nnarch_nb.core.data import Data, Forecast
from nnarch_nb.errors import shorten
from nnarch_nb.views import figure, theme
from nnarch_nb.views.data_charts import amount
from nnarch_nb.views.data_shown import one_of_each, plural, shown
from nnarch_nb.views.figure import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

ACROSS, PANELS = 3, 9  # panels in a row, and in all
MOST_CHANNELS = 2  # lines in a panel; more cannot be told apart
POINTS = 30  # of a line in a panel
BARS = 30
DOTS = 40
SHORT = 0.05  # steps to either side
LONG = 300  # points of the whole series
SPLITS = {"train": 0, "val": 1, "test": 2}  # places in the theme's series
NAMES = {"train": "training", "val": "validation", "test": "test"}


def pictures(data: Data) -> list[Picture]:
    """Return what there is to see of series: panels and lengths, or the series that is forecast."""
    if data.forecast is not None:
        return [whole(data.forecast), example(data)]
    return [panels(data), *([lengths(data)] if data.padded else [])]


def light(picture: Picture) -> Picture:
    """Return a picture with a smaller PNG, so that several fit into a notebook's result."""
    return replace(picture, png=figure.of_few_opacities(picture.png))


def panels(data: Data) -> Picture:
    """Return one sample of each class, in raw units on one scale."""
    name, split = shown(data)
    rows = one_of_each(data, PANELS if data.kind == "classification" else 2 * ACROSS)
    chosen = list(range(min(MOST_CHANNELS, data.shape[1])))
    steps = int(split.lengths[rows].max())
    raw = data.raw(split.x[rows][:, :steps])[:, :, chosen]

    def paint(canvas: Canvas) -> None:
        height = -(-len(rows) // ACROSS)
        grid = canvas.subplots(height, min(ACROSS, len(rows)), sharex=True, sharey=True, squeeze=False)
        for axes in grid.flat[len(rows) :]:
            axes.set_visible(False)
        for axes, row, sample in zip(grid.flat, rows, raw, strict=False):
            axes.set_title(title_of(data, row), loc="left", fontsize=8)
            axes.grid(False)
            lines(axes, sample)

    width, height = 400, 30 + 60 * -(-len(rows) // ACROSS)
    of_class = data.kind == "classification"
    what = f"One {name} sample of each class" if of_class else f"First {name} samples"
    alt = f"{what} as lines over up to {steps:,} steps"
    thin = thinned(-(-steps // POINTS))
    caption = f"{what} over {'its' if of_class else 'their'} steps{thin}, {channels_told(data, chosen)}"
    return light(figure.draw(paint, width, height, alt, caption))


def thinned(every: int) -> str:
    """Return what is said of a line that is drawn through some of its values."""
    return f" (one value in {every:,} drawn)" if every > 1 else ""


def title_of(data: Data, row: int) -> str:
    y = shown(data)[1].y
    if data.kind == "classification":
        return shorten(data.classes[int(y[row])], 16)
    if data.kind == "regression":
        return f"{shorten(data.classes[0], 12)} {amount(float(y[row, 0]))}"
    return f"sample {row}"


def channels_told(data: Data, chosen: list[int]) -> str:
    names = [shorten(data.channels[i], 20) if data.channels else str(i) for i in chosen]
    dashes = ("line", "dashes")
    listed = (
        ", ".join(f"{name} ({dashes[i]})" for i, name in enumerate(names)) if len(names) > 1 else names[0]
    )
    more = f"; {data.shape[1] - len(chosen):,} more channels not drawn" if data.shape[1] > len(chosen) else ""
    return f"channels {listed}{more}" if len(names) > 1 else f"channel {listed}{more}"


def lines(axes: Axes, sample: torch.Tensor) -> None:
    every = -(-len(sample) // POINTS)  # the same for all: each sample is as long as the longest, or padded
    steps = range(0, len(sample), every)
    for channel, style in zip(range(sample.shape[1]), ("-", "--"), strict=False):
        values = sample[::every, channel].tolist()
        axes.plot(steps, values, style, color=theme.series(channel), linewidth=1.2, clip_on=False)
    plain(axes)


def plain(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(labelsize=7)
    for artist in axes.findobj():
        artist.set_clip_on(False)  # a clip path would need an id


def lengths(data: Data) -> Picture:
    """Return how many real steps, or tokens, the samples have."""
    name, split = shown(data)
    what = "tokens of a text" if data.form == "tokens" else "steps of a series"
    counts = split.lengths.tolist()
    low, high = min(counts), max(counts)
    wide = -(-(high - low + 1) // BARS)  # whole steps to a bar, or some would hold more of them than others

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        edges = [low + wide * i - 0.5 for i in range(-(-(high - low + 1) // wide) + 1)]
        axes.hist(counts, bins=edges, color=theme.series(0), zorder=2)
        axes.set_xlabel(what)
        axes.set_ylabel("samples")
        plain(axes)

    alt = f"Histogram of the {what} over {len(counts):,} {name} samples, from {low:,} to {high:,}"
    return light(figure.draw(paint, 360, 110, alt, f"{name.capitalize()} samples by {what}"))


def whole(forecast: Forecast) -> Picture:
    """Return the series that is forecast, its splits told by colour, dashes and name."""
    values = forecast.values[:, 0]
    every = -(-len(values) // LONG)
    low, high = amount(float(values[~values.isnan()].min())), amount(float(values[~values.isnan()].max()))

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        for split, (start, end) in forecast.rows.items():
            rows = range(start, end, every)
            colour = theme.series(SPLITS[split])
            axes.plot(rows, values[start:end:every].tolist(), color=colour, linewidth=1.2)
            axes.text((start + end) / 2, 1.0, NAMES[split], color=colour, ha="center", va="bottom",
                      transform=axes.get_xaxis_transform())  # fmt: skip
            if start:
                axes.axvline(start, color=colour, linewidth=0.6, linestyle=":")
        axes.set_ylabel(shorten(forecast.targets[0], 16))
        time_axis(axes, forecast)

    ends = f"{forecast.times[0]} to {forecast.times[-1]}" if forecast.times else f"{len(values):,} rows"
    target = shorten(forecast.targets[0], 40)
    parts = ", ".join(NAMES[split] for split in forecast.rows)
    alt = f"{target} over {ends}, from {low} to {high}, cut in order into {parts}"
    more = f"; {len(forecast.targets) - 1} more targets not drawn" if len(forecast.targets) > 1 else ""
    return light(figure.draw(paint, 480, 150, alt, f"{target} in order of time{thinned(every)}{more}"))


def time_axis(axes: Axes, forecast: Forecast) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    plain(axes)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if forecast.times:
        times = forecast.times

        def written(row: float, _: int | None) -> str:
            return times[int(row)][:10] if 0 <= row < len(times) else ""

        axes.xaxis.set_major_formatter(FuncFormatter(written))
    else:
        axes.set_xlabel("row")


def example(data: Data) -> Picture:
    """Return one window with the values that are to be forecast from it."""
    name, split = ("test", data.test) if len(data.test) else shown(data)
    forecast = data.forecast
    assert forecast is not None
    target = forecast.targets[0]
    seen = data.raw(split.x[0])[:, data.channels.index(target)].tolist()
    ahead = split.y[0].reshape(forecast.horizon, -1)[:, 0].tolist()

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.plot(range(len(seen)), seen, color=theme.series(0), linewidth=1.2)
        every = -(-len(ahead) // DOTS)
        # A dot is a short line: a marker would need an id, and without length or snapped it has no pixels.
        for step, value in list(enumerate(ahead, len(seen)))[::every]:
            ends = step - SHORT, step + SHORT
            axes.plot(
                ends, [value] * 2, color=theme.series(1), linewidth=4, solid_capstyle="round", snap=False
            )
        axes.set_ylabel(shorten(target, 12))
        axes.set_xlabel("step")
        plain(axes)
        axes.tick_params(labelsize=8)

    told = plural(len(ahead), "step (dot)", "steps (dots)")
    caption = f"First {name} window: {plural(len(seen), 'step', 'steps')} seen (line), {told} to forecast"
    return light(figure.draw(paint, 360, 110, caption, caption))
