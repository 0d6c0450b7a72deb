"""All files of a base are read, and all that cannot be read is told at once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import BrokenBase, Layout, Severity, SourceError, load_store
from kb.layout import TEXTS_GRAPH
from kb.namespaces import DRC, GRAPH, ID
from kb.sources import read_base, read_text

PLAIN_TEXT = ox.NamedNode(DRC + "plainText")


@pytest.fixture
def copy(tiny_layout: Layout, tmp_path: Path) -> Layout:
    """A copy of the invented base, to be spoiled."""
    shutil.copytree(tiny_layout.data, tmp_path / "data")
    return Layout(tmp_path / "data", tiny_layout.ontology)


def test_each_file_becomes_one_graph_named_after_it(tiny_layout: Layout) -> None:
    reading = read_base(tiny_layout)
    assert reading.problems == []
    for path, quads in reading.quads.items():
        assert {str(q.graph_name) for q in quads} == {f"<{tiny_layout.graph_iri(path)}>"}
    files = [path for path in reading.quads if path not in tiny_layout.ontology_files()]
    names = {tiny_layout.graph_iri(path) for path in files}
    assert len(names) == len(files)
    together = {tiny_layout.graph_iri(path) for path in tiny_layout.ontology_files()}
    assert together <= {GRAPH + "ontology", GRAPH + "alignments"}
    assert {
        GRAPH + "dataset",
        GRAPH + "principles/box-openness",
        GRAPH + "alignments/sample",
        GRAPH + "voc/modality",
    } <= names


def test_a_file_from_elsewhere_has_no_graph(tiny_layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not part of the base"):
        tiny_layout.graph_iri(tmp_path / "stray.ttl")


def test_every_unreadable_file_is_told_and_the_others_are_read(copy: Layout) -> None:
    (copy.data / "themes" / "boxes.ttl").write_text("theme:boxes a drc:Theme .", "utf-8")
    (copy.data / "events" / "box-day.ttl").write_bytes(b'<a:a> <a:b> "\xe9" .')
    (copy.data / "alignments" / "sample.sssom.tsv").write_text("subject_id\n", "utf-8")
    reading = read_base(copy)
    told = {(Path(p.file).name, p.line, p.severity) for p in reading.problems}
    assert told == {
        ("boxes.ttl", 1, Severity.VIOLATION),
        ("box-day.ttl", 1, Severity.VIOLATION),
        ("sample.sssom.tsv", 1, Severity.VIOLATION),
    }
    assert len(reading.quads) == len(read_base(copy).quads) > 40
    for problem in reading.problems:
        assert all(problem.message[lang] and problem.remedy[lang] for lang in ("fr", "en"))
    with pytest.raises(BrokenBase) as caught:
        load_store(copy)
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_of_fifty_megabytes_is_refused_unread(copy: Layout) -> None:
    path = copy.data / "themes" / "huge.ttl"
    path.touch()
    os.truncate(path, 50 * 2**20)
    [problem] = read_base(copy).problems
    assert "50 MB" in problem.message["en"]
    assert "split it" in problem.remedy["en"]


def test_full_texts_are_read_only_when_asked_for(tiny_layout: Layout) -> None:
    public = load_store(tiny_layout)
    assert not list(public.quads_for_pattern(None, PLAIN_TEXT, None, None))
    private = load_store(tiny_layout, texts=True)
    found = list(private.quads_for_pattern(None, PLAIN_TEXT, None, None))
    assert {str(q.graph_name) for q in found} == {f"<{TEXTS_GRAPH}>"}
    texts = {str(q.subject): q.object for q in found}
    assert texts[f"<{ID}document/tiny-000>"] == ox.Literal(read_text(tiny_layout, "tiny-000"))


def test_a_text_is_read_byte_for_byte(copy: Layout) -> None:
    content = "\r\n\u2028é\u0301 \t\n"
    (copy.data / "texts" / "tiny-000.txt").write_bytes(content.encode())
    assert read_text(copy, "tiny-000") == content
    with pytest.raises(SourceError, match="check the path"):
        read_text(copy, "none")


def test_a_link_to_nowhere_is_told_as_a_problem(copy: Layout) -> None:
    link = copy.data / "principles" / "lost.ttl"
    link.symlink_to("nowhere.ttl")
    problem = read_base(copy).problems[0]
    assert problem.file == str(link)


def test_a_pipe_is_told_as_a_problem_and_not_waited_for(copy: Layout) -> None:
    pipe = copy.data / "principles" / "pipe.ttl"
    os.mkfifo(pipe)
    problem = read_base(copy).problems[0]
    assert (problem.file, problem.message["en"]) == (str(pipe), "it is no file")


@pytest.mark.parametrize("name", ["my file.ttl", 'a"b.ttl', "a#b.ttl", "50%.ttl", "a b/a.ttl"])
def test_a_name_of_which_no_iri_can_be_made_is_told_as_a_problem(copy: Layout, name: str) -> None:
    path = copy.data / "principles" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    problem = read_base(copy).problems[0]
    assert (problem.file, "identifier" in problem.message["en"]) == (str(path), True)
