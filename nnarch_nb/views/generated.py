"""A continued text: the prompt in bold, what the network added after it, and how it was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.generate.result import Generated

MOST_SHOWN = 8  # prompts; more are counted
LONGEST = 4_000  # characters of a text


@dataclass(frozen=True)
class Continued:
    """One prompt and what was added, as they are shown."""

    prompt: str
    added: str


def html(result: Generated) -> str:
    return render(
        "generated.html.j2",
        title=title(result),
        subtitle=subtitle(result),
        strip=strip(result),
        texts=shown(result),
        rest=rest(result),
        trust=trust(result),
    )


def text(result: Generated) -> str:
    lines = [heading(title(result), subtitle(result), strip(result))]
    for one in shown(result):
        lines += ["", f"{one.prompt} ▸ {one.added.removeprefix(',').removeprefix(' ')}"]
    return "\n".join([*lines, *(["", rest(result)] if rest(result) else []), "", trust(result)])


def title(result: Generated) -> str:
    return f"{result.network} goes on"


def subtitle(result: Generated) -> str:
    if result.temperature == 0 or result.top_k == 1:
        return "always the likeliest token"
    among = f" among the {result.top_k:,} likeliest" if result.top_k else ""
    return f"drawn{among} at temperature {result.temperature:g}, seed {result.seed}"


def strip(result: Generated) -> list[Figure]:
    own, added, prompts = sum(result.lengths), sum(result.added), len(result.tokens)
    return [
        Figure(f"{added:,}", f"{plural(added, 'token')} added"),
        Figure(f"{own:,}", f"in the {plural(prompts, 'prompt')}"),
        *([Figure(f"{prompts:,}", "prompts")] if prompts > 1 else []),
    ]


def plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def shown(result: Generated) -> list[Continued]:
    rows = list(zip(result.tokens, result.lengths, strict=True))[:MOST_SHOWN]
    return [continued(result, row.tolist(), length) for row, length in rows]


def continued(result: Generated, ids: list[int], length: int) -> Continued:
    """Return the prompt and the rest of the line: words in ids are joined before they are cut."""
    if result.vocabulary is None:
        prompt, added = (", ".join(map(str, part)) for part in (ids[:length], ids[length:]))
        return Continued(cut(prompt), cut(f", {added}" if added else ""))
    whole, prompt = result.vocabulary.decode(ids), result.vocabulary.decode(ids[:length])
    return Continued(cut(prompt), cut(whole[len(prompt) :]))


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def rest(result: Generated) -> str:
    more = len(result.tokens) - MOST_SHOWN
    return f"and {more:,} more {plural(more, 'prompt')} in .continued" if more > 0 else ""


def trust(result: Generated) -> str:
    parts = []
    if any(added < result.n for added in result.added):
        parts.append(f"Stopped before all {result.n:,} tokens were added.")
    parts.append("Each token follows from those before it; whether what it says is true was not checked.")
    if result.positions is not None and any(len(row) > result.positions for row in result.tokens):
        parts.append(f"The network sees the last {result.positions:,} tokens.")
    return " ".join(parts)
