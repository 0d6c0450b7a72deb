"""The reading page: no character lost, every passage anchored, quotation and narrator apart."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kb import EmbeddedEngine, Layout, Row
from kb.sources import read_text
from server.panels import Group, run_panel
from server.quotes import arrange_quotes, handle
from server.reading import Line, Passage, Reading, read_document, read_passages
from server.trees import build_tree

DOCUMENT = "https://w3id.org/digital-rights-charter/id/document/seed-000"


@pytest.fixture(scope="module")
def text(shipped_layout: Layout) -> str:
    return read_text(shipped_layout, "seed-000")


@pytest.fixture(scope="module")
def passages(base: EmbeddedEngine) -> list[Passage]:
    return read_passages(run_panel(base, "document/passages", DOCUMENT).rows)


@pytest.fixture(scope="module")
def reading(text: str, passages: list[Passage]) -> Reading:
    return read_document(text, passages, [(3956, 4253)])


def passage(start: int, end: int, record: str = "http://example.org/r") -> Passage:
    row: Row = {"record": ox.NamedNode(record), "kind": ox.NamedNode("http://example.org/k")}
    return Passage(start, end, f"http://example.org/{start}-{end}", Group([row]))


def test_the_whole_text_is_there_in_its_order(reading: Reading, text: str) -> None:
    lines = ["".join(segment.text for segment in line.segments) for line in reading.lines]
    assert lines == [line for line in text.split("\n") if line.strip()]


def test_every_passage_begins_once_and_is_listed_once(
    reading: Reading, passages: list[Passage]
) -> None:
    opened = [p for line in reading.lines for s in line.segments for p in s.opens]
    listed = [p for line in reading.lines for p in line.passages]
    assert sorted(p.iri for p in opened) == sorted(p.iri for p in passages)
    assert sorted(p.iri for p in listed) == sorted(p.iri for p in passages)
    assert len(passages) > 130


def test_the_segments_of_a_passage_are_its_exact_words(
    reading: Reading, passages: list[Passage]
) -> None:
    for each in passages:
        over = [s.text for line in reading.lines for s in line.segments if each in s.passages]
        assert "".join(over) == str(each.group.rows[0]["exact"].value)


def words_in_spans(line: Line) -> dict[str, str]:
    """Return the words inside the elements of each passage, as a parser of the page nests them."""
    words: dict[str, str] = {}
    inside: list[str] = []
    for segment in line.segments:
        inside += [span.passage.iri for span in segment.spans]
        for iri in inside:
            words[iri] = words.get(iri, "") + segment.text
        del inside[len(inside) - segment.closes :]
    assert inside == [], "every element is closed on its line"
    return words


def test_the_elements_of_a_passage_hold_its_exact_words(
    reading: Reading, passages: list[Passage]
) -> None:
    words = {k: v for line in reading.lines for k, v in words_in_spans(line).items()}
    assert words == {each.iri: str(each.group.rows[0]["exact"].value) for each in passages}


def test_a_passage_that_crosses_another_goes_on_right_behind_it() -> None:
    cut = read_document("abcdef", [passage(0, 4), passage(2, 6)], [])
    spans = [span for segment in cut.lines[0].segments for span in segment.spans]
    assert [(span.passage.start, span.end, span.first, span.cut) for span in spans] == [
        (0, 4, True, False),
        (2, 4, True, True),
        (2, 6, False, False),
    ]


def test_only_the_words_between_the_quotation_marks_are_quoted(reading: Reading) -> None:
    quoted = "".join(s.text for line in reading.lines for s in line.segments if s.quoted)
    assert quoted.startswith("L’Europe, eldorado de l’économie contributive")
    assert quoted.endswith("bien d’autres principes essentiels.")
    assert "vie privée" not in quoted


def test_nearly_all_of_the_text_supports_a_record(reading: Reading) -> None:
    assert reading.total == 3681
    assert 0.9 < reading.covered / reading.total <= 1


@given(
    st.text(alphabet="ab \n", max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(1, 20)), max_size=6, unique=True),
)
def test_any_overlap_leaves_the_text_whole(text: str, spans: list[tuple[int, int]]) -> None:
    cut = read_document(text, [passage(s, s + size) for s, size in spans], [])
    lines = ["".join(segment.text for segment in line.segments) for line in cut.lines]
    assert lines == [line for line in text.split("\n") if line.strip()]
    assert 0 <= cut.covered <= cut.total
    for line in cut.lines:
        held = words_in_spans(line)
        assert held.keys() == {p.iri for segment in line.segments for p in segment.passages}
        for iri, words in held.items():
            over = [s.text for s in line.segments if iri in {p.iri for p in s.passages}]
            assert words == "".join(over)
        for segment in line.segments:
            sizes = [p.end - p.start for p in segment.passages]
            assert sizes == sorted(sizes), "the narrowest passage comes first"


def test_the_page_links_words_to_records_and_back(client: FlaskClient) -> None:
    html = client.get("/fr/document/seed-000").get_data(as_text=True)
    for target in set(re.findall(r'href="#([cn]\d+-\d+)"', html)):
        assert f'id="{target}"' in html
    assert re.search(r'id="c3956-4253"', html)
    last = html.rindex("protection de la vie privée</a>")
    assert "quoted" not in html[html.rindex("<a", 0, last) : last]
    after = html[html.index('class="voice"') :]
    assert "Benoît Thieulin" in after.split("</p>")[0]


def quote_row(start: int, end: int, exact: str) -> Row:
    return {
        "passage": ox.NamedNode(f"http://example.org/p{start}-{end}"),
        "document": ox.NamedNode("http://example.org/d"),
        "start": ox.Literal(start),
        "end": ox.Literal(end),
        "exact": ox.Literal(exact),
    }


def test_a_narrow_passage_is_marked_inside_the_wider_one() -> None:
    [quote] = arrange_quotes([quote_row(4, 7, "def"), quote_row(1, 9, "abcdefgh")])
    assert quote.pieces == (("abc", False), ("def", True), ("gh", False))
    assert len(quote.inner) == 1


def test_passages_that_only_overlap_stay_apart() -> None:
    quotes = arrange_quotes([quote_row(0, 3, "abc"), quote_row(2, 5, "cde")])
    assert [quote.pieces for quote in quotes] == [(("abc", False),), (("cde", False),)]


def test_words_that_do_not_fit_their_positions_are_shown_unmarked() -> None:
    quotes = arrange_quotes([quote_row(0, 9, "too short"[:4]), quote_row(1, 2, "o")])
    assert quotes[0].pieces == (("too ", False),)


def test_a_long_passage_is_named_by_its_first_and_last_words() -> None:
    assert handle("la portabilité des données") == "la portabilité des données"
    long = "Les participants ont notamment recommandé de développer des politiques partenariales"
    assert handle(long) == "Les participants ont […] des politiques partenariales"


def concept(name: str, broader: str = "") -> Row:
    row: Row = {"theme": ox.NamedNode(f"http://example.org/{name}")}
    if broader:
        row["broader"] = ox.NamedNode(f"http://example.org/{broader}")
    return row


def test_a_tree_is_sorted_at_every_level_and_loses_nothing() -> None:
    rows = [concept("b"), concept("a"), concept("d", "b"), concept("c", "b"), concept("e", "lost")]
    tree = build_tree(rows, "theme", lambda term: term.value)
    assert [node.term.value[-1] for node in tree] == ["a", "b", "e"]
    assert [node.term.value[-1] for node in tree[1].children] == ["c", "d"]


def test_a_circle_of_concepts_is_shown_and_cut() -> None:
    tree = build_tree([concept("a", "b"), concept("b", "a")], "theme", lambda term: term.value)
    assert [node.term.value[-1] for node in tree] == ["a"]
    assert [node.term.value[-1] for node in tree[0].children] == ["b"]
    assert tree[0].children[0].children == ()
