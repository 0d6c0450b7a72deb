"""The rules that records must meet, read from the files of the base: shapes, checks, derivations.

Shapes are no part of the public store, so their query runs over a small store of their own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kb import EmbeddedEngine, Layout, Query, read_query
from server.panels import Panel, run_panel


def constraints(shapes: tuple[ox.Triple, ...]) -> Panel:
    """Return the SHACL constraints among the triples of the shape files."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, ox.DefaultGraph()) for t in shapes)
    return run_panel(EmbeddedEngine(store), "shapes/constraints")


def checks(layout: Layout) -> list[Query]:
    """Return the SPARQL checks of a base, by name."""
    return _queries(tuple(layout.check_files()))


def derivations(layout: Layout) -> list[Query]:
    """Return the rules that derive links, in the order in which they run."""
    return _queries(tuple(layout.rule_files()))


@cache
def _queries(paths: tuple[Path, ...]) -> list[Query]:
    return [read_query(path) for path in paths]
