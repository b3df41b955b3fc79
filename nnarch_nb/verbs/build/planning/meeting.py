"""Where paths meet: shapes that can be added or joined, and what to write where they cannot.

A proposal is worked out from the two shapes, so that it works when it is written down.
"""

from __future__ import annotations

import torch

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.planning.flow import Flow, Padded

Shape = tuple[int, ...]
SPATIAL = (1, 2, 3)  # dimensions that torch convolves over


def summed(layer: Layer, came: Flow, paths: list[Flow]) -> Flow:
    """Return the sum of paths: of ``Residual`` the body first and what goes around it last.

    Raises
    ------
    NNArchError
        Their shapes differ: torch would refuse them, or stretch one to the other unasked.
    """
    shapes = [path.shape for path in paths]
    first = shapes[0]
    for number, shape in enumerate(shapes[1:], 2):
        if first is not None and shape is not None and shape != first:
            if layer.name == "Residual":
                raise unlike_shortcut(layer, came, first, shape)
            raise unlike_path(layer, paths[number - 1], number, first, "adds")
    return Flow(paths[0].x, meeting(layer, came, paths, None))


def joined(layer: Layer, came: Flow, paths: list[Flow]) -> Flow:
    """Return the paths side by side.

    Raises
    ------
    NNArchError
        Their shapes differ in more than the dimension they are joined along, or there is no such dimension.
    """
    dimension = dimension_of(layer)
    tensors = [path.x for path in paths if path.x is not None]
    if len(tensors) < len(paths):
        return Flow(None)
    dims = tensors[0].dim()
    if dimension not in {*range(1, dims), *range(1 - dims, 0)}:
        raise NNArchError(
            f"{layer.place}: {layer} joins along dimension {dimension} of {tuple(tensors[0].shape[1:])}, "
            f"which has {dims - 1}; dimension 0 is the batch, 1 the first of a sample and -1 the last"
        )
    along = dimension % dims
    for number, path in enumerate(paths[1:], 2):
        if path.shape is not None and but(path.shape, along) != but(tuple(tensors[0].shape[1:]), along):
            size = path.shape[along - 1] if along <= len(path.shape) else 1
            wanted = [*tensors[0].shape[1:]]
            wanted[along - 1] = size
            raise unlike_path(layer, path, number, tuple(wanted), "joins", paths[0].shape)
    padded = meeting(layer, came, paths, along)
    return Flow(torch.cat(tensors, dimension), padded)


def dimension_of(layer: Layer) -> int:
    """Return the dimension that ``Concat`` joins along."""
    dimension = dict(layer.kwargs).get("dim", 1)
    if isinstance(dimension, bool) or not isinstance(dimension, int):
        raise NNArchError(f"{layer.place}: Concat: dim={dimension!r} must be a whole number, such as 1")
    return dimension


def but(shape: Shape, along: int) -> Shape:
    return (*shape[: along - 1], -1, *shape[along:])


def unlike_shortcut(layer: Layer, came: Flow, body: Shape, around: Shape) -> NNArchError:
    what = "the shortcut gives" if len(layer.paths) > 1 else "it adds that to"
    advice = proposal(came, body)
    write = f"write shortcut=[{advice}]" if advice else "both must have the same shape"
    return told(
        f"{layer.place}: the body of {layer.name} makes {body} of {came.shape} but {what} {around}; {write}",
        [Cure("shortcut", advice)] if advice else [],
    )


def unlike_path(
    layer: Layer, path: Flow, number: int, wanted: Shape, verb: str, first: Shape | None = None
) -> NNArchError:
    advice = proposal(path, wanted)
    write = f"end path {number} with {advice}" if advice else f"path {number} must give {wanted}"
    return told(
        f"{layer.place}: {layer.name} {verb} paths but the first gives {first or wanted} and path {number} "
        f"{path.shape}; {write}",
        [Cure("path", advice, number)] if advice else [],
    )


def proposal(flow: Flow, wanted: Shape) -> str:
    """Return layers that make the wanted shape, or nothing where there are no usual ones."""
    have = flow.shape
    if have is None or flow.x is None or not flow.x.is_floating_point():
        return ""
    if len(wanted) == 1:
        return f"Flatten(), Linear({wanted[0]})" if len(have) > 1 else f"Linear({wanted[0]})"
    if len(have) != len(wanted):
        return ""
    if have[:-1] == wanted[:-1] and len(have) == 2:
        return f"Linear({wanted[-1]})"  # steps, features
    if flow.padded is not None or len(have) - 1 not in SPATIAL:
        return ""
    return projection(have, wanted)


def projection(have: Shape, wanted: Shape) -> str:
    """Return the projection of He et al. 2016 (section 3.3, option B), or a resampling where no stride fits.

    Examples
    --------
    >>> projection((32, 28, 28), (64, 14, 14)), projection((8, 28), (8, 26))
    ('Conv2d(64, 1, stride=2), BatchNorm2d()', 'AdaptiveAvgPool1d(26)')
    """
    n = len(have) - 1
    strides = [-(-a // b) for a, b in zip(have[1:], wanted[1:], strict=True)]
    fits = all((a - 1) // s + 1 == b for a, b, s in zip(have[1:], wanted[1:], strides, strict=True))
    if fits:
        step = "" if set(strides) == {1} else f", stride={one_or_all(strides)}"
        return f"Conv{n}d({wanted[0]}, 1{step}), BatchNorm{n}d()"
    channels = f", Conv{n}d({wanted[0]}, 1)" if have[0] != wanted[0] else ""
    return f"AdaptiveAvgPool{n}d({one_or_all(wanted[1:])}){channels}"


def one_or_all(sizes: Shape | list[int]) -> int | tuple[int, ...]:
    return sizes[0] if len(set(sizes)) == 1 else tuple(sizes)


def meeting(layer: Layer, came: Flow, paths: list[Flow], along: int | None) -> Padded | None:
    """Return where the padding is after paths have met.

    Raises
    ------
    NNArchError
        One path has its steps elsewhere, or has none left or more than came, or they are joined one after
        the other.
    """
    found = {path.padded.steps if path.padded else None for path in paths}
    if found == {None}:
        return None
    if len(found) > 1:
        raise NNArchError(
            f"{layer.place}: {layer.name} meets paths of which only some keep the steps of a padded sequence "
            f"in place; let each end with its steps, or each with Last() or MeanSteps()"
        )
    steps = found.pop()
    if any(steps_of(path) != steps_of(came) for path in paths):
        raise NNArchError(
            f"{layer.place}: a path of {layer.name} puts steps in front of a padded sequence; write "
            f"ClassToken() before {layer.name}"
        )
    if along == steps:
        raise NNArchError(
            f"{layer.place}: {layer.name} joins the steps of padded sequences one after the other, padding "
            f"between them; write dim=-1 to join their features"
        )
    return Padded(steps or 1, all(path.padded.zero for path in paths if path.padded))


def steps_of(flow: Flow) -> int | None:
    """Return how many steps a sequence has; series and tokens come in with theirs first."""
    place = flow.padded.steps if flow.padded else 1
    return None if flow.shape is None else flow.shape[place - 1]
