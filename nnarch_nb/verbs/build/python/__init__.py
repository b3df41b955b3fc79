"""``to_python``: a network as the class that a person would have written, for torch alone.

Nobody is locked in: what was built from a sentence leaves as source code that runs without this package,
with the same names of weights and the same numbers, and shows how it is done.
"""

from __future__ import annotations

from nnarch_nb.core.types import Network
from nnarch_nb.errors import NNArchError, shorten


def to_python(model: Network, name: str | None = None) -> str:
    """Return the source code of a network made by ``build``: a module that needs only torch.

    Layers that occur more than once become one class whose arguments are the numbers that differ. The
    weights are not in it: ``state_dict`` has the same keys on both sides.

    Parameters
    ----------
    model
        Made by ``build``, ``load`` or ``load_pretrained``.
    name
        Of the class; by default from the network's own.

    Returns
    -------
    str
        Formatted code: imports, the classes it needs, and the network's own last. With the same weights
        it gives the same numbers, bit by bit, also in training under the same seed. Recurrent layers over
        padded steps are packed, which ``torch.export`` cannot follow: export the network itself.

    Raises
    ------
    NNArchError
        The network was not made by ``build``, or layers were exchanged since.

    Examples
    --------
    >>> import nnarch_nb
    >>> model = nnarch_nb.build("Linear(8), ReLU(), Linear(3)", input=(4,), name="Tiny")
    >>> code = nnarch_nb.to_python(model)
    >>> print(code[code.index("    def forward") :].rstrip())
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.relu1(self.linear1(x))
            return self.linear2(x)
    """
    from nnarch_nb.verbs.build.python.module import as_built, written

    if name is not None and not isinstance(name, str):
        raise NNArchError(f"name must be a text, not {shorten(repr(name))}")
    return written(as_built(model), name)
