"""Texts that nobody should write, and what becomes of them.

As a program it is the heavy test: ``python -m tests.verbs.build.hostile 10000`` builds as many random texts,
tells how many became networks and errors, and fails where a text becomes anything else.
"""

from __future__ import annotations

import resource
import sys
from collections import Counter
from random import Random

from nnarch_nb import NNArchError, build

from .specs import valid_spec

NUMBERS = [
    "0",
    "-1",
    "10**12",
    "2**63",
    "9**9**9",
    "1e308",
    "1e999",
    "0.5",
    "1" + "0" * 5000,
    "True",
    "'3'",
    "-0.0",
]
HOSTILE = [
    "__import__('os').system('x')",
    "(lambda: open('hostile', 'w'))()",
    "[open('hostile', 'w') for _ in (1,)]",
    "Linear(open('hostile', 'w'))",
    "Linear(f\"{open('hostile', 'w')}\")",
    "exec('import os')",
    "eval('1')",
    "ReLU.__class__.__base__.__subclasses__()",
    "Linear(().__class__)",
    "import os; os.system('x')",
    "Linear(10**12)",
    "Repeat(10**9, Linear(4))",
    "Repeat(1000, Repeat(1000, Repeat(1000, ReLU())))",
    "Repeat(10**18, Repeat(10**18, ReLU()))",
    "Linear(9**9**9**9)",
    "Linear(2**2**2**2**2**2)",
    "Linear((1e300)**(1e300))",
    "Unflatten(1, (10**9, 10**9))",
    "Upsample(scale_factor=10**6)",
    "ZeroPad2d(10**9)",
    "LSTM(10**9)",
    "LSTM(4, num_layers=10**9)",
    "Embedding(10**12, 10**6)",
    "Positions(10**12)",
    "Conv2d(10**9, 10**6)",
    "MultiheadAttention(10**9, 10**9)",
    "Linear(" * 90 + ")" * 90,
    "Residual(" * 60 + "ReLU()" + ")" * 60,
    "[" * 5000,
    "(" * 150 + "ReLU()" + ")" * 150,
    "-" * 50_000 + "1",
    "Linear(" + "-" * 9000 + "1)",
    "Linear(" + "+".join(["1"] * 9000) + ")",
    "Linear(" + "(" * 90 + "1" + ",)" * 90 + ")",
    ", ".join(["ReLU()"] * 9000),
    "a0 = [ReLU()]\n" + "\n".join(f"a{i + 1} = [a{i}, a{i}]" for i in range(60)) + "\na60",
    "a0 = [ReLU()]\n" + "\n".join(f"a{i + 1} = [a{i}]" for i in range(200)) + "\na200",
    "n = 9\n" + "\n".join(["n = n * n"] * 50),
    "Linear(4)\0",
    "\ud800",
    "Linear('\\ud800')",
    "\u202eLinear(4)",
    "Ｌinear(4)",
    "ℒinear(4)",
    "Linear(٣)",
    "\x1b[2J",
    "ReLU(), " * 20_000,
    "x" * 99_999,
    "Conv2d(4, 3, padding_mode='" + "z" * 5000 + "')",
    "Add(" + "[], " * 5000 + "[])",
    "PixelShuffle(10**9)",
    "Fold(10**9, 1)",
    "AdaptiveAvgPool2d(10**9)",
    "Unfold(10**9)",
    "ReplicationPad1d(-10**9)",
]
WORDS = """
== := ** // -> ... nn. lambda for in if else import def class True None 64 3 0.5 1e9 'same' é 日
Conv2d Linear ReLU Residual Repeat Add Concat Branch Sequential LSTM Last width block block=
shortcut= dim= bias= padding= Conv2d(8,3) Linear(10) ReLU() Flatten() [ReLU()]
"""
SIGNS = "()[]{},=:.*+-/%@!&|^~<>;#\\'\"\n\t "
TOKENS = [*SIGNS, *WORDS.split(), "width = 4\n", "\0", "\u2028"]
SHAPES = [(4,), (3, 8, 8), (12, 4), (4, 2, 2), (1,), None]


