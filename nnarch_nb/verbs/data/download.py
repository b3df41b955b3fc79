"""MNIST and its fashion twin: from a folder, or downloaded once and checked against known SHA-256 sums.

The sums are those of the gzipped files as published; a file that differs by one bit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nnarch_nb.core.events import Task, task
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import idx
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options

MEGABYTE = 1e6
CHUNK = 1 << 16


@dataclass(frozen=True)
class Remote:
    """Where the files of a set are published, and the SHA-256 of each."""

    name: str
    url: str
    files: dict[str, str]


MNIST = Remote(
    "mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)
FASHION = Remote(
    "fashion-mnist",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)
LABELS = "train-labels-idx1-ubyte.gz"  # the smallest file that tells a set
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def mnist(root: str | None, options: Options) -> Loaded:
    """60,000 and 10,000 handwritten digits of 28×28 pixels (Y. LeCun, C. Cortes, C. Burges)."""
    options.require_only((), "mnist")
    return from_root(MNIST, root, tuple("0123456789"), ("mnist", "MNIST/raw"))


def fashion_mnist(root: str | None, options: Options) -> Loaded:
    """60,000 and 10,000 pictures of clothes of 28×28 pixels (H. Xiao, K. Rasul, R. Vollgraf, 2017)."""
    options.require_only((), "fashion-mnist")
    return from_root(FASHION, root, CLOTHES, ("fashion-mnist", "FashionMNIST/raw"))


def is_fashion(folder: Path) -> bool:
    """Tell fashion-mnist by the folder's name, ``FashionMNIST/raw`` too, or by its published labels."""
    place = folder.resolve()
    named = place.parent if place.name == "raw" else place
    if re.sub("[-_ ]", "", named.name.lower()) == "fashionmnist":
        return True
    labels = folder / LABELS
    return labels.is_file() and sha256(labels.read_bytes()).hexdigest() == FASHION.files[LABELS]


def from_root(remote: Remote, root: str | None, classes: tuple[str, ...], within: tuple[str, ...]) -> Loaded:
    folder = home_expanded(root) if root is not None else fetch(remote)
    return idx.read_folder(folder, remote.name, classes, within)


def home_expanded(root: str) -> Path:
    try:
        return Path(root).expanduser()
    except (TypeError, RuntimeError) as error:
        raise NNArchError(f"root={shorten(repr(root))} is no folder: {error}") from error


def fetch(remote: Remote, cache: Path | None = None) -> Path:
    """Return a folder with the files of the set, downloading those that are not in the cache yet.

    Parameters
    ----------
    remote
        What to get.
    cache
        Where to keep it; without it, the user's cache folder. A file is there whole or not at all.

    Raises
    ------
    NNArchError
        A file cannot be downloaded, or is not the one that was published.
    """
    import pooch

    folder = cache or Path(pooch.os_cache("nnarch_nb")) / remote.name
    store = pooch.create(path=folder, base_url=remote.url, registry=remote.files)
    try:
        with quiet(pooch.get_logger()):
            for file in remote.files:
                fetch_file(store, file, remote.name)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong sum is a ValueError
        reason = "its SHA-256 differs" if isinstance(error, ValueError) else type(error).__name__
        raise NNArchError(
            f"{file} of {remote.name} could not be had from {remote.url} ({reason}: {shorten(error)}); get "
            f"the four files yourself and name their folder with root=, or use mnist-5k, which is built in"
        ) from error
    return folder


def fetch_file(store: Any, file: str, name: str) -> None:
    import pooch

    with task("data", f"{name}: {file}", total=1, unit="MB") as work:
        store.fetch(file, downloader=pooch.HTTPDownloader(progressbar=Progress(work), chunk_size=CHUNK))


class Progress:
    """Tells a task of a download, in the words that pooch expects of a progress bar."""

    def __init__(self, work: Task) -> None:
        self.work = work
        self.received = 0

    @property
    def total(self) -> float:
        return self.work.total * MEGABYTE

    @total.setter
    def total(self, size: float) -> None:
        self.work.total = size / MEGABYTE

    def update(self, size: int) -> None:
        if self.work.stopping:
            raise KeyboardInterrupt  # pooch removes the half that came
        self.received += size
        self.work.advance(min(self.received / MEGABYTE, self.work.total))

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        self.work.advance(self.work.total)


@contextmanager
def quiet(logger: Any) -> Iterator[None]:
    """Keep pooch from printing: the task tells of the download."""
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
