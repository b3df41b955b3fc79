"""Test accuracy of the mended SimpleCNN: on mnist-5k, and on full MNIST in 2 epochs with ``--root``.

    python tests/benchmarks/quickstart_accuracy.py --seeds 3
    python tests/benchmarks/quickstart_accuracy.py --root DIR     # DIR holds MNIST's IDX files

Each line says the accuracy with its 95 % interval; the median over the seeds comes last.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import nnarch_nb

MENDED = """
Conv2d(32, 3), ReLU()
Conv2d(64, 3), ReLU(), MaxPool2d(2)
Dropout(0.25), Flatten()
Linear(128), ReLU()
Linear(10)
"""


def measure(name: str, make_data: Callable[[int], object], epochs: int, seeds: int) -> None:
    shares = []
    for seed in range(seeds):
        started = time.perf_counter()
        model = nnarch_nb.build(MENDED, (1, 28, 28), seed=seed)
        run = nnarch_nb.train(model, make_data(seed), epochs=epochs, seed=seed)
        shares.append(run.test.value)
        print(
            f"{name}, {epochs} epochs, seed {seed}: {run.test}, {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    print(f"{name}: median of {seeds} seeds {median(shares):.2%}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", help="folder with MNIST's IDX files, for full MNIST instead of mnist-5k")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds (default: %(default)s)")
    options = parser.parse_args()
    if options.root:
        measure("mnist", lambda seed: nnarch_nb.data("mnist", root=options.root, seed=seed), 2, options.seeds)
    else:
        measure("mnist-5k", lambda seed: nnarch_nb.data("mnist-5k", seed=seed), 3, options.seeds)


if __name__ == "__main__":
    main()
