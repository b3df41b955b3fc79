"""What holds for every line: ``%config NNArch`` lists it, ``%config NNArch.seed = 7`` sets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from traitlets import Bool, Enum, Int, Unicode, observe
from traitlets.config import Configurable

from nnarch_nb.views import theme


class NNArch(Configurable):
    """Defaults of the ``%nnarch`` lines."""

    seed = Int(
        None, allow_none=True, help="Seed of every verb that draws at random, unless --seed is given."
    ).tag(config=True)
    device = Unicode(
        None, allow_none=True, help="Device of every verb that computes, unless --device is given."
    ).tag(config=True)
    palette = Enum(tuple(theme.PALETTES), "okabe-ito", help="Colours of the results shown from now on.").tag(
        config=True
    )
    live = Bool(True, help="Show the progress of long work in a panel.").tag(config=True)

    @observe("palette")
    def _use_palette(self, change: Any) -> None:
        theme.use(change["new"])

    def defaults(self, parameters: Iterable[str]) -> dict[str, Any]:
        """Return the settings that a verb with these parameters takes."""
        return {
            name: value
            for name in ("seed", "device")
            if name in parameters and (value := getattr(self, name)) is not None
        }
