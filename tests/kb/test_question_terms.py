"""Every term of the ontology is asked for by a question and used by a record (amendment 5)."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, Layout, load_store, questions
from kb.namespaces import DRC, PREFIXES, expand
from kb.sparql_text import tokens

NOT_ASKED = {
    "plainText": "the full texts stand in a private graph, which no public query can read",
}
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_CLASS = ox.NamedNode(PREFIXES["owl"] + "Class")
_PROPERTIES = tuple(
    ox.NamedNode(PREFIXES["owl"] + kind) for kind in ("ObjectProperty", "DatatypeProperty")
)


@pytest.fixture(scope="module")
def asked() -> set[str]:
    """The terms that the questions name."""
    names = {
        expand(text)
        for query in questions()
        for kind, text, _ in tokens(query.text)
        if kind == "name"
    }
    return {name.removeprefix(DRC) for name in names if name.startswith(DRC) and name != DRC}


def terms(engine: EmbeddedEngine, *kinds: ox.NamedNode) -> set[str]:
    """Return the local names of the ontology's terms of some kinds."""
    found = {
        quad.subject.value
        for kind in kinds
        for quad in engine.store.quads_for_pattern(None, _TYPE, kind, None)
        if isinstance(quad.subject, ox.NamedNode)
    }
    return {iri.removeprefix(DRC) for iri in found if iri.startswith(DRC)}


def test_every_class_is_named_by_a_question(asked: set[str], tiny: EmbeddedEngine) -> None:
    classes = terms(tiny, _CLASS)
    assert len(classes) >= 40
    assert sorted(classes - asked) == []


def test_every_property_is_named_by_a_question(asked: set[str], tiny: EmbeddedEngine) -> None:
    properties = terms(tiny, *_PROPERTIES)
    assert len(properties) >= 65
    assert sorted(properties - asked) == sorted(NOT_ASKED)


def test_questions_name_only_terms_of_the_ontology(asked: set[str], tiny: EmbeddedEngine) -> None:
    assert asked <= terms(tiny, _CLASS, *_PROPERTIES)


def test_every_term_is_used_by_a_record_of_the_invented_base(
    tiny: EmbeddedEngine, tiny_layout: Layout
) -> None:
    store = load_store(tiny_layout, texts=True)
    used = {quad.predicate.value for quad in store}
    used |= {
        quad.object.value
        for quad in store.quads_for_pattern(None, _TYPE, None, None)
        if isinstance(quad.object, ox.NamedNode)
    }
    lacking = {t for t in terms(tiny, _CLASS, *_PROPERTIES) if DRC + t not in used}
    assert sorted(lacking) == []
