"""Tensors by name from a file of weights, whatever library wrote it, without running anything in it."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from nnarch_nb.core.room import memory_bytes
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.saving import opened

INDEX = ".safetensors.index.json"  # names the files of a network that is stored in several
PICKLES = (".pt", ".pth", ".bin")
WRAPPERS = ("state_dict", "model_state_dict", "model", "module")  # a checkpoint holds the weights under one
IN_FOLDER = ("model.safetensors", f"model{INDEX}", "pytorch_model.bin")
LONGEST_INDEX = 50_000_000  # bytes

Tensors = dict[str, torch.Tensor]


def read(path: Path) -> Tensors:
    """Return the tensors of a file, or of a folder as transformers writes it.

    Raises
    ------
    NNArchError
        It is no such file, it is cut short, or it holds more than tensors.
    """
    path = inside(path) if path.is_dir() else path
    if path.name.endswith(INDEX):
        return read_parts(path)
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    if path.suffix in PICKLES:
        return read_pickle(path)
    known = ", ".join((".safetensors", INDEX, *PICKLES))
    raise NNArchError(f"{shorten(path.name)} is no file of weights; known are {known}")


def inside(folder: Path) -> Path:
    found = next((folder / name for name in IN_FOLDER if (folder / name).is_file()), None)
    if found is None:
        raise NNArchError(f"the folder {folder} holds none of {', '.join(IN_FOLDER)}; name the file")
    return found


def read_safetensors(path: Path) -> Tensors:
    with opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def read_parts(index: Path) -> Tensors:
    """Return the tensors of all files that an index names; they lie beside it."""
    try:
        if index.stat().st_size > LONGEST_INDEX:
            raise ValueError("it is too long")
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        outside = [name for name in names if Path(name).name != name]
    except FileNotFoundError:
        raise NNArchError(f"there is no file {index}") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NNArchError(f"{index.name} is no index of files ({shorten(error)})") from None
    if outside:
        raise NNArchError(f"{index.name} names {shorten(outside[0])}, which is not beside it")
    tensors: Tensors = {}
    for name in names:
        tensors |= read_safetensors(index.parent / name)
    return tensors


def read_pickle(path: Path) -> Tensors:
    refuse_swollen(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats, which are refused or read all the same
            held = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise NNArchError(f"there is no file {path}") from None
    except pickle.UnpicklingError as error:
        raise NNArchError(
            f"{path.name} was not read: it holds more than tensors, which could run code, or is damaged "
            f"({shorten(str(error).partition('.')[0])}); save model.state_dict() alone"
        ) from None
    except Exception as error:  # a damaged pickle raises whatever it stumbles over
        raise NNArchError(f"{path.name} cannot be read: {type(error).__name__}: {shorten(error)}") from None
    return unwrapped(held, path)


def refuse_swollen(path: Path) -> None:
    """Refuse an archive that unpacked would be larger than the machine's memory."""
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        held = sum(entry.file_size for entry in archive.infolist())
        if held > memory_bytes():
            raise NNArchError(f"{path.name} holds {held / 2**30:,.0f} GiB, more than this machine's memory")


def unwrapped(held: Any, path: Path) -> Tensors:
    """Return the weights in what was loaded: the dict itself, or one in it."""
    for _ in WRAPPERS:
        if not isinstance(held, Mapping):
            break
        inner = next((held[name] for name in WRAPPERS if isinstance(held.get(name), Mapping)), None)
        if inner is None:
            break
        held = inner
    tensors = (
        {}
        if not isinstance(held, Mapping)
        else {
            name: value
            for name, value in held.items()
            if isinstance(name, str) and isinstance(value, torch.Tensor)
        }
    )
    if not tensors:
        raise NNArchError(f"{path.name} holds no weights by name; save model.state_dict()")
    for name, tensor in tensors.items():
        if tensor.is_meta or tensor.layout != torch.strided:
            kind = "meta, without values" if tensor.is_meta else str(tensor.layout).removeprefix("torch.")
            raise NNArchError(f"{shorten(name)} in {path.name} is {kind}; save it as an ordinary tensor")
    return tensors
