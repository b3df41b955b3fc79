"""Architectures by name: each is a text in the layer language, so it can be read, changed and exported.

``FAMILIES`` is the one table, one file to an entry. It is free of torch, as help and Tab need its names.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families import (
    autoencoder,
    bert,
    cnn,
    gpt,
    gru,
    hybrid,
    lstm,
    mlp,
    resnet,
    rnn,
    transformer,
    unet,
    vit,
)
from nnarch_nb.verbs.build.families.wanted import Family, Wanted

__all__ = ["FAMILIES", "Family", "Wanted"]

FAMILIES: dict[str, Family] = {
    "mlp": mlp.FAMILY,
    "cnn": cnn.FAMILY,
    "resnet": resnet.FAMILY,
    "unet": unet.FAMILY,
    "vit": vit.FAMILY,
    "hybrid": hybrid.FAMILY,
    "autoencoder": autoencoder.FAMILY,
    "rnn": rnn.FAMILY,
    "lstm": lstm.FAMILY,
    "gru": gru.FAMILY,
    "transformer": transformer.FAMILY,
    "bert": bert.FAMILY,
    "gpt": gpt.FAMILY,
}
