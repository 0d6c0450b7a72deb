"""The first source is captured whole: every listed item, its exact words, its place in the text."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.namespaces import ID, VOC, expand

ROOT = Path(__file__).parents[2]
TEXT_FILE = ROOT / "kb" / "data" / "texts" / "seed-000.txt"
DOCUMENT = ox.NamedNode(ID + "document/seed-000")
DIGEST = "2e0afdd492767b917da882afab71d43714192a3dfb428996361eae958be119b9"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the inventory of the source."""

    id: str
    slug: str
    quote: str
    start: int
    end: int

    @property
    def iri(self) -> str:
        """The IRI of the item’s record: a value of a closed list, or a record of the base."""
        if self.slug.startswith("voc/"):
            return VOC + self.slug.removeprefix("voc/")
        return ID + self.slug


def read_items() -> list[Item]:
    """Return the lines of the committed inventory."""
    with Path(__file__).with_name("seed-items.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Item(r["id"], r["slug"], r["quote"], int(r["start"]), int(r["end"])) for r in rows]


ITEMS = read_items()


@pytest.fixture(scope="module")
def text() -> str:
    """The source, decoded from its exact bytes, line ends untouched."""
    return TEXT_FILE.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Every Turtle file of the data and of the closed lists, in one graph."""
    loaded = ox.Store()
    for folder in (ROOT / "kb" / "data", ROOT / "ontology" / "voc"):
        for path in sorted(folder.rglob("*.ttl")):
            loaded.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    return loaded


def node(name: str) -> ox.NamedNode:
    """Return the node of a CURIE or IRI."""
    return ox.NamedNode(expand(name))


def nodes(store: ox.Store, subject: ox.NamedNode, predicate: str) -> list[ox.NamedNode]:
    """Return the nodes that a record has for a predicate."""
    found = (q.object for q in store.quads_for_pattern(subject, node(predicate), None))
    return [value for value in found if isinstance(value, ox.NamedNode)]


def holders(store: ox.Store, predicate: str, value: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the records that have a node for a predicate."""
    found = (q.subject for q in store.quads_for_pattern(None, node(predicate), value))
    return [subject for subject in found if isinstance(subject, ox.NamedNode)]


def selected(store: ox.Store, passage: ox.NamedNode, predicate: str) -> str:
    """Return the only literal that the selectors of a passage have for a predicate."""
    (literal,) = (
        quad.object
        for selector in nodes(store, passage, "oa:hasSelector")
        for quad in store.quads_for_pattern(selector, node(predicate), None)
    )
    assert isinstance(literal, ox.Literal)
    return literal.value


def place(store: ox.Store, passage: ox.NamedNode) -> tuple[int, int, str]:
    """Return start, end and exact words of a passage, from its two selectors."""
    start, end = (int(selected(store, passage, name)) for name in ("oa:start", "oa:end"))
    return start, end, selected(store, passage, "oa:exact")


def passages(store: ox.Store) -> dict[tuple[int, int], ox.NamedNode]:
    """Return the passages of the source by their bounds."""
    return {place(store, p)[:2]: p for p in holders(store, "drc:fromDocument", DOCUMENT)}


def supporting(store: ox.Store, item: Item) -> list[ox.NamedNode]:
    """Return the records whose evidence may carry an item that is not evidence-bearing itself.

    A principle is named through the statements about it, whose passages are whole clauses; the
    role of a proposal is named through the glossary term; the document holds every passage.
    """
    record = ox.NamedNode(item.iri)
    if item.slug.startswith("principle/"):
        about = holders(store, "drc:concernsPrinciple", record)
        return [record, *about, *holders(store, "drc:targetsPrinciple", record)]
    if item.slug == "voc/role/chief-digital-officer":
        return [record, node("glossary:chief-digital-officer")]
    return [record]


def test_the_inventory_has_130_items() -> None:
    assert [item.id for item in ITEMS] == [f"S{n}" for n in range(1, 131)]


def test_the_text_is_the_exact_source(text: str) -> None:
    assert sha256(TEXT_FILE.read_bytes()).hexdigest() == DIGEST
    assert len(TEXT_FILE.read_bytes()) == 4637
    assert len(text) == 4364


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_item_has_a_record(store: ox.Store, item: Item) -> None:
    record = ox.NamedNode(item.iri)
    assert nodes(store, record, "rdf:type"), f"{item.slug} is described nowhere"


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_item_is_quoted_at_its_place(store: ox.Store, text: str, item: Item) -> None:
    assert text[item.start : item.end] == item.quote
    passage = passages(store)[item.start, item.end]
    assert place(store, passage) == (item.start, item.end, item.quote)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_item_rests_on_its_words(store: ox.Store, item: Item) -> None:
    record = ox.NamedNode(item.iri)
    if item.slug.startswith("quotation/"):
        proofs = [record]
    elif item.slug.startswith("document/"):
        proofs = list(passages(store).values())
    else:
        proofs = [e for r in supporting(store, item) for e in nodes(store, r, "drc:evidence")]
    places = [place(store, proof) for proof in proofs]
    if item.slug.startswith("principle/"):  # a statement’s clause contains the principle’s name
        assert any(s <= item.start and item.end <= e for s, e, _ in places)
    else:
        assert (item.start, item.end, item.quote) in places


def test_every_passage_gives_back_the_words_of_the_text(store: ox.Store, text: str) -> None:
    found = passages(store)
    assert found
    for (start, end), passage in found.items():
        assert text[start:end] == place(store, passage)[2]


def test_every_passage_is_found_once_with_its_context(store: ox.Store, text: str) -> None:
    for passage in passages(store).values():
        names = ("oa:prefix", "oa:exact", "oa:suffix")
        prefix, exact, suffix = (selected(store, passage, name) for name in names)
        assert len(prefix) <= 64 and len(suffix) <= 64
        assert text.count(prefix + exact + suffix) == 1


def test_every_passage_supports_a_record(store: ox.Store) -> None:
    quotation = node("quotation:thieulin-charter")
    idle = [p for p in passages(store).values() if not holders(store, "drc:evidence", p)]
    assert [p for p in idle if p != quotation] == []


def test_evidence_covers_the_text(store: ox.Store, text: str) -> None:
    covered = {
        position
        for (start, end), passage in passages(store).items()
        if holders(store, "drc:evidence", passage)
        for position in range(start, end)
    }
    inked = {position for position, character in enumerate(text) if not character.isspace()}
    assert len(covered & inked) / len(inked) >= 0.95


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Workshop", 5),
        ("Aim", 11),
        ("Concern", 6),
        ("Expectation", 1),
        ("Proposal", 12),  # eleven, and the open list that is never filled in
        ("Observation", 17),
        ("Opportunity", 9),
        ("GlossaryTerm", 11),
        ("Charter", 1),
    ],
)
def test_the_source_yields_so_many_records(store: ox.Store, kind: str, expected: int) -> None:
    own = set(passages(store).values())
    records = holders(store, "rdf:type", node(f"drc:{kind}"))
    resting = [r for r in records if own & set(nodes(store, r, "drc:evidence"))]
    assert len(resting) == expected


def test_the_source_holds_one_quotation(store: ox.Store) -> None:
    kept = set(passages(store).values()) & set(holders(store, "rdf:type", node("drc:Quotation")))
    assert kept == {node("quotation:thieulin-charter")}
