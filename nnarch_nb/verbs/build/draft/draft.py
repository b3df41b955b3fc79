"""The draft itself: its text, and on demand what that would be; nothing is worked out twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.core.result import Result
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.asked import example_from, network_for, reads_tokens
from nnarch_nb.verbs.build.draft.drawing import drawn
from nnarch_nb.verbs.build.draft.mending import Proposal, blamed_for, proposals
from nnarch_nb.verbs.build.draft.rows import Row, parameters, rows_of
from nnarch_nb.verbs.build.draft.trying import PLACE, Trial, tried
from nnarch_nb.verbs.build.draft.wish import Wish
from nnarch_nb.verbs.build.language import Path, read
from nnarch_nb.verbs.build.language.cure import cures_of
from nnarch_nb.verbs.build.suiting import refuse_other_answers, refuse_unseen_padding

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.network import Sequence
    from nnarch_nb.verbs.graph import Graph


@dataclass(frozen=True, repr=False)
class Draft(Result):
    """A text of layers under work.

    Attributes
    ----------
    text
        In the layer language; it may be empty, or not readable yet.
    wish
        What it is for.
    store
        The name that a notebook keeps the network by.

    Examples
    --------
    >>> from nnarch_nb import build
    >>> draft = build("Conv2d(8, 3), ReLU(), Flatten(), nn.Linear(100, 10)", (1, 8, 8), ui=True)
    >>> draft
    Draft(4 layers, the 4th does not fit)
    >>> draft.problem
    'nn.Linear(100, 10) gets (288,) but has in_features=100; give 288'
    >>> [proposal.words for proposal in draft.proposals]
    ['Write nn.Linear(288, 10)', 'Write Linear(10)']
    """

    text: str
    wish: Wish
    store: str = "model"

    def __repr__(self) -> str:
        if self.unreadable:
            return "Draft(not readable yet)"
        count = f"{len(self.layers)} layer{'s' * (len(self.layers) != 1)}"
        if self.trial.failed is None:
            return f"Draft({count})"
        return f"Draft({count}, the {ordinal(self.trial.failed[0] + 1)} does not fit)"

    @cached_property
    def reading(self) -> tuple[Path, NNArchError | None]:
        if not self.text.strip():
            return (), None
        try:
            return read(self.text), None
        except NNArchError as error:
            return (), error

    @property
    def layers(self) -> Path:
        """As read; none where the text cannot be read."""
        return self.reading[0]

    @property
    def unreadable(self) -> str:
        """Why the text cannot be read, with line and column; empty where it can."""
        return str(self.reading[1] or "")

    @property
    def caret(self) -> str:
        """The line that cannot be read, with a caret under the place."""
        return "\n".join(getattr(self.reading[1], "__notes__", ()))

    @cached_property
    def example(self) -> torch.Tensor | None:
        """A sample on ``meta``: its shape and type."""
        if self.wish.shape is None:
            return None
        given = self.wish.inputs
        dtype = example_from(given).dtype if isinstance(given, (Data, torch.Tensor)) else torch.float32  # type: ignore[union-attr]
        if not isinstance(given, (Data, torch.Tensor)) and reads_tokens(self.layers):
            dtype = torch.long  # a shape says nothing of tokens
        return torch.empty(1, *self.wish.shape, dtype=dtype, device="meta")

    @cached_property
    def trial(self) -> Trial:
        """How far the layers go."""
        return tried(self.layers, self.example)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A line for each layer, those inside others after them."""
        found = rows_of(self.trial)
        if self.misfit is None:
            return found
        blamed = blamed_for(self.layers, cures_of(self.misfit))
        return tuple(
            replace(row, state="broken", problem=self.other_answer) if row.at == blamed else row
            for row in found
        )

    @cached_property
    def problem(self) -> str:
        """Why it is no network yet, in one line; empty where it is one."""
        if self.unreadable or not self.layers:
            return self.unreadable or "there are no layers yet; add one, or choose a family"
        return self.trial.problem or self.other_answer

    @property
    def other_answer(self) -> str:
        """Why it is no network for the data or the classes; empty where it is one, or nothing is known."""
        return PLACE.sub("", str(self.misfit or ""))

    @cached_property
    def misfit(self) -> NNArchError | None:
        if self.wish.wrote == self.text or self.trial.failed or not self.layers:
            return None
        padded = any(flow.padded for flow in self.trial.flows.values())
        embeds = any(inner.name == "Embedding" for layer in self.layers for inner in layer.walk())
        try:
            refuse_unseen_padding(padded, embeds, self.wish.data)
            refuse_other_answers(self.trial, self.wish.data, self.classes)
        except NNArchError as error:
            return error
        return None

    @property
    def classes(self) -> int | None:
        data = self.wish.data
        return self.wish.classes if self.wish.classes is not None or data is None else data.outputs

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """What would mend it, each tried."""
        if self.unreadable or not self.problem:
            return ()
        return proposals(self.trial, self.example, () if self.misfit is None else cures_of(self.misfit))

    @cached_property
    def params(self) -> int:
        """Of all layers that stand."""
        return sum(parameters(plan) for plan in self.trial.standing)

    def changed(self, text: str | None = None, **wish: Any) -> Draft:
        """Return the draft with another text, or for another input or number of classes."""
        text = self.text if text is None else text
        return replace(self, text=text, wish=replace(self.wish, **wish))

    def kept_as(self, name: str) -> Draft:
        """Return the draft with the name that a notebook keeps its network by."""
        return replace(self, store=name)

    def network(self) -> Sequence:
        """Return the network, its weights drawn.

        Raises
        ------
        NNArchError
            It is none yet.
        """
        if self.problem:
            raise NNArchError(self.problem)
        wish = self.wish
        of_family = bool(wish.family) and wish.wrote == self.text
        spec, options = (wish.family, wish.options) if of_family else (self.text, {})
        return network_for(spec, wish.inputs, wish.classes, options, wish.name, wish.seed)

    def bare(self) -> Sequence:
        """Return the network without memory for its weights, to be looked at."""
        with torch.device("meta"):
            return self.network()

    def graph(self) -> Graph | None:
        """Return the picture of what stands, the layer that does not fit marked; None where there is none."""
        return drawn(self.trial, self.example, self.wish.name or "Network")


def ordinal(number: int) -> str:
    """Return ``1st``, ``2nd``, ``11th``.

    Examples
    --------
    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"
