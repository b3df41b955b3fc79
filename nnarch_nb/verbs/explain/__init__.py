"""``explain``: which parts of an input speak for a prediction, and how exact that account is.

Only the signature and the result live here, free of torch; ``look`` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from nnarch_nb.core.result import OfClasses
from nnarch_nb.core.types import DataLike, Inputs, Network, OneOf
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.verbs.explain.methods import methods

if TYPE_CHECKING:
    import pandas as pd
    import torch

    Tensors = torch.Tensor | tuple[torch.Tensor, ...] | dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(OfClasses):
    """What each part of each input added to a score.

    Attributes
    ----------
    network, source
        Names of what was explained and of the data; ``source`` is empty for bare tensors.
    method, baseline
        The method, and in words what the inputs were compared with.
    attributions
        In the score's unit and of the input's shape: one tensor, or a tuple or dict of tensors where
        the network takes several. One number per token; exactly 0 for padding. On the CPU, like all
        tensors here.
    inputs
        The inputs in raw units, shaped like the attributions; the ids of tokens.
    target
        The output explained, per sample; where one output stands for two classes, the second class.
    prediction
        The predicted class, or the predicted value (regression, and outputs of one number). Of several
        labels the one explained.
    confidence
        The probability of the predicted class or of the label; None where there are no classes.
    labels
        The true class or value; None where it is not known. Of several labels the one explained, −1 where
        the sample does not have it.
    completeness
        Relative error per sample: how far the attributions' sum is from the change of the score
        between baseline and input, over that change (or the score's float precision, if that is more).
    steps
        Gradients taken along the path, per sample.
    unit
        Of the score: ``logit``, ``probability`` or ``output``.
    indices
        Which samples of ``split`` these are.
    classes, features
        Names of the outputs and of a table's columns; empty where not known.
    bounds
        Smallest and largest raw value, for showing pictures; None where not known.
    seed, notes
        What a reader needs to repeat it, and what stands out.
    kind
        Of the data, such as ``classification``; empty for bare tensors.
    vocabulary
        The words behind the ids of tokens; None where not known.
    channels
        Names of the channels of a series; empty where not known.
    """

    network: str
    source: str
    method: str
    baseline: str
    attributions: Tensors
    inputs: Tensors
    target: torch.Tensor
    prediction: torch.Tensor
    confidence: torch.Tensor | None
    labels: torch.Tensor | None
    completeness: torch.Tensor
    steps: torch.Tensor
    unit: str
    indices: torch.Tensor
    split: str
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    seed: int = 0
    notes: tuple[str, ...] = field(default=())
    kind: str = ""
    vocabulary: Vocabulary | None = None
    channels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    def __repr__(self) -> str:
        return f"Explanation({self.network}: {self.method}, n={len(self)})"

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per sample; for a table with one column more per feature's attribution."""
        import pandas as pd

        columns: dict[str, Any] = {
            "target": self.target,
            "label": self.labels,
            "prediction": self.prediction,
            "confidence": self.confidence,
            "completeness": self.completeness,
            "steps": self.steps,
        }
        rows = {name: column.tolist() for name, column in columns.items() if column is not None}
        frame = pd.DataFrame(rows, index=pd.Index(self.indices.tolist(), name="sample"))
        if self.features and not isinstance(self.attributions, (tuple, dict)):
            for name, values in zip(self.features, self.attributions.T, strict=True):
                frame[f"attribution of {name}"] = values.tolist()
        return frame


def explain(
    model: Network,
    inputs: Inputs | DataLike,
    *,
    method: Annotated[str, OneOf(methods)] = "integrated-gradients",
    target: int | None = None,
    n: int = 5,
    baseline: float | None = None,
    steps: int = 64,
    seed: int = 0,
    device: str = "auto",
) -> Explanation:
    """Show which parts of the inputs speak for a prediction.

    Parameters
    ----------
    model
        The network; it is left bitwise as it was.
    inputs
        A ``Data``, or what ``data`` makes one from such as a name or ``(x, y, x_val, y_val)``, of which
        ``n`` held-out samples are drawn; or a tensor of shape ``(n, *sample)``, or a tuple or dict of
        tensors that the network takes, all of whose samples are explained. Integers of shape
        ``(n, steps)`` are tokens: they are explained behind the embedding that gets them.
    method
        How to attribute.
    target
        The output to explain; by default each sample's predicted class, its likeliest label of several,
        and output 0 in regression. One output for two classes is read as the second's: its logit, or its
        probability where it always lies between 0 and 1. Of an answer for every token the last real one
        is explained, of one for every pixel the mean over them, and what gives its input back by its
        error.
    n
        How many samples to draw from a ``Data``.
    baseline
        What the inputs are compared with, one value in raw units for all positions. By default black
        for images of a ``Data``, its training mean for its tables, that of each channel for its series, 0
        for bare tensors. Tokens are compared with the padding token, or with token 0 where their
        embedding has none.
    steps
        Gradients along the path from baseline to input. Samples whose completeness error stays above
        5 % get twice as many, at most eight times.
    seed
        Draws the samples.
    device
        Where to run; ``auto`` is where the model is.

    Returns
    -------
    Explanation
        ``.attributions`` has the input's shape.

    Raises
    ------
    NNArchError
        The network cannot run on the inputs or has no gradient in them, or an option is out of range.

    Notes
    -----
    M. Sundararajan, A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, section 3;
    computed by Captum's ``IntegratedGradients`` with Gauss–Legendre steps. The completeness error is
    its axiom (proposition 1) measured.

    Examples
    --------
    >>> import torch
    >>> layer = torch.nn.Linear(2, 1, bias=False)
    >>> _ = layer.load_state_dict({"weight": torch.tensor([[2.0, -1.0]])})
    >>> explain(layer, torch.tensor([[3.0, 4.0]])).attributions
    tensor([[ 6., -4.]])
    """
    from nnarch_nb.verbs.explain import look

    options = look.Options(method, target, n, baseline, steps, seed, device)
    return look.explanation(model, inputs, options)
