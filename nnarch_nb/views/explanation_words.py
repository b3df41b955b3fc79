"""What is said of one explained sample: its answer, its label, what is explained and how exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import numbers
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from nnarch_nb.verbs.explain import Explanation

ALMOST_SURE = 0.9995  # would be written as 100.0 %, and what is left as 0.0 %
EXACT = 0.0005  # a completeness error below is written as such


def sample(result: Explanation, i: int) -> str:
    return f"sample {int(result.indices[i]):,}"


def answer(result: Explanation, i: int) -> str:
    name = named(result, float(result.prediction[i]))
    return name if result.confidence is None else f"{name} · {chance(float(result.confidence[i]))}"


def predicted(result: Explanation) -> str:
    """Return what an answer is called: the likeliest of several labels need not be likely."""
    return "likeliest label" if result.kind == "multi-label" else "predicted"


def named(result: Explanation, number: float) -> str:
    """Return the name of a class, or a value that is none."""
    return value(number) if result.confidence is None else result.named(int(number))


def chance(share: float) -> str:
    if share < 1 - ALMOST_SURE:
        return "< 0.1 %"
    return "> 99.9 %" if share > ALMOST_SURE else numbers.percent(share)


def verdict(result: Explanation, i: int) -> str:
    if result.labels is None:
        return "not known"
    if result.kind == "multi-label":
        return label_of_several(result, i)
    name = named(result, float(result.labels[i]))
    wrong = result.confidence is not None and result.labels[i] != result.prediction[i]
    return f"{name}: predicted wrongly" if wrong else name


def label_of_several(result: Explanation, i: int) -> str:
    """Return whether the sample has the label explained, and whether that was said."""
    assert result.labels is not None
    assert result.confidence is not None
    there, answered = bool(result.labels[i] >= 0), bool(result.confidence[i] > 0.5)
    told = "yes" if there else "no"
    return told if there == answered else f"{told}: predicted wrongly"


def label(result: Explanation, i: int) -> str:
    if result.kind == "multi-label":
        return f"label {verdict(result, i)}"
    return "" if result.labels is None else f"label {named(result, float(result.labels[i]))}"


def goal(result: Explanation, i: int) -> str:
    number = int(result.target[i])
    if result.confidence is not None:
        return result.named(number)
    if result.kind == "reconstruction":
        return "squared error"
    return result.classes[number] if number < len(result.classes) else f"output {number}"


def error(share: float) -> str:
    return "< 0.05 %" if share < EXACT else numbers.percent(share)
