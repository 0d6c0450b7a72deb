"""Shapes turned round for speed: a property shape is checked on all its focus nodes in one go.

pySHACL evaluates the property shapes of a node shape once for each focus node. When nothing but its
targets leads to a node shape, each of its property shapes can bear those targets itself (SHACL
§4.8.1: conforming to `sh:property` is conforming to the property shape): the same results, five
times faster. A test holds both ways equal.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kb.namespaces import PREFIXES
from kb.validation.facts import Facts
from kb.validation.result import Node
from kb.validation.shapes import SH

_TARGETS = tuple(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)
_REFERENCES = tuple(SH + name for name in ("node", "property", "not", "qualifiedValueShape"))
_LISTS = tuple(SH + name for name in ("and", "or", "xone"))
_CLASSES = (PREFIXES["rdfs"] + "Class", PREFIXES["owl"] + "Class")


def hoist_targets(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return shapes in which property shapes bear the targets of the node shapes that hold them."""
    quads = list(quads)
    facts = Facts(quads)
    referred = _referred(facts)
    hoisted: list[ox.Quad] = []
    for quad in quads:
        holder, held = quad.subject, quad.object
        if (
            quad.predicate.value == SH + "property"
            and not isinstance(holder, ox.Triple)
            and isinstance(held, ox.NamedNode | ox.BlankNode)
            and _has_only_targets(facts, holder, referred)
        ):
            for name in _TARGETS:
                for target in facts.objects(holder, name):
                    hoisted.append(ox.Quad(held, ox.NamedNode(name), target))
        else:
            hoisted.append(quad)
    return hoisted


def _has_only_targets(facts: Facts, shape: Node, referred: set[str]) -> bool:
    """Tell whether a node shape is reached through its explicit targets and in no other way."""
    if str(shape) in referred or facts.one(shape, SH + "path"):
        return False
    if facts.one(shape, SH + "deactivated") or not any(facts.one(shape, t) for t in _TARGETS):
        return False
    types = facts.objects(shape, PREFIXES["rdf"] + "type")
    return not any(kind.value in _CLASSES for kind in types)


def _referred(facts: Facts) -> set[str]:
    """Return the shapes that another shape refers to."""
    found = {str(shape) for name in _REFERENCES for _, shape in facts.pairs(name)}
    for name in _LISTS:
        found |= {str(m) for _, head in facts.pairs(name) for m in facts.members(head)}
    return found
