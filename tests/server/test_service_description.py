"""SPARQL 1.1 Service Description: what the endpoint says of itself when nothing is asked."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from kb.engine import FORMATS
from server import create_app
from server.settings import Settings
from server.site import Site, make_site

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
REGISTERED = {
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
}


@pytest.fixture(scope="module")
def description(site: Site) -> Graph:
    body = create_app(site).test_client().get("/sparql").data
    return Graph().parse(data=body, format="turtle")


def test_there_is_one_service_with_the_endpoint_asked(description: Graph) -> None:
    (service,) = description.subjects(RDF.type, SD.Service)
    assert description.value(service, SD.endpoint) == URIRef("http://localhost/sparql")
    assert description.value(service, SD.supportedLanguage) == SD.SPARQL11Query


def test_only_features_that_hold_are_listed(description: Graph) -> None:
    assert set(description.objects(None, SD.feature)) == {SD.UnionDefaultGraph}


def test_every_format_served_is_listed_by_its_registered_name(description: Graph) -> None:
    listed = {str(iri) for iri in description.objects(None, SD.resultFormat)}
    assert listed == {f"http://www.w3.org/ns/formats/{name}" for name in REGISTERED}
    assert listed == {form.iri for forms in FORMATS.values() for form in forms}


def test_the_default_dataset_lists_every_graph_with_its_size(
    description: Graph, site: Site
) -> None:
    (dataset,) = description.objects(None, SD.defaultDataset)
    assert (dataset, RDF.type, SD.Dataset) in description
    default = description.value(dataset, SD.defaultGraph)
    assert description.value(default, VOID.triples) == Literal(site.dataset.triples)
    sizes = {}
    for named in description.objects(dataset, SD.namedGraph):
        graph = description.value(named, SD.graph)
        assert (graph, RDF.type, SD.Graph) in description
        size = description.value(graph, VOID.triples)
        assert size is not None
        sizes[str(description.value(named, SD.name))] = int(str(size))
    assert sizes == dict(site.dataset.graphs)


@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/xml;q=0.5, image/png", "xml"),
        ("text/turtle, */*;q=0.1", "turtle"),
    ],
)
def test_it_comes_in_the_format_asked(
    client: FlaskClient, description: Graph, accept: str, parser: str
) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.status_code == 200
    assert set(Graph().parse(data=response.data, format=parser)) == set(description)


def test_it_comes_for_a_short_name_and_is_refused_in_other_types(client: FlaskClient) -> None:
    assert client.get("/sparql?format=nt").content_type == "application/n-triples"
    assert client.get("/sparql", headers={"Accept": "text/csv"}).status_code == 406
    assert client.get("/sparql?format=csv").status_code == 406


def test_the_endpoint_named_is_the_one_of_the_request(client: FlaskClient) -> None:
    response = client.get("/sparql", base_url="https://example.net:8443/")
    assert "<https://example.net:8443/sparql>" in response.text
    assert response.headers["ETag"] != client.get("/sparql").headers["ETag"]


def test_forwarded_headers_count_only_behind_a_declared_proxy(site: Site) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    open_client = create_app(site).test_client()
    assert "evil.example" not in open_client.get("/sparql", headers=headers).text
    behind = make_site(site.engine, site.layout, Settings(proxies=1))
    proxied = create_app(behind).test_client()
    assert "<https://evil.example/sparql>" in proxied.get("/sparql", headers=headers).text
