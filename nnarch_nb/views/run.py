"""A training run: what it is worth on samples held out, its curves, and the epoch that was kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nnarch_nb.core.stats import Estimate, Share
from nnarch_nb.verbs.train.result import FAR, Fit, Score
from nnarch_nb.views import numbers, run_advice, run_curves
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.train.result import Epoch, Run

ROWS = 50  # a table longer than that is thinned
ENDS = {
    "finished": "",
    "early": "stopped early",
    "interrupted": "interrupted",
    "nonfinite": "stopped: the loss or a weight was no longer finite",
}

CONSTANT = {
    "accuracy": "Always answering its most frequent class",
    "f1": "Always answering its most frequent labels",
    "token_accuracy": "Always answering its most frequent token",
    "iou": "Always answering its most frequent class",
}


def html(run: Run) -> str:
    return render(
        "run.html.j2",
        title=f"Training {run.name}",
        subtitle=subtitle(run),
        strip=strip(run),
        advice=run_advice.advice(run),
        pictures=run_curves.curves(run),
        head=header(run),
        rows=[(epoch.epoch == run.best_epoch, cells(run, epoch)) for epoch in shown(run)],
        trust=trust(run),
    )


def text(run: Run) -> str:
    rows = [cells(run, epoch) for epoch in shown(run)]
    table = [columns([header(run), *rows])] if rows else []
    head = heading(f"Training {run.name}", subtitle(run), strip(run))
    return "\n\n".join([head, *run_advice.advice(run), *table, trust(run)])


def picture(run: Run) -> bytes:
    return run_curves.beside(run_curves.curves(run))


def subtitle(run: Run) -> str:
    epochs = f"{len(run.history)} of {run.epochs_asked} epochs"
    return " · ".join(filter(None, [run.data_name, epochs, run.device, ENDS[run.stopped]]))


def strip(run: Run) -> list[Figure]:
    figures = [*test_figures(run), Figure(str(run.best_epoch), "best epoch", measured=True)]
    if run.best is not None and run.best.val_loss is not None:
        figures.append(Figure(numbers.significant(run.best.val_loss), "validation loss", measured=True))
    if run.history:
        figures.append(Figure(numbers.short(run.samples_per_second), "samples/s", measured=True))
    return [*figures, Figure(numbers.seconds(run.seconds), "time", measured=True)]


def test_figures(run: Run) -> list[Figure]:
    split = split_name(run)
    if run.test is None:
        return [Figure(numbers.NOT_MEASURED, f"{split} {run_curves.NAMES[run.metric]}")]
    if isinstance(run.test, Share):
        interval = f"{100 * run.test.low:.1f}–{100 * run.test.high:.1f}"
        return [Figure(numbers.percent(run.test.value), f"{split} accuracy ({interval})", measured=True)]
    if isinstance(run.test, Fit):
        return [r2_figure(run.test.r2, split), of_scale(run.test.rmse, rmse_of(run.test))]
    (first, metric), *more = run.test.figures.items()
    leading = r2_figure(metric, split) if run.metric == "r2" else share_figure(metric, f"{split} {first}")
    return [leading, *(second(estimate, name) for name, estimate in more)]


def rmse_of(test: Fit) -> str:
    """Return what is averaged: targets of unlike units would be mixed unsaid."""
    return "RMSE" if len(test.means) == 1 else f"RMSE over {len(test.means):,} targets"


def second(estimate: Estimate, name: str) -> Figure:
    """Return a second figure: a share in per cent, all else in its own unit."""
    return share_figure(estimate, name) if name.endswith("accuracy") else of_scale(estimate, name)


def share_figure(share: Estimate, name: str) -> Figure:
    if math.isnan(share.value):
        return Figure(numbers.NOT_MEASURED, name)
    return Figure(
        numbers.percent(share.value), f"{name} ({100 * share.low:.1f}–{100 * share.high:.1f})", measured=True
    )


def of_scale(estimate: Estimate, name: str) -> Figure:
    number = numbers.significant
    return Figure(
        number(estimate.value), f"{name} ({number(estimate.low)} to {number(estimate.high)})", measured=True
    )


def split_name(run: Run) -> str:
    return {"train": "training"}.get(run.test_split, run.test_split)


def r2_figure(r2: Estimate, split: str) -> Figure:
    if math.isnan(r2.value):
        return Figure(numbers.NOT_MEASURED, f"{split} R²")
    low, high = two_places(r2.low), two_places(r2.high)
    return Figure(two_places(r2.value), f"{split} R² ({low} to {high})", measured=True)


def two_places(value: float) -> str:
    return numbers.minus(f"{value:z.2f}") if abs(value) < 1000 else numbers.significant(value)


def header(run: Run) -> list[str]:
    names = ["epoch", "training loss"]
    if run.n_val:
        names += ["validation loss", f"validation {run_curves.NAMES[run.metric]}"]
    return [*names, "seconds"]


def shown(run: Run) -> list[Epoch]:
    """Return the epochs of the table: all, or an even choice with the best and the last."""
    every = -(-len(run.history) // ROWS) if run.history else 1
    kept = {run.best_epoch, len(run.history)}
    return [e for e in run.history if e.epoch in kept or (e.epoch - 1) % every == 0]


def cells(run: Run, epoch: Epoch) -> list[str]:
    cut = "" if epoch.share == 1 else f" ({epoch.share:.0%} of it)"
    row = [f"{epoch.epoch}{cut}", numbers.significant(epoch.train_loss, 4)]
    if epoch.val_loss is not None:
        row += [numbers.significant(epoch.val_loss, 4), score(run, epoch.val_score)]
    return [*row, f"{epoch.seconds:.2f}"]


def score(run: Run, value: float | None) -> str:
    if value is None or run.metric != "r2":
        return numbers.percent(value, 2)
    return numbers.minus(f"{value:.3f}") if abs(value) < FAR else numbers.significant(value)


def trust(run: Run) -> str:
    return " ".join([*measured(run), *kept(run), *how(run)])


def measured(run: Run) -> list[str]:
    if run.test is None:
        return [f"Nothing was measured on the {split_name(run)} split: an answer there is NaN or infinite."]
    n = f"n = {run.test.n:,}{of_parts(run.test)}"
    interval = "95 % Wilson interval" if isinstance(run.test, Share) else "95 % bootstrap intervals"
    if isinstance(run.test, Fit) and run.test.block > 1:
        interval += f" in blocks of {run.test.block} windows, as neighbours overlap"
    if run.test_split == "test":
        told = f"Test split ({n}) used once, after training; {interval}."
    elif run.test_split == "validation":
        told = f"No test split: measured on the validation split ({n}), which chose the epoch; {interval}."
    else:
        told = f"Nothing was held out: measured on the training split ({n}), so it says little; {interval}."
    return [told, *of_majority(run), *of_targets(run.test)]


def of_parts(test: Share | Fit | Score) -> str:
    """Return how many parts were judged; they are drawn together with their sample for the interval."""
    return f" with {test.parts:,} {test.part}" if isinstance(test, Score) else ""


def of_majority(run: Run) -> list[str]:
    if run.majority is None:
        return []
    return [f"{CONSTANT[run.metric]}: {numbers.percent(run.majority)}."]


def of_targets(test: Share | Fit | Score) -> list[str]:
    """Return what a reader should know of the targets behind R²."""
    if not isinstance(test, Fit):
        return []
    flat = ["R² was not measured: a target is the same for all of them."] if math.isnan(test.r2.value) else []
    binary = "Each y is the float 0 or 1 and is learned as a number; y.long() makes them classes."
    return [*flat, *([binary] if test.binary else [])]


def kept(run: Run) -> list[str]:
    if run.best_epoch == 0:
        return ["The weights are those from before the run."]
    if not run.n_val:
        return ["The weights are the last ones: there is no validation split to choose by."]
    return [f"The weights are those of the lowest validation loss (n = {run.n_val:,})."]


def how(run: Run) -> list[str]:
    given = run.settings
    patience = given["patience"] if run.n_val else 0
    stop = f"early stopping after {patience} epochs without gain" if patience else "no early stopping"
    decay = f", weight decay {given['weight_decay']:g}" if given["weight_decay"] else ""
    rate = f"lr {given['lr']:g} ({given['schedule']})"
    return [
        f"Training loss: {run.loss}, mean over the epoch, in training mode.",
        *learned_in_deviations(run),
        f"{given['optimizer']}, {rate}{decay}, batch {given['batch_size']}, seed {given['seed']}, "
        f"{run.device}; {stop}. One seed: the spread over seeds was not measured.",
    ]


def learned_in_deviations(run: Run) -> list[str]:
    if not run.standardized:
        return []
    return [
        f"Targets were standardized while learning, in the weights of {run.standardized}; the network "
        "answers in raw units."
    ]
