"""The difference between two states of the base."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import NotFound, SourceError, shipped_layout
from kb.diff import compare


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_layout().data, tmp_path / "data"))


def test_a_file_that_is_no_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "huge.ttl").write_bytes(b"#" * (17 * 2**20))
    for name in ("manifest.json", "huge.ttl"):
        with pytest.raises(SourceError, match=name):
            compare(tmp_path / name, tmp_path / name)


def test_a_base_does_not_differ_from_itself(copy: Path) -> None:
    difference = compare(shipped_layout().data, copy)
    assert difference.as_text() == "0 added, 0 removed, 0 changed"


def test_a_record_that_went_and_one_that_changed_are_told(copy: Path) -> None:
    (copy / "principles" / "neurorights.ttl").unlink()
    privacy = copy / "principles" / "privacy.ttl"
    text = privacy.read_text(encoding="utf-8")
    assert '"Protection de la vie privée"@fr' in text
    privacy.write_text(text.replace('"Protection de la vie privée"@fr', '"Vie privée"@fr'), "utf-8")
    difference = compare(shipped_layout().data, copy)
    assert "principle:neurorights" in [change.record for change in difference.removed]
    changed = {change.record: change for change in difference.changed}["principle:privacy"]
    assert changed.added == (("skos:prefLabel", '"Vie privée"@fr'),)
    assert changed.removed == (("skos:prefLabel", '"Protection de la vie privée"@fr'),)
    assert "~ principle:privacy" in difference.as_text()
    assert difference.as_json()["changed"]


def test_a_dump_is_compared_like_a_folder(copy: Path, tmp_path: Path) -> None:
    from kb import load_store
    from kb.build import build

    build(load_store(shipped_layout()), tmp_path / "one.nq")
    build(load_store(shipped_layout()), tmp_path / "all")
    assert compare(tmp_path / "one.nq", tmp_path / "all").as_text().startswith("0 added")
    assert compare(tmp_path / "one.nq", copy).as_text().startswith("0 added")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<a> <b")
    with pytest.raises(SourceError, match=r"bad\.ttl"):
        compare(tmp_path / "bad.ttl", shipped_layout().data)
    with pytest.raises(NotFound, match="no file or folder"):
        compare(tmp_path / "nothing.nq", shipped_layout().data)
