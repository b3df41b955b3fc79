"""DataFrames and delimited files: columns of every type, targets of every kind, and damage."""

import gzip

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.core.data import Column
from nnarch_nb.verbs.data import data


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, 100),
            "income": rng.normal(3e4, 8e3, 100).round(1),
            "city": rng.choice(["Bern", "Ulm", "Zug"], 100),
            "member": rng.random(100) > 0.5,
            "vote": rng.choice(["yes", "no"], 100),
        }
    )


def test_columns_become_numbers_by_their_type(people):
    found = data(people, target="vote", normalize=False, val=0, test=0)
    assert found.features == ("age", "income", "city=Bern", "city=Ulm", "city=Zug", "member")
    assert found.columns == (
        Column("age", "integer"),
        Column("income", "number"),
        Column("city", "category", 0, 3),
        Column("member", "yes/no"),
    )
    assert (found.classes, found.target, found.kind) == (("no", "yes"), "vote", "classification")
    assert torch.equal(found.train.x[:, 2:5].sum(1), torch.ones(100))
    assert found.train.x[:, 5].tolist() == people["member"].astype(float).tolist()
    assert found.train.y.tolist() == (people["vote"] == "yes").astype(int).tolist()
    assert "one-hot: city" in found.notes


def test_missing_numbers_take_the_training_median_and_missing_text_its_own_category(people):
    people.loc[::7, "income"] = np.nan
    people.loc[:4, "city"] = None
    found = data(people, target="vote", normalize=False)
    at = found.features.index("income")
    known = people["income"].dropna()
    filled = [v for v in found.train.x[:, at].tolist() if not np.isclose(known, v, atol=0.01).any()]
    rows = found.train.x[:, at]
    assert not torch.isnan(rows).any()
    assert len(set(filled)) <= 1
    assert "city=missing" in found.features
    assert "missing values filled with the training median (income 15)" in found.notes
    assert "missing is a category of its own: city" in found.notes
    assert {c.name: c.missing for c in found.columns} == {"age": 0, "income": 15, "city": 5, "member": 0}


def test_a_constant_column_has_deviation_one(people):
    found = data(people.assign(one=0.1), target="vote")
    at = found.features.index("one")
    assert found.normalization.std[at] == 1
    assert torch.all(found.train.x[:, at].abs() < 1e-6)


@pytest.mark.parametrize(
    ("target", "kind", "classes"),
    [
        (["b", "a"] * 30, "classification", ("a", "b")),
        ([True, False] * 30, "classification", ("False", "True")),
        ([5, 7, 9] * 20, "classification", ("5", "7", "9")),
        (
            pd.Categorical(["low", "high"] * 30, ["low", "mid", "high"], ordered=True),
            "classification",
            ("low", "high"),
        ),
        (list(range(60)), "regression", ("t",)),
        ([0.0, 1.0] * 30, "regression", ("t",)),
        (np.linspace(0, 1, 60), "regression", ("t",)),
    ],
)
def test_the_target_decides_the_kind(target, kind, classes):
    found = data(pd.DataFrame({"a": np.arange(60.0), "t": target}), target="t")
    assert (found.kind, found.classes) == (kind, classes)
    if kind == "regression":
        assert found.train.y.shape[1] == 1
        assert found.train.y.dtype == torch.float32


def test_a_guess_about_the_kind_is_told():
    frame = pd.DataFrame({"a": np.arange(60.0), "t": range(60), "u": [0.0, 1.0] * 30})
    assert any("60 different integers" in note for note in data(frame, target="t").notes)
    assert any("holds floats; make it integers" in note for note in data(frame, target="u").notes)


def test_pandas_own_types_are_read(people):
    typed = people.convert_dtypes().astype({"city": "category"})
    assert torch.equal(data(typed, target="vote").train.x, data(people, target="vote").train.x)


def test_features_and_target_apart_are_encoded_alike(people):
    x, y = people.drop(columns="vote"), people["vote"]
    together = data(people, target="vote")
    assert torch.equal(data((x, y)).train.x, together.train.x)
    given = data((x[:70], y[:70], x[70:], y[70:]))
    assert (len(given.train), len(given.val), given.features) == (70, 30, together.features)
    assert given.target == "vote"


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


