"""The site: everything that answering a request needs, opened once and never changed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.metadata import version

import pyoxigraph as ox
from flask import current_app

from kb.dataset import DatasetInfo, describe
from kb.engine import Engine
from kb.labels import Labels
from kb.layout import Layout
from kb.namespaces import DATASET, PREFIXES
from kb.query import find_query
from kb.turtle import parse_turtle
from server.settings import Settings

EXTENSION = "charterkb"


@dataclass(frozen=True, slots=True)
class Site:
    """An open base: its engine, names, files and figures, and what the operator set.

    `shapes` are the triples of the SHACL files, which no public graph holds; `licence` is the IRI
    of the dataset's licence, empty when it states none; `started` is on the monotonic clock.
    """

    engine: Engine
    labels: Labels
    layout: Layout
    dataset: DatasetInfo
    shapes: tuple[ox.Triple, ...]
    licence: str
    settings: Settings = field(default_factory=Settings)
    version: str = version("digital-rights-charter-kb")
    started: float = field(default_factory=time.monotonic)


def make_site(
    engine: Engine, layout: Layout, settings: Settings, info: DatasetInfo | None = None
) -> Site:
    """Return the site over an engine that answers for the records of `layout`.

    The figures of the base are asked of the engine where they are not given.
    """
    return Site(
        engine=engine,
        labels=Labels(engine),
        layout=layout,
        dataset=info or describe(engine),
        shapes=_shapes(layout),
        licence=_licence(engine),
        settings=settings,
    )


def current_site() -> Site:
    """Return the site of the application that is answering."""
    site = current_app.extensions[EXTENSION]
    assert isinstance(site, Site)
    return site


def _shapes(layout: Layout) -> tuple[ox.Triple, ...]:
    """Return the triples of the SHACL files; blank nodes get the same names at every start."""
    shapes = ox.Dataset(q for path in layout.shape_files() for q in parse_turtle(path))
    shapes.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(quad.triple for quad in shapes)


def _licence(engine: Engine) -> str:
    """Return the IRI of the licence that the dataset's record states."""
    facts = engine.construct(find_query("linked-data/description"), resource=DATASET)
    licences = (t.object for t in facts if t.predicate.value == PREFIXES["dcterms"] + "license")
    return min((o.value for o in licences if isinstance(o, ox.NamedNode)), default="")
