"""SPARQL constraints on the dataset as a whole, evaluated on the store: pySHACL's fast path.

A constraint is taken over when every target of its shape is a `sh:targetNode`; `$this` is bound, as
SHACL §5.3.1 wants, by substitution. A test holds the results equal to pySHACL's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kb.namespaces import PREFIXES, shorten
from kb.validation.base import Scope
from kb.validation.facts import Facts
from kb.validation.failure import CannotValidate
from kb.validation.narrowing import narrow
from kb.validation.result import Node, Result
from kb.validation.shapes import SH

_COMPONENT = SH + "SPARQLConstraintComponent"
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf")
_ALWAYS = ("rdf", "rdfs", "owl")
"""Prefixes that pySHACL declares of itself."""


@dataclass(frozen=True, slots=True)
class SparqlConstraint:
    """A constraint, its shape, the nodes it is checked on, and its query with prefixes."""

    node: Node
    shape: Node
    targets: tuple[ox.NamedNode, ...]
    query: str


def dataset_constraints(facts: Facts) -> list[SparqlConstraint]:
    """Return the SPARQL constraints that the fast path takes over, deactivated ones left out."""
    found = []
    for shape, node in facts.pairs(SH + "sparql"):
        targets = [t for t in facts.objects(shape, SH + "targetNode")]
        named = tuple(t for t in targets if isinstance(t, ox.NamedNode))
        if isinstance(node, ox.Literal) or not named or len(named) < len(targets):
            continue
        if any(facts.objects(shape, SH + name) for name in _TARGETS):
            continue
        if facts.one(shape, SH + "path") or _is_off(facts, shape) or _is_off(facts, node):
            continue
        found.append(SparqlConstraint(node, shape, named, _query(facts, node)))
    return sorted(found, key=lambda c: (str(c.shape), str(c.node)))


def sparql_results(
    store: ox.Store, constraints: list[SparqlConstraint], scope: Scope | None = None
) -> list[Result]:
    """Return the results of some constraints; CannotValidate names the one that has no answer.

    With a scope at least those about its nodes: a problem is about the value if that is described
    anywhere, else about the target.
    """
    return [
        result
        for constraint in constraints
        for target in constraint.targets
        for query in (
            [constraint.query]
            if scope is None or target in scope.facts
            else narrow(constraint.query, "value", scope)
        )
        for result in _evaluate(store, replace(constraint, query=query), target)
    ]


def _evaluate(
    store: ox.Store, constraint: SparqlConstraint, target: ox.NamedNode
) -> Iterator[Result]:
    """Yield one result for each distinct row of a constraint (SHACL §5.3.2)."""
    try:
        rows = store.query(
            constraint.query,
            use_default_graph_as_union=True,
            substitutions={ox.Variable("this"): target},
        )
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise CannotValidate(f"{_name(constraint)} cannot be evaluated: {error}") from error
    if not isinstance(rows, ox.QuerySolutions):
        raise CannotValidate(f"{_name(constraint)} is no SELECT query")
    names = [variable.value for variable in rows.variables]
    distinct = {}
    for row in rows:
        bound = {name: row[name] for name in names if row[name] is not None}
        distinct[tuple(sorted((name, str(term)) for name, term in bound.items()))] = bound
    # The order in which an engine finds rows says nothing, and must decide nothing.
    for _, bound in sorted(distinct.items()):
        if "failure" in bound:
            raise CannotValidate(f"{_name(constraint)} reports a failure")
        focus, value, path = bound.get("this", target), bound.get("value"), bound.get("path")
        others = {n: _text(t) for n, t in bound.items() if n not in ("this", "value", "path")}
        yield Result(
            shape=constraint.shape,
            focus=focus if isinstance(focus, ox.NamedNode) else target,
            # A row without a value has the focus node for one (SHACL §5.3.2).
            value=target if value is None or isinstance(value, ox.Triple) else value,
            path=path if isinstance(path, ox.NamedNode) else None,
            constraint=constraint.node,
            component=_COMPONENT,
            values=others,
        )


def _query(facts: Facts, node: Node) -> str:
    """Return the query of a constraint with the prefixes it declares (SHACL §5.2.1)."""
    select = facts.one(node, SH + "select")
    if not isinstance(select, ox.Literal):
        raise CannotValidate(f"{shorten(node.value)} has no sh:select")
    prefixes = {name: PREFIXES[name] for name in _ALWAYS}
    for source in facts.objects(node, SH + "prefixes"):
        for declared in [] if isinstance(source, ox.Literal) else _declarations(facts, source):
            name, namespace = (facts.one(declared, SH + key) for key in ("prefix", "namespace"))
            if name is not None and namespace is not None:
                prefixes[name.value] = namespace.value
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(prefixes.items()))
    return head + select.value


def _declarations(facts: Facts, source: Node) -> list[Node]:
    """Return the prefix declarations of a node."""
    return [d for d in facts.objects(source, SH + "declare") if not isinstance(d, ox.Literal)]


def _is_off(facts: Facts, node: Node) -> bool:
    """Tell whether a shape or constraint is deactivated."""
    off = facts.one(node, SH + "deactivated")
    return isinstance(off, ox.Literal) and off.value in ("true", "1")


def _name(constraint: SparqlConstraint) -> str:
    """Return the short name of a constraint."""
    return shorten(constraint.node.value)


def _text(term: object) -> str:
    """Return a bound term as text."""
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal) else str(term)
