"""Each rule of the shapes, broken by a minimal bad record that trips it and no other.

A folder here is named after the rule it breaks; the files in it hold only the bad record, to be
read together with `base.ttl`, which is valid.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import RDF, SH, Dataset, Graph
from rdflib.collection import Collection
from rdflib.term import Node

from kb.layout import shipped_layout
from kb.namespaces import ID

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/bad-*"))
DESCRIBING = {
    SH.name, SH.description, SH.message, SH.severity, SH.path, SH.property, SH.sparql,
    SH.targetClass, SH.targetNode, SH.targetSubjectsOf,
}  # fmt: skip
"""What a shape says of itself or hands on: a shape with nothing else cannot be broken."""

RDFLIB_ITSELF = r"ignore:Dataset\.(default_context|contexts) is deprecated:DeprecationWarning"
"""rdflib 7.6 warns of uses that it makes itself when a dataset is queried."""


def case_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem.removeprefix('bad-')}"


def breakable(shapes: Graph) -> set[Node]:
    """Return the shapes and constraints that a report can name."""
    pending = [node for target in DESCRIBING for node in shapes.subjects(target)]
    targeted = {node for node in pending if any((node, t, None) in shapes for t in targets())}
    reached = set(targeted)
    reached |= {p for node in targeted for p in shapes.objects(node, SH.property)}
    reached |= {c for node in targeted for c in shapes.objects(node, SH.sparql)}
    return {
        node
        for node in reached
        if any(p.startswith(str(SH)) and p not in DESCRIBING for p in shapes.predicates(node))
    }


def targets() -> tuple[Node, ...]:
    return (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


def test_the_tiny_base_breaks_no_rule(rules, tiny: list[ox.Quad]) -> None:
    assert rules.of_core(tiny) | rules.of_queries(tiny) == set()


@pytest.mark.parametrize("path", CASES, ids=case_name)
def test_a_bad_record_trips_the_rule_it_is_filed_under_and_no_other(
    rules, tools: ModuleType, tiny: list[ox.Quad], path: Path
) -> None:
    data = tiny + tools.read_quads(path)
    found = rules.of_core(data) | rules.of_queries(data)
    assert {result.rule for result in found} == {path.parent.name}, found


def test_every_rule_has_a_bad_record_and_every_folder_is_a_rule(shapes: Graph) -> None:
    names = {str(node).rpartition("#")[2] for node in breakable(shapes)}
    assert len(names) > 150
    assert {path.parent.name for path in CASES} == names


@pytest.mark.filterwarnings(RDFLIB_ITSELF)
def test_pyshacl_and_the_store_give_the_same_results_for_every_query(
    rules, tools: ModuleType, tiny: list[ox.Quad], ontology_quads: list[ox.Quad]
) -> None:
    queried = {tools.local(node) for node in tools.queries(rules.shapes)}
    data = tiny + [
        quad
        for number, path in enumerate(CASES)
        if path.parent.name in queried and path.suffix == ".ttl"
        for quad in apart(tools.read_quads(path), f"-{number}", {q.subject for q in tiny})
    ]
    data += [q for path in HERE.glob("*/*.trig") for q in tools.read_quads(path)]
    by_store = rules.of_queries(data)
    assert {result.rule for result in by_store} == queried
    dataset = tools.to_dataset(data + ontology_quads)
    assert tools.of_report(dataset, only_queries(rules.shapes)) == by_store


def apart(quads: list[ox.Quad], mark: str, known: set[object]) -> list[ox.Quad]:
    """Return a case with its own records and graph renamed: cases must not mend each other."""
    own = {q.subject for q in quads if str(q.subject).startswith(f"<{ID}")} - known

    def renamed(term: object) -> object:
        return ox.NamedNode(f"{term.value}{mark}") if term in own else term

    graph = ox.NamedNode(quads[0].graph_name.value + mark)
    return [ox.Quad(renamed(q.subject), q.predicate, renamed(q.object), graph) for q in quads]


def only_queries(shapes: Graph) -> Graph:
    """Return the shapes graph with the shapes that hold SPARQL constraints, and no other."""
    kept = Graph()
    holders = set(shapes.subjects(SH.sparql))
    dropped = (set(shapes.subjects(RDF.type, SH.NodeShape)) - holders) | set(
        shapes.subjects(RDF.type, SH.PropertyShape)
    )
    kept += (t for t in shapes if t[0] not in dropped)
    return kept


@pytest.mark.filterwarnings(RDFLIB_ITSELF)
def test_the_shapes_conform_to_the_shapes_of_shapes(shapes: Graph) -> None:
    conforms, _, text = pyshacl.validate(Dataset(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


@pytest.mark.parametrize("path", shipped_layout().shape_files(), ids=lambda path: path.stem)
def test_a_shape_file_is_short_enough_to_read(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= 150


def test_the_table_of_rules_lists_each_rule_once_with_its_number_and_severity(
    shapes: Graph, tools: ModuleType
) -> None:
    readme = (shipped_layout().ontology / "shapes" / "README.md").read_text("utf-8")
    rows = [row for row in readme.splitlines() if row.startswith("| ") and "`shapes:" in row]
    expected = {row_of(shapes, tools, node) for node in breakable(shapes)}
    assert expected <= set(rows), sorted(expected - set(rows))
    assert len(rows) == len(set(rows))


def row_of(shapes: Graph, tools: ModuleType, node: Node) -> str:
    """Return the row of the table that describes a rule."""
    number = ", ".join(sorted(shapes.objects(node, tools.NOTATION), key=tools.by_number))
    holder = shapes.value(None, SH.sparql, node) or node
    severity = tools.local(shapes.value(holder, SH.severity)).lower()
    kind = "query" if (node, SH.select, None) in shapes else "core"
    english = next(name for name in shapes.objects(node, SH.name) if name.language == "en")
    return f"| {number} | `shapes:{tools.local(node)}` | {english} | {kind} | {severity} |"


def test_the_lists_of_allowed_properties_name_each_property_once(shapes: Graph) -> None:
    heads = list(shapes.objects(None, SH.ignoredProperties))
    assert heads
    for head in heads:
        members = list(Collection(shapes, head))
        assert len(members) == len(set(members))
