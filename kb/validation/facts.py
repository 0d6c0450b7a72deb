"""A small graph read by subject and predicate: what the shapes graph is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from kb.namespaces import PREFIXES
from kb.validation.result import Node, Term

_FIRST, _REST = PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest"


class Facts:
    """The objects of each subject and predicate, and who refers to a node."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._objects: dict[tuple[str, str], list[Term]] = defaultdict(list)
        self._subjects: dict[str, list[Node]] = defaultdict(list)
        self._facts: dict[str, list[tuple[ox.NamedNode, Term]]] = defaultdict(list)
        self._by_predicate: dict[str, list[tuple[Node, Term]]] = defaultdict(list)
        for quad in quads:
            subject, target = quad.subject, quad.object
            if isinstance(subject, ox.Triple) or isinstance(target, ox.Triple):
                continue
            self._objects[str(subject), quad.predicate.value].append(target)
            self._facts[str(subject)].append((quad.predicate, target))
            self._subjects[str(target)].append(subject)
            self._by_predicate[quad.predicate.value].append((subject, target))

    def objects(self, subject: Node, predicate: str) -> list[Term]:
        """Return the objects of a subject under a predicate."""
        return self._objects.get((str(subject), predicate), [])

    def one(self, subject: Node, predicate: str) -> Term | None:
        """Return one object of a subject under a predicate, or nothing."""
        return next(iter(self.objects(subject, predicate)), None)

    def pairs(self, predicate: str) -> list[tuple[Node, Term]]:
        """Return every subject and object of a predicate."""
        return self._by_predicate.get(predicate, [])

    def named_owner(self, node: Node) -> Node:
        """Return the node if it has an IRI, else the nearest one with an IRI that holds it."""
        current, seen = node, {str(node)}
        while isinstance(current, ox.BlankNode):
            holders = [n for n in self._subjects.get(str(current), []) if str(n) not in seen]
            if not holders:
                return node
            current = holders[0]
            seen.add(str(current))
        return current

    def below(self, node: Node) -> list[tuple[Node, ox.NamedNode, Term]]:
        """Return the triples of a blank node and of the blank nodes under it."""
        found: list[tuple[Node, ox.NamedNode, Term]] = []
        pending, seen = [node], {str(node)}
        while pending:
            current = pending.pop(0)
            for predicate, target in self._facts.get(str(current), []):
                found.append((current, predicate, target))
                if isinstance(target, ox.BlankNode) and str(target) not in seen:
                    seen.add(str(target))
                    pending.append(target)
        return found

    def members(self, head: Term | None) -> list[Term]:
        """Return the members of an RDF list."""
        found: list[Term] = []
        seen: set[str] = set()
        while isinstance(head, ox.BlankNode) and head.value not in seen:
            seen.add(head.value)
            found += self.objects(head, _FIRST)[:1]
            head = self.one(head, _REST)
        return found
