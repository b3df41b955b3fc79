"""``python -m nnarch_nb``: run the quickstart here and now."""

from __future__ import annotations

import sys

from nnarch_nb.quickstart import main

if __name__ == "__main__":
    sys.exit(main())
