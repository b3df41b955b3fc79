"""What to do next after a training run that went wrong: said above its curves, not in the small print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.core.stats import Share
from nnarch_nb.verbs.train.result import Fit, Score
from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.train.result import Run

USUAL_LR = 1e-3  # what most networks bear


def advice(run: Run) -> list[str]:
    """Return a sentence or two; none where nothing is amiss."""
    if run.test is None:
        return [
            "The network returns NaN or infinity with the weights it has now: look for them in its weights, "
            "and in its forward for what some inputs do not allow, such as the logarithm of 0."
        ]
    if run.stopped == "nonfinite":
        lr = run.settings["lr"]
        from_the_start = (
            " If that does not help, the loss is infinite from the start: look for a class that the network "
            "rules out though it occurs."
        )
        return [
            "The loss left the finite numbers, most often because the steps are too long: "
            f"try a lower lr than {lr:g}, such as {lower(lr):g}.{'' if run.history else from_the_start}"
        ]
    if isinstance(run.test, Share):
        return [*ends_like_a_sigmoid(run), *no_better_than_one_class(run, run.test)]
    if isinstance(run.test, Fit):
        return [below_the_mean(run, run.test)] if run.test.r2.value < 0 else []
    return no_better_than_a_constant(run, run.test)


def lower(lr: float) -> float:
    return min(lr / 10, USUAL_LR)


def ends_like_a_sigmoid(run: Run) -> list[str]:
    """Return a sentence with an "if": logits of a network that learned little may lie there by chance."""
    if not run.like_probabilities:
        return []
    return [
        "All answers lie between 0 and 1, as those of a sigmoid: leave it out if the network ends in one, "
        "training takes the logit of the second class."
    ]


def no_better_than_one_class(run: Run, test: Share) -> list[str]:
    """Return a sentence where the interval reaches down to the most frequent class; none if it is alone."""
    if run.majority is None or run.majority == 1 or test.low > run.majority:
        return []
    where = "below" if test.high < run.majority else "not surely above"
    return [
        f"The accuracy is {where} {numbers.percent(run.majority)}, which always answering the most frequent "
        "class gives. Look whether the network answers every class; try another lr than "
        f"{run.settings['lr']:g} or more epochs than {run.epochs_asked}."
    ]


def no_better_than_a_constant(run: Run, test: Score) -> list[str]:
    """Return a sentence where the interval reaches down to what one answer for all samples scores."""
    least, metric = run.majority or 0.0, next(iter(test.figures.values()))
    if least == 1 or metric.low > least:
        return []
    name = next(iter(test.figures))
    return [
        f"The {name} is not surely above {numbers.percent(least) if run.metric != 'r2' else '0'}, which one "
        f"answer for all samples gives. Try another lr than {run.settings['lr']:g} or more epochs than "
        f"{run.epochs_asked}."
    ]


def below_the_mean(run: Run, test: Fit) -> str:
    asked = f"a higher lr than {run.settings['lr']:g} or more epochs than {run.epochs_asked}"
    if run.standardized:
        return f"R² is below 0: always answering the mean of the targets would do better. Try {asked}."
    return (
        f"R² is below 0: always answering the mean of the targets would do better. Try {asked}{remote(test)}."
    )


def remote(test: Fit) -> str:
    """Return what to do about a target that lies far from where a new network answers, near 0."""
    # Only where it could not be done while learning: the answer is not that of a linear layer.
    if test.binary or len(test.means) != 1 or abs(test.means[0]) <= test.stds[0]:
        return ""
    mean, std = numbers.significant(test.means[0]), numbers.significant(test.stds[0])
    return (
        f"; the targets lie far from 0 (here mean {mean}, standard deviation {std}), and y is learned sooner "
        "after subtracting the mean of the training targets and dividing by their standard deviation"
    )
