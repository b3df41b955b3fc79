"""Plain text for language modelling."""

import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data

TEXT = " ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(2000))


@pytest.fixture
def path(tmp_path):
    (tmp_path / "book.txt").write_text(TEXT)
    return tmp_path / "book.txt"


def test_the_target_is_the_token_after_each(path):
    found = data(path, window=16)
    assert (found.kind, found.form, found.shape) == ("next-token", "tokens", (16,))
    assert found.outputs == len(found.vocabulary) == len(found.classes)
    for part in (found.train, found.val, found.test):
        assert torch.equal(part.x[:, 1:], part.y[:, :-1])
        assert torch.equal(part.x[1:, 0], part.y[:-1, -1])


def test_the_last_parts_are_held_out_and_no_window_lies_in_two_splits(path):
    found = data(path, window=16, vocab_size=100_000, val=0.1, test=0.2)
    words = TEXT.split()
    decoded = {
        name: found.vocabulary.decode(getattr(found, name).x[0].tolist()) for name in ("train", "val", "test")
    }
    assert decoded["train"].split() == words[:16]
    cut = {"val": 1400, "test": 1600}
    for name, start in cut.items():
        ids = found.vocabulary.encode(" ".join(words[start : start + 16]))
        assert getattr(found, name).x[0].tolist() == ids
    assert 1400 - 16 <= len(found.train) * 16 <= 1400


def test_a_folder_of_files_is_one_text(tmp_path):
    for name, text in (("b.txt", "second " * 90), ("a.md", "first " * 90)):
        (tmp_path / name).write_text(text)
    found = data(tmp_path, window=8, val=0, test=0)
    assert found.vocabulary.decode(found.train.x[0].tolist()).split() == ["first"] * 8
    assert any("2 files in the order of their names" in note for note in found.notes)


def test_characters_keep_every_line(tmp_path):
    (tmp_path / "a.txt").write_text("Ab\n" * 200)
    found = data(tmp_path / "a.txt", level="char", window=6, val=0, test=0)
    assert found.vocabulary.decode(found.train.x[0].tolist()) == "Ab\nAb\n"


def test_a_text_that_is_a_table_needs_its_target(tmp_path):
    (tmp_path / "t.txt").write_text("a,b\n" + "1,2\n" * 30)
    with pytest.raises(NNArchError, match="needs target="):
        data(tmp_path / "t.txt")
    assert data(tmp_path / "t.txt", level="char", window=4).kind == "next-token"


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (b"", {}, "is empty"),
        (b" \n ", {}, "is empty"),
        (b"only a few words", {}, "too few for a window of 64"),
        (b"\0\1\2", {}, "is not text"),
        (b"word " * 500, {"horizon": 2}, "horizon= means nothing for a plain text"),
        (b"word " * 500, {"window": 0}, "window must be"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, text, options, told):
    (tmp_path / "x.txt").write_bytes(text)
    with pytest.raises(NNArchError, match=told):
        data(tmp_path / "x.txt", **options)


def test_other_encodings_are_read(tmp_path):
    (tmp_path / "x.txt").write_bytes("café ".encode("latin-1") * 300)
    assert "café" in data(tmp_path / "x.txt", window=4).vocabulary.words


def test_ids_in_tensors_are_a_language_too():
    ids = torch.arange(2, 202).reshape(20, 10)
    found = data((ids, ids + 1), val=0, test=0)
    assert (found.kind, found.outputs) == ("next-token", 203)
    assert torch.equal(found.train.y, found.train.x + 1)
