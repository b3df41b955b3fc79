"""Real text that every installation has: what libraries and Python say of themselves.

Nothing is copied into this package. The texts are read where they are installed, so they are the same
for the same versions, and as free to use as their libraries are.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data import language, text
from nnarch_nb.verbs.data.bundled import bundled
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options

# The folders of each library that are read: enough of each, and not the 40 MB of all of torch.
PARTS = {
    "matplotlib": (".",),
    "numpy": ("lib", "linalg", "ma", "random", "polynomial", "fft", "_core", "matrixlib"),
    "pandas": ("core/indexes", "core/arrays", "core/groupby", "core/reshape", "core/frame.py",
               "core/series.py", "core/generic.py", "io", "plotting"),
    "scikit-learn": (".",),
    "torch": ("nn", "optim", "distributions", "utils/data", "linalg", "fft", "special", "functional.py",
              "ao", "export", "fx", "amp", "autograd", "profiler"),
}  # fmt: skip
MODULES = {"scikit-learn": "sklearn"}
# The first paragraph of a docstring: it follows a line that ends in a colon, as a def or a class does.
# Parsing the files instead takes twenty times as long and finds the same but for a few.
PARAGRAPH = re.compile(r':\n[ ]+r?"""[ \n]*([^\n"].*?)(?:\n[ ]*\n|""")', re.DOTALL)
LEAST = 5  # words; fewer say nothing of their library
EACH = 800  # texts of a library at most, so that none outweighs the others


@bundled("level", "max_len", "vocab_size")
def docstrings(options: Options) -> Loaded:
    """First paragraphs of the docstrings of five libraries, by library.

    matplotlib (its own licence, after Python's), numpy, pandas, scikit-learn and torch (3-clause BSD), each
    as installed: 800 of each, chosen by their digest and so the same for the same versions.
    """
    found = {library: paragraphs(library) for library in PARTS}
    texts = [each for library in found.values() for each in library]
    names = [library for library, each in found.items() for _ in each]
    note = (
        "first paragraphs of docstrings of installed libraries, under their own licences (BSD, matplotlib's)"
    )
    return text.load(texts, names, "docstrings", options, "library", notes=(note,))


def paragraphs(library: str) -> list[str]:
    """Return first paragraphs of a library's docstrings, each once."""
    spec = find_spec(MODULES.get(library, library))
    if spec is None or spec.origin is None:
        raise NNArchError(
            f"docstrings are read from {library}, which is not installed: pip install {library}"
        )
    root = Path(spec.origin).parent
    found: dict[str, None] = {}
    for path in sources(root, PARTS[library]):
        for match in PARAGRAPH.finditer(path.read_text(encoding="utf-8", errors="replace")):
            paragraph = " ".join(match[1].split())
            if len(paragraph.split()) >= LEAST:
                found[paragraph] = None
    if not found:
        raise NNArchError(f"docstrings are read from {library}, whose sources are not in {root}")
    return sorted(found, key=lambda words: blake2b(words.encode()).digest())[:EACH]


def sources(root: Path, parts: tuple[str, ...]) -> list[Path]:
    """Return the files to read, without those of tests."""
    places = [root / part for part in parts]
    files = [
        path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    return [path for path in files if not any("test" in part for part in path.relative_to(root).parts)]


@bundled("level", "vocab_size", "window")
def python_docs(options: Options) -> Loaded:
    """Half a MB of English: the reference of the Python language as ``help()`` prints it.

    Python Software Foundation licence; as installed with this Python, all topics in alphabetical order.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise NNArchError(
            "this Python came without its reference (pydoc_data): give a text file of yours"
        ) from error
    whole = "\n\n".join(topics[name].strip() for name in sorted(topics))
    return language.load(
        whole, "python-docs", options, ("the reference of this Python, under the PSF licence",)
    )
