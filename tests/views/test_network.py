"""A built network in text and html: nested as it runs, copies once."""

import re
from html import unescape

import pytest
from torch import nn

from nnarch_nb import build

BLOCKS = """
block = [Conv2d(8, 3, padding=1), BatchNorm2d(), ReLU()]
Repeat(3, block), Residual(block, shortcut=[Conv2d(8, 1)]), Concat(Conv2d(4, 1), [], [ReLU(), Conv2d(2, 1)])
Flatten(), Linear(3)
"""


def shown(model, form="text/plain"):
    return model._repr_mimebundle_()[form]


def rows_of(model):
    """Return the rows of the html as text, without what is hidden."""
    html = re.sub(r"<style>.*?</style>", "", shown(model, "text/html"), flags=re.DOTALL)
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split())
        for row in re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL)
    ]


@pytest.mark.parametrize(("spec", "told"), [("ReLU()", " 1 layer\n"), ("ReLU(), ReLU()", " 2 layers\n")])
def test_one_layer_is_told_in_the_singular(spec, told):
    assert told in shown(build(spec, (4,)))


def test_a_nested_network_shows_itself(golden):
    forms = build(BLOCKS, (3, 6, 6))._repr_mimebundle_()
    golden("network-nested.txt", forms["text/plain"] + "\n")
    golden("network-nested.html", forms["text/html"] + "\n")


def test_copies_stand_once_with_the_parameters_of_all():
    lines = shown(build("Repeat(4, Linear(8), ReLU())", (8,))).splitlines()
    assert [line.split() for line in lines[4:7]] == [
        ["Repeat", "×4", "repeat1.0–3", "8", "288"],
        ["Linear(8)", "linear1", "8", "72"],
        ["ReLU()", "relu1", "8", "–"],
    ]


def test_a_copy_that_differs_has_a_row_of_its_own():
    rows = rows_of(build("Repeat(4, Linear(8))", (3,)))
    assert rows[1:4] == [
        "Repeat repeat1 8 248",
        "Linear(8) in 3 repeat1.0 8 32",
        "Linear(8) ×3 in 8 repeat1.1–3 8 216",
    ]


def test_weights_that_are_shared_count_once():
    model = build("Embedding(10, 4), SelfAttention(2), Unembed()", (5,))
    rows = rows_of(model)
    assert rows[3] == "Unembed() the embedding's weights unembed1 5×10 –"
    assert rows[-1] == f"total {10 * 4 + 4 * 12 + 12 + 16 + 4:,}"


def test_rows_add_up_to_the_total():
    model = build(BLOCKS, (3, 6, 6))
    top = [line for line in shown(model).splitlines()[4:-2] if not line.startswith(" ")]
    numbers = [int(line.split()[-1].replace(",", "")) for line in top if line.split()[-1] != "–"]
    assert sum(numbers) == sum(p.numel() for p in model.parameters())


def test_a_large_network_is_read_at_once_and_folds_the_rest():
    model = build("resnet50")
    lines = shown(model).splitlines()
    assert len(lines) <= 50
    html = shown(model, "text/html")
    assert len(html) < 40_000
    rows = rows_of(model)
    assert len(rows) <= 110
    first = next(row for row in re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL) if "<details" in row)
    assert " open>" in first


def test_thousands_of_layers_are_cut_and_said():
    model = build(["ReLU()"] * 300, (4,))
    assert rows_of(model)[-2] == "… 195 more"
    assert "… 195 more" in shown(model)


def test_a_deep_network_folds_what_has_no_row():
    spec = "ReLU()"
    for _ in range(8):
        spec = f"Branch({spec}, {spec})"
    rows = rows_of(build(spec, (4,)))
    assert "Branch 8 layers branch2 4 –" in rows
    assert len(rows) < 100


def test_a_network_that_somebody_changed_still_shows():
    model = build("Linear(8), Residual(Linear(8)), Linear(3)", (4,))
    model.linear2 = nn.Linear(8, 10)
    del model.residual1.body
    assert "total" in rows_of(model)[-1]
    assert any(row.endswith("90") for row in rows_of(model))


def test_names_are_escaped():
    assert "<script>" not in shown(build("ReLU()", (4,), name="<script>alert(1)</script>"), "text/html")


def test_without_styles_every_row_stands_in_one_table():
    html = shown(build(BLOCKS, (3, 6, 6)), "text/html")
    assert html.count("<table") == 1
    assert "<script" not in html
    assert 'scope="row"' in html
