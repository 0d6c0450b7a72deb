"""SPARQL 1.2 Protocol (draft), “Version Announcement”: beside the query, or in it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from server.sparql_request import VERSIONS

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UNKNOWN = ("1.3", "2", "1.0", "1.2 ", "sparql-1.2", "<b>")


def announced(client: Client, way: str, version: str) -> TestResponse:
    """Send a query that announces a version in one of the ways there are."""
    pairs = urlencode({"query": "ASK {}", "version": version})
    if way == "GET":
        return client.get(f"/sparql?{pairs}")
    if way == "form":
        return client.post("/sparql", data=pairs, content_type=FORM)
    if way == "text":
        return client.post("/sparql", data=f'VERSION "{version}" ASK {{}}', content_type=QUERY)
    content_type = f'{QUERY}; charset=utf-8; version="{version}"'
    return client.open("/sparql", method=way, data="ASK {}", content_type=content_type)


WAYS = pytest.mark.parametrize("way", ["GET", "form", "POST", "QUERY", "text"])


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_is_known_may_be_announced(client: Client, way: str, version: str) -> None:
    response = announced(client, way, version)
    assert (response.status_code, json.loads(response.data)["boolean"]) == (200, True)


@WAYS
@pytest.mark.parametrize("version", UNKNOWN)
def test_a_version_that_is_not_known_is_refused_with_those_that_are(
    client: Client, way: str, version: str
) -> None:
    response = announced(client, way, version)
    document = json.loads(response.data)
    assert response.status_code == 400
    assert document["type"].endswith("/problem/unknown-version")
    assert (document["version"], document["known"]) == (version, list(VERSIONS))
    assert b"<b>" not in response.data


def test_a_media_type_may_name_its_version_without_quotes(client: Client) -> None:
    for version, status in (("1.2", 200), ("1.2-basic", 200), ("7", 400)):
        content_type = f"{QUERY};version={version}"
        response = client.post("/sparql", data="ASK {}", content_type=content_type)
        assert response.status_code == status


def test_two_versions_beside_one_query_are_refused(client: Client) -> None:
    pairs = urlencode([("version", "1.1"), ("version", "1.2")])
    both = client.get(f"/sparql?query=ASK%7B%7D&{pairs}")
    apart = client.post("/sparql?version=1.1", data="ASK {}", content_type=f"{QUERY};version=1.2")
    for response in (both, apart):
        assert response.status_code == 400
        assert "version is given twice" in json.loads(response.data)["detail"]
    same = client.post("/sparql?version=1.2", data="ASK {}", content_type=f"{QUERY};version=1.2")
    assert same.status_code == 200


@pytest.mark.parametrize(
    ("prologue", "status"),
    [
        ('VERSION "1.2" PREFIX p: <http://example.org/> VERSION \'1.2-basic\' VERSION "1.2"', 200),
        ('version "1.1" # VERSION "9"\n', 200),
        ("PREFIX VERSION: <http://example.org/> BASE <http://example.org/VERSION>", 200),
        ('VERSION "1.2" VERSION "9"', 400),
        ("VERSION 1.2", 400),
        ("VERSION", 400),
        ('VERSION """1.2"""', 400),
        ('VERSION "\\u0039"', 400),
    ],
)
def test_versions_in_the_prologue_are_read(client: Client, prologue: str, status: int) -> None:
    response = client.post("/sparql", data=f"{prologue} ASK {{}}", content_type=QUERY)
    assert response.status_code == status, response.text


def test_what_only_looks_like_an_announcement_is_none(client: Client) -> None:
    query = 'SELECT ("VERSION \\"9\\"" AS ?VERSION) WHERE { BIND("9" AS ?version) }'
    assert client.post("/sparql", data=query, content_type=QUERY).status_code == 200


def test_an_announced_version_may_differ_from_the_one_in_the_text(client: Client) -> None:
    """The parameter then counts; both being known, nothing is wrong."""
    content_type = f"{QUERY};version=1.2"
    response = client.post("/sparql", data='VERSION "1.1" ASK {}', content_type=content_type)
    assert response.status_code == 200


def test_an_accepted_version_of_a_format_chooses_the_format(client: Client) -> None:
    accept = "text/csv;q=0.5, application/sparql-results+xml; version=1.2"
    response = client.get("/sparql?query=ASK%7B%7D", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, "application/sparql-results+xml")


def test_what_a_version_announces_is_spoken(client: Client) -> None:
    query = (
        'SELECT ?triple (isTRIPLE(?triple) AS ?is) (LANGDIR("x"@en--rtl) AS ?direction) '
        "WHERE { BIND(<<( <http://a> <http://b> 1 )>> AS ?triple) }"
    )
    response = client.get("/sparql?" + urlencode({"query": query, "version": "1.2"}))
    (row,) = json.loads(response.data)["results"]["bindings"]
    assert row["triple"]["type"] == "triple"
    assert (row["is"]["value"], row["direction"]["value"]) == ("true", "rtl")
