"""Wall time of the README's main job once everything is installed: ``python -m nnarch_nb``.

python tests/benchmarks/quickstart_time.py --runs 3
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from statistics import median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how many runs (default: %(default)s)")
    runs = parser.parse_args().runs
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, runs + 1):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "nnarch_nb"], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
            seconds.append(time.perf_counter() - started)
            print(f"run {number}: {seconds[-1]:.1f} s", flush=True)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    print(f"median of {runs}: {median(seconds):.1f} s on {os.cpu_count()} cores{load}")


if __name__ == "__main__":
    main()
