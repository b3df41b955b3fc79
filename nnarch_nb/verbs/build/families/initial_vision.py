"""How families draw their weights where their source says more than torch's own way.

Each function is given the network and changes it in place; ``build`` has seeded the generators.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


@torch.no_grad()
def he_fan_out(network: nn.Module) -> None:
    """Draw convolutions as He et al. 2015, Delving Deep into Rectifiers, section 2.2, backward case.

    Normal with the deviation ``sqrt(2 / fan_out)``, which keeps the size of gradients through ReLUs.
    Norms begin as 1 and 0, and the last linear layer as torch draws it, like the reference
    implementation of the residual networks.
    """
    for module in network.modules():
        if isinstance(module, CONVOLUTIONS):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


@torch.no_grad()
def vision_transformer(network: nn.Module) -> None:
    """Draw linear layers as Glorot & Bengio 2010, patches as LeCun's normal, as published with ViT.

    Dosovitskiy et al. 2021, An Image is Worth 16×16 Words, and its reference implementations: biases of
    almost 0, positions and class token (``modules.tokens``) normal with a deviation of 0.02. The head,
    which begins at 0 there, is as small as those here, so that no first gradient is 0.
    """
    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    for layer in linear:
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.normal_(layer.bias, std=1e-6)
    for module in network.modules():
        if isinstance(module, CONVOLUTIONS):
            nn.init.trunc_normal_(module.weight, std=sqrt(1 / module.weight[0].numel()))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    nn.init.normal_(linear[-1].weight, std=0.02)
