"""SPARQL 1.1 Service Description: what the endpoint says of itself when nothing is asked."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kb.engine import FORMATS
from server.app import create_app
from server.settings import Settings
from server.site import Site, make_site
from server.sparql_request import VERSIONS
from tests.live import LiveServer

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
SPARQL = "http://www.w3.org/ns/sparql#"
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
def description(running: LiveServer) -> Graph:
    body = running.client().get("/sparql").data
    return Graph().parse(data=body, format="turtle")


def test_there_is_one_service_with_the_endpoint_asked(description: Graph) -> None:
    (service,) = description.subjects(RDF.type, SD.Service)
    assert description.value(service, SD.endpoint) == URIRef("http://localhost/sparql")
    spoken = set(description.objects(service, SD.supportedLanguage))
    assert spoken == {SD.SPARQL11Query, SD.SPARQLQuery}


def test_it_speaks_of_sd_as_that_vocabulary_does(description: Graph) -> None:
    """Each property has the subjects and values that its definition gives it (§3.4)."""
    graphs, graph = {SD.Dataset, SD.GraphCollection}, {SD.Graph}
    kinds: dict[Node, tuple[set[URIRef], set[URIRef]]] = {
        SD.endpoint: ({SD.Service}, set()),
        SD.feature: ({SD.Service}, set()),
        SD.supportedLanguage: ({SD.Service}, set()),
        SD.supportedVersion: ({SD.Service}, set()),
        SD.resultFormat: ({SD.Service}, set()),
        SD.defaultDataset: ({SD.Service}, {SD.Dataset}),
        SD.availableGraphs: ({SD.Service}, graphs),
        SD.defaultGraph: ({SD.Dataset}, graph),
        SD.namedGraph: (graphs, {SD.NamedGraph}),
        SD.name: ({SD.NamedGraph}, set()),
        SD.graph: ({SD.NamedGraph}, graph),
    }
    used = {term for term in description.predicates() if str(term).startswith(SD)}
    assert used == set(kinds)
    for subject, predicate, value in description:
        domain, range_ = kinds.get(predicate, (set(), set()))
        assert not domain or domain & set(description.objects(subject, RDF.type))
        assert not range_ or range_ & set(description.objects(value, RDF.type))


def test_every_version_that_may_be_announced_is_listed(description: Graph) -> None:
    listed = set(description.objects(None, SD.supportedVersion))
    assert listed == {URIRef(f"{SPARQL}version-{version}") for version in VERSIONS}


def test_what_another_engine_makes_of_newer_versions_is_not_promised(site: Site) -> None:
    remote = make_site(site.engine, site.layout, Settings(store="https://example.org/sparql"))
    body = create_app(remote).test_client().get("/sparql").data
    listed = set(Graph().parse(data=body, format="turtle").objects(None, SD.supportedVersion))
    assert listed == {URIRef(f"{SPARQL}version-1.1")}


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
    response = client.get("/sparql", base_url="http://example.net:8443/")
    assert "<http://example.net:8443/sparql>" in response.text
    assert response.headers["ETag"] != client.get("/sparql").headers["ETag"]


def test_forwarded_headers_count_only_behind_a_declared_proxy(site: Site) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    open_client = create_app(site).test_client()
    assert "evil.example" not in open_client.get("/sparql", headers=headers).text
    behind = make_site(site.engine, site.layout, Settings(proxies=1))
    proxied = create_app(behind).test_client()
    assert "<https://evil.example/sparql>" in proxied.get("/sparql", headers=headers).text
