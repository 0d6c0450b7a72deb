"""The front as a whole: whom it takes requests from, what it passes on, what it says of itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from server.front.app import MAX_CLIENT_CONNECTIONS
from tests.live import LiveServer, serving
from tests.server.metrics import metric, until
from tests.server.wire import Wire

ODD = Path(__file__).with_name("odd")
ONE = "/sparql?query=SELECT%20(1%20AS%20%3Fone)%20%7B%7D"


@pytest.fixture
def wire(running: LiveServer) -> Iterator[Wire]:
    with Wire(running.port) as opened:
        yield opened


def test_one_address_has_so_many_connections_and_no_more(running: LiveServer) -> None:
    with ExitStack() as stack:
        while True:
            wire = stack.enter_context(Wire(running.port))
            answer = wire.ask("/health")
            if answer.status != 200:
                break
        assert answer.status == 503 and answer.headers["retry-after"] == "1"
        assert json.loads(answer.body)["type"].endswith("/too-many-connections")
    connections = "charterkb_connections"
    until(
        lambda: metric(running, connections) == 1, "connections that were closed are still counted"
    )
    assert MAX_CLIENT_CONNECTIONS >= 100, "browsers and programs need a few"


@pytest.mark.parametrize(
    "target",
    [
        ONE,
        ONE.replace("/sparql", "/%73parql"),
        ONE.replace("/sparql", "//sparql"),
        f"http://example.net{ONE}",
    ],
)
def test_the_endpoint_is_found_however_its_address_is_written(wire: Wire, target: str) -> None:
    answer = wire.ask(target)
    assert answer.status == 200
    assert json.loads(answer.body)["results"]["bindings"][0]["one"]["value"] == "1"


def test_the_host_of_an_absolute_target_counts_on_pages(wire: Wire) -> None:
    answer = wire.ask("http://example.net:81/robots.txt")
    assert b"Sitemap: http://example.net:81/sitemap.xml" in answer.body


@pytest.mark.parametrize(
    "target",
    [
        "/%",
        "/%00",
        "/%zz",
        "/en/%ff",
        "/en/%2e%2e/%2e%2e/etc/passwd",
        "/data/..%2f..%2fdataset.ttl",
        "/id/a%0d%0aX-Injected:1",
        "/static/%2e%2e/sparql.py",
        "/en/principle/" + "x" * 20000,
        "/*",
        "*",
        "/sparql%00?query=ASK%7B%7D",
        "/en/search?q=%00%ff%0d%0a",
    ],
)
def test_odd_addresses_lead_nowhere_and_break_nothing(wire: Wire, target: str) -> None:
    answer = wire.ask(target)
    assert answer.status in (200, 302, 303, 308, 400, 404, 405, 414), answer
    assert "x-injected" not in answer.headers
    assert b"root:" not in answer.body and b"Traceback" not in answer.body
    assert wire.ask("/health").status == 200, "and the connection goes on"


def test_a_header_with_an_underscore_does_not_pass_for_one_of_the_proxy(
    odd_server: LiveServer,
) -> None:
    with Wire(odd_server.port) as wire:
        wire.send("GET /robots.txt HTTP/1.1\r\nHost: a\r\nX_Forwarded_Prefix: /evil\r\n")
        wire.send("X-Forwarded-Host: example.net\r\n\r\n")
        text = wire.answer().body
    assert b"evil" not in text and b"http://example.net/sitemap.xml" in text


def test_only_the_nearest_proxy_is_believed(behind_proxy: Client) -> None:
    headers = {"X-Forwarded-Host": "evil.example, example.net", "X-Forwarded-Proto": "ftp, https"}
    text = behind_proxy.get("/robots.txt", headers=headers).text
    assert "https://example.net/sitemap.xml" in text and "evil" not in text


def test_pages_of_one_host_are_not_given_to_another(client: Client) -> None:
    for host in ("one.example", "two.example", "one.example"):
        text = client.get("/void", headers={"Host": host}).text
        assert f"<http://{host}/sparql>" in text


def test_kept_pages_keep_languages_and_formats_apart(client: Client) -> None:
    def kind(accept: str, lang: str) -> tuple[str | None, str | None]:
        response = client.get("/dcat", headers={"Accept": accept, "Accept-Language": lang})
        return response.mimetype, response.headers.get("ETag")

    first = {
        (accept, "fr"): kind(accept, "fr") for accept in ("text/turtle", "application/ld+json")
    }
    again = {key: kind(*key) for key in first}
    assert first == again
    assert {media_type for media_type, _ in first.values()} == {key[0] for key in first}


def test_health_readiness_and_metrics_are_told(running: LiveServer, client: Client) -> None:
    health = json.loads(client.get("/health").data)
    assert health["status"] == "ok" and health["triples"] > 1000
    assert client.get("/ready").json == {"status": "ready"}
    before = metric(running, "charterkb_responses_total", status="404")
    assert client.get("/nowhere").status_code == 404
    assert metric(running, "charterkb_responses_total", status="404") == before + 1
    for path in ("/health", "/ready", "/metrics"):
        response = client.head(path)
        assert (response.status_code, response.data) == (200, b"")
        assert response.headers["Cache-Control"] == "no-store"


def test_who_does_not_heed_refusals_gets_them_later(tmp_path: Path) -> None:
    options = ("--data", str(ODD), "--max-client-queries", "1", "--time-limit", "10")
    with serving(tmp_path / "log", *options) as server, Wire(server.port) as busy:
        endless = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        busy.send(f"GET /sparql?query={endless} HTTP/1.1\r\nHost: a\r\n\r\n")
        until(lambda: metric(server, "charterkb_queries_running") == 1, "it does not run")
        took = []
        with Wire(server.port) as pressing:
            for _ in range(6):
                begun = time.monotonic()
                answer = pressing.ask(ONE)
                took.append(time.monotonic() - begun)
                assert answer.status == 429 and answer.headers["retry-after"] == "1"
        assert took[-1] >= 0.9 and min(took) < 0.5


def test_the_log_has_a_line_for_each_query_and_names_nobody(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--data", str(ODD)) as server:
        for _ in range(2):
            assert server.client().get(ONE).status_code == 200
        assert server.client().get("/sparql?query=SELECT").status_code == 400
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    queries = [event for event in events if event["event"] == "query"]
    assert [event["outcome"] for event in queries] == ["answered", "kept", "query-syntax"]
    assert queries[0]["query"] == queries[1]["query"] != queries[2]["query"]
    assert all(event["bytes"] >= 0 and event["ms"] >= 0 and event["time"] for event in queries)
    assert "127.0.0.1" not in "".join(line for line in lines if line.startswith("{"))
