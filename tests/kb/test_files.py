"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import SourceError
from kb.files import write_file, write_folder


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "x.nq"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["x.nq"]


def test_a_place_that_is_no_folder_is_an_error_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="choose another place"):
        write_file(tmp_path / "file" / "x.nq", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_folder(folder, {"a": b"1", "b": b"2"})
    write_folder(folder, {"c": b"3"})
    assert [p.name for p in folder.iterdir()] == ["c"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_folder(folder, {"a": b"1"})
    with pytest.raises(SourceError):
        write_folder(folder, {"a": b"2", "a/b": b"3"})
    assert (folder / "a").read_bytes() == b"1"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
