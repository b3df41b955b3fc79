"""One file that is the whole network: its weights and the text they belong to.

``model.save("m.safetensors")`` writes it, ``load`` reads it back. A safetensors file holds tensors and
text, nothing that runs. The text is data here too: the layer language reads it, with all its limits,
and the tensors must be those that it asks for before anything is allocated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from nnarch_nb.core.files import as_path
from nnarch_nb.core.types import Network
from nnarch_nb.errors import NNArchError, reason_of, shorten
from nnarch_nb.verbs.build.loading.label import ENTRY, Label, label_of

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.network import Sequence

MOST_COMPUTED = 2**28  # bytes of what a network computes anew and no file holds, such as fixed positions


def packed(network: Sequence) -> bytes:
    """Return the file's content: each tensor once, and the label in the metadata."""
    from safetensors.torch import save

    refuse_unlike_text(network)
    tensors, tied = stored_once(network)
    return save(tensors, metadata={"format": "pt", ENTRY: json.dumps(metadata_of(network, tied))})


def refuse_unlike_text(network: Sequence) -> None:
    """Raise an error where ``load`` could not put these tensors into what the text asks for."""
    from nnarch_nb.verbs.build.network import children

    now = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    if any(tensor.is_meta for tensor in network.state_dict().values()):
        raise NNArchError(f"{network.nnarch_name} is on the meta device, which holds no weights to save")
    with torch.device("meta"):
        outline = nn.Sequential(children(network.plan))
    then = {name: tuple(tensor.shape) for name, tensor in outline.state_dict().items()}
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if changed:
        raise NNArchError(
            f"the network is not what its text says any more ({shorten(', '.join(changed))}); build it so, "
            f"or save the weights alone: torch.save(model.state_dict(), 'weights.pt')"
        )


def stored_once(network: nn.Module) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Return the tensors by name as a file can hold them, and the other names of those that are shared."""
    first: dict[Any, str] = {}
    tensors: dict[str, torch.Tensor] = {}
    tied: dict[str, str] = {}
    for name, tensor in network.state_dict(keep_vars=True).items():
        kept = first.setdefault(id(tensor), name)
        if kept == name:
            tensors[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        else:
            tied[name] = kept
    return tensors, tied


def metadata_of(network: Sequence, tied: dict[str, str]) -> dict[str, Any]:
    from nnarch_nb import __version__

    vocabulary = getattr(network, "vocabulary", None)
    return {
        "version": __version__,
        "spec": network.spec,
        "title": network.nnarch_name,
        "seed": network.seed,
        "input_shape": network.input_shape,
        "tied": tied,
        "classes": list(getattr(network, "classes", None) or ()),
        "source": getattr(network, "source", ""),
        "vocabulary": vocabulary and {"words": vocabulary.words, "level": vocabulary.level},
    }


@torch.inference_mode(False)  # weights made in inference mode could never learn
def restored(path: str | Path) -> Network:
    """Return the network that a file holds: see ``load``."""
    path = as_path(path)
    with opened(path) as file:
        label = label_of(file.metadata(), path)
        with torch.device("meta"):
            outline = built(label, path)
        refuse_other_tensors(file, outline, label, path)
        network = built(label, path)
        put(network, {name: file.get_tensor(name).clone() for name in file.keys()}, label)  # noqa: SIM118
    remember_weights(network, path)
    return network.eval()


def remember_weights(network: nn.Module, path: Path) -> None:
    """Let a network that was built say where its weights come from now."""
    drawn = getattr(network, "initialised", None)
    if isinstance(drawn, str):
        first = drawn.partition(", then")[0]
        network.initialised = f"{first}, then replaced by those of {shorten(path.name)}"  # type: ignore[assignment]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file without reading its tensors; what is wrong with it becomes one line."""
    from safetensors import SafetensorError, safe_open

    if path.is_dir():
        raise NNArchError(f"{path} is a folder; name the .safetensors file in it")
    try:
        with safe_open(path, "pt") as file:
            yield file
    except FileNotFoundError:
        raise NNArchError(f"there is no file {path}") from None
    except SafetensorError as error:
        reason = str(error).removeprefix("Error while deserializing header: ")
        raise NNArchError(
            f"{path.name} is no whole safetensors file ({shorten(reason)}); save it anew"
        ) from None
    except OSError as error:
        raise NNArchError(f"cannot read {path}: {reason_of(error)}") from error


def built(label: Label, path: Path) -> Sequence:
    """Return the network that the text asks for, with weights of no meaning yet."""
    from nnarch_nb.verbs.build import build

    try:
        network: Any = build(label.spec, label.input_shape, name=label.title, seed=label.seed)
    except NNArchError as error:
        raise NNArchError(f"the text in {path.name} is no network: {error}") from None
    return network


def refuse_other_tensors(file: Any, outline: nn.Module, label: Label, path: Path) -> None:
    """Raise unless the file has exactly the tensors that the text asks for."""
    asked, tied, stored = outline.state_dict(), dict(label.tied), set(file.keys())
    computed = sum(b.numel() * b.element_size() for n, b in outline.named_buffers() if n not in asked)
    if computed > MOST_COMPUTED:
        raise NNArchError(f"the text in {path.name} asks for {computed / 2**30:,.1f} GiB beside its weights")
    for what, names in {
        "lacks": asked.keys() - stored - tied.keys(),
        "has beside the network": (stored | tied.keys()) - asked.keys(),
        "stores apart and tied": stored & tied.keys(),
        "ties to nothing": {name for name, kept in tied.items() if kept not in stored},
    }.items():
        if names:
            raise NNArchError(f"{path.name} {what}: {shorten(', '.join(sorted(names)))}; save it anew")
    for name, wanted in asked.items():
        part = file.get_slice(tied.get(name, name))
        if tuple(part.get_shape()) != tuple(wanted.shape):
            raise NNArchError(
                f"{name} is {tuple(part.get_shape())} in {path.name} but {tuple(wanted.shape)} by its text"
            )
        if part.get_dtype().startswith(("F", "BF")) != wanted.is_floating_point():
            raise NNArchError(f"{name} in {path.name} holds {part.get_dtype()} numbers, not {wanted.dtype}")


def put(network: nn.Module, tensors: dict[str, torch.Tensor], label: Label) -> None:
    """Give the network its tensors, their number type included, and tie what was tied."""
    parameters = dict(network.named_parameters(remove_duplicate=False))
    for name, tensor in tensors.items():
        place(network, name, nn.Parameter(tensor) if name in parameters else tensor)
    for name, kept in label.tied:
        place(network, name, network.state_dict(keep_vars=True)[kept])
    types = {tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()}
    if len(types) == 1:  # what is computed anew goes along
        network.to(dtype=types.pop())
    for name in ("classes", "vocabulary", "source"):
        if getattr(label, name):
            setattr(network, name, getattr(label, name))


def place(network: nn.Module, name: str, tensor: torch.Tensor) -> None:
    module, _, own = name.rpartition(".")
    setattr(network.get_submodule(module), own, tensor)
