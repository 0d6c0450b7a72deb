"""The limits of the endpoint: stated in RDF, explained on a page, named in every refusal."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from werkzeug.test import Client

from server.app import create_app
from server.limits import limit_of, limits_in_force
from server.problem_details import problem_types
from server.settings import Settings
from server.site import Site, make_site

LIMIT = "https://w3id.org/digital-rights-charter/limit/"
PROBLEM = "https://w3id.org/digital-rights-charter/problem/"
LIMITS = limits_in_force(Settings())
NAMES = [limit.name for limit in LIMITS]
ODD = Settings(
    slow_workers=3,
    time_limit=2.5,
    memory_limit=7 * 1024**2,
    max_result=2**30,
    max_query=100,
    max_body=3 * 1024,
    max_depth=12,
    max_queries=1200,
    max_client_queries=9,
)
STATED = {
    "time": Literal(Decimal("2.5")),
    "memory": Literal(7 * 1024**2),
    "result-size": Literal(2**30),
    "page-size": Literal(4 * 1024**2),
    "query-size": Literal(100),
    "request-size": Literal(3 * 1024),
    "depth": Literal(12),
    "queries": Literal(1200),
    "client-queries": Literal(9),
    "client-long-queries": Literal(3),
    "long-queries": Literal(15),
}


@pytest.fixture(scope="module")
def strict(site: Site) -> FlaskClient:
    """A client of a site whose limits are none of the usual ones."""
    return create_app(make_site(site.engine, site.layout, ODD)).test_client()


@pytest.fixture(scope="module")
def description(strict: FlaskClient) -> Graph:
    return Graph().parse(data=strict.get("/sparql").data, format="turtle")


def test_the_description_states_every_limit_as_it_is_set(description: Graph) -> None:
    stated = {
        str(predicate).removeprefix(LIMIT): value
        for _, predicate, value in description
        if str(predicate).startswith(LIMIT)
    }
    assert stated == STATED
    assert set(STATED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_description_says_what_each_limit_means(description: Graph, name: str) -> None:
    limit = URIRef(LIMIT + name)
    assert description.value(limit, RDF.type) == OWL.DatatypeProperty
    for term in (RDFS.label, RDFS.comment):
        texts = {text.language: str(text) for text in description.objects(limit, term)}  # type: ignore[attr-defined]
        assert set(texts) == {"en", "fr"}
        assert not re.search("[\u00a0\u202f]", "".join(texts.values()))
    pages = {str(page) for page in description.objects(limit, RDFS.seeAlso)}
    assert pages == {f"http://localhost/{lang}/limits#{name}" for lang in ("en", "fr")}


def test_the_description_leads_to_the_help_page(description: Graph, strict: FlaskClient) -> None:
    (service,) = description.subjects(
        RDF.type, URIRef("http://www.w3.org/ns/sparql-service-description#Service")
    )
    for page in description.objects(service, RDFS.seeAlso):
        assert strict.get(str(page).removeprefix("http://localhost")).status_code == 200


def test_a_description_is_not_kept_over_a_change_of_limits(
    strict: FlaskClient, client: Client
) -> None:
    for address in ("/sparql", "/en/limits", "/fr/limits"):
        tags = {asked.get(address).headers["ETag"] for asked in (strict, client)}
        assert len(tags) == 2


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_limit_leads_to_what_tells_of_it(client: Client, name: str) -> None:
    for lang in ("en", "fr"):
        headers = {"Accept": "text/html", "Accept-Language": lang}
        response = client.get(f"/limit/{name}", headers=headers)
        assert response.status_code == 303
        assert response.headers["Location"] == f"/{lang}/limits#{name}"
        assert f'id="{name}"' in client.get(f"/{lang}/limits").text
    response = client.get(f"/limit/{name}", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/sparql")
    assert {"Accept", "Accept-Language"} <= response.vary.as_set(preserve_casing=True)
    assert f"{LIMIT}{name}" in client.get("/sparql", headers={"Accept": "text/turtle"}).text


def test_there_are_no_other_limits(client: Client) -> None:
    for address in ("/limit/none", "/limit/", "/limit/time/x"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("en", ["2.5 s", "7 MiB", "1 GiB", "100 bytes", "3 KiB", "1,200", "12", "15", "5 minutes"]),
        (
            "fr",
            ["2,5 s", "7 Mio", "1 Gio", "100 octets", "3 Kio", "1 200", "12", "15", "5 minutes"],
        ),
    ],
)
def test_the_page_tells_each_limit_as_it_is_set(
    strict: FlaskClient, lang: str, written: list[str]
) -> None:
    page = strict.get(f"/{lang}/limits")
    assert page.status_code == 200
    text = re.sub("[\u00a0\u202f]", " ", page.text)
    for value in written:
        assert value in text
    for limit in LIMITS:
        assert f'href="/problem/{limit.problem}?lang={lang}"' in text
        assert f"<code>{problem_types()[limit.problem].status}</code>" in text
    for address in (f"/{lang}/data#dumps", "/sparql?format=ttl", f"/sparql?lang={lang}"):
        assert f'href="{address}"' in text


def test_the_links_of_the_page_lead_somewhere(client: Client) -> None:
    for lang in ("en", "fr"):
        addresses = re.findall(r'href="(/[^"#]*)', client.get(f"/{lang}/limits").text)
        for address in dict.fromkeys(addresses):
            assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_form_refusals_and_problem_pages_lead_to_the_page(client: Client) -> None:
    browser = {"Accept": "text/html", "Accept-Language": "en"}
    assert 'href="/en/limits"' in client.get("/sparql", headers=browser).text
    deep = client.get(f"/sparql?query=ASK{'{' * 99}", headers=browser)
    assert deep.status_code == 413
    assert 'href="/en/limits#depth"' in deep.text
    wrong = client.get("/sparql?query=ASK", headers=browser)
    assert "limits#" not in wrong.text
    for limit in LIMITS:
        page = client.get(f"/problem/{limit.problem}", headers=browser)
        assert f'href="/en/limits#{limit.name}"' in page.text
    assert "limits#" not in client.get("/problem/query-syntax", headers=browser).text


def test_each_problem_of_size_or_number_belongs_to_a_limit() -> None:
    told = {limit.problem for limit in LIMITS}
    over = {name for name, kind in problem_types().items() if kind.status in (413, 429, 504)}
    # That the engine gave up has no number, and is told with the depth that mostly causes it.
    assert over - told == {"query-too-complex"}
    assert limit_of(f"{PROBLEM}time-limit") == "time"
    assert limit_of(f"{PROBLEM}query-syntax") == ""


def test_numbers_have_the_datatypes_of_xml_schema() -> None:
    for limit in LIMITS:
        expected = XSD.decimal if limit.unit == "seconds" else XSD.integer
        assert limit.term().datatype.value == str(expected)
