"""``generate``: let a network that tells the next token go on with a text."""

from __future__ import annotations

from nnarch_nb.core.types import Network, Prompt
from nnarch_nb.verbs.generate.result import Generated


def generate(
    model: Network,
    prompt: Prompt,
    n: int = 50,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> Generated:
    """Continue a sequence of tokens, or a text, by ``n`` tokens.

    ``model.generate(prompt, n)`` of a network that was built returns the continued prompt alone.

    Parameters
    ----------
    model
        A network that gives scores for the next token after each step: ``(n, steps) -> (n, steps,
        vocabulary)``. It is run in evaluation mode and left as it was.
    prompt
        A text where the network knows a vocabulary (``model.vocabulary``, of the data it was built for); a
        list or tensor of ids ``(steps,)`` or ``(n, steps)``; or a list of such prompts of any lengths.
    n
        How many tokens to add to each prompt.
    temperature
        Scores are divided by it before one is drawn; 0 always takes the likeliest.
    top_k
        Draw only among that many likeliest; None among all.
    seed
        Of the draws; the session's generators stay as they were.

    Returns
    -------
    Generated
        Prompt and continuation: ``.continued`` in the form of the prompt, ``.tokens`` and ``.texts`` one by
        one. Padding is never drawn. An interrupt ends it after the current token.

    Raises
    ------
    NNArchError
        The prompt is empty, longer than the network has positions for, or holds what is no token; the
        network does not answer for each step.

    Notes
    -----
    A network with learned positions for ``max_len`` steps sees the last ``max_len`` tokens once there are
    more.

    Examples
    --------
    >>> import nnarch_nb
    >>> model = nnarch_nb.build("gru", (16,), vocab_size=50)
    >>> nnarch_nb.generate(model, [3, 4, 5], 4, seed=1).continued.shape
    torch.Size([7])
    """
    from nnarch_nb.verbs.generate.continuing import Draws, generated

    return generated(model, prompt, n, Draws(temperature, top_k, seed))
