"""VoID, DCAT, the JSON-LD context: described from the data, complete, and the same every time."""

from __future__ import annotations

import hashlib
import json

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, VOID, Graph, Literal, Namespace, URIRef
from werkzeug.test import Client

from kb import EmbeddedEngine
from server.dumps import dump_names
from server.site import Site

BASE = "https://w3id.org/digital-rights-charter/"
DATASET = URIRef(f"{BASE}dataset")
SPDX = Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture
def void(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get("/.well-known/void").data, format="turtle")


@pytest.fixture
def dcat(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get("/dcat").data, format="turtle")


@pytest.mark.parametrize("path", ["/.well-known/void", "/void", "/dcat"])
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/turtle; charset=utf-8"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json, */*;q=0.1", "application/ld+json"),
        ("text/html, application/n-triples;q=0.1", "application/n-triples"),
    ],
)
def test_descriptions_come_in_the_format_asked(
    client: FlaskClient, path: str, accept: str, content_type: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.content_type) == (200, content_type)
    assert response.headers["Vary"] == "Accept"
    tag = {"Accept": accept, "If-None-Match": response.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    fixed = client.get(response.headers["Content-Location"])
    assert fixed.data == response.data


def test_other_formats_are_refused(client: FlaskClient) -> None:
    assert client.get("/dcat", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/void.pdf").status_code == 404


def test_void_counts_what_is_there(void: Graph, base: EmbeddedEngine, site: Site) -> None:
    triples = [quad.triple for quad in base.store]
    counted = {
        VOID.triples: len(triples),
        VOID.distinctSubjects: len({str(t.subject) for t in triples}),
        VOID.distinctObjects: len({str(t.object) for t in triples}),
        VOID.properties: len({str(t.predicate) for t in triples}),
        VOID.documents: len(site.dataset.graphs),
    }
    for name, number in counted.items():
        assert void.value(DATASET, name) == Literal(number), name
    entities = {t.subject.value for t in triples if isinstance(t.subject, ox.NamedNode)}
    ours = {iri for iri in entities if iri.startswith(BASE)}
    assert void.value(DATASET, VOID.entities) == Literal(len(ours))


def test_void_leads_to_endpoint_dumps_and_examples(void: Graph, client: FlaskClient) -> None:
    assert (DATASET, RDF.type, VOID.Dataset) in void
    assert void.value(DATASET, VOID.sparqlEndpoint) == URIRef("http://localhost/sparql")
    assert void.value(DATASET, VOID.uriSpace) == Literal(BASE)
    dumps = {str(url) for url in void.objects(DATASET, VOID.dataDump)}
    assert dumps == {f"http://localhost/dump/{name}" for name in dump_names()}
    examples = list(void.objects(DATASET, VOID.exampleResource))
    assert examples
    for example in examples:
        assert client.get("/" + str(example).removeprefix(BASE)).status_code == 303
    assert void.value(DATASET, DCTERMS.license)


def test_void_partitions_add_up(void: Graph, site: Site) -> None:
    of_class = {
        str(void.value(part, VOID["class"])): int(str(void.value(part, VOID.entities)))
        for part in void.objects(DATASET, VOID.classPartition)
    }
    assert of_class == dict(site.dataset.classes)
    of_property = [
        int(str(void.value(part, VOID.triples)))
        for part in void.objects(DATASET, VOID.propertyPartition)
    ]
    assert len(of_property) == int(str(void.value(DATASET, VOID.properties)))
    linksets = list(void.subjects(RDF.type, VOID.Linkset))
    assert linksets
    for links in linksets:
        assert int(str(void.value(links, VOID.triples))) > 0
        site_name = str(void.value(void.value(links, VOID.objectsTarget), VOID.uriSpace))
        assert site_name.startswith("http") and not site_name.startswith(BASE)


def test_dcat_has_all_that_is_mandatory(dcat: Graph) -> None:
    for kind, properties in {
        DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset),
        DCAT.Dataset: (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCAT.distribution),
        DCAT.DataService: (DCTERMS.title, DCAT.endpointURL, DCAT.servesDataset),
        DCAT.Distribution: (DCAT.accessURL, DCAT.mediaType, DCTERMS.license, DCAT.byteSize),
    }.items():
        things = list(dcat.subjects(RDF.type, kind))
        assert things, kind
        for thing in things:
            for name in properties:
                assert list(dcat.objects(thing, name)), (thing, name)
    version = URIRef("http://www.w3.org/ns/dcat#version")
    assert list(dcat.objects(DATASET, version))
    publishers = set(dcat.objects(None, DCTERMS.publisher))
    assert publishers
    for publisher in publishers:
        assert list(dcat.objects(publisher, FOAF.name))
    for title in dcat.objects(DATASET, DCTERMS.title):
        assert isinstance(title, Literal) and title.language in ("fr", "en")


def test_dcat_checksums_and_sizes_hold(dcat: Graph, client: FlaskClient) -> None:
    distributions = list(dcat.objects(DATASET, DCAT.distribution))
    assert len(distributions) == len(dump_names())
    for distribution in distributions:
        url = str(dcat.value(distribution, DCAT.downloadURL))
        body = client.get(url.removeprefix("http://localhost")).data
        assert int(str(dcat.value(distribution, DCAT.byteSize))) == len(body)
        checksum = dcat.value(distribution, SPDX.checksum)
        assert str(dcat.value(checksum, SPDX.checksumValue)) == hashlib.sha256(body).hexdigest()
        service = dcat.value(distribution, DCAT.accessService)
        assert dcat.value(service, DCAT.endpointURL) == URIRef("http://localhost/sparql")


def test_descriptions_name_the_host_that_was_asked(
    client: FlaskClient, behind_proxy: Client
) -> None:
    forwarded = {
        "X-Forwarded-Host": "example.net",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/kb",
    }
    for path in ("/void", "/dcat"):
        direct = client.get(path, headers={"Host": "example.net:8000"}).text
        assert "<http://example.net:8000/sparql>" in direct
        text = behind_proxy.get(path, headers=forwarded).text
        assert "<https://example.net/kb/sparql>" in text
        assert "localhost" not in text
        assert f"<{BASE}dataset>" in text


@pytest.mark.parametrize("path", ["/context.jsonld", "/context/0.1.0.jsonld"])
def test_the_context_can_be_used_from_anywhere(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Origin": "https://example.org"})
    assert (response.status_code, response.content_type) == (200, "application/ld+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/context/9.9.9.jsonld").status_code == 404


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_context_reads_plain_json_as_our_data(client: FlaskClient) -> None:
    record = f"{BASE}id/proposal/x"
    document = {
        **json.loads(client.get("/context.jsonld").data),
        "id": "proposal:x",
        "type": "Proposal",
        "label": {"fr": "Une proposition", "en": "A proposal"},
        "statedBy": "person:benoit-thieulin",
        "isNonExhaustive": True,
    }
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    drc = Namespace(f"{BASE}ontology#")
    node = URIRef(record)
    assert (node, RDF.type, drc.Proposal) in graph
    assert (node, RDFS.label, Literal("Une proposition", lang="fr")) in graph
    assert (node, drc.statedBy, URIRef(f"{BASE}id/person/benoit-thieulin")) in graph
    assert (node, drc.isNonExhaustive, Literal(True)) in graph
    assert SKOS.prefLabel not in set(graph.predicates())
