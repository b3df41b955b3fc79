"""Progress as one line of a terminal."""

from __future__ import annotations

from typing import Any

from nnarch_nb.core.events import Task

DELAY = 0.3  # seconds: what is done sooner needs no line
FORMAT = "{desc}: {percentage:3.0f}% |{bar}| {n:.3g}/{total:.3g} {unit} [{elapsed}<{remaining}{postfix}]"


class Line:
    """A task's progress bar, drawn by tqdm."""

    def __init__(self, task: Task) -> None:
        from tqdm import tqdm

        self.bar = tqdm(
            desc=f"{task.verb} {task.subject}",
            total=task.total,
            unit=task.unit,
            delay=DELAY,
            bar_format=FORMAT,
            dynamic_ncols=True,
        )

    def update(self, task: Task) -> None:
        self.bar.set_postfix({k: v for k, v in task.figures.items() if isinstance(v, float)}, refresh=False)
        self.bar.update(task.done - self.bar.n)

    def finish(self, task: Task, result: Any | None) -> None:
        if result is None:
            self.bar.set_postfix_str("stopped", refresh=False)
        self.bar.close()
