"""The shapes, the ontology and the tiny valid base that every bad record is added to."""

from __future__ import annotations

import logging
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import RDF, RDFS, SH, SKOS, Dataset, Graph, URIRef
from rdflib.term import Node

from kb.layout import shipped_layout
from kb.namespaces import BASE, DATASET, GRAPH

HERE = Path(__file__).parent
NOTATION = SKOS.notation


@dataclass(frozen=True, slots=True)
class Found:
    """One result: the rule, what it is about, and the property where there is one."""

    rule: str
    value: str
    path: str


def read_quads(path: Path) -> list[ox.Quad]:
    """Return a test file as quads: Turtle in the graph of its own name, TriG as it stands."""
    graph = ox.NamedNode(GRAPH + path.stem)
    quads = ox.parse(path=path, rename_blank_nodes=True)
    if path.suffix == ".trig":
        return list(quads)
    return [ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads]


def to_graph(quads: list[ox.Quad]) -> Graph:
    """Return quads as one rdflib graph."""
    text = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=text, format="nt")


def to_dataset(quads: list[ox.Quad]) -> Dataset:
    """Return quads as an rdflib dataset whose default graph is the union of the named ones."""
    dataset = Dataset(default_union=True)
    by_graph: dict[str, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        by_graph[quad.graph_name.value].append(quad)
    for name, part in by_graph.items():
        graph = dataset.graph(URIRef(name))
        graph += to_graph(part)
    return dataset


def _quads_below(paths: list[Path]) -> list[ox.Quad]:
    return [quad for path in paths for quad in read_quads(path)]


@pytest.fixture(scope="session")
def shapes() -> Graph:
    """The shapes graph, whole."""
    return to_graph(_quads_below(shipped_layout().shape_files()))


@pytest.fixture(scope="session")
def ontology_quads() -> list[ox.Quad]:
    """The ontology and the closed lists."""
    layout = shipped_layout()
    return _quads_below(layout.ontology_files() + layout.voc_files())


@pytest.fixture(scope="session")
def ontology(ontology_quads: list[ox.Quad]) -> Graph:
    """The ontology and the closed lists as one graph."""
    return to_graph(ontology_quads)


@pytest.fixture(scope="session")
def tiny() -> list[ox.Quad]:
    """A valid base with at least one record of each class."""
    return read_quads(HERE / "base.ttl")


@pytest.fixture(autouse=True)
def _impossible_dates_are_meant(caplog: pytest.LogCaptureFixture) -> None:
    """Keep rdflib from printing a traceback for each impossible date that a case holds."""
    caplog.set_level(logging.CRITICAL, logger="rdflib.term")


class Rules:
    """The shapes, ready to be tried on many small sets of records."""

    def __init__(self, shapes: Graph, ontology: Graph, ontology_quads: list[ox.Quad]) -> None:
        self.shapes, self.ontology_quads = shapes, ontology_quads
        self.core = Graph()
        self.core += (t for t in shapes if t[1] != SH.sparql)
        self.hierarchy = Graph()
        self.hierarchy += ontology.triples((None, RDFS.subClassOf, None))

    def of_core(self, data: list[ox.Quad]) -> set[Found]:
        """Return what the Core shapes find, by pySHACL."""
        return of_report(to_graph(data) + self.hierarchy, self.core)

    def of_queries(self, data: list[ox.Quad]) -> set[Found]:
        """Return what the SPARQL constraints find, by the store that the base is served from."""
        store = ox.Store()
        store.extend(self.ontology_quads)
        store.extend(data)
        return set(self._rows(store))

    def _rows(self, store: ox.Store) -> Iterator[Found]:
        this = {ox.Variable("this"): ox.NamedNode(DATASET)}
        for node, query in queries(self.shapes).items():
            found = store.query(query, substitutions=this, use_default_graph_as_union=True)
            names = {variable.value for variable in found.variables}
            for row in found:
                path = row["path"] if "path" in names else None
                yield Found(local(node), row["value"].value, path.value if path else "")


@pytest.fixture(scope="session")
def rules(shapes: Graph, ontology: Graph, ontology_quads: list[ox.Quad]) -> Rules:
    """The shapes, ready to be tried."""
    return Rules(shapes, ontology, ontology_quads)


def of_report(data: Graph | Dataset, shapes: Graph) -> set[Found]:
    """Return the results of pySHACL, each under the IRI of its constraint or else its shape."""
    _, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    assert isinstance(report, Graph), text
    return {
        Found(
            local(report.value(node, SH.sourceConstraint) or report.value(node, SH.sourceShape)),
            str(report.value(node, SH.value) or report.value(node, SH.focusNode)),
            str(report.value(node, SH.resultPath) or ""),
        )
        for node in report.subjects(RDF.type, SH.ValidationResult)
    }


def queries(shapes: Graph) -> dict[Node, str]:
    """Return each SPARQL constraint with its query, prefixes first."""
    declared = shapes.objects(URIRef(BASE + "shapes"), SH.declare)
    head = "".join(
        f"PREFIX {shapes.value(d, SH.prefix)}: <{shapes.value(d, SH.namespace)}>\n"
        for d in declared
    )
    return {node: head + select for node, select in shapes.subject_objects(SH.select)}


def local(node: Node | None) -> str:
    """Return the name of a shape or constraint without its namespace."""
    return str(node).rpartition("#")[2]


def by_number(notation: str) -> tuple[str, int]:
    """Return the sort key of a rule number: 1 to 52, then A1 and those that follow."""
    letter = notation[:1] if notation[:1].isalpha() else ""
    return letter, int(notation.removeprefix(letter))


@pytest.fixture(scope="session")
def tools() -> ModuleType:
    """This module, for tests that need its functions: test folders are no packages."""
    return sys.modules[__name__]
