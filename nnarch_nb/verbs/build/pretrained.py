"""``load_pretrained``: weights that others trained, put into a network of ours.

torchvision and transformers publish weights by names of their own. The tables in ``loading.layouts`` say
which is which; every tensor is accounted for in the report, and nothing is copied before all of it fits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.files import as_path
from nnarch_nb.core.options import require_whole
from nnarch_nb.core.types import Network
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.loading.files import Tensors, read
from nnarch_nb.verbs.build.loading.layouts import LAYOUTS, Layout
from nnarch_nb.verbs.build.loading.matching import OWN, Match, bare, layout_of, matched, unwrapped
from nnarch_nb.verbs.build.loading.report import Loaded
from nnarch_nb.verbs.build.saving import remember_weights

COUNTER = "num_batches_tracked"  # old files lack it, and nothing that a network computes depends on it
LEAST = 0.5  # of the network's tensors; a file that has fewer was written for another one


@torch.inference_mode(False)  # weights made in inference mode could never learn
def filled(model: Any, path: str | Path, classes: int | None) -> Network:
    """Return a network with the weights of a file: see ``load_pretrained``."""
    path = as_path(path)
    tensors = unwrapped(read(path), model.state_dict() if isinstance(model, nn.Module) else ())
    network, layout = asked_for(model, tensors, classes)
    match = matched(tensors, layout, network)
    refuse_other_network(match, layout, network, path)
    head = head_of(network, layout)
    replaced = without_other_head(match, head, network)
    refuse_other_sizes(match, network, path)
    found = fill(network, match.tensors)
    network.loaded = report(network, path, layout, match, found, head, replaced)
    remember_weights(network, path)
    return network.eval()


def asked_for(model: Any, tensors: Tensors, classes: int | None) -> tuple[Any, Layout]:
    """Return the network to fill, made where it was named, and the layout of the file's names."""
    from nnarch_nb.verbs.build import build

    layout = layout_of(tensors) or OWN
    wish = None if classes is None else require_whole("classes", classes, 1)
    if isinstance(model, str):
        return build(model, classes=wish or outputs_in(tensors, layout, model)), layout
    if not isinstance(model, nn.Module):
        raise NNArchError(f"a network or the name of one is needed, not {shorten(repr(model))}")
    ours = model.state_dict()
    layout = OWN if len(ours.keys() & tensors.keys()) > LEAST * len(tensors) else layout
    head = head_of(model, layout)
    if wish is not None and (head is None or wish != rows_of(ours, head)):
        raise NNArchError(f"the network does not answer with {wish} classes; build it with classes={wish}")
    return model, layout


def outputs_in(tensors: Tensors, layout: Layout, name: str) -> int | None:
    """Return how many classes the file's head tells apart; None where it has no head."""
    from nnarch_nb.verbs.build import build

    head: str | None = layout.head
    if layout is OWN:
        with torch.device("meta"):
            outline: Any = build(name)
        head = head_of(outline, layout)
    return rows_of({bare(key): tensor for key, tensor in tensors.items()}, head or "")


def rows_of(tensors: Tensors, layer: str) -> int | None:
    weight = tensors.get(f"{layer}.weight")
    return int(weight.shape[0]) if weight is not None and weight.dim() > 1 else None


def head_of(network: nn.Module, layout: Layout) -> str | None:
    """Return the layer that answers with classes: the layout's, or the last child if it is a Linear."""
    if layout is not OWN:
        name = layout.names.get(layout.head)
        return name if name in dict(network.named_modules()) else None
    children = list(network.named_children())
    return children[-1][0] if children and type(children[-1][1]) is nn.Linear else None


def without_other_head(match: Match, head: str | None, network: nn.Module) -> tuple[int, int] | None:
    """Leave a head for other classes out of the match; return its number of outputs and the network's."""
    ours = network.state_dict()
    theirs, here = (None, None) if head is None else (rows_of(match.tensors, head), rows_of(ours, head))
    if theirs is None or here is None or theirs == here:
        return None
    if match.tensors[f"{head}.weight"].shape[1:] != ours[f"{head}.weight"].shape[1:]:
        return None  # it reads other features, so it is no head of this network, whatever it answers
    for name in [name for name in match.tensors if name.startswith(f"{head}.")]:
        del match.tensors[name]
    return theirs, here


def refuse_other_network(match: Match, layout: Layout, network: nn.Module, path: Path) -> None:
    """Raise where the file has too little for this network to have been written for it."""
    ours = network.state_dict()
    strange = [] if layout is OWN else match.strange
    if len(match.tensors) >= LEAST * len(ours) and match.tensors and not strange:
        return
    called = getattr(network, "nnarch_name", type(network).__name__)
    if strange:
        raise NNArchError(
            f"{path.name} is a {layout.title} with {shorten(strange[0])}, for which {called} has no place; "
            f"give the network that the weights are of"
        )
    known = ", ".join(known.title for known in LAYOUTS)
    whose = f"its names are those of {layout.title}" if layout is not OWN else f"known names: {known}"
    raise NNArchError(
        f"{path.name} has {len(match.tensors)} of the {len(ours)} tensors of {called} ({whose}); "
        f"give the network that the weights are of"
    )


def refuse_other_sizes(match: Match, network: nn.Module, path: Path) -> None:
    """Raise where a tensor is of another size or holds no such numbers."""
    for name, wanted in network.state_dict().items():
        found = match.tensors.get(name, wanted)
        if found.shape != wanted.shape:
            raise NNArchError(
                f"{name} is {tuple(found.shape)} in {path.name} but {tuple(wanted.shape)} in the network; "
                f"build the network that the weights are of"
            )
        counts = name.endswith(COUNTER)  # which is a float where all of a state dict was cast to half
        if found.is_floating_point() != wanted.is_floating_point() and not counts:
            raise NNArchError(f"{name} in {path.name} holds {found.dtype} numbers, not {wanted.dtype}")


def fill(network: nn.Module, tensors: Tensors) -> set[str]:
    """Copy the tensors into the network; return the names that have their values now, tied ones too."""
    ours = network.state_dict(keep_vars=True)
    filled: set[int] = set()
    with torch.no_grad():
        for name, tensor in tensors.items():
            if id(ours[name]) not in filled:
                ours[name].copy_(tensor)
                filled.add(id(ours[name]))
    return {name for name, tensor in ours.items() if id(tensor) in filled}


def report(
    network: nn.Module,
    path: Path,
    layout: Layout,
    match: Match,
    found: set[str],
    head: str | None,
    replaced: tuple[int, int] | None,
) -> Loaded:
    """Return what became of every tensor."""
    ours = network.state_dict()
    parameters = {id(p): (name, p.numel()) for name, p in network.named_parameters()}
    return Loaded(
        name=getattr(network, "nnarch_name", type(network).__name__),
        path=path.name,
        layout=layout.title,
        matched=tuple(name for name in ours if name in found),
        reshaped=tuple(sorted((name, how) for name, how in match.reshaped.items() if name in found)),
        missing=tuple(name for name in ours if name not in found and not name.endswith(COUNTER)),
        unexpected=tuple(match.unexpected),
        ignored=tuple(match.ignored),
        head=head,
        replaced=replaced,
        parameters=sum(count for name, count in parameters.values() if name in found),
        of=sum(count for _, count in parameters.values()),
    )
