"""Derived links: the CONSTRUCT rules of `ontology/rules/`, run to a fixpoint.

What they add stands in a graph of its own, so that pages can mark it and exports leave it out.
"""

from __future__ import annotations

import pyoxigraph as ox

from kb.layout import DERIVED_GRAPH, Layout
from kb.query import read_query


def derive(store: ox.Store, layout: Layout) -> int:
    """Add everything the rules derive from the store to its derived graph; return how many quads.

    Terminates because rules build triples only from terms already there.
    """
    rules = [read_query(path).text for path in layout.rule_files()]
    graph = ox.NamedNode(DERIVED_GRAPH)
    total = 0
    while True:
        added = sum(_apply(store, rule, graph) for rule in rules)
        total += added
        if not added:
            return total


def _apply(store: ox.Store, rule: str, graph: ox.NamedNode) -> int:
    """Run one rule over the union of all graphs; return how many triples are new."""
    triples = store.query(rule, use_default_graph_as_union=True)
    assert isinstance(triples, ox.QueryTriples)
    new = {
        ox.Quad(t.subject, t.predicate, t.object, graph)
        for t in triples
        if next(store.quads_for_pattern(t.subject, t.predicate, t.object, None), None) is None
    }
    store.extend(new)
    return len(new)
