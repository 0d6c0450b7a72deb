"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
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
    write_folder(folder, {"c": b"3"}, replaces=["a", "b"])
    assert [p.name for p in folder.iterdir()] == ["c"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_folder(folder, {"a": b"1"})
    with pytest.raises(SourceError):
        write_folder(folder, {"a": b"2", "a/b": b"3"})
    assert (folder / "a").read_bytes() == b"1"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.nq", tmp_path / "link.nq"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real.name)
    write_file(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    path.write_bytes(b"old")
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        # An administrator may write what is protected; the protection itself must stay.
        write_file(path, b"new")
    else:
        with pytest.raises(SourceError, match="denied"):
            write_file(path, b"new")
        assert path.read_bytes() == b"old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_file(pipe, b"new")
    reader.join(timeout=10)
    assert read == [b"new"]
    assert pipe.is_fifo()


def test_a_folder_with_other_work_in_it_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("precious")
    with pytest.raises(SourceError, match=r"chapter\.tex.*would be lost"):
        write_folder(folder, {"a": b"1"}, replaces=["b"])
    assert (folder / "chapter.tex").read_text() == "precious"
    with pytest.raises(SourceError):
        write_folder(folder / "chapter.tex", {"a": b"1"})
    assert (folder / "chapter.tex").read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["thesis"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    write_folder(tmp_path / "real", {"a": b"1"})
    (tmp_path / "link").symlink_to("real")
    write_folder(tmp_path / "link", {"a": b"2"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_bytes() == b"2"
