"""SHACL Core, and what SPARQL the fast path leaves over, through pySHACL.

The graph validated is asserted data, ontology and lists in one, without inference: pySHACL's own
`ont_graph` would only carry over axioms, not the members of the lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox
import pyshacl
import rdflib

from kb.validation.failure import CannotValidate
from kb.validation.hoisting import hoist_targets
from kb.validation.rdflib_terms import from_rdflib, quiet_rdflib, to_graph
from kb.validation.result import Node, Result
from kb.validation.shapes import SH

_SH = rdflib.Namespace(SH)


def core_results(data: Iterable[ox.Quad], shapes: Iterable[ox.Quad]) -> list[Result]:
    """Return the results of some shapes on some data; CannotValidate when pySHACL fails."""
    return run_pyshacl(to_graph(data), to_graph(hoist_targets(shapes)))


def run_pyshacl(data: rdflib.Graph, shapes: rdflib.Graph) -> list[Result]:
    """Return the results of pySHACL; CannotValidate when it fails, however it says so."""
    try:
        with quiet_rdflib():
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    except (RuntimeError, TypeError, ValueError, re.error) as error:
        raise CannotValidate(f"the shapes cannot be evaluated: {error}") from error
    # A failure is not raised but returned in the place of the report (pySHACL entrypoints).
    if not isinstance(report, rdflib.Graph):
        raise CannotValidate(f"the shapes cannot be evaluated: {text}")
    nodes = set(report.objects(None, _SH.result))
    # Nodes of a report have no order: of results that say the same, always the same one is told.
    found = {_key(result): result for result in (_result(report, node) for node in nodes)}
    return [result for _, result in sorted(found.items())]


def _result(report: rdflib.Graph, node: rdflib.term.Node) -> Result:
    """Return one result of a report graph."""

    def one(name: str) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
        found = report.value(node, _SH[name])
        return from_rdflib(found) if found is not None else None

    def resource(name: str) -> Node | None:
        found = one(name)
        return None if isinstance(found, ox.Literal) else found

    shape, focus = resource("sourceShape"), resource("focusNode")
    component = resource("sourceConstraintComponent")
    if shape is None or component is None:
        raise CannotValidate("pySHACL gave a result without its shape")
    return Result(
        shape=shape,
        # A literal can only be a focus node of a shape applied to values: its shape is named.
        focus=focus or shape,
        value=one("value"),
        path=resource("resultPath"),
        constraint=resource("sourceConstraint"),
        component=component.value,
    )


def _key(result: Result) -> tuple[str, ...]:
    """Return what makes two results the same: a shape reached twice reports twice."""
    parts = (result.shape, result.focus, result.value, result.path, result.constraint)
    return (*(str(part) for part in parts), result.component)