ROWS = [(i, round(i * 0.37, 2), "xy"[i % 2]) for i in range(40)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_delimiter_is_found(tmp_path, delimiter, ending):
    lines = [("a", "b", "kind"), *ROWS]
    text = ending.join(delimiter.join(map(str, line)) for line in lines) + ending
    found = data(write(tmp_path / "t.csv", text), target="kind")
    assert (found.features, found.classes, found.name) == (("a", "b"), ("x", "y"), "t.csv")


def test_decimal_commas_quotes_marks_of_missing_and_gzip(tmp_path):
    text = (
        "a;b;kind\n"
        + "\n".join(f'"{i}";{str(b).replace(".", ",")};{k}' for i, b, k in ROWS)
        + "\n?;1,5;x\n;2,5;y\n"
    )
    packed = write(tmp_path / "t.csv.gz", gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    found = data(packed, target="kind")
    assert [(c.name, c.kind, c.missing) for c in found.columns] == [("a", "integer", 2), ("b", "number", 0)]


def test_a_file_without_header_gets_names(tmp_path):
    path = write(tmp_path / "iris.data", "".join(f"{i},{b},{k}\n" for i, b, k in ROWS))
    found = data(path, target="c2")
    assert found.features == ("c0", "c1")
    assert "no header row: columns are called c0 to c2" in found.notes
    for target in ("species", None):
        with pytest.raises(NNArchError, match=r"begins with 0, 0\.0, x, and .* called c0 to c2"):
            data(path, target=target)


def test_row_numbers_saved_by_pandas_are_left_out(tmp_path, people):
    people.to_csv(tmp_path / "p.csv")
    found = data(str(tmp_path / "p.csv"), target="vote")
    assert found.features[0] == "age"
    assert "the unnamed column of row numbers was left out" in found.notes


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", "\n\n", "is empty"),
        ("t.csv", "a,b\n", "has a header and no rows"),
        ("t.csv", "a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
        ("t.csv", 'a,b\n"1,2\n1,2\n', "cannot read"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\0\0", "not text: it holds zero bytes"),
        ("t.csv", b"a,b\n\0,1\n", "zero bytes"),
        ("t.csv.gz", b"no gzip", "Not a gzipped file"),
        ("t.csv.zip", b"PK", "unpack it"),
        ("t.mat", b"MATLAB", "give a table (.csv"),
        ("t.parquet", b"PAR1", "data(pandas.read_parquet('t.parquet'), target='y')"),
        ("t.xlsx", b"PK", "data(pandas.read_excel('t.xlsx')"),
        ("t.npz", b"PK", "cannot read"),
        ("t.csv", "kind\nx\ny\n", "no column left besides the target"),
        ("t.csv", "a,kinds\n1,x\n2,y\n", "Did you mean `kinds`?"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, text, told):
    path = write(tmp_path / name, text)
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(path, target="kind") if ".csv" in name else data(path)
    assert told in str(error.value)


def test_text_that_differs_in_nearly_every_row_is_no_category():
    table = pd.DataFrame({"id": [f"no{i}" for i in range(40)], "a": range(40), "y": [0, 1] * 20})
    with pytest.raises(NNArchError, match="'id' is text with 40 different values in 40 rows"):
        data(table, target="y")
    assert len(data(table.assign(id=["u", "v", "w", "x"] * 10), target="y", val=0, test=0).features) == 5
    assert len(data(table[:12], target="y", val=0, test=0).features) == 13


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-16", None), ("utf-8-sig", None), ("cp1252", "read as Windows-1252"), ("utf-32", None)],
)
def test_files_of_other_systems_are_read_as_what_they_are(tmp_path, encoding, told):
    rows = "\n".join(f"{i}, {('grün', 'weiß')[i % 2]}" for i in range(40))
    path = write(tmp_path / "t.csv", f" size , colour \n{rows}".encode(encoding))
    found = data(path, target="colour")
    assert (found.classes, found.features) == (("grün", "weiß"), ("size",))
    assert any("not UTF-8" in note for note in found.notes) == bool(told)
    assert told is None or any(told in note for note in found.notes)


def test_a_file_that_is_not_there_names_its_neighbour(tmp_path):
    write(tmp_path / "iris.csv", "a,b\n1,2\n")
    with pytest.raises(NNArchError, match=r"Did you mean `iris\.csv`\?"):
        data(str(tmp_path / "irsi.csv"))


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        (lambda d: d, {}, "needs target=, the column to predict; columns: age, income, city, member, vote"),
        (lambda d: d, {"target": "vot"}, "Did you mean `vote`?"),
        (lambda d: d, {"target": 7}, "no column '7'"),
        (lambda d: d, {"target": "vote", "drop": ["town"]}, "no column 'town' for drop"),
        (
            lambda d: d.assign(vote=[None, np.nan] + ["a"] * 98),
            {"target": "vote"},
            "2 of 100 rows have no target",
        ),
        (lambda d: d.assign(vote=1), {"target": "vote"}, "one class only"),
        (lambda d: d.assign(vote=[f"p{i}" for i in range(100)]), {"target": "vote"}, "no set of classes"),
        (lambda d: d.assign(vote=pd.Timestamp(0)), {"target": "vote"}, "holds dates"),
        (lambda d: d.assign(name=[f"n{i}" for i in range(100)]), {"target": "vote"}, "drop=['name']"),
        (
            lambda d: d.assign(fee=[f"{i}" for i in range(99)] + ["n"]),
            {"target": "vote"},
            "99 of them numbers",
        ),
        (lambda d: d.assign(day=pd.Timestamp(0)), {"target": "vote"}, "'day' holds dates or times"),
        (lambda d: d.assign(part=[[1]] * 100), {"target": "vote"}, "'part' holds list values"),
        (lambda d: d.assign(wave=1j), {"target": "vote"}, "complex"),
        (
            lambda d: d.assign(age=np.inf),
            {"target": "vote"},
            "100 NaN or infinite values, the first in row 0 of column 'age'",
        ),
        (lambda d: d[:0], {"target": "vote"}, "is empty"),
        (lambda d: d[["vote"]], {"target": "vote"}, "no column left"),
        (lambda d: pd.concat([d, d], axis=1), {"target": "vote"}, "more than one column called 'age'"),
    ],
)
def test_a_table_that_cannot_be_is_refused(people, change, options, told):
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(change(people), **options)
    assert told in str(error.value)


def test_columns_can_be_left_out(people):
    named = people.assign(name=[f"n{i}" for i in range(100)])
    assert data(named, target="vote", drop=["name", "city"]).features == ("age", "income", "member")
    assert data(named, target="vote", drop="name").features == data(people, target="vote").features
    empty = data(people.assign(void=np.nan), target="vote")
    assert "void" not in empty.features
    assert "left out, being empty: void" in empty.notes
