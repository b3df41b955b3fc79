"""How the weights of transformers begin, each with its source.

Normalizations begin at 1 and 0, as torch has them. The positions, segments and class tokens of this
package draw their own (``modules.tokens``).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from nnarch_nb.verbs.build.modules.combine import Residual

STD = 0.02  # of both: Radford et al. 2018, section 4.1; Devlin et al. 2019, released code


def truncated(network: nn.Module) -> None:
    """Draw weights from a normal of 0.02, cut at two deviations, with biases of 0, as BERT does."""
    draw(network, lambda weight: nn.init.trunc_normal_(weight, std=STD, a=-2 * STD, b=2 * STD))


def gpt(network: nn.Module) -> None:
    """Draw weights as GPT-2 does, from a normal of 0.02, less for what is added to the residual path.

    The last layer of each of the R residual blocks gets 0.02/√R, so that the sum of them stays in bounds
    (Radford et al. 2019, section 2.3; R is twice the number of transformer blocks).
    """
    draw(network, lambda weight: nn.init.normal_(weight, std=STD))
    blocks = [module for module in network.modules() if isinstance(module, Residual)]
    for block in blocks:
        last = [module for module in block.body.modules() if isinstance(module, nn.Linear)][-1]
        nn.init.normal_(last.weight, std=STD / len(blocks) ** 0.5)


def draw(network: nn.Module, fill: Callable[..., object]) -> None:
    """Fill the weights of linear layers and embeddings; biases and the embedding of padding are 0."""
    for module in network.modules():
        if isinstance(module, (nn.Linear, nn.Embedding)):
            fill(module.weight)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
    for module in network.modules():  # after all, as one matrix may be both an embedding and a layer
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            nn.init.zeros_(module.weight[module.padding_idx].detach())
