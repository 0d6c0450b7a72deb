"""Exports: the same bytes for the same data, nothing lost, no blank nodes."""

from __future__ import annotations

import csv
import io
import zipfile

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, Layout, NotFound, load_store, shipped_layout
from kb.export import FORMATS, export
from kb.layout import DERIVED_GRAPH
from kb.namespaces import GRAPH
from kb.sources import read_text
from kb.tables import write_tables

_RDF = {
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def test_every_rdf_format_is_tried_here() -> None:
    assert set(_RDF) == set(FORMATS) - {"csv"}


@pytest.mark.parametrize("name", FORMATS)
def test_two_loads_give_the_same_bytes(
    tiny: EmbeddedEngine, tiny_layout: Layout, name: str
) -> None:
    assert export(tiny.store, name) == export(load_store(tiny_layout), name)


@pytest.mark.parametrize("name", _RDF)
def test_an_export_read_back_is_the_base(base: EmbeddedEngine, name: str) -> None:
    read = list(ox.parse(input=export(base.store, name), format=_RDF[name]))
    if FORMATS[name].keeps_graphs:
        assert set(read) == set(base.store)
    else:
        assert {quad.triple for quad in read} == {quad.triple for quad in base.store}


def test_there_is_no_blank_node_to_export(base: EmbeddedEngine) -> None:
    for quad in base.store:
        assert not isinstance(quad.subject, ox.BlankNode)
        assert not isinstance(quad.object, ox.BlankNode)


def test_derived_links_can_be_left_out(base: EmbeddedEngine) -> None:
    lines = export(base.store, "nq", derived=False).decode()
    assert f"<{DERIVED_GRAPH}>" not in lines
    assert f"<{DERIVED_GRAPH}>" in export(base.store, "nq").decode()


def test_one_graph_alone_can_be_exported(base: EmbeddedEngine) -> None:
    graph = GRAPH + "principles/privacy"
    lines = export(base.store, "nq", graphs=[graph]).decode().splitlines()
    assert lines
    assert all(line.endswith(f"<{graph}> .") for line in lines)


def test_an_unknown_graph_or_format_is_named(base: EmbeddedEngine) -> None:
    with pytest.raises(NotFound, match="no graph"):
        export(base.store, "nq", graphs=["https://example.org/nothing"])
    with pytest.raises(NotFound, match="no export format “docx”"):
        export(base.store, "docx")


def test_no_export_holds_the_full_text_of_a_source(base: EmbeddedEngine) -> None:
    text = read_text(shipped_layout(), "seed-000")
    values = [q.object.value for q in base.store if isinstance(q.object, ox.Literal)]
    assert len(text) > 4000
    assert max(len(value) for value in values if value in text) <= 600


def test_tables_have_a_row_for_each_record(base: EmbeddedEngine) -> None:
    with zipfile.ZipFile(io.BytesIO(export(base.store, "csv"))) as archive:
        text = archive.read("Principle.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    labels = {row["iri"].rsplit("/", 1)[1]: row["skos:prefLabel@fr"] for row in rows}
    assert labels["data-portability"] == "Portabilité des données"
    assert len(rows) >= 60


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless() -> None:
    node, drc = ox.NamedNode, "https://w3id.org/digital-rights-charter/ontology#"
    record = node("https://example.org/x")
    quads = [
        ox.Quad(
            record, node("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), node(drc + "Theme")
        ),
        ox.Quad(record, node("http://www.w3.org/2004/02/skos/core#note"), ox.Literal("=1+1")),
    ]
    with zipfile.ZipFile(io.BytesIO(write_tables(quads))) as archive:
        assert archive.read("Theme.csv").decode("utf-8-sig").splitlines()[1].endswith("'=1+1")
