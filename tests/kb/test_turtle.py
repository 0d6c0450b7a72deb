"""Turtle in canonical layout: nothing is lost, and a second pass changes nothing."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import Layout, SourceError, shipped_layout
from kb.namespaces import DRC, PREFIXES
from kb.turtle import format_turtle, parse_turtle, parse_turtle_bytes
from kb.turtle_writer import natural_key, write_turtle

PATH = Path("box.ttl")
RDF = PREFIXES["rdf"]
XSD = PREFIXES["xsd"]
NASTY = [
    '"',
    '""',
    '"""',
    "\\",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x7f",
    "\ufeff",
    "’",
    "😀",
    " ",
    "a" * 130,
]

locals_ = st.text("abcXYZ019-_.@~%é()/#", min_size=1, max_size=8).filter(lambda t: "%" not in t)
namespaces = st.sampled_from([*PREFIXES.values(), "https://example.org/", "urn:x:"])


def is_iri(text: str) -> bool:
    """Tell whether the engine takes a text for an IRI."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


iris = st.builds(str.__add__, namespaces, locals_).filter(is_iri).map(ox.NamedNode)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from(NASTY), max_size=8).map("".join),
)
datatypes = st.sampled_from(["boolean", "integer", "decimal", "double", "date", "string", "anyURI"])
lexicals = st.sampled_from(["true", "1", "+07", "-0", "1.0", "1e3", ".", "x", "2001-01-01", ""])
literals = st.one_of(
    texts.map(ox.Literal),
    st.builds(
        lambda text, lang: ox.Literal(text, language=lang), texts, st.sampled_from(["fr", "en-gb"])
    ),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(XSD + kind)), lexicals, datatypes
    ),
)
objects = st.recursive(
    st.one_of(iris, literals),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(iris, inner, max_size=3).map(lambda d: tuple(d.items())).map(frozenset),
    ),
    max_leaves=8,
)
graphs = st.lists(st.tuples(st.one_of(iris, st.none()), iris, objects), max_size=8)


def quads(facts: list[tuple[ox.NamedNode | None, ox.NamedNode, object]]) -> list[ox.Quad]:
    """Return quads for drawn facts: tuples become RDF lists, frozensets nested blank nodes."""
    found: list[ox.Quad] = []

    def node(value: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(value, tuple):
            rest: ox.NamedNode | ox.BlankNode = ox.NamedNode(RDF + "nil")
            for member in reversed(value):
                cell = ox.BlankNode()
                found.append(ox.Quad(cell, ox.NamedNode(RDF + "first"), node(member)))
                found.append(ox.Quad(cell, ox.NamedNode(RDF + "rest"), rest))
                rest = cell
            return rest
        if isinstance(value, frozenset):
            blank = ox.BlankNode()
            found.extend(ox.Quad(blank, predicate, node(inner)) for predicate, inner in value)
            return blank
        assert isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal)
        return value

    for subject, predicate, value in facts:
        found.append(ox.Quad(subject or ox.BlankNode(), predicate, node(value)))
    return found


def canonical(found: list[ox.Quad]) -> set[str]:
    """Return the triples under canonical names for their blank nodes (RDFC-1.0)."""
    dataset = ox.Dataset(found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs)
def test_writing_loses_nothing_and_is_stable(
    facts: list[tuple[ox.NamedNode | None, ox.NamedNode, object]],
) -> None:
    source = quads(facts)
    written = write_turtle(source, PATH)
    read = parse_turtle_bytes(written.encode(), PATH)
    assert canonical(read) == canonical(source)
    assert format_turtle(written.encode(), PATH) == written


@pytest.mark.parametrize(
    "value", [*NASTY, "\n".join(NASTY) * 3, '"\n' * 70, "\n" * 130 + '""', "\n" * 130 + '\\"']
)
def test_a_nasty_text_comes_back_as_it_was(value: str) -> None:
    quad = ox.Quad(ox.NamedNode(DRC + "a"), ox.NamedNode(DRC + "b"), ox.Literal(value))
    [read] = parse_turtle_bytes(write_turtle([quad], PATH).encode(), PATH)
    assert read.object == ox.Literal(value)


def test_the_order_of_the_input_does_not_matter() -> None:
    source = quads([(None, ox.NamedNode(DRC + "a"), (ox.Literal("x"), ox.Literal("y")))])
    assert write_turtle(source, PATH) == write_turtle(list(reversed(source)), PATH)


def test_subjects_and_predicates_stand_in_their_order() -> None:
    text = """
    @prefix drc: <https://w3id.org/digital-rights-charter/ontology#> .
    @prefix provision: <https://w3id.org/digital-rights-charter/id/provision/> .
    @prefix instrument: <https://w3id.org/digital-rights-charter/id/instrument/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    provision:box-art-10 a drc:Provision . # a comment is lost
    provision:box-art-2 drc:reference drc:z ; a drc:Provision ; rdfs:label "b"@fr , "a"@en .
    instrument:box a drc:Instrument .
    """
    assert format_turtle(text.encode(), PATH) == (
        "@prefix drc: <https://w3id.org/digital-rights-charter/ontology#> .\n"
        "@prefix instrument: <https://w3id.org/digital-rights-charter/id/instrument/> .\n"
        "@prefix provision: <https://w3id.org/digital-rights-charter/id/provision/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\n"
        "instrument:box a drc:Instrument .\n\n"
        "provision:box-art-2 a drc:Provision ;\n"
        '    rdfs:label "a"@en ,\n        "b"@fr ;\n'
        "    drc:reference drc:z .\n\n"
        "provision:box-art-10 a drc:Provision .\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("<a:a> <a:b> <a:c> .\n<a:a> <a:b>\n.", 3, "mend the Turtle syntax"),
        ("\n\nfoo:a <a:b> <a:c> .", 3, "declare the prefix"),
        ('<a:a> <a:b> "open .\n', 1, "mend the Turtle syntax"),
        ("<a:a> <a:b> <c> .", 1, "mend the Turtle syntax"),
    ],
)
def test_a_broken_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        parse_turtle(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_bytes_that_are_not_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes('<a:a> <a:b> "a" .\n<a:a> <a:b> "é" .\n'.encode("latin-1"))
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        parse_turtle(path)
    assert caught.value.line == 2


def test_a_missing_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="check the path"):
        parse_turtle(tmp_path / "none.ttl")


@pytest.mark.parametrize(
    "text",
    [
        "<a:a> <a:b> _:x . <a:c> <a:b> _:x .",
        "_:x <a:b> _:y . _:y <a:b> _:x .",
        "_:x <a:b> _:x .",
        "<a:a> <a:b> <<( <a:s> <a:p> <a:o> )>> .",
        '<a:a> <a:b> "text"@en--ltr .',
    ],
)
def test_what_has_no_layout_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        format_turtle(text.encode(), PATH)


@settings(max_examples=200)
@given(st.lists(st.from_regex(r"\A[a-z]{0,2}[0-9]{0,3}(-[0-9]{1,2})?\Z"), max_size=6, unique=True))
def test_the_natural_order_is_total_and_keeps_texts_apart(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    assert sorted(reversed(names), key=natural_key) == ordered
    assert len({str(natural_key(name)) for name in names}) == len(names)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers_in_names_are_ordered_as_numbers(first: int, second: int) -> None:
    keys = natural_key(f"art-{first}"), natural_key(f"art-{second}")
    assert (keys[0] < keys[1]) == (first < second)


@pytest.mark.parametrize("text", ["9" * 5000, "²", "٣", "a1b", ""])
def test_the_natural_order_takes_any_text(text: str) -> None:
    assert sorted(["b", text], key=natural_key)


def test_every_shipped_file_is_in_canonical_layout(tiny_layout: Layout) -> None:
    files = [*shipped_layout().data_files(), *tiny_layout.data_files()]
    untidy = [p.name for p in files if format_turtle(p.read_bytes(), p) != p.read_text("utf-8")]
    assert untidy == []
