"""Text that every form can hold: a name may be any string; a picture, a page or a file may not.

XML knows no control characters, UTF-8 no lone halves of a pair, a terminal obeys the first, and marks of
direction show what follows them in another order. The sign that Unicode has for what cannot be shown
stands in their place, so that a reader sees that something is there.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"
# What XML 1.0 leaves out of its characters (section 2.2), the second block of control characters, and the
# marks that turn the direction of writing.
UNSHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def readable(text: str) -> str:
    r"""Return the text with a visible sign for each character that cannot be shown.

    Examples
    --------
    >>> readable("bell\x07"), readable("half \ud800"), readable("two\tlines\n层")
    ('bell�', 'half �', 'two\tlines\n层')
    """
    return UNSHOWN.sub(REPLACEMENT, text)
