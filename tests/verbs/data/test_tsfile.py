"""Time series from .ts files: lengths, gaps, classes, pairs of files, and what is refused."""

import gzip

import numpy as np
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data

HEAD = "# made here\n@problemName waves\n@timeStamps false\n@dimensions 2\n@classLabel true up down\n@data\n"


def lines(count=20):
    """Two channels, as long as the number of the line says."""
    for i in range(count):
        values = ",".join(str(i + step) for step in range(2 + i % 3))
        yield f"{values}:{values}:{'up' if i % 2 else 'down'}"


def write(path, text):
    path.write_text(text)
    return path


def test_series_of_unlike_lengths_are_padded_with_nan(tmp_path):
    found = data(write(tmp_path / "w.ts", HEAD + "\n".join(lines(40))), normalize=False, val=0, test=0)
    assert (found.name, found.form, found.shape, found.classes) == ("waves", "series", (4, 2), ("up", "down"))
    assert found.padded
    for x, length, y in zip(found.train.x, found.train.lengths, found.train.y, strict=True):
        i = int(x[0, 0])
        assert int(length) == 2 + i % 3
        assert x[:length, 1].tolist() == [i + step for step in range(length)]
        assert x[length:].isnan().all()
        assert found.classes[y] == ("up" if i % 2 else "down")


def test_each_channel_is_scaled_over_its_real_steps(tmp_path):
    found = data(write(tmp_path / "w.ts", HEAD + "\n".join(lines(40))))
    real = found.train.x[~found.train.x.isnan().any(2)]
    assert real.mean(0).abs().max() < 1e-5
    assert (real.std(0, correction=0) - 1).abs().max() < 1e-5
    assert found.bounds == (0, max(found.raw(found.train.x).nan_to_num(0).max().item(), 0))


def test_gaps_inside_are_interpolated_and_said(tmp_path):
    text = HEAD + "1,?,3,?:?,2,2,?:up\n1,2,3,4:?,?,?,?:down\n" * 10
    found = data(write(tmp_path / "w.ts", text), normalize=False, val=0, test=0)
    first = found.train.x[found.train.y == 0][0]
    assert first.tolist() == [[1, 2], [2, 2], [3, 2], [pytest.approx(float("nan"), nan_ok=True)] * 2]
    second = found.train.x[found.train.y == 1][0]
    assert second[:, 1].tolist() == [2, 2, 2, 2]
    assert any("60 missing values inside the series filled" in note for note in found.notes)


def test_both_files_of_a_pair_are_read_whichever_is_named(tmp_path):
    write(tmp_path / "w_TRAIN.ts", HEAD + "\n".join(lines(30)))
    write(tmp_path / "w_TEST.ts", HEAD + "\n".join(lines(10)))
    for path in (tmp_path / "w_TRAIN.ts", tmp_path / "w_TEST.ts", tmp_path):
        found = data(path)
        assert [len(part) for part in (found.train, found.val, found.test)] == [26, 4, 10]
    write(tmp_path / "other.ts", HEAD + "\n".join(lines(30)))
    with pytest.raises(NNArchError, match="holds 2 sets of series"):
        data(tmp_path)


def test_numbers_to_predict_and_packed_files(tmp_path):
    text = "@problemName n\n@targetLabel true\n@data\n" + "\n".join(f"{i},{i}:{i / 2}" for i in range(20))
    path = tmp_path / "n.ts.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found = data(path, normalize=False, val=0, test=0)
    assert found.kind == "regression"
    assert torch.equal(found.train.y, found.train.x[:, :1, 0] / 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no @data line"),
        ("export const a = 1;", "line 1 stands before @data"),
        (HEAD, "no line follows @data"),
        (HEAD + "1:2", "has the class '2'"),
        (HEAD + "1,2,3", "line 7 of .* must hold values, a colon and a target"),
        (HEAD + "1:2:up\n1:up", "line 8 of .* has 1 dimensions, where the first has 2"),
        (HEAD + "1:2:sideways", "has the class 'sideways'"),
        (HEAD + "(0,1),(1,2):(0,1):up", "has times beside its values"),
        (HEAD.replace("false", "true") + "(0,1):up", "has a time beside each value"),
        (HEAD + "1,x:2:up", "could not convert string to float: 'x'"),
        (HEAD + "::up", "holds no values"),
        (HEAD + "1:inf:up\n2:3:down", "NaN or infinite"),
        (HEAD + "?,?:?,?:up\n" + "1:1:down\n" * 9 + "1:1:up\n" * 9, "series 0 holds no value at all"),
        (HEAD + "1:?:up\n2:?:down\n" * 9, "channel 1 of the series holds no value"),
        (HEAD + "1:2:up\n" * 20, "one class only"),
        (HEAD.replace("true up down", "false") + "1:2", "has no targets"),
    ],
)
def test_what_is_no_series_is_refused_in_one_line(tmp_path, text, told):
    with pytest.raises(NNArchError, match=told) as error:
        data(write(tmp_path / "w.ts", text))
    assert "\n" not in str(error.value)


def test_a_few_long_series_among_many_short_ones_are_refused_before_memory_is_taken(tmp_path):
    text = HEAD + f"{'1,' * 200_000}1:1:up\n" + "1:2:down\n" * 100_000
    with pytest.raises(NNArchError, match=r"would take .* GiB of memory"):
        data(write(tmp_path / "w.ts", text))


def test_arrays_may_be_padded_and_may_have_gaps():
    series = [np.random.default_rng(i).random((3 + i % 4, 2)) for i in range(40)]
    series[5][1, 0] = np.nan
    found = data((series, np.arange(40) % 2), val=0, test=0)
    assert found.shape == (6, 2)
    assert sorted(found.train.lengths.tolist()) == sorted(len(each) for each in series)
    assert any("1 missing values inside" in note for note in found.notes)


def test_the_users_own_tensor_is_not_changed():
    x = torch.rand(20, 4, 2)
    x[3, 1, 0] = float("nan")
    before = x.clone()
    data((x, torch.arange(20) % 2))
    assert torch.equal(x.nan_to_num(-1), before.nan_to_num(-1))


def test_tabs_in_the_header_are_read(tmp_path):
    lines = "".join(f"{i},2,3:{'ab'[i % 2]}\n" for i in range(20))
    (tmp_path / "x.ts").write_text(f"@problemName\tx\n@classLabel\ttrue\ta b\n@data\n{lines}")
    assert data(tmp_path / "x.ts").classes == ("a", "b")


def test_classes_in_another_encoding_stay_apart(tmp_path):
    head, text = HEAD.replace("up down", "é ü é"), "\n".join(lines(40))
    (tmp_path / "w.ts").write_bytes((head + text.replace("up", "é").replace("down", "ü")).encode("cp1252"))
    found = data(tmp_path / "w.ts")
    assert found.classes == ("é", "ü")  # each once, though the header names one twice
    assert any("read as Windows-1252" in note for note in found.notes)


def test_a_sample_without_a_target_is_named_by_its_line(tmp_path):
    path = write(tmp_path / "w.ts", HEAD + "\n".join([*lines(20), "1,2:3,4:?"]))
    with pytest.raises(NNArchError, match=r"line 27 of .* has no target, only '\?': leave it out"):
        data(path)
