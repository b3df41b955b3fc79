"""Files are whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnarch_nb.core.files import write_whole
from nnarch_nb.errors import NNArchError


def test_writes_text_and_bytes_and_makes_folders(tmp_path):
    assert write_whole(tmp_path / "a/b.txt", "ε ≤ 8/255").read_text(encoding="utf-8") == "ε ≤ 8/255"
    assert write_whole(tmp_path / "a/b.txt", b"\x00\x01").read_bytes() == b"\x00\x01"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_a_wave_is_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert write_whole("~/a.txt", "x") == tmp_path / "a.txt"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("path", [None, 3, b"x", "~nobody-of-that-name/a.txt", "a\0b", "n" * 300])
def test_what_is_no_path_is_one_line(path):
    with pytest.raises(NNArchError, match=r"a file's name is needed|cannot reach"):
        write_whole(path, "x")


def test_is_as_readable_as_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    written = write_whole(tmp_path / "ours", "x")
    assert written.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["", "file/below", "/proc/none/x", "n" * 300])
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(NNArchError, match=r"^cannot (write|reach) [^\n]+$"):
        write_whole(tmp_path / name, "x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_not_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NNArchError, match=r"Is a directory|busy"):
        write_whole(".", "x")
    assert list(tmp_path.iterdir()) == []


def test_an_error_keeps_the_old_file(tmp_path, monkeypatch):
    target = write_whole(tmp_path / "old.txt", "old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NNArchError, match="No space left"):
        write_whole(target, "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
