"""``advise``: which network for this data, and whether it needs one.

``record``     the result, ``parts`` what it is made of
``facts``      what of the data the answer rests on
``rules``      which family when, with reason and source; ``sizes`` how wide and deep
``proposals``  the options as lines that run
``baselines``  the simple models, ``contest`` their measurement in the time given
``trial``      the proposed network trained for a moment, ``verdict`` who is ahead
"""

from __future__ import annotations

from typing import Annotated

from nnarch_nb.core.types import DataLike, WordOf
from nnarch_nb.verbs.advise.parts import Baseline, Budget, Option, Reason, Score, Trial, Verdict
from nnarch_nb.verbs.advise.record import Advice

__all__ = ["Advice", "Baseline", "Budget", "Option", "Reason", "Score", "Trial", "Verdict", "advise"]


def advise(
    data: DataLike,
    *,
    seconds: float = 10,
    seed: int = 0,
    called: Annotated[str, WordOf("data")] | None = None,
) -> Advice:
    """Propose a network for data, beside simple models measured on it.

    The family, its depth and its width are proposed by rules, each with its reason and source, and written
    as lines that run. Simple models (the most frequent class, linear models, gradient boosting) are fitted
    to the training split and measured on the validation split, and so is the proposed network as far as
    time allows. Where the simple model wins, the advice says so. The test split is not looked at.

    Parameters
    ----------
    data
        A ``Data``, the name of a data set, or anything else that ``data`` accepts.
    seconds
        Time for measuring, about: 40 % for the simple models, the rest for the network. What does not fit
        is fitted to fewer samples, which is said, or left out. 0 measures nothing that has to be fitted.
    seed
        Of subsamples, of the initial weights and of the order of training; the session's generators stay
        as they were.
    called
        What the proposed lines call the data: the word given for it in a notebook, else ``data``. What is
        not yet a ``Data`` the first of ``.lines`` makes one.

    Returns
    -------
    Advice
        ``.family`` and ``.line`` (what to run first), ``.options`` with ``.reasons``, ``.baselines``,
        ``.trial``, ``.verdict``, ``.budget`` and ``to_pandas()``.

    Raises
    ------
    NNArchError
        The data cannot be read, has no samples to learn from, or is of a kind that no family answers.

    Notes
    -----
    The parameter budget is a rule of thumb and no law: no more weights than the training split has
    numbers. With 2n + d weights a network of ReLUs can already learn n samples of d numbers by heart
    (C. Zhang et al., "Understanding deep learning requires rethinking generalization", ICLR 2017,
    Theorem 1), and yet larger ones often generalise (M. Belkin et al., PNAS 116, 2019): weight sharing,
    dropout and early stopping count too.

    Intervals are those of ``train``. Two models are compared on the same validation samples: a difference
    counts where its 95 % interval leaves out 0. It is Newcombe's for paired shares (Statistics in Medicine
    17, 1998) for accuracies, else from B. Efron's bootstrap over samples (1979).

    Examples
    --------
    >>> advice = advise("iris", seconds=0)
    >>> advice.family, advice.line
    ('mlp', '%nnarch build mlp data --width 32 --depth 1 -o model')
    """
    from nnarch_nb.core.options import require_number, require_whole
    from nnarch_nb.verbs.advise.work import advice

    return advice(data, require_number("seconds", seconds, 0), require_whole("seed", seed, 0), called)
