"""The scope of a validation that tells of some files only."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kb.validation.base import Base, Scope
from kb.validation.places import Places

_MOST = 0.25
"""Share of the nodes of a base above which looking at everything is no slower."""


def scope_of(base: Base, places: Places, files: frozenset[Path]) -> Scope | None:
    """Return the scope of some files; nothing where everything has to be looked at.

    Everything depends on the ontology, its lists and its shapes. A node that several files describe
    belongs to the one where its problems are told.
    """
    if any(path.is_relative_to(base.layout.ontology) for path in files):
        return None
    nodes = {
        quad.subject
        for path in files
        for quad in base.quads.get(path, ())
        if not isinstance(quad.subject, ox.Triple) and places.file(quad.subject) == path
    }
    if len(nodes) > _MOST * len(places):
        return None
    facts = {node: tuple(base.store.quads_for_pattern(node, None, None)) for node in nodes}
    predicates = {node: frozenset(q.predicate.value for q in facts[node]) for node in nodes}
    return Scope(files, facts, predicates)
