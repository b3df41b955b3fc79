"""How an explanation looks: each sample beside its signed map, with how exact the map is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import explanation_picture, explanation_tokens
from nnarch_nb.views.blocks import blocks
from nnarch_nb.views.explanation_grid import BAR, Cell, Row, bar_rows, picture_rows, shown
from nnarch_nb.views.explanation_parts import SAMPLES, parts, scale
from nnarch_nb.views.explanation_words import answer, error, goal, predicted, sample, verdict
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, heading
from nnarch_nb.views.sentence import sentence
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from nnarch_nb.verbs.explain import Explanation


def html(result: Explanation) -> str:
    marked = explanation_tokens.is_text(result)
    return render(
        "explanation.html.j2",
        texts=explanation_tokens.texts(result, shown(result), scale(result)) if marked else [],
        title=title(result),
        subtitle=subtitle(result),
        strip=strip(result),
        caption=caption(result),
        samples=[sample(result, i) for i in shown(result)],
        rows=[] if marked else [*picture_rows(result), *answer_rows(result)],
        middle=BAR,
        trust=trust(result),
    )


def text(result: Explanation) -> str:
    head = heading(title(result), subtitle(result), strip(result))
    if explanation_tokens.is_text(result):
        body = explanation_tokens.lines(result, shown(result), scale(result))
        return f"{head}\n\n{body}\n\n{trust(result)}"
    rows = [row for part in parts(result) if not part.image for row in bar_rows(part, 1.0)]
    table = [["", *(sample(result, i) for i in shown(result))]]
    table += [[row.head, *(cell.words for cell in row.cells)] for row in [*rows, *answer_rows(result)]]
    return f"{head}\n\n{blocks(table)}\n\n{trust(result)}"


def picture(result: Explanation) -> bytes:
    captions = [f"{sample(result, i)}\n{answer(result, i)}" for i in shown(result)]
    return explanation_picture.png(result, captions)


def title(result: Explanation) -> str:
    if result.confidence is None:
        return "Why this value?" if len(result) == 1 else "Why these values?"
    if bool((result.target != result.prediction).any()):  # then one class is asked about, for all samples
        return f"What speaks for {result.named(int(result.target[0]))}?"
    names = list(dict.fromkeys(result.named(int(result.target[i])) for i in shown(result)))
    if sum(map(len, names)) >= 40:
        return "Why these classes?" if len(names) > 1 else "Why this class?"
    # A label may be the likeliest of several and still be denied.
    return f"{'What speaks for' if result.kind == 'multi-label' else 'Why'} {', '.join(names)}?"


def subtitle(result: Explanation) -> str:
    of = f" of {result.source}" if result.source else ""
    kind = f"{result.split} sample" if result.split else "sample"
    count = f"{len(result)} {kind}{'s' if len(result) != 1 else ''}{of}"
    return f"{result.network} · {result.method.replace('-', ' ')} · {count}"


def strip(result: Explanation) -> list[Figure]:
    figures = []
    if result.labels is not None and result.confidence is not None:
        right = rightly(result)
        figures.append(Figure(f"{right} of {len(result)}", "predicted as labelled", measured=True))
    worst = float(result.completeness.max())
    figures.append(Figure(error(worst), "largest completeness error", measured=True))
    figures.append(Figure(f"±{value(scale(result), 2)}", f"{unit(result)} {each(result)}", measured=True))
    return figures


def rightly(result: Explanation) -> int:
    """Return how many samples are answered as labelled; one label of several is answered from 50 % on."""
    if result.labels is None or result.confidence is None:
        return 0
    if result.kind == "multi-label":
        return int(((result.confidence > 0.5) == (result.labels >= 0)).sum())
    return int((result.labels == result.prediction).sum())


def each(result: Explanation) -> str:
    """Return what one attribution belongs to, and how the strongest are shown."""
    if explanation_tokens.is_text(result):
        return "per token: full colour"
    shown = parts(result)
    if not any(part.drawable for part in shown):
        return "per column: full bar"
    return f"per {'pixel' if all(part.image for part in shown) else 'value'}: full colour"


def unit(result: Explanation) -> str:
    """Return the score's unit; of a value that has a name, that name."""
    if result.kind == "reconstruction":
        return "of the squared error"
    if result.unit == "output" and int(result.target[0]) < len(result.classes):
        return f"of {result.classes[int(result.target[0])]}"
    return result.unit if result.unit == "probability" else f"{result.unit}s"


def caption(result: Explanation) -> str:
    of = "the class asked about" if result.confidence is not None else "a higher value"
    more = f"; the first {SAMPLES} of {len(result)} samples" if len(result) > SAMPLES else ""
    if explanation_tokens.is_text(result):
        more = f", orange with a line and blue with dots{more}"
        return f"Marked words speak for {of} or against it{more}"
    if any(part.series for part in parts(result)):
        end = ", white after its end" if ends_early(result) else ""
        more = f"; time runs to the right, a row for each channel{end}{more}"
    return f"Orange speaks for {of}, blue against it; one scale for all{more}"


def ends_early(result: Explanation) -> bool:
    """Return whether a series that is shown is padded."""
    return any(part.series and bool(part.raw.isnan().any()) for part in parts(result))


def answer_rows(result: Explanation) -> list[Row]:
    here = shown(result)
    rows = [Row(predicted(result), [Cell(answer(result, i)) for i in here])]
    if result.labels is not None:
        rows.append(Row("label", [Cell(verdict(result, i)) for i in here]))
    if result.confidence is None or bool((result.target != result.prediction).any()):
        rows.append(Row("explained", [Cell(goal(result, i)) for i in here]))
    return [*rows, Row("completeness error", [Cell(error(float(result.completeness[i]))) for i in here])]


def trust(result: Explanation) -> str:
    least, most = int(result.steps.min()), int(result.steps.max())
    steps = f"{least}" if least == most else f"{least} to {most}"
    sentences = [
        f"{result.method.replace('-', ' ').capitalize()} by Captum against {result.baseline} as baseline, "
        f"{steps} Gauss–Legendre steps, seed {result.seed}.",
        "Completeness error: how far a map's sum is from the change of the score that it shares out.",
        *map(sentence, result.notes),
        "Not checked: another baseline, and whether the map would be the same for an untrained network.",
    ]
    return " ".join(sentences)
