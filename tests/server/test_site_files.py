"""Root, crawlers' files, health; and the headers that no response goes without."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, create_environ, run_wsgi_app

from server.app import create_app
from server.problem_details import problem_types
from server.site import Site, current_site

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ROUTES = [
    "/",
    "/en/",
    "/fr/about",
    "/sparql",
    "/sparql?query=ASK%7B%7D",
    "/sparql?query=nonsense",
    "/id/person/benoit-thieulin",
    "/data/person/benoit-thieulin.ttl",
    "/ontology",
    "/dump/charterkb.nt",
    "/void",
    "/dcat",
    "/context.jsonld",
    "/robots.txt",
    "/sitemap.xml",
    "/health",
    "/static/logo.svg",
    "/problem/not-found",
    "/no-such-thing",
]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_no_response_goes_without_the_common_headers(
    client: FlaskClient, path: str, method: str
) -> None:
    with client.open(path, method=method) as response:
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] and headers["Permissions-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Server-Timing" not in headers and "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ROUTES)
def test_head_equals_get_on_every_route(client: FlaskClient, path: str) -> None:
    with client.get(path) as got, client.head(path) as head:
        assert (head.status_code, head.data) == (got.status_code, b"")
        for name in ("Content-Type", "ETag", "Vary", "Location"):
            assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    ("accept_language", "lang"),
    [
        (None, "en"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.8", "fr"),
        ("en-GB,fr;q=0.9", "en"),
        ("de,fr;q=0.5,en;q=0.4", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("garbage;;q=x", "en"),
    ],
)
def test_the_root_leads_to_the_readers_language(
    client: FlaskClient, accept_language: str | None, lang: str
) -> None:
    headers = {"Accept-Language": accept_language} if accept_language else {}
    response = client.get("/", headers=headers)
    assert (response.status_code, response.headers["Location"]) == (302, f"/{lang}/")
    assert response.headers["Vary"] == "Accept-Language"


def test_robots_are_shown_the_site_map(client: FlaskClient, behind_proxy: Client) -> None:
    text = client.get("/robots.txt", headers={"Host": "example.net"}).text
    assert "Sitemap: http://example.net/sitemap.xml" in text
    forwarded = {"X-Forwarded-Host": "example.net", "X-Forwarded-Proto": "https"}
    text = behind_proxy.get("/robots.txt", headers=forwarded).text
    assert "Sitemap: https://example.net/sitemap.xml" in text
    assert "Disallow: /sparql" in text


def test_the_site_map_lists_pages_that_exist_in_both_languages(client: FlaskClient) -> None:
    spaces = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "x": "http://www.w3.org/1999/xhtml",
    }
    response = client.get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    urls = ElementTree.fromstring(response.data).findall("s:url", spaces)
    addresses = [url.findtext("s:loc", "", spaces) for url in urls]
    assert len(addresses) == len(set(addresses)) > 300
    assert not [address for address in addresses if "#" in address]
    for url in urls:
        languages = {link.get("hreflang") for link in url.findall("x:link", spaces)}
        assert {"en", "fr"} <= languages
    listed = [address.removeprefix("http://localhost") for address in addresses]
    for path in [*listed[:28], *listed[28::40]]:
        assert client.get(path).status_code == 200, path


def test_the_icon_is_the_logo(client: FlaskClient) -> None:
    with client.get("/favicon.ico", follow_redirects=True) as response:
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml")


def test_health_tells_versions_size_and_uptime(client: FlaskClient, site: Site) -> None:
    response = client.get("/health")
    assert response.headers["Cache-Control"] == "no-store"
    document = json.loads(response.data)
    assert document["status"] == "ok"
    assert document["version"] == site.version
    assert document["triples"] == document["dataset"]["triples"] == site.dataset.triples > 5000
    assert document["dataset"]["version"] == site.dataset.version
    assert document["dataset"]["digest"] == site.dataset.digest
    assert json.loads(client.get("/health").data)["uptime_s"] >= document["uptime_s"] >= 0


@pytest.mark.parametrize("name", list(problem_types()))
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_problem_type_can_be_looked_up(client: FlaskClient, name: str, lang: str) -> None:
    kind = problem_types()[name]
    assert 400 <= kind.status < 600
    response = client.get(f"/problem/{name}?lang={lang}")
    assert response.status_code == 200
    assert json.loads(response.data)["title"] == kind.title[lang]
    page = client.get(f"/problem/{name}?lang={lang}", headers={"Accept": BROWSER})
    assert page.mimetype == "text/html"
    assert kind.title["en"] != kind.title["fr"]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/turtle", "application/problem+json"),
        ("text/plain", "text/plain"),
        (BROWSER, "text/html"),
    ],
)
def test_an_error_comes_as_its_reader_likes_it(
    client: FlaskClient, accept: str, mimetype: str
) -> None:
    response = client.get("/no-such-thing?lang=fr", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, mimetype)
    assert response.headers["Content-Language"] == "fr"
    assert "Introuvable" in response.text


def test_a_fault_of_the_server_tells_nothing_of_its_inside(app: Flask) -> None:
    broken = create_app(app.extensions["charterkb"])

    @broken.get("/fault")
    def fault() -> str:
        raise RuntimeError(f"secret {current_site().layout.data}")

    broken.config["PROPAGATE_EXCEPTIONS"] = False
    response = broken.test_client().get("/fault")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text and "Traceback" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["", "a b", "<script>", "a:999999999", "a/b", "a, b", "\\"])
@pytest.mark.parametrize("path", ["/robots.txt", "/dcat", "/en/", "/sparql"])
def test_a_request_for_no_usable_host_is_refused(client: FlaskClient, path: str, host: str) -> None:
    response = client.get(path, headers={"Host": host})
    assert response.status_code == 400
    assert response.json is not None and response.json["type"].endswith("/wrong-host")


@pytest.mark.parametrize(("protocol", "status"), [("HTTP/1.0", 200), ("HTTP/1.1", 400)])
def test_only_http_1_0_may_leave_the_host_out(app: Flask, protocol: str, status: int) -> None:
    request = {**create_environ("/robots.txt"), "SERVER_PROTOCOL": protocol}
    del request["HTTP_HOST"]
    _, told, _ = run_wsgi_app(app, request)
    assert told.startswith(str(status))
