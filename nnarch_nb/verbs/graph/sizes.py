"""How much room a text needs, guessed alike on every machine and a little too large.

The true width depends on the reader's fonts, which are not those of the machine that draws.
"""

from __future__ import annotations

from nnarch_nb.verbs.graph.names import cut
from nnarch_nb.verbs.graph.parts import Node

Size = tuple[int, int]

NODE_HEIGHT = 24
LABEL_HEIGHT = 12
MARGIN, LABEL_MARGIN = 12, 18
MONOSPACE = 6.8  # of a character at 11 px
FONT, LABEL_FONT = 12.0, 10.0
SQUARE = 0x2E7F  # East Asian scripts and pictures, which come after it, fill the square
NARROW, WIDE = set("iljtfrI.,:;|!' ()[]"), set("mwMW@%—…")


def text_width(text: str, font: float = FONT) -> float:
    """Return the width in pixels of a text in a proportional font.

    Examples
    --------
    >>> text_width("ill") < text_width("WWW")
    True
    """
    return font * sum(share_of_em(character) for character in text)


def share_of_em(character: str) -> float:
    if character in NARROW:
        return 0.34
    if character in WIDE:
        return 0.92
    if ord(character) > SQUARE:
        return 1.1
    return 0.7 if character.isupper() else 0.6


def name_in_label(node: Node) -> str:
    """Return the attribute's or argument's name as the label begins with it, cut where it is long."""
    name = cut(node.name)
    return name if node.label.startswith(name) else ""


def node_size(node: Node) -> Size:
    """Return width and height of a box; the attribute's name is set in a monospaced font."""
    name = name_in_label(node)
    width = MONOSPACE * sum(2 if ord(c) > SQUARE else 1 for c in name) + text_width(node.text[len(name) :])
    height = NODE_HEIGHT + (LABEL_HEIGHT if node.wrong else 0)
    return max(28, round(max(width, text_width(node.wrong, LABEL_FONT))) + 2 * MARGIN), height


def label_size(label: str) -> Size:
    """Return width and height of a text beside a line or on a frame."""
    return round(text_width(label, LABEL_FONT)) + LABEL_MARGIN, LABEL_HEIGHT
