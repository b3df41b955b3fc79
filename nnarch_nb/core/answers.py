"""One row of scores per sample, whatever a network answers: what ``explain`` and ``attack`` look at.

An answer for every step stands for the one after the last real step, an answer for every pixel for the
mean over them, and what gives its input back for how far off it is.
"""

from __future__ import annotations

import torch

from nnarch_nb.core.data import Data

Rows = torch.Tensor


def shape_of_answer(data: Data) -> tuple[int, ...]:
    """Return the shape of what a network is to answer to one sample; two classes may do with one number."""
    targets = tuple(data.held_out[1].y.shape[1:])
    if data.kind == "next-token":
        return (*targets, data.outputs)
    if data.kind == "segmentation":
        return (data.outputs, *targets)
    return targets if data.kind == "reconstruction" else (data.outputs,)


def rows_of(
    answer: torch.Tensor,
    given: torch.Tensor | None,
    data: Data | None = None,
    y: torch.Tensor | None = None,
    padding: int | None = 0,
) -> Rows:
    """Return the answer as one row per sample where it can be; else as it is.

    Parameters
    ----------
    answer
        Of shape ``(n, …)``.
    given
        The samples as the network saw them.
    data, y
        Where they are from and their targets, where known: they tell an answer per step from the input
        given back.
    padding
        The token that is no real step; None where there is none.
    """
    if data is not None and data.kind == "reconstruction" and y is not None:
        return errors(answer, y)
    if answer.dim() == 1:
        return answer[:, None]
    if answer.dim() == 3 and given is not None and are_steps(given, answer):
        return last_of(answer, given, padding)
    if answer.dim() == 4 and (data is None or data.kind == "segmentation"):
        return answer.flatten(2).mean(2)
    return answer


def are_steps(tokens: torch.Tensor, answer: torch.Tensor) -> bool:
    """Whether the answer has a row for every token; numbers are none, whatever their shape."""
    return not tokens.is_floating_point() and tokens.shape == answer.shape[:2]


def errors(answer: torch.Tensor, y: torch.Tensor) -> Rows:
    """Return the mean squared error of each sample ``(n, 1)``; padding, which is NaN, counts for nothing."""
    real = ~y.isnan()
    off = (answer.where(real, 0.0) - y.where(real, 0.0)) ** 2
    return off.flatten(1).sum(1, keepdim=True) / real.flatten(1).sum(1, keepdim=True).clamp_min(1)


def last_of(steps: torch.Tensor, tokens: torch.Tensor, padding: int | None = 0) -> torch.Tensor:
    """Return what stands at the last token that is no padding, of ``(n, steps, …)``.

    Examples
    --------
    >>> last_of(torch.tensor([[5, 6, 7]]), torch.tensor([[3, 4, 0]]))
    tensor([6])
    """
    return steps[torch.arange(len(steps), device=steps.device), last(tokens, padding).to(steps.device)]


def last(tokens: torch.Tensor, padding: int | None = 0) -> torch.Tensor:
    """Return the place of the last token of each sample; the first place where all is padding."""
    real = torch.ones_like(tokens, dtype=torch.bool) if padding is None else tokens != padding
    return real.long().cumsum(1).argmax(1)
