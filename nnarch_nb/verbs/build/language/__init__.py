"""The layer language: torch.nn's own names and five combinators, read with ``ast`` and never executed.

A text becomes a tree of ``Layer``; ``write`` turns that back into a text that reads the same. Which layers
exist and what they mean is not decided here, so the language stays small and free of torch.
"""

from nnarch_nb.verbs.build.language.reader import read, text_of
from nnarch_nb.verbs.build.language.source import pointing
from nnarch_nb.verbs.build.language.tree import COMBINATORS, Layer, Path
from nnarch_nb.verbs.build.language.writer import write

__all__ = ["COMBINATORS", "Layer", "Path", "pointing", "read", "text_of", "write"]
