"""Linked data: IRIs lead to pages or data, data say what they are, and nothing is made up."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from rdflib import FOAF, OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from werkzeug.test import Client

from kb import EmbeddedEngine, Layout
from server.app import create_app
from server.settings import Settings
from server.site import make_site

BASE = "https://w3id.org/digital-rights-charter/"
VOID = Namespace("http://rdfs.org/ns/void#")
RECORD = "proposal/charter-of-fundamental-digital-rights"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TYPES = {
    "ttl": "text/turtle; charset=utf-8",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
PARSERS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
THINGS = {
    f"id/{RECORD}": f"data/{RECORD}",
    "id/person/benoit-thieulin": "data/person/benoit-thieulin",
    "id/scheme/principles": "data/scheme/principles",
    "id/passage/seed-000-4070-4146": "data/passage/seed-000-4070-4146",
    "voc/confidence": "data/voc/confidence",
    "voc/role/president": "data/voc/role/president",
    "ontology": "data/ontology",
    "ontology/0.1.0": "data/ontology/0.1.0",
    "ontology/alignments": "data/ontology/alignments",
    "shapes": "data/shapes",
    "dataset": "data/dataset",
    "graph/derived": "data/graph/derived",
    "graph/actors/benoit-thieulin": "data/graph/actors/benoit-thieulin",
}
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


def load(client: FlaskClient, path: str) -> Graph:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.data, format=PARSERS[path.rsplit(".", 1)[1]])


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/turtle", "ttl"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "rdf"),
        ("application/ld+json", "jsonld"),
        ("text/html;q=0.3, application/ld+json;q=0.8", "jsonld"),
        ("application/rdf+xml;q=0.5, text/turtle;q=0.9", "ttl"),
    ],
)
def test_an_iri_leads_to_the_data_asked_for(
    client: FlaskClient, thing: str, accept: str, suffix: str
) -> None:
    response = client.get(f"/{thing}", headers={"Accept": accept})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/{THINGS[thing]}.{suffix}"
    assert response.headers["Vary"] == "Accept, Accept-Language"
    final = client.get(response.headers["Location"])
    assert (final.status_code, final.content_type) == (200, TYPES[suffix])


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize(
    ("accept_language", "lang"),
    [("fr", "fr"), ("en", "en"), ("fr-CA, en;q=0.9", "fr"), ("de, fr;q=0.2", "fr"), ("de", "en")],
)
def test_an_iri_leads_a_reader_to_a_page_in_their_language(
    client: FlaskClient, thing: str, accept_language: str, lang: str
) -> None:
    headers = {"Accept": BROWSER, "Accept-Language": accept_language}
    response = client.get(f"/{thing}", headers=headers)
    assert response.status_code == 303
    assert response.headers["Location"].startswith(f"/{lang}/")
    page = client.get(urlsplit(response.headers["Location"]).path)
    assert (page.status_code, page.mimetype) == (200, "text/html")


@pytest.mark.parametrize("accept", [None, "*/*", "image/png"])
def test_who_states_no_usable_wish_is_led_to_a_page(
    client: FlaskClient, accept: str | None
) -> None:
    response = client.get(f"/id/{RECORD}", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.headers["Location"]) == (303, f"/en/{RECORD}")


def test_a_passage_leads_to_its_place_in_the_text(client: FlaskClient) -> None:
    response = client.get("/id/passage/seed-000-4070-4146")
    assert response.headers["Location"] == "/en/document/seed-000#c4070-4146"


def test_a_redirect_names_every_representation(client: FlaskClient) -> None:
    link = client.get(f"/id/{RECORD}").headers["Link"]
    for suffix, media_type in TYPES.items():
        bare = media_type.split(";")[0]
        assert f'</data/{RECORD}.{suffix}>; rel="alternate"; type="{bare}"' in link
    for lang in ("en", "fr"):
        assert f'</{lang}/{RECORD}>; rel="alternate"; type="text/html"; hreflang="{lang}"' in link


@pytest.mark.parametrize("thing", [t for t in THINGS if "0.1.0" not in t])
def test_all_formats_of_a_description_say_the_same(client: FlaskClient, thing: str) -> None:
    graphs = [load(client, f"/{THINGS[thing]}.{suffix}") for suffix in PARSERS]
    assert len(graphs[0]) > 3
    assert all(isomorphic(graphs[0], graph) for graph in graphs[1:])


def test_a_record_is_described_with_the_names_of_its_neighbours(client: FlaskClient) -> None:
    graph = load(client, f"/data/{RECORD}.ttl")
    record = URIRef(f"{BASE}id/{RECORD}")
    speaker = URIRef(f"{BASE}id/person/benoit-thieulin")
    assert (record, URIRef(f"{BASE}ontology#statedBy"), speaker) in graph
    assert list(graph.objects(speaker, RDFS.label))
    assert not list(graph.objects(speaker, RDF.type))
    document = URIRef(f"{BASE}data/{RECORD}")
    assert (document, FOAF.primaryTopic, record) in graph
    assert (document, VOID.inDataset, URIRef(f"{BASE}dataset")) in graph


def test_what_lies_beneath_a_thing_is_described_with_it(client: FlaskClient) -> None:
    passage = load(client, "/data/passage/seed-000-4070-4146.ttl")
    quote = URIRef(f"{BASE}id/passage/seed-000-4070-4146#q")
    assert list(passage.objects(quote, URIRef("http://www.w3.org/ns/oa#exact")))
    values = load(client, "/data/voc/confidence.ttl")
    assert (URIRef(f"{BASE}voc/confidence"), RDF.type, SKOS.ConceptScheme) in values
    assert len(set(values.subjects(SKOS.inScheme, URIRef(f"{BASE}voc/confidence")))) >= 3


def test_the_ontology_and_its_version_describe_the_terms(client: FlaskClient) -> None:
    graph = load(client, "/data/ontology.ttl")
    term = URIRef(f"{BASE}ontology#Principle")
    assert (term, RDF.type, OWL.Class) in graph
    assert list(graph.objects(URIRef(f"{BASE}ontology"), OWL.versionIRI))
    assert len(load(client, "/data/ontology/0.1.0.ttl")) == len(graph)


def test_data_say_what_they_describe_and_under_which_licence(client: FlaskClient) -> None:
    headers = client.get(f"/data/{RECORD}.ttl").headers
    assert headers["Content-Location"] == f"/data/{RECORD}.ttl"
    link = headers["Link"]
    assert f'<{BASE}id/{RECORD}>; rel="describes"' in link
    assert f'<{BASE}data/{RECORD}.ttl>; rel="canonical"' in link
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in link
    assert len(str(headers)) < 8192


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [("*/*", "ttl"), ("text/*", "ttl"), ("application/rdf+xml", "rdf"), ("text/plain", "nt")],
)
def test_data_without_a_suffix_are_negotiated(
    client: FlaskClient, accept: str, suffix: str
) -> None:
    response = client.get(f"/data/{RECORD}", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["Content-Location"] == f"/data/{RECORD}.{suffix}"
    assert "Accept" in response.headers["Vary"]


def test_only_data_are_ever_not_acceptable(client: FlaskClient) -> None:
    response = client.get(f"/data/{RECORD}", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.json is not None and len(response.json["available"]) == 4


@pytest.mark.parametrize("path", [f"/data/{RECORD}.ttl", f"/data/{RECORD}", f"/id/{RECORD}"])
def test_head_answers_like_get(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (got.status_code, b"")
    ignored = {"Date"}
    assert {k: v for k, v in head.headers if k not in ignored} == {
        k: v for k, v in got.headers if k not in ignored
    }


def test_an_etag_spares_a_second_description(client: FlaskClient) -> None:
    path = f"/data/{RECORD}.ttl"
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Content-Location"] == first.headers["Content-Location"]
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    tags = {client.get(f"/data/{RECORD}.{suffix}").headers["ETag"] for suffix in PARSERS}
    assert len(tags) == 4


def test_dates_are_too_coarse_to_answer_if_modified_since(client: FlaskClient) -> None:
    headers = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    response = client.get(f"/data/{RECORD}.ttl", headers=headers)
    assert response.status_code == 200
    assert "Last-Modified" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/id/proposal/no-such-proposal",
        "/id/nonsense/france",
        "/id/proposal",
        "/id/proposal/a/b",
        "/id/proposal/a%20b",
        "/id/proposal/%3Cscript%3E",
        "/id/proposal/..%2F..",
        "/voc/nonsense",
        "/voc/confidence/nonsense",
        "/ontology/9.9.9",
        "/graph/texts",
        "/graph/nonsense",
        "/data/proposal/no-such-proposal.ttl",
        f"/data/{RECORD}.pdf",
        f"/data/{RECORD}.ttl.ttl",
        "/data/texts/seed-000.txt",
        "/data/graph/texts.nt",
        "/data/",
        "/nonsense",
        "/de/",
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle", "text/plain", BROWSER])
def test_an_unknown_name_is_not_found(client: FlaskClient, path: str, accept: str) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 404, response.headers.get("Location")
    expected = {
        "text/turtle": "application/problem+json",
        "text/plain": "text/plain",
        BROWSER: "text/html",
    }
    assert response.mimetype == expected[accept]
    assert "<script>" not in response.text


@pytest.mark.parametrize("path", [f"/id/{RECORD}", f"/data/{RECORD}.ttl", "/dump/charterkb.nt"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_data_cannot_be_written(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} == {m.strip() for m in response.headers["Allow"].split(",")}


def test_a_withdrawn_record_is_gone_and_names_its_successor(odd: FlaskClient) -> None:
    successor = f"{BASE}id/principle/new-principle"
    response = odd.get("/id/principle/old-principle", headers={"Accept": "application/json"})
    assert response.status_code == 410
    assert response.json is not None and response.json["replacedBy"] == [successor]
    assert response.headers["Link"] == f'<{successor}>; rel="successor-version"'
    page = odd.get("/id/principle/old-principle", headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (410, "text/html")
    assert successor in page.text


def test_the_data_of_a_withdrawn_record_are_a_tombstone(odd: FlaskClient) -> None:
    response = odd.get("/data/principle/old-principle.ttl")
    assert (response.status_code, response.mimetype) == (410, "text/turtle")
    graph = Graph().parse(data=response.data, format="turtle")
    old = URIRef(f"{BASE}id/principle/old-principle")
    assert list(graph.objects(old, OWL.deprecated))
    assert list(graph.objects(old, URIRef("http://purl.org/dc/terms/isReplacedBy")))
    assert odd.get("/data/principle/new-principle.ttl").status_code == 200


def test_the_base_may_be_reached_under_a_path(behind_proxy: Client) -> None:
    headers = {"X-Forwarded-Prefix": "/charter", "Accept": "text/turtle"}
    response = behind_proxy.get("/id/principle/new-principle", headers=headers)
    assert response.headers["Location"] == "/charter/data/principle/new-principle.ttl"


def test_a_path_in_front_is_only_taken_from_a_proxy(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Prefix": "/charter", "X-Forwarded-Host": "example.net"}
    response = client.get(f"/id/{RECORD}", headers={**headers, "Accept": "text/turtle"})
    assert response.headers["Location"] == f"/data/{RECORD}.ttl"


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("application/json", "jsonld"),
        ("application/xml", "rdf"),
        ("text/plain", "nt"),
        ("application/json;q=0.5, text/plain;q=0.4", "jsonld"),
    ],
)
def test_an_iri_knows_the_other_names_of_formats_too(
    client: FlaskClient, accept: str, suffix: str
) -> None:
    response = client.get(f"/id/{RECORD}", headers={"Accept": accept})
    assert (response.status_code, response.location) == (303, f"/data/{RECORD}.{suffix}")


def test_the_shapes_are_the_same_bytes_at_every_start(
    base: EmbeddedEngine, shipped_layout: Layout, client: FlaskClient
) -> None:
    restarted = create_app(make_site(base, shipped_layout, Settings())).test_client()
    for suffix in ("nt", "ttl"):
        path = f"/data/shapes.{suffix}"
        assert restarted.get(path).data == client.get(path).data
