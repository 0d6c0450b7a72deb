"""Settings, the server process, and the site over another base or another engine."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from werkzeug.test import Client

from server.settings import MEGABYTE, SettingError, Settings, read_settings, variable
from server.supervisor import serve
from tests.live import LiveServer, serving

ODD = Path(__file__).with_name("odd")
QUERY = "application/sparql-query"


def test_without_environment_the_defaults_hold() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert (settings.time_limit, settings.max_query, settings.max_client_queries) == (10, 65536, 4)
    assert min(settings.fast, settings.slow, settings.pages) >= 1


def test_every_setting_is_read() -> None:
    wanted = {
        "data": (str(ODD), ODD.resolve()),
        "store": ("https://example.org/sparql", "https://example.org/sparql"),
        "workers": ("3", 3),
        "slow_workers": ("2", 2),
        "page_workers": ("1", 1),
        "time_limit": ("2.5", 2.5),
        "memory_limit": ("100", 100 * MEGABYTE),
        "max_result": ("7", 7 * MEGABYTE),
        "max_query": ("10", 10),
        "max_depth": ("9", 9),
        "max_body": ("20", 20),
        "max_queries": ("30", 30),
        "max_client_queries": ("5", 5),
        "cache": ("0", 0),
        "proxies": ("2", 2),
        "log_clients": ("1", True),
    }
    assert set(wanted) == {field.name for field in fields(Settings)}
    settings = read_settings({variable(name): text for name, (text, _) in wanted.items()})
    assert {name: getattr(settings, name) for name in wanted} == {
        name: value for name, (_, value) in wanted.items()
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHARTERKB_DATA", "no/such/folder"),
        ("CHARTERKB_STORE", "file:///etc/passwd"),
        ("CHARTERKB_STORE", "example.org/sparql"),
        ("CHARTERKB_STORE", "no/such/dump.nq"),
        ("CHARTERKB_MAX_QUERY", "-1"),
        ("CHARTERKB_MAX_BODY", "1 MB"),
        ("CHARTERKB_PROXIES", "²"),
        ("CHARTERKB_TIME_LIMIT", "0"),
        ("CHARTERKB_TIME_LIMIT", "soon"),
        ("CHARTERKB_TIME_LIMIT", "nan"),
        ("CHARTERKB_TIME_LIMIT", "inf"),
        ("CHARTERKB_CACHE", "much"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})


def test_another_folder_of_records_is_served(odd_endpoint: Client) -> None:
    assert odd_endpoint.get("/data/principle/new-principle.ttl").status_code == 200
    assert odd_endpoint.get("/data/state/france.ttl").status_code == 404
    assert json.loads(odd_endpoint.get("/health").data)["dataset"]["version"] == "0.0.1"


@pytest.fixture(scope="module")
def distant(running: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server over a SPARQL endpoint instead of a store of its own."""
    log = tmp_path_factory.mktemp("distant") / "log"
    with serving(log, "--store", f"{running.url}sparql") as server:
        yield server.client()


@pytest.mark.parametrize(
    "path",
    [
        "/data/proposal/charter-of-fundamental-digital-rights.ttl",
        "/data/voc/confidence.nt",
        "/data/ontology.ttl",
        "/data/graph/derived.nt",
        "/dump/charterkb.nq",
        "/void",
        "/context.jsonld",
        "/sitemap.xml",
        "/sparql?query=SELECT%20%3Fs%20%7B%3Fs%20a%20%3Fc%7D%20ORDER%20BY%20%3Fs%20%3Fc",
        "/en/principles",
    ],
)
def test_a_remote_endpoint_serves_the_same_bytes(
    client: Client, distant: Client, path: str
) -> None:
    ours, theirs = client.get(path), distant.get(path)
    assert theirs.status_code == 200, theirs.text
    assert theirs.data == ours.data


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT", 400),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403),
        ("ASK FROM <http://example.org/> {}", 403),
        ("CLEAR ALL", 403),
        ("ASK { " + "{" * 100 + "}" * 100 + " }", 413),
    ],
)
def test_the_guard_stands_before_a_remote_endpoint_too(
    distant: Client, query: str, status: int
) -> None:
    assert distant.get("/sparql", query_string={"query": query}).status_code == status


@pytest.mark.slow
def test_an_engine_that_has_gone_is_told_as_such(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "engine", "--data", str(ODD)) as engine,
        serving(tmp_path / "site", "--store", f"{engine.url}sparql") as site,
    ):
        client = site.client()
        assert client.get("/sparql?query=ASK%7B%7D").json == {"head": {}, "boolean": True}
        engine.process.terminate()
        engine.process.wait(20)
        response = client.get("/sparql?query=ASK%7B%3Fs%20%3Fp%201%7D")
        assert (response.status_code, response.mimetype) == (502, "application/problem+json")
        assert response.json is not None and response.json["type"].endswith("/engine-away")
        assert client.get("/health").status_code == 200


def test_a_server_does_not_start_over_an_engine_that_cannot_be_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        store = f"http://127.0.0.1:{unused.getsockname()[1]}/sparql"
        command = [sys.executable, "-m", "kb", "serve", "--port", "0", "--store", store]
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert store in ended.stderr and "Traceback" not in ended.stderr


def test_a_taken_port_is_told_as_such() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"127.0.0.1:{port}"):
            serve(os.environ, host="127.0.0.1", port=port)


@pytest.mark.parametrize(
    "query",
    ["ASK {} #" + "é" * 30000, "ASK { FILTER(" + "!" * 60_000 + "true) }"],
    ids=["accents", "chain"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_longest_queries_are_answered(client: Client, method: str, query: str) -> None:
    if method == "GET":
        response = client.get("/sparql", query_string={"query": query})
    else:
        response = client.post("/sparql", data=query.encode(), content_type=QUERY)
    assert response.json is not None and response.json["boolean"] is True


def test_the_server_answers_at_the_address_it_prints(running: LiveServer) -> None:
    said = running.log.read_text(encoding="utf-8").splitlines()[0]
    assert said.startswith(f"Serving on http://127.0.0.1:{running.port}/")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    with closing(connection):
        connection.request("GET", "/health")
        assert json.loads(connection.getresponse().read())["status"] == "ok"
