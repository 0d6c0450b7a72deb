"""Derived links: what the rules must add, what they must not, and that they come to an end."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, Layout, load_store
from kb.derive import derive
from kb.layout import DERIVED_GRAPH
from kb.namespaces import expand

GRAPH_NAME = ox.NamedNode(DERIVED_GRAPH)


def holds(engine: EmbeddedEngine, subject: str, predicate: str, target: str) -> set[str]:
    """Return the names of the graphs that hold a triple, given in short names."""
    s, p, o = (ox.NamedNode(expand(name)) for name in (subject, predicate, target))
    return {str(q.graph_name)[1:-1] for q in engine.store.quads_for_pattern(s, p, o, None)}


@pytest.mark.parametrize(
    "triple",
    [
        "provision:box-act-art-2-1 drc:isWithin provision:box-act-chapter-1",
        "provision:box-act-art-2-1 drc:isWithin instrument:box-act",
        "provision:box-act-art-2-1 eli:is_part_of instrument:box-act",
        "instrument:box-act drc:contains provision:box-act-art-2-1",
        "provision:box-act-art-2-1 drc:expressesPrinciple principle:box-transfer",
        "instrument:box-act drc:recognisesPrinciple principle:box-transfer",
        "proposal:promote-box-transfer drc:realisedThrough provision:box-act-art-2-1",
        "principle:box-secrecy drc:inTensionWith principle:box-openness",
        "articulation:box-act-art-2-1-transfer-duty drc:correlativeOf "
        "articulation:box-act-art-2-1-transfer-right",
        "proposal:promote-box-transfer drc:concernsPrinciple principle:box-transfer",
        "concern:string-consumption drc:relatesToStatement statement:open-boxes-ease-exchange",
        "state:exemplaria rdf:type drc:Party",
        "organisation:box-council rdf:type org:FormalOrganization",
    ],
)
def test_a_consequence_is_derived_into_its_own_graph(tiny: EmbeddedEngine, triple: str) -> None:
    subject, predicate, target = triple.split()
    assert holds(tiny, subject, predicate, target) == {DERIVED_GRAPH}


@pytest.mark.parametrize(
    "triple",
    [
        "principle:box-openness drc:reinforces principle:box-transfer",
        "union:union-of-sample-states drc:mayDenote geopolitical:coast-of-examples",
        "instrument:box-act drc:recognisesPrinciple principle:box-secrecy",
        "instrument:box-act drc:recognisesPrinciple principle:box-values",
        "instrument:box-bill drc:contains provision:box-act-art-2",
    ],
)
def test_what_does_not_follow_is_not_derived(tiny: EmbeddedEngine, triple: str) -> None:
    assert holds(tiny, *triple.split()) == set()


def test_what_a_file_says_is_not_said_again(tiny: EmbeddedEngine) -> None:
    derived = list(tiny.store.quads_for_pattern(None, None, None, GRAPH_NAME))
    assert len(derived) >= 500
    for quad in derived:
        elsewhere = tiny.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        assert [q.graph_name for q in elsewhere] == [GRAPH_NAME]


def test_a_second_run_adds_nothing(tiny_layout: Layout) -> None:
    store = load_store(tiny_layout, derived=False)
    assert not list(store.quads_for_pattern(None, None, None, GRAPH_NAME))
    before = len(store)
    added = derive(store, tiny_layout)
    assert added > 0
    assert len(store) == before + added
    assert derive(store, tiny_layout) == 0


def test_a_circle_of_containment_comes_to_an_end(tiny_layout: Layout) -> None:
    store = load_store(tiny_layout, derived=False)
    first, second = (
        ox.NamedNode(expand(f"provision:{name}")) for name in ("box-act-chapter-1", "box-act-art-2")
    )
    part_of = ox.NamedNode(expand("drc:partOfProvision"))
    store.add(ox.Quad(first, part_of, second, ox.NamedNode("https://example.org/graph")))
    derive(store, tiny_layout)
    assert holds(EmbeddedEngine(store), first.value, "drc:isWithin", first.value)
