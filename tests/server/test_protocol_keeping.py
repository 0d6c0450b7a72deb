"""What of an answer may be kept: by method, as RFC 9110 §9.3 and RFC 10008 (QUERY) have it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
ONE = "SELECT (41 + 1 AS ?x) WHERE {}"
NEW = "SELECT (RAND() AS ?x) WHERE {}"


def test_an_answer_to_a_safe_method_is_spared_where_it_is_known(client: Client) -> None:
    url = "/sparql?" + urlencode({"query": ONE})
    got, headed = client.get(url), client.head(url)
    asked = client.open("/sparql", method="QUERY", data=ONE, content_type=QUERY)
    tag = got.headers["ETag"]
    assert tag == headed.headers["ETag"] == asked.headers["ETag"]
    assert asked.headers["Cache-Control"] == got.headers["Cache-Control"]
    known = {"If-None-Match": tag}
    for again in (
        client.get(url, headers=known),
        client.head(url, headers=known),
        client.open("/sparql", method="QUERY", data=ONE, content_type=QUERY, headers=known),
    ):
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    other = client.open(
        "/sparql", method="QUERY", data=ONE + " ", content_type=QUERY, headers=known
    )
    assert other.status_code == 200


@pytest.mark.parametrize("content_type", [FORM, QUERY])
def test_an_answer_to_post_is_not_for_keeping(client: Client, content_type: str) -> None:
    body = urlencode({"query": ONE}) if content_type == FORM else ONE
    tag = client.get("/sparql?" + urlencode({"query": ONE})).headers["ETag"]
    for headers in ({}, {"If-None-Match": tag}):
        response = client.post("/sparql", data=body, content_type=content_type, headers=headers)
        assert response.status_code == 200 and response.data
        assert "ETag" not in response.headers and "Cache-Control" not in response.headers
        assert "Accept" in response.headers["Vary"]
    # What POST was answered with, GET is told as ever.
    assert client.get("/sparql?" + urlencode({"query": ONE})).headers["ETag"] == tag


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_what_is_new_each_time_is_kept_by_nobody(client: Client, method: str) -> None:
    if method == "GET":
        response = client.get("/sparql?" + urlencode({"query": NEW}))
    else:
        response = client.open("/sparql", method=method, data=NEW, content_type=QUERY)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def test_the_preflight_names_both_bodies_of_query(client: Client) -> None:
    assert client.options("/sparql").headers["Accept-Query"] == f"{QUERY}, {FORM}"
