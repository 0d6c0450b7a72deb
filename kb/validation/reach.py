"""How far the shapes look from a focus node, and the part of a base that lies within their sight.

A problem that SHACL Core finds is about its focus node (SHACL §3.6.2.1). Where no shape looks
further than a known number of steps, the focus nodes of a scope can be judged on what lies that
near to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kb.namespaces import PREFIXES
from kb.validation.base import Scope
from kb.validation.facts import Facts
from kb.validation.result import Node, Term
from kb.validation.shapes import SH

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_SUB_CLASS = ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")
_SHAPES = ("property", "node", "not", "qualifiedValueShape")
_LISTS = ("and", "or", "xone")
_LOOKS = ("closed", "equals", "disjoint", "lessThan", "lessThanOrEquals")
"""Constraints that compare what the focus node itself says."""
_ELSE = """
path inversePath alternativePath zeroOrOnePath
targetClass targetNode targetSubjectsOf targetObjectsOf deactivated
name description message severity order group defaultValue
nodeKind class datatype in hasValue pattern flags languageIn uniqueLang
minCount maxCount minLength maxLength minInclusive maxInclusive minExclusive maxExclusive
qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint ignoredProperties
select prefixes declare prefix namespace
"""
"""What else is understood here of SHACL; of a SPARQL constraint only what defines it."""
_KNOWN = {*_SHAPES, *_LISTS, *_LOOKS, *_ELSE.split()}


@dataclass(frozen=True, slots=True)
class Reach:
    """The steps that shapes look away from a focus node, and the predicates they go backwards."""

    steps: int
    back: frozenset[ox.NamedNode]


class _OutOfSightError(Exception):
    """Raised where no number of steps can be told."""


def reach_of(shapes: Iterable[ox.Quad]) -> Reach | None:
    """Return how far some shapes look; nothing where that cannot be told."""
    quads = list(shapes)
    used = {q.predicate.value.removeprefix(SH) for q in quads if q.predicate.value.startswith(SH)}
    if not used <= _KNOWN:
        return None
    facts = Facts(quads)
    back = [t for name in ("inversePath", "targetObjectsOf") for _, t in facts.pairs(SH + name)]
    nodes = {q.subject for q in quads if not isinstance(q.subject, ox.Triple)}
    try:
        steps = max((_depth(facts, node, ()) for node in nodes), default=0)
    except _OutOfSightError:
        return None
    return Reach(steps, frozenset(t for t in back if isinstance(t, ox.NamedNode)))


def quads_near(store: ox.Store, scope: Scope, reach: Reach) -> set[ox.Quad]:
    """Return what is said within reach of the nodes of a scope, with the classes of all there."""
    found: set[ox.Quad] = set(store.quads_for_pattern(None, _SUB_CLASS, None))
    seen: set[Node] = set()
    ring: set[Node] = set(scope.facts)
    for _ in range(max(reach.steps, 1)):
        quads = {quad for node in ring for quad in _around(store, node, reach.back)}
        seen |= ring
        ring = {end for quad in quads for end in _ends(quad)} - seen
        found |= quads
    for node in ring:
        found.update(store.quads_for_pattern(node, _TYPE, None))
    return found


def _around(store: ox.Store, node: Node, back: Iterable[ox.NamedNode]) -> list[ox.Quad]:
    """Return the quads of a node, and those that lead to it by a predicate gone backwards."""
    quads = list(store.quads_for_pattern(node, None, None))
    for predicate in back:
        quads += store.quads_for_pattern(None, predicate, node)
    return quads


def _ends(quad: ox.Quad) -> list[Node]:
    """Return the nodes that a quad links."""
    return [e for e in (quad.subject, quad.object) if isinstance(e, ox.NamedNode | ox.BlankNode)]


def _depth(facts: Facts, shape: Node, above: tuple[Node, ...]) -> int:
    """Return how many steps a shape looks away from its focus node."""
    path = facts.one(shape, SH + "path")
    if shape in above or (path and facts.objects(shape, SH + "property")):
        # A property shape within another reports on the values, which are no focus nodes of ours.
        raise _OutOfSightError
    held = [term for name in _SHAPES for term in facts.objects(shape, SH + name)]
    for name in _LISTS:
        held += [term for head in facts.objects(shape, SH + name) for term in facts.members(head)]
    nodes = [term for term in held if not isinstance(term, ox.Literal)]
    below = max((_depth(facts, node, (*above, shape)) for node in nodes), default=0)
    if path is not None:
        return _steps(facts, path) + below
    return max(below, 1 if any(facts.objects(shape, SH + name) for name in _LOOKS) else 0)


def _steps(facts: Facts, path: Term) -> int:
    """Return the most steps that a path takes."""
    if isinstance(path, ox.NamedNode):
        return 1
    if isinstance(path, ox.Literal):
        raise _OutOfSightError
    if inverse := facts.one(path, SH + "inversePath"):
        return 1 if isinstance(inverse, ox.NamedNode) else _unknown()
    if inner := facts.one(path, SH + "zeroOrOnePath"):
        return _steps(facts, inner)
    if choice := facts.members(facts.one(path, SH + "alternativePath")):
        return max(_steps(facts, step) for step in choice)
    return sum(_steps(facts, step) for step in facts.members(path)) or _unknown()


def _unknown() -> int:
    """Raise _OutOfSightError."""
    raise _OutOfSightError
