"""What a person does to a draft, act by act, and the way back.

The text is the one truth: a change of the list is written as text and read again, so that list and text
cannot differ. An act that cannot be done leaves everything as it was and says why in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from nnarch_nb.errors import NNArchError, pick, shorten
from nnarch_nb.verbs.build.draft import Draft, checked, with_spec
from nnarch_nb.verbs.build.draft.edits import doubled, inserted, moved, read_beside, removed, replaced
from nnarch_nb.verbs.build.draft.remarks import only_in_text
from nnarch_nb.verbs.build.draft.trying import Address
from nnarch_nb.verbs.build.language import Path, read, write
from nnarch_nb.views.live.builder.usual import usual_text

MOST_BACK = 200
UNREADABLE = "The text cannot be read yet; mend it in the text, or undo."
Told = Mapping[str, Any]


class Bench:
    """A draft under work, what it was before, and the chosen row."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.readable = draft
        self.before: list[Draft] = []
        self.after: list[Draft] = []
        self.chosen: Address | None = None
        self.typing = False

    def do(self, act: str, told: Told) -> str:
        """Do an act; return what there is to say about it.

        Raises
        ------
        NNArchError
            It cannot be done; all is as it was.
        """
        typing, self.typing, previous = self.typing, False, self.draft
        self.chosen = None
        line = pick(act, ACTS, "act")(self, told)
        self.typing = act == "text"
        if act in REWRITES and self.draft is not previous and (lost := only_in_text(previous.text)):
            line = f"{line} The text was written anew, without its {lost}, which undoing brings back.".strip()
        if typing and self.typing and self.draft is not previous:
            self.before.pop()  # typing goes back in one step
        return line

    def put(self, draft: Draft) -> None:
        """Take the draft, so that the one before it can come back."""
        if mark(draft) == mark(self.draft):
            return
        self.before = [*self.before[-MOST_BACK:], self.draft]
        self.after = []
        self.show(draft)

    def show(self, draft: Draft) -> None:
        self.draft = draft
        if not draft.unreadable:
            self.readable = draft

    def layers(self) -> Path:
        if self.draft.unreadable:
            raise NNArchError(UNREADABLE)
        return self.draft.layers

    def relaid(self, layers: Path, chosen: Address) -> str:
        """Take changed layers by way of their text."""
        text = write(layers)
        if text.strip():
            read(text)
        self.put(self.draft.changed(text))
        self.chosen = chosen or None
        return ""


def mark(draft: Draft) -> tuple[Any, ...]:
    """Return what tells one draft from another."""
    return draft.text, draft.wish.shape, draft.wish.classes


def typed(bench: Bench, told: Told) -> str:
    bench.put(bench.draft.changed(str(told.get("text", ""))))
    return ""


def edited(bench: Bench, told: Told) -> str:
    layers, text = bench.layers(), str(told.get("text", "")).strip()
    if not text:
        return bench.relaid(*removed(layers, layer_of(told)))
    return bench.relaid(*replaced(layers, layer_of(told), read_beside(text, layers)))


def added(bench: Bench, told: Told) -> str:
    layers, text = bench.layers(), usual_text(str(told.get("text", "")).strip())
    if not text:
        raise NNArchError("write which layer to add, such as Linear(64)")
    new = read_beside(text, layers)
    return bench.relaid(*inserted(layers, address(told), new)) or f"Added {shorten(text)}."


def taken_out(bench: Bench, told: Told) -> str:
    return bench.relaid(*removed(bench.layers(), layer_of(told))) or "Removed; Ctrl+Z brings it back."


def shifted(by: int) -> Callable[[Bench, Told], str]:
    return lambda bench, told: bench.relaid(*moved(bench.layers(), layer_of(told), by))


def duplicated(bench: Bench, told: Told) -> str:
    return bench.relaid(*doubled(bench.layers(), layer_of(told)))


def mended(bench: Bench, told: Told) -> str:
    """Do one of the proposals, told by its words: by then there may be others."""
    table = {proposal.words: proposal for proposal in bench.draft.proposals}
    proposal = table.get(str(told.get("words")))
    if proposal is None:
        raise NNArchError("this proposal was for an earlier text")
    before = bench.draft.layers
    bench.put(bench.draft.changed(proposal.text))
    bench.chosen = first_other(before, bench.draft.layers)
    return f"Done: {proposal.words}."


def of_family(bench: Bench, told: Told) -> str:
    name = str(told.get("name", ""))
    bench.put(with_spec(bench.draft, name))
    return f"Wrote {name}; its text can be changed like any other."


def of_input(bench: Bench, told: Told) -> str:
    """Take another shape of a sample; nothing means that it is not known."""
    text = str(told.get("text", "")).strip().strip("()[]")
    sizes = [part for part in re.split(r"[\s,;x×]+", text) if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in sizes):
        raise NNArchError("the input is the shape of one sample, sizes parted by commas, such as 1,28,28")
    wish = bench.draft.changed(inputs=tuple(map(int, sizes)) or None)
    checked(wish.wish)
    bench.put(wish)
    return ""


def of_classes(bench: Bench, told: Told) -> str:
    text = str(told.get("text", "")).strip()
    if text and not (text.isascii() and text.isdigit() and int(text[:18]) > 0 and len(text) < 10):
        raise NNArchError("classes is a whole number of 1 or more, or empty")
    bench.put(bench.draft.changed(classes=int(text) if text else None))
    return ""


def undone(bench: Bench, told: Told) -> str:
    exchanged(bench, bench.before, bench.after, "undo")
    return "Undone."


def redone(bench: Bench, told: Told) -> str:
    exchanged(bench, bench.after, bench.before, "redo")
    return "Done again."


def exchanged(bench: Bench, source: list[Draft], kept: list[Draft], act: str) -> None:
    """Show the last draft of one heap, and put the one that was shown onto the other."""
    if not source:
        raise NNArchError(f"there is nothing to {act}")
    kept.append(bench.draft)
    bench.chosen = first_other(bench.draft.layers, source[-1].layers)
    bench.show(source.pop())


def first_other(old: Path, new: Path) -> Address | None:
    """Return the first outermost layer that differs, for the eye to go there; None where none does."""
    if old == new or not new:
        return None
    pairs = enumerate(zip(old, new, strict=False))
    return (next((place for place, (a, b) in pairs if a != b), min(len(old), len(new) - 1)),)


ACTS: dict[str, Callable[[Bench, Told], str]] = {
    "text": typed,
    "edit": edited,
    "add": added,
    "remove": taken_out,
    "up": shifted(-1),
    "down": shifted(1),
    "double": duplicated,
    "mend": mended,
    "family": of_family,
    "input": of_input,
    "classes": of_classes,
    "undo": undone,
    "redo": redone,
}
REWRITES = ("edit", "add", "remove", "up", "down", "double", "mend")  # by way of the layers alone


def address(told: Told) -> Address:
    """Return the address that the page tells as ``2.0.1``; nothing is the beginning."""
    parts = str(told.get("at") or "").split(".")
    if parts == [""]:
        return ()
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        raise NNArchError("there is no such row")
    return tuple(map(int, parts))


def layer_of(told: Told) -> Address:
    at = address(told)
    if len(at) % 2 == 0:
        raise NNArchError("this row is the head of a path; choose a layer, or edit the row it belongs to")
    return at
