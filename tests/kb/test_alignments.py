"""Alignment tables: each good row is one triple, each bad one is told with its line."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import BrokenBase, SourceError, shipped_layout
from kb.alignments import read_alignments, read_mappings
from kb.namespaces import BASE, GRAPH, ID, PREFIXES

GRAPH_NAME = ox.NamedNode(GRAPH + "alignments/sample")
HEADER = "# curie_map:\n#   ex: https://example.org/\n"
HEAD = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
GOOD = "principle:privacy\tskos:closeMatch\tex:privacy\tprivacy\tsemapv:ManualMappingCuration\n"


def table(tmp_path: Path, *rows: str, header: str = HEADER, head: str = HEAD) -> Path:
    """Return a table with some rows."""
    path = tmp_path / "sample.sssom.tsv"
    path.write_text(header + head + "".join(rows), "utf-8")
    return path


def test_a_row_becomes_one_triple_in_the_graph_of_its_table(tmp_path: Path) -> None:
    [quad] = read_alignments(table(tmp_path, GOOD), GRAPH_NAME)
    assert quad == ox.Quad(
        ox.NamedNode(ID + "principle/privacy"),
        ox.NamedNode(PREFIXES["skos"] + "closeMatch"),
        ox.NamedNode("https://example.org/privacy"),
        GRAPH_NAME,
    )


def test_a_row_keeps_its_line_and_its_columns(tmp_path: Path) -> None:
    full = GOOD.replace("ex:privacy", "https://example.org/privacy")
    first, second = read_mappings(table(tmp_path, GOOD, full))
    assert (first.line, second.line) == (4, 5)
    assert first.object == second.object
    assert first.columns["object_label"] == "privacy"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (GOOD.replace("\tprivacy\t", "\t"), "another number of cells"),
        (GOOD.replace("\n", "\tmore\n"), "another number of cells"),
        (GOOD.replace("principle:privacy", ""), "subject_id is empty"),
        (
            GOOD.replace("ManualMappingCuration", "").replace("semapv:", ""),
            "justification is empty",
        ),
        (GOOD.replace("ex:privacy", "unknown:privacy"), "object_id “unknown:privacy” is no IRI"),
        (GOOD.replace("ex:privacy", "javascript:alert(1)"), "is no IRI"),
        (GOOD.replace("ex:privacy", "ex:a b"), "is no IRI"),
        (GOOD.replace("ex:privacy", "https://[bad"), "is no IRI"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(BrokenBase) as caught:
        read_mappings(table(tmp_path, GOOD, row))
    [problem] = caught.value.problems
    assert problem.line == 5
    assert fault in problem.message["en"]
    assert problem.remedy["en"] and problem.remedy["fr"]


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("ex:", "unknown:")
    with pytest.raises(BrokenBase) as caught:
        read_mappings(table(tmp_path, bad, GOOD, bad))
    assert [problem.line for problem in caught.value.problems] == [4, 6]


@pytest.mark.parametrize(
    ("header", "head", "fault"),
    [
        (HEADER, HEAD.replace("object_label", "label"), "column.s. missing: object_label"),
        (HEADER, "", "column.s. missing"),
        ("# a: [\n", HEAD, "not YAML"),
    ],
)
def test_a_table_without_its_head_is_refused(
    tmp_path: Path, header: str, head: str, fault: str
) -> None:
    with pytest.raises(SourceError, match=fault):
        read_mappings(table(tmp_path, header=header, head=head))


def test_a_label_may_be_missing_and_quotes_mean_themselves(tmp_path: Path) -> None:
    [mapping] = read_mappings(table(tmp_path, GOOD.replace("\tprivacy\t", '\t"privacy\t')))
    assert mapping.columns["object_label"] == '"privacy'
    assert read_mappings(table(tmp_path, GOOD.replace("\tprivacy\t", "\t\t")))


def test_every_shipped_alignment_says_what_was_seen() -> None:
    mappings = [m for path in shipped_layout().alignment_files() for m in read_mappings(path)]
    assert len(mappings) >= 60
    assert all(m.columns["object_label"] and m.columns["mapping_justification"] for m in mappings)
    assert all(m.subject.startswith(BASE) for m in mappings)
