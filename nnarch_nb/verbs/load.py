"""``load`` and ``load_pretrained``: networks from files, ours whole and others' weights by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from nnarch_nb.core.types import Network, OneOf
from nnarch_nb.verbs.build.families import choice


def load(path: str | Path) -> Network:
    """Return the network that ``model.save("m.safetensors")`` wrote.

    Safe on a file from anywhere: it holds numbers and text, and nothing in it is executed. The weights
    are those saved, bit by bit, in their own number type; tied ones are tied again.

    Parameters
    ----------
    path
        A ``.safetensors`` file with the network's text in it. For weights alone, as torchvision and
        transformers publish them, there is ``load_pretrained``.

    Returns
    -------
    torch.nn.Module
        As ``build`` returns it, on the CPU, ready for use: in evaluation mode and with every parameter
        free to learn, whatever the modes were when it was saved.

    Raises
    ------
    NNArchError
        There is no such file, it is none of ours or cut short, its text is no network, or its tensors
        are not those of its text.

    Examples
    --------
    >>> import nnarch_nb, torch
    >>> model = nnarch_nb.build("Linear(8), ReLU(), Linear(3)", input=(4,))
    >>> path = model.save("small.safetensors")
    >>> nnarch_nb.load(path)(torch.zeros(1, 4)).shape
    torch.Size([1, 3])
    """
    from nnarch_nb.verbs.build.saving import restored

    return restored(path)


def load_pretrained(
    model: Network | Annotated[str, OneOf(choice.published)], path: str | Path, classes: int | None = None
) -> Network:
    """Return a network with the weights of a local file in the usual layout.

    Nothing in the file is executed: safetensors hold tensors alone, and a pickle is read only as far as it
    holds tensors.

    Parameters
    ----------
    model
        A published configuration (``resnet50``, ``gpt2``, ``bert-base``, ``vit-b-16``), which is built; or a
        network, which is filled.
    path
        A ``.safetensors`` file, the index of several, a state dict as ``.pt``, ``.pth`` or ``.bin``, or a
        folder as transformers saves it. The names are those of torchvision (ResNet, ViT), transformers
        (GPT-2, BERT, ViT, ResNet) or the network's own, with or without what wraps them (``module.``).
    classes
        How many the network shall tell apart; by default as many as the file's. Another number replaces the
        head, which then has to be trained.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, with the report as ``.loaded``: what matched, what was reshaped, what is missing,
        unexpected or ignored, and the line that freezes all but the head.

    Raises
    ------
    NNArchError
        There is no such file, it is damaged or holds code; its names are unknown; a tensor has another
        size than the network's. A network that was given is then as it was.

    Examples
    --------
    >>> import nnarch_nb, torch
    >>> model = nnarch_nb.build("resnet20", seed=1)
    >>> torch.save(model.state_dict(), "weights.pt")
    >>> small = nnarch_nb.load_pretrained("resnet20", "weights.pt", classes=3)
    >>> small.loaded.replaced, small.loaded.missing
    ((10, 3), ('linear1.weight', 'linear1.bias'))
    >>> small.loaded.freeze
    'model.requires_grad_(False).linear1.requires_grad_(True)'
    """
    from nnarch_nb.verbs.build.pretrained import filled

    return filled(model, path, classes)
