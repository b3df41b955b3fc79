"""A task in a notebook, while it runs: progress, curves, and a button that stops it.

The panel appears once a task has taken a moment, and ends as a static output: the result, or one line
saying that there is none. No widget is left behind, because a notebook opened later could not show it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nnarch_nb import views
from nnarch_nb.core.events import Task
from nnarch_nb.views import numbers
from nnarch_nb.views.live import curves
from nnarch_nb.views.live.stop import StopButton
from nnarch_nb.views.page import render

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from nnarch_nb.views.live.once import ShownOnce

DELAY = 0.3  # seconds: what is done sooner only shows its result
PERIOD = 0.5  # seconds between two drawings
HINT = "the ■ of the notebook stops after this step"


class Panel:
    """Shows one task, then its result in the same place."""

    def __init__(self, task: Task, shown: ShownOnce) -> None:
        self.shown = shown
        self.curves = curves.Curves()
        self.drawn = 0.0
        self.handle: DisplayHandle | None = None

    def update(self, task: Task) -> None:
        self.curves.hear(task)
        now = time.monotonic()
        if task.seconds < DELAY or now - self.drawn < PERIOD:
            return
        if self.handle is None:
            self.open(task)
        self.draw(task)
        self.drawn = now

    def open(self, task: Task) -> None:
        import ipywidgets
        from IPython.display import display

        self.picture = ipywidgets.HTML()
        self.button = StopButton(task.stop, self.shown.shell)
        self.picture.layout.width = "100%"
        self.box = ipywidgets.VBox([self.picture, self.button.widget])
        self.box.layout.align_items = "flex-start"
        self.draw(task)
        self.handle = display(self.box, display_id=True)

    def draw(self, task: Task) -> None:
        self.button.offer()
        self.picture.value = live(task, self.curves, hint="" if self.button.offered else HINT)

    def finish(self, task: Task, result: Any | None) -> None:
        """Put the result in the panel's place, or say that it was stopped."""
        if result is not None:
            self.place(views.bundle(result))
            self.shown.add(result)
        elif self.handle is not None:
            self.place(ended(task))
        if self.handle is not None:
            self.close()

    def place(self, bundle: dict[str, Any]) -> None:
        if self.handle is not None:
            self.handle.update(bundle, raw=True)
        else:
            self.shown.shell.display_pub.publish(bundle)

    def close(self) -> None:
        """End the widgets and what belongs to them; ipywidgets holds each until it is closed."""
        parts = [self.box, self.picture, self.button.widget]
        for widget in parts:
            for owned in (getattr(widget, "style", None), widget.layout):
                if owned is not None:
                    owned.close()
            widget.close()


def live(task: Task, heard: curves.Curves, hint: str) -> str:
    """Return the panel's html."""
    left = task.seconds_left
    parts = [f"{task.unit} {position(task)} of {task.total:g}"]
    if left is not None:
        parts.append(f"{numbers.seconds(left)} left")
    return render(
        "live.html.j2",
        title=title(task),
        subtitle=" · ".join(parts),
        percent=round(100 * min(1.0, task.done / task.total)) if task.total else 0,
        charts=heard.charts(task),
        figures=" · ".join(figures(task)),
        hint=hint,
        stopping=task.stopping,
        width=curves.WIDTH,
        height=curves.HEIGHT,
        left=curves.LEFT,
    )


def title(task: Task) -> str:
    """Return ``Training SimpleCNN``."""
    return f"{task.verb.removesuffix('e').capitalize()}ing {task.subject}"


def position(task: Task) -> str:
    """Return which unit is under way, from 1."""
    return f"{min(int(task.done) + 1, int(task.total))}"


def figures(task: Task) -> list[str]:
    return [
        f"{name.replace('_', ' ')} {value:.4g}" for name, value in task.figures.items() if is_number(value)
    ]


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def ended(task: Task) -> dict[str, Any]:
    """Return what stays of a task without a result."""
    why = "interrupted" if task.stopping else "stopped by an error"
    words = f"{why} at {task.unit} {position(task)} of {task.total:g}"
    html = render("live_ended.html.j2", title=title(task), words=words)
    return {"text/plain": f"{title(task)}  {words}", "text/html": html}
