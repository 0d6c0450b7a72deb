"""Which format an answer takes: by Accept with q-values and wildcards, by ?format=, or none."""

from __future__ import annotations

from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from server.negotiate import best

SELECT = "SELECT (1 AS ?one) WHERE {}"
ASK = "ASK {}"
CONSTRUCT = "CONSTRUCT { <http://a/> <http://a/> 1 } WHERE {}"
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv; charset=utf-8; header=present"
TSV = "text/tab-separated-values; charset=utf-8"
TURTLE = "text/turtle; charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def ask(client: FlaskClient, query: str, accept: str | None, **more: str) -> TestResponse:
    headers = {"Accept": accept} if accept is not None else {}
    return client.get("/sparql?" + urlencode({"query": query, **more}), headers=headers)


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        (SELECT, None, JSON),
        (SELECT, "", JSON),
        (SELECT, "*/*", JSON),
        (SELECT, JSON, JSON),
        (SELECT, XML, XML),
        (SELECT, "text/csv", CSV),
        (SELECT, "TEXT/CSV", CSV),
        (SELECT, "text/csv;charset=utf-8", CSV),
        (SELECT, "text/tab-separated-values", TSV),
        (SELECT, "text/*", CSV),
        (SELECT, "application/*", JSON),
        (SELECT, "application/json", "application/json"),
        (SELECT, "application/xml", "application/xml"),
        (SELECT, f"{JSON};q=0.2, {XML};q=0.9", XML),
        (SELECT, f"{JSON};q=0, */*", XML),
        (SELECT, f"{JSON};q=0.1, */*;q=0.5", XML),
        (SELECT, "text/csv, */*;q=0.1", CSV),
        (SELECT, "text/csv, */*", CSV),
        (SELECT, "text/turtle, text/csv;q=0.3", CSV),
        (SELECT, "image/png, */*;q=0.01", JSON),
        (ASK, "*/*", JSON),
        (ASK, XML, XML),
        (ASK, "text/csv, application/xml;q=0.5", "application/xml"),
        (ASK, "application/*", JSON),
        (CONSTRUCT, None, TURTLE),
        (CONSTRUCT, "*/*", TURTLE),
        (CONSTRUCT, "text/*", TURTLE),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (
            CONSTRUCT,
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"',
            "application/ld+json",
        ),
        (CONSTRUCT, "application/*", "application/n-triples"),
        (CONSTRUCT, "application/json", "application/json"),
        (CONSTRUCT, "application/rdf+xml;q=0.5, text/turtle;q=0.4", "application/rdf+xml"),
        (CONSTRUCT, f"{JSON}, text/turtle;q=0.1", TURTLE),
    ],
)
def test_the_best_acceptable_format_is_sent(
    client: FlaskClient, query: str, accept: str | None, content_type: str
) -> None:
    response = ask(client, query, accept)
    assert (response.status_code, response.content_type) == (200, content_type)
    assert {"Accept", "Accept-Language"} <= response.vary.as_set(preserve_casing=True)


@pytest.mark.parametrize(
    ("query", "accept", "available"),
    [
        (SELECT, "image/png", [JSON, XML, "text/csv", "text/tab-separated-values"]),
        (SELECT, "text/turtle", [JSON, XML, "text/csv", "text/tab-separated-values"]),
        (SELECT, "*/*;q=0", [JSON, XML, "text/csv", "text/tab-separated-values"]),
        (ASK, "text/csv", [JSON, XML]),
        (ASK, "text/tab-separated-values", [JSON, XML]),
        (
            CONSTRUCT,
            "text/csv",
            ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"],
        ),
    ],
)
def test_what_cannot_be_had_is_answered_with_the_list_of_what_can(
    client: FlaskClient, query: str, accept: str, available: list[str]
) -> None:
    response = ask(client, query, accept)
    assert response.status_code == 406
    assert response.json is not None and response.json["available"] == available


