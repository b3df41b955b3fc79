"""The README is true: its commands are those that CI runs, and it names every verb."""

from __future__ import annotations

import re
from pathlib import Path

import nnarch_nb
from nnarch_nb.magics.verbs import verbs_of

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_ci_finds_the_test_command():
    pattern = re.search(r"grep -E '([^']+)' README.md", (ROOT / ".ci" / "run").read_text())
    commands = re.findall(pattern[1], README, flags=re.MULTILINE)
    assert len(commands) == 1
    assert "-c constraints.txt" in commands[0]


def test_the_main_job_is_one_line():
    assert re.search(
        r"^python3 -m venv .*'\.\[lab\]' && \.venv/bin/python -m nnarch_nb$", README, re.MULTILINE
    )


def test_the_table_names_every_verb_in_the_loop_s_order():
    assert re.findall(r"^\| `([\w-]+)` \|", README, re.MULTILINE) == list(verbs_of(nnarch_nb.VERBS))


def test_what_it_points_to_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
    scripts = re.findall(r"tests/\S+?\.py", README)
    assert [script for script in scripts if not (ROOT / script).exists()] == []


def test_it_starts_with_the_picture():
    assert re.match(r"!\[.+\]\(notebooks/images/loop\.png\)", README)
