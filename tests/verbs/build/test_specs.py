"""What must hold of every specification: trees written and read again, shapes foretold, nonsense refused."""

import subprocess
import sys
from pathlib import Path

import torch
from hypothesis import HealthCheck, given, settings

from nnarch_nb import build
from nnarch_nb.verbs.build.language import read, write

from .specs import VALID, trees

WIDE = 88
ROOT = Path(__file__).parents[3]
# A drawn tree is large, which hypothesis takes for a mistake of the test.
drawn = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


@drawn
@given(trees())
def test_what_is_written_reads_back_the_same(path):
    text = write(path)
    assert read(text) == path
    assert write(read(text)) == text


@settings(drawn, max_examples=60)
@given(VALID)
def test_a_text_is_laid_out_in_lines_that_fit(spec):
    assert all(len(line) <= WIDE for line in write(read(spec[0])).splitlines())


@settings(drawn, max_examples=20)
@given(VALID)
def test_the_inferred_shape_is_the_shape_that_runs_and_the_network_is_its_text(spec):
    text, shape = spec
    model = build(text, shape).eval()
    assert tuple(model(torch.zeros(2, *shape)).shape[1:]) == model.shapes[-1]
    again = build(model.spec, shape)
    assert again.spec == model.spec
    assert {n: t.shape for n, t in again.state_dict().items()} == {
        n: t.shape for n, t in model.state_dict().items()
    }


def test_any_text_gives_a_network_or_one_line_and_nothing_else():
    # The same for 10,000 texts: python -m tests.verbs.build.hostile 10000
    command = [sys.executable, "-m", "tests.verbs.build.hostile", "250"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "network" in done.stdout
    assert "error" in done.stdout
