"""The difference between two states of the base."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import Layout, NotFound, SourceError, load_store, shipped_layout
from kb.build import build
from kb.diff import compare

TINY = Layout(Path(__file__).parents[1] / "tiny" / "data", shipped_layout().ontology)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the invented records."""
    return Path(shutil.copytree(TINY.data, tmp_path / "data"))


def test_a_file_that_is_no_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "huge.ttl").write_bytes(b"#" * (17 * 2**20))
    for name in ("manifest.json", "huge.ttl"):
        with pytest.raises(SourceError, match=name):
            compare(tmp_path / name, tmp_path / name)


def test_a_base_does_not_differ_from_itself(copy: Path) -> None:
    difference = compare(TINY.data, copy)
    assert difference.as_text() == "0 added, 0 removed, 0 changed"


def test_a_record_that_went_and_one_that_changed_are_told(copy: Path) -> None:
    (copy / "principles" / "label-transfer.ttl").unlink()
    secrecy = copy / "principles" / "box-secrecy.ttl"
    text = secrecy.read_text(encoding="utf-8")
    assert '"Secret des boîtes"@fr' in text
    secrecy.write_text(text.replace('"Secret des boîtes"@fr', '"Secret"@fr'), "utf-8")
    difference = compare(TINY.data, copy)
    assert "principle:label-transfer" in [change.record for change in difference.removed]
    changed = {change.record: change for change in difference.changed}["principle:box-secrecy"]
    assert changed.added == (("skos:prefLabel", '"Secret"@fr'),)
    assert changed.removed == (("skos:prefLabel", '"Secret des boîtes"@fr'),)
    assert "~ principle:box-secrecy" in difference.as_text()
    assert difference.as_json()["changed"]


def test_a_dump_is_compared_like_a_folder(copy: Path, tmp_path: Path) -> None:
    build(load_store(TINY), tmp_path / "one.nq")
    build(load_store(TINY), tmp_path / "all")
    assert compare(tmp_path / "one.nq", tmp_path / "all").as_text().startswith("0 added")
    assert compare(tmp_path / "one.nq", copy).as_text().startswith("0 added")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<a> <b")
    with pytest.raises(SourceError, match=r"bad\.ttl"):
        compare(tmp_path / "bad.ttl", TINY.data)
    with pytest.raises(NotFound, match="no file or folder"):
        compare(tmp_path / "nothing.nq", shipped_layout().data)
