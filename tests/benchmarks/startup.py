"""What it costs to have the package at hand, over a bare interpreter and a bare IPython.

    python tests/benchmarks/startup.py [REPEATS]

Each candidate and its baseline run in turn, so that a busy spell of the machine meets both; the table
gives medians. CPU is what the process itself used, wall is what a person waits.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
MEASURES = {
    "import nnarch_nb": ("", "import nnarch_nb"),
    "%load_ext nnarch_nb": (SHELL, f"{SHELL}shell.run_line_magic('load_ext', 'nnarch_nb')"),
    "first %nnarch (help on all)": (
        f"{SHELL}shell.run_line_magic('load_ext', 'nnarch_nb')",
        f"{SHELL}shell.run_line_magic('load_ext', 'nnarch_nb'); shell.run_line_magic('nnarch', '')",
    ),
}
CLOCK = """
import json, time
begun = time.perf_counter()
{code}
print(json.dumps([1000 * time.process_time(), 1000 * (time.perf_counter() - begun)]))
"""
TAB = f"""{SHELL}
shell.run_line_magic("load_ext", "nnarch_nb")
import json, statistics, time
from IPython.core.completer import CompletionContext
matcher = shell.Completer.custom_matchers[0]
def cost(line, calls=200):
    context = CompletionContext(line, line, len(line), 0, 100)
    matcher(context)
    times = []
    for _ in range(calls):
        context = CompletionContext(line, line, len(line), 0, 100)
        start = time.perf_counter()
        matcher(context)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)
print(json.dumps([cost("%nnarch train model --"), cost("x = model")]))
"""


def run(code: str) -> list[float]:
    """Return what the code prints last, from a fresh interpreter."""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    numbers: list[float] = json.loads(out.splitlines()[-1])
    return numbers


def over(baseline: str, candidate: str, repeats: int) -> tuple[float, float]:
    """Return the median CPU and wall milliseconds that the candidate adds."""
    pairs = [(run(CLOCK.format(code=baseline)), run(CLOCK.format(code=candidate))) for _ in range(repeats)]
    cpu, wall = (
        statistics.median(with_it[i] for _, with_it in pairs)
        - statistics.median(bare[i] for bare, _ in pairs)
        for i in (0, 1)
    )
    return cpu, wall


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"{'added by':<32}{'CPU ms':>8}{'wall ms':>9}   medians of {repeats}")
    for name, (baseline, candidate) in MEASURES.items():
        cpu, wall = over(baseline, candidate, repeats)
        print(f"{name:<32}{cpu:>8.0f}{wall:>9.0f}")
    ours, others = run(TAB)
    print(f"{'Tab on a %nnarch line':<32}{'':>8}{ours:>9.2f}")
    print(f"{'Tab on another line':<32}{'':>8}{others:>9.4f}")


if __name__ == "__main__":
    main()
