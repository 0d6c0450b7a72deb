"""A query narrowed to the rows about some nodes: the same rows, found without the others.

The values of a variable are limited by a VALUES block where SPARQL 1.1 Query §18.2 lets that leave
out rows and change none: at the start of a group in which every solution binds the variable before
anything is applied to solutions one by one. A sub-query is limited likewise, to what the nodes say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import pyoxigraph as ox

from kb.namespaces import PREFIXES
from kb.sparql_text import tokens
from kb.validation.base import Scope
from kb.validation.patterns import Group, read_pattern
from kb.validation.result import Term

_MARKS = ("?", "$")
_AT_ONCE = 500
"""Nodes in one query: with many more, engines join something else first."""


def narrow(text: str, variable: str, scope: Scope) -> list[str]:
    """Return queries that have together the rows with a node of a scope under a variable.

    No query at all when there can be no such row; the one given, with all its rows, when it cannot
    be told how to narrow it.
    """
    read = read_pattern(text)
    if read is None or variable not in read[0].open or _may_fail(text):
        return [text]
    group, prefixes = read
    names = [mark + variable for mark in _MARKS]
    said = [(predicate, end) for subject, predicate, end in group.triples if subject in names]
    inner = list(_sub_queries(group))
    required = {_constant(predicate, prefixes) for predicate, _ in said} - {""}
    nodes = [
        node
        for node, predicates in scope.predicates.items()
        if isinstance(node, ox.NamedNode) and required <= predicates
    ]
    return [
        _with_values(text, group, inner, _limits(variable, said if inner else [], scope, part))
        for part in (nodes[i : i + _AT_ONCE] for i in range(0, len(nodes), _AT_ONCE))
    ]


def _with_values(
    text: str, group: Group, inner: Iterable[Group], limits: Mapping[str, Collection[Term]]
) -> str:
    """Return a query limited in the first of some variables, its sub-queries in all of them."""
    first = next(iter(limits))
    blocks = {group.offset: _values(first, limits[first])}
    for query in inner:
        names = sorted(query.open & limits.keys())
        blocks[query.offset] = "".join(_values(name, limits[name]) for name in names)
    for offset in sorted(blocks, reverse=True):
        text = text[:offset] + blocks[offset] + text[offset:]
    return text


def _may_fail(text: str) -> bool:
    """Tell whether a query can report a failure, which concerns every validation."""
    return any(kind == "variable" and value[1:] == "failure" for kind, value, _ in tokens(text))


def _limits(
    variable: str, said: Collection[tuple[str, str]], scope: Scope, nodes: Collection[ox.NamedNode]
) -> dict[str, Collection[Term]]:
    """Return the terms that each variable can be bound to where it is said of one of the nodes.

    Nothing is told of a variable that might be bound to a blank node: VALUES cannot name it.
    """
    limits: dict[str, Collection[Term]] = {variable: nodes}
    quads = [quad for node in nodes for quad in scope.facts[node]] if said else []
    ends = {quad.object for quad in quads}
    terms = [term for term in ends if isinstance(term, ox.NamedNode | ox.Literal)]
    for predicate, end in said:
        if predicate.startswith(_MARKS):
            limits.setdefault(predicate[1:], {quad.predicate for quad in quads})
        if end.startswith(_MARKS) and len(terms) == len(ends):
            limits.setdefault(end[1:], terms)
    return limits


def _sub_queries(group: Group) -> Iterator[Group]:
    """Yield the sub-queries that a group joins, also within groups of its own."""
    for inner in group.groups:
        if inner.selects:
            yield inner
        else:
            yield from _sub_queries(inner)


def _constant(predicate: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of a predicate as written; nothing for a variable or what is not understood.

    A name that ends in a stop may have swallowed it, one with a backslash has to be decoded.
    """
    if predicate == "a":
        return PREFIXES["rdf"] + "type"
    prefix, colon, local = predicate.partition(":")
    if "\\" in predicate or predicate.startswith(_MARKS) or not colon:
        return ""
    if predicate.startswith("<"):
        return predicate[1:-1] if re.match("<https?:", predicate) else ""
    return prefixes[prefix + colon] + local if prefix + colon in prefixes else ""


def _values(variable: str, terms: Iterable[Term]) -> str:
    """Return a block that limits a variable to some terms."""
    return f" VALUES ?{variable} {{ {' '.join(sorted(map(str, terms)))} }}"