def random_spec(random: Random) -> tuple[str, tuple[int, ...] | None]:
    """Return a text that may be anything, and an input for it."""
    kind = random.random()
    if kind < 0.15:
        return valid_spec(random)
    if kind < 0.6:
        text, shape = valid_spec(random)
        return mutated(text, random), shape
    if kind < 0.75:
        return "".join(random.choice(TOKENS) for _ in range(random.randint(1, 40))), random.choice(SHAPES)
    if kind < 0.85:
        letters = (chr(random.choice([random.randrange(128), random.randrange(0x3000)])) for _ in range(40))
        return "".join(letters), random.choice(SHAPES)
    text = random.choice(HOSTILE)
    if random.random() < 0.3:
        text = f"ReLU(), {text}"
    return (mutated(text, random) if random.random() < 0.3 else text), random.choice(SHAPES)


def mutated(text: str, random: Random) -> str:
    """Return the text with some of it dropped, doubled, moved or replaced."""
    for _ in range(random.randint(1, 3)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.randint(0, 12))
        piece = random.choice(
            ["", random.choice(TOKENS), random.choice(NUMBERS), text[start:end] * 2, text[:9]]
        )
        if random.random() < 0.3 and any(letter.isdigit() for letter in text):  # a number for a number
            start = next(i for i in range(start - len(text), len(text)) if text[i].isdigit()) % len(text)
            end, piece = start + 1, random.choice(NUMBERS)
        text = text[:start] + piece + text[end:]
    return text


def outcome(text: str, shape: tuple[int, ...] | None) -> str:
    """Build; return ``network`` or ``error``; what else comes out is not caught."""
    try:
        build(text, shape)
        return "network"
    except NNArchError as error:
        told, notes = str(error), getattr(error, "__notes__", ())
    told.encode()
    assert told.strip(), text
    assert len(told) < 1500, told
    assert len(told.splitlines()) == 1, told
    assert all(len(lines.splitlines()) == 2 for lines in notes), text
    return "error"


# What no text may cause, as Python itself tells of it.
ACTS = ("os.", "subprocess.", "shutil.", "socket.", "ctypes.dlopen", "webbrowser.", "pty.", "tempfile.")
MOST_MIB = 500  # more memory than before; a network of these texts has some thousand weights
HARMLESS = {"os.listdir", "os.scandir", "os.walk", "os.putenv"}


def watched(count: int) -> Counter[str]:
    """Build random texts; return how they came out, what they did and how much memory the worst one took."""
    for spec in [("cnn", (1, 28, 28)), *(valid_spec(Random(seed)) for seed in range(30))]:
        build(*spec, **({"classes": 10} if spec[0] == "cnn" else {}))  # what is loaded once is loaded now
    seen: Counter[str] = Counter()

    def audit(event: str, args: tuple[object, ...]) -> None:
        acts = event.startswith(ACTS) and event not in HARMLESS
        writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
        if watching and (acts or writes):
            seen[f"did {event} {args}"] += 1

    sys.addaudithook(audit)
    before, watching = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, True
    for seed in range(count):
        text, shape = random_spec(Random(seed))
        try:
            seen[outcome(text, shape)] += 1
        except Exception as error:  # all of them are wanted, not the first
            seen[told := f"failed {type(error).__name__}: {error} for {text!r} on {shape}"[:600]] += 1
            print(seed, told, flush=True)
        if seed % 1000 == 999:
            print(f"{seed + 1}: {seen['network']} networks, {seen['error']} errors", flush=True)
    watching = False
    seen["MiB"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return seen


def main() -> None:
    found = watched(int(sys.argv[1]))
    for what, times in found.items():
        print(f"{what}: {times}")
    strange = [what for what in found if what.startswith(("failed", "did"))]
    sys.exit(bool(strange) or found["MiB"] > MOST_MIB or not found["network"])


if __name__ == "__main__":
    main()
