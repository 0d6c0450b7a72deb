"""The shapes on a base: dataset-level SPARQL on the store, everything else through pySHACL."""

from __future__ import annotations

import pyoxigraph as ox

from kb.validation.base import Base
from kb.validation.reach import quads_near, reach_of
from kb.validation.result import Result
from kb.validation.shacl_core import core_results
from kb.validation.shacl_sparql import SparqlConstraint, dataset_constraints, sparql_results
from kb.validation.shapes import SH, Shapes


def find_shacl_results(base: Base) -> list[Result]:
    """Return every result of the shapes of a base; CannotValidate when they cannot be evaluated.

    With a scope at least those about its nodes.
    """
    constraints = dataset_constraints(base.shapes.shapes)
    core = _core_results(base, _without(base.shapes, constraints))
    return core + sparql_results(base.store, constraints, base.scope)


def _core_results(base: Base, shapes: list[ox.Quad]) -> list[Result]:
    """Return the results of what is left to pySHACL, on no more of the base than they hang on."""
    reach = reach_of(shapes) if base.scope else None
    if base.scope is None or reach is None:
        return core_results(base.all_quads(), shapes)
    # What lies near is judged along, but on less than all that is said of it.
    near = core_results(quads_near(base.store, base.scope, reach), shapes)
    return [result for result in near if result.focus in base.scope.facts]


def _without(shapes: Shapes, taken: list[SparqlConstraint]) -> list[ox.Quad]:
    """Return the shapes without the constraints that are evaluated elsewhere."""
    gone = {(str(c.shape), str(c.node)) for c in taken}
    return [
        quad
        for quads in shapes.quads.values()
        for quad in quads
        if quad.predicate.value != SH + "sparql"
        or (str(quad.subject), str(quad.object)) not in gone
    ]
