"""``attack``: how many predictions survive small changes made on purpose.

Only the signature and the result live here, free of torch; ``sweep`` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isclose
from typing import TYPE_CHECKING, Annotated, Any, Literal

from nnarch_nb.core.result import OfClasses
from nnarch_nb.core.stats import Share
from nnarch_nb.core.types import DataLike, Network, OneOf
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack.attacks import attacks as known_attacks

if TYPE_CHECKING:
    import pandas as pd
    import torch

Interval = tuple[float, float, float]  # share, and its 95 % interval


@dataclass(frozen=True, eq=False, repr=False)
class Robustness(OfClasses):
    """How accuracy falls under attack: upper bounds, for a stronger attack may find more.

    Attributes
    ----------
    network, source, split
        Names of what was attacked, of the data and of its split.
    clean
        Accuracy without attack.
    robust
        Accuracy when every attack of the list may try, by eps: ``(accuracy, low, high)`` with its 95 %
        Wilson interval. A sample that is wrong without attack counts as fooled.
    attacks
        The same for each attack alone, by its name. After an interrupt some have fewer eps, or none.
    eps
        The largest eps measured, in ``unit``.
    unit
        What one of eps is: ``pixels 0–255``, ``raw units …``, ``of each column's range``, ``of the
        range …``, or ``tokens changed``.
    bounds
        Smallest and largest raw value an adversarial may have; of text the first and last word.
    originals, labels, predictions, indices
        The samples in raw units, their classes, what the network says of them, and where they are in
        the split. Of several labels or of pixels, class 1 is the right answer: all labels right, or most
        pixels. On the CPU, like all tensors here.
    adversarials, verdicts
        By eps: for each sample the change that fools at the smallest eps, else the strongest found, in
        raw units; what the network says of it.
    budget
        ``forward`` and ``backward`` (samples sent through the network each way) and ``cpu_seconds``.
    steps, seed
        What a reader needs to repeat it.
    certified
        A proven lower bound; None: not computed.
    audit
        Whether the number is real; None: not checked.
    classes, features
        Names of the classes and of a table's columns; empty where not known.
    notes
        What stands out.
    norm
        ``linf``: eps bounds every value's change; ``l0``: it is how many tokens change.
    kind, vocabulary, channels
        Of the data; the words behind the ids of tokens, None where not known.
    """

    network: str
    source: str
    split: str
    clean: Share
    robust: dict[float, Interval]
    attacks: dict[str, dict[float, Interval]]
    eps: float
    unit: str
    bounds: tuple[float, float]
    originals: torch.Tensor
    labels: torch.Tensor
    predictions: torch.Tensor
    indices: torch.Tensor
    adversarials: dict[float, torch.Tensor]
    verdicts: dict[float, torch.Tensor]
    budget: dict[str, float]
    steps: int
    seed: int
    certified: None = None
    audit: None = None
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    norm: str = "linf"
    notes: tuple[str, ...] = field(default=())
    kind: str = "classification"
    vocabulary: Vocabulary | None = None
    channels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return (
            f"Robustness({self.network}: clean {self.clean.value:.1%}, at most "
            f"{self.robust[self.eps][0]:.1%} at eps {self.eps:g}, n={len(self)})"
        )

    def measured(self, eps: float | None = None) -> float:
        """Return the measured eps that is meant; the largest where none is given.

        Raises
        ------
        NNArchError
            This eps was not measured.
        """
        if eps is None:
            return self.eps
        for known in self.robust:
            if isclose(known, eps, rel_tol=1e-6):
                return known
        raise NNArchError(
            f"eps {eps:g} was not measured; there are {', '.join(f'{e:g}' for e in self.robust)}"
        )

    def adversarial(self, eps: float | None = None) -> torch.Tensor:
        """Return for each sample what fools the network, else the nearest to it, within eps in raw units."""
        return self.adversarials[self.measured(eps)]

    def fooled(self, eps: float | None = None) -> torch.Tensor:
        """Return for each sample whether the network is wrong about it within eps."""
        return self.verdicts[self.measured(eps)] != self.labels

    def to_pandas(self) -> pd.DataFrame:
        """Return accuracy with its interval per eps and attack; ``any`` means that all may try."""
        import pandas as pd

        rows: list[tuple[Any, ...]] = [(0.0, "none", self.clean.value, self.clean.low, self.clean.high)]
        for name, curve in {**self.attacks, "any": self.robust}.items():
            rows += [(eps, name, *interval) for eps, interval in curve.items()]
        frame = pd.DataFrame(rows, columns=["eps", "attack", "accuracy", "low", "high"])
        return frame.assign(n=len(self))


def attack(
    model: Network,
    data: DataLike,
    *,
    eps: float | None = None,
    bounds: tuple[float, float] | None = None,
    unit: Literal["raw", "range"] | None = None,
    attacks: Annotated[list[str], OneOf(known_attacks)] | None = None,
    n: int = 128,
    steps: int = 40,
    batch_size: int = 64,
    seed: int = 0,
    device: str = "auto",
) -> Robustness:
    """Measure how many predictions survive small changes made on purpose.

    Parameters
    ----------
    model
        The network; it is left bitwise as it was. One output for two classes is read as the second's:
        its logit, or its probability where it always lies between 0 and 1.
    data
        A ``Data``, or ``(x, y)`` and what else ``data`` accepts; its held-out split is attacked.
    eps
        The largest change of any one value, in raw data units (before normalization): 8 for pixels
        0–255, 8/255 for pixels 0–1. By default a tenth of the range. A quarter and a half of it are
        measured too. Of text, how many tokens are swapped, by default 8; 1, 2 and 4 are measured too.
    bounds
        Smallest and largest raw value possible; by default the data's.
    unit
        ``raw``: eps is in raw units; ``range``: it is a share of the range, for a table of each column's.
        By default raw; in a table with named columns or a series and no eps, a tenth of each column's or
        channel's range. Padding stays as it is.
    attacks
        Which ones; by default all that fit: ``fgsm`` and ``pgd`` move numbers, ``random-swap`` and
        ``hotflip`` swap tokens.
    n
        How many samples to draw.
    steps
        Gradients per sample and eps that an iterative attack may take.
    batch_size
        Samples attacked at once; the answer does not depend on it.
    seed
        Draws the samples and the random starts.
    device
        Where to run; ``auto`` is where the model is.

    Returns
    -------
    Robustness
        Clean accuracy, upper bounds of robust accuracy, and the adversarials themselves.

    Raises
    ------
    NNArchError
        There is nothing to fool (numbers, the next token), the network has no gradient, or an option is
        out of range.

    Notes
    -----
    FGSM: I. Goodfellow, J. Shlens, C. Szegedy, "Explaining and Harnessing Adversarial Examples", ICLR
    2015, section 4. PGD: A. Madry et al., "Towards Deep Learning Models Resistant to Adversarial
    Attacks", ICLR 2018, section 2.1; with the momentum of F. Croce, M. Hein, "Reliable Evaluation of
    Adversarial Robustness", ICML 2020, section 3, a step that falls by a cosine, and half the way
    back to the sample where the gradient is zero. HotFlip: J. Ebrahimi et al., "HotFlip: White-Box
    Adversarial Examples for Text Classification", ACL 2018, section 3; special tokens are neither changed
    nor put in, and a swap counts only where a run of the network confirms it. Several labels count as
    fooled where one is wrong, an image of pixels where most of them are. The smallest eps comes first: what
    fools within it fools within a larger one, so a sample once fooled is not attacked again. An interrupt
    keeps what was finished.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Linear(2, 2)
    >>> _ = model.load_state_dict({"weight": torch.eye(2), "bias": torch.zeros(2)})
    >>> x, y = torch.tensor([[0.9, 0.1], [0.4, 0.5]]), torch.tensor([0, 1])
    >>> attack(model, (x, y, x, y), eps=0.2, bounds=(0, 1)).robust[0.2][0]
    0.5
    """
    from nnarch_nb.verbs.attack import sweep
    from nnarch_nb.verbs.attack.options import Options

    options = Options(eps, bounds, unit, attacks, n, steps, batch_size, seed, device)
    return sweep.robustness(model, data, options)