@pytest.mark.parametrize(
    ("query", "name", "content_type"),
    [
        (SELECT, "json", JSON),
        (SELECT, "srj", JSON),
        (SELECT, "xml", XML),
        (SELECT, "srx", XML),
        (SELECT, "csv", CSV),
        (SELECT, "tsv", TSV),
        (SELECT, "CSV", CSV),
        (ASK, "json", JSON),
        (ASK, "xml", XML),
        (CONSTRUCT, "ttl", TURTLE),
        (CONSTRUCT, "turtle", TURTLE),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "ntriples", "application/n-triples"),
        (CONSTRUCT, "rdf", "application/rdf+xml"),
        (CONSTRUCT, "xml", "application/rdf+xml"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "json-ld", "application/ld+json"),
    ],
)
@pytest.mark.parametrize("accept", ["image/png", BROWSER])
def test_a_short_name_outweighs_the_accept_header(
    client: FlaskClient, query: str, name: str, content_type: str, accept: str
) -> None:
    response = ask(client, query, accept, format=name)
    assert (response.status_code, response.content_type) == (200, content_type)


@pytest.mark.parametrize(
    ("query", "name"), [(ASK, "csv"), (ASK, "tsv"), (SELECT, "ttl"), (CONSTRUCT, "srx")]
)
def test_a_short_name_that_does_not_fit_the_answer_is_not_acceptable(
    client: FlaskClient, query: str, name: str
) -> None:
    assert ask(client, query, None, format=name).status_code == 406


@pytest.mark.parametrize("name", ["pdf", "<b>", "json; charset=utf-8", "../ttl"])
def test_an_unknown_short_name_is_refused_with_the_names_there_are(
    client: FlaskClient, name: str
) -> None:
    response = ask(client, SELECT, None, format=name)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["format"] == name
    assert {"json", "csv", "ttl", "html"} <= set(response.json["known"])
    assert "<b>" not in ask(client, SELECT, BROWSER, format=name).text


@pytest.mark.parametrize(
    ("wanted", "saved"),
    [
        ("rights", "rights.csv"),
        ("rights.csv", "rights.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ('a"; x="b\r\nSet-Cookie: c', "a-x-b-Set-Cookie-c.csv"),
        ("…", "answer.csv"),
    ],
)
def test_download_names_the_file_harmlessly(client: FlaskClient, wanted: str, saved: str) -> None:
    response = ask(client, SELECT, None, format="csv", download=wanted)
    assert response.headers["Content-Disposition"] == f"attachment; filename={saved}"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("wanted", "plain", "true"),
    [("été", "ete.csv", "%C3%A9t%C3%A9.csv"), ("日本", "answer.csv", "%E6%97%A5%E6%9C%AC.csv")],
)
def test_download_names_the_file_in_any_script(
    live_server: str, wanted: str, plain: str, true: str
) -> None:
    url = f"{live_server}sparql?" + urlencode(
        {"query": SELECT, "format": "csv", "download": wanted}
    )
    with urlopen(url) as response:
        named = response.headers["Content-Disposition"]
    assert named == f"attachment; filename={plain}; filename*=UTF-8''{true}"


def test_short_names_are_read_in_any_case(client: FlaskClient) -> None:
    assert ask(client, SELECT, None, format="HTML").mimetype == "text/html"
    assert ask(client, SELECT, None, format="CSV").mimetype == "text/csv"


@pytest.mark.parametrize("query", [SELECT, ASK, CONSTRUCT])
def test_a_browser_gets_a_page(client: FlaskClient, query: str) -> None:
    response = ask(client, query, BROWSER)
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    assert "<textarea" in response.text


_RANGES = st.sampled_from(
    ["text/csv", "text/*", "*/*", "application/xml", "text/turtle", "text/html", "application/*"]
)
_QUALITY = st.integers(0, 10)


@given(st.dictionaries(_RANGES, _QUALITY, min_size=1))
@settings(deadline=None)
def test_the_choice_always_has_the_highest_quality(ranges: dict[str, int]) -> None:
    """RFC 9110 §12.5.1: the most specific range that matches a type gives its weight."""
    header = ", ".join(f"{name};q={quality / 10}" for name, quality in ranges.items())
    request = Request(EnvironBuilder(headers={"Accept": header}).get_environ())
    offers = ["text/turtle", "text/csv", "application/xml", "text/html"]

    def weight(offer: str) -> int:
        for candidate in (offer, offer.split("/")[0] + "/*", "*/*"):
            if candidate in ranges:
                return ranges[candidate]
        return 0

    chosen = best(request, offers)  # type: ignore[arg-type]
    highest = max(map(weight, offers))
    assert (weight(chosen) == highest) if chosen else highest == 0
