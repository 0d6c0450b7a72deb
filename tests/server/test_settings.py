"""Settings, the server process, and the site over another base or another engine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from kb import EmbeddedEngine, EngineError, Layout
from kb.remote import RemoteEngine
from server import create_app
from server.settings import SettingError, Settings, read_settings
from server.site import make_site, open_site
from server.wsgi import serve

ODD = Path(__file__).with_name("odd")


def test_without_environment_the_defaults_hold() -> None:
    assert read_settings({}) == Settings(max_query=65536, max_body=1048576)


def test_every_setting_is_read() -> None:
    environment = {
        "CHARTERKB_DATA": str(ODD),
        "CHARTERKB_ENDPOINT": "https://example.org/sparql",
        "CHARTERKB_MAX_QUERY": "10",
        "CHARTERKB_MAX_BODY": "20",
        "CHARTERKB_PROXIES": "2",
    }
    wanted = Settings(ODD.resolve(), "https://example.org/sparql", 10, 20, 2)
    assert read_settings(environment) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHARTERKB_DATA", "no/such/folder"),
        ("CHARTERKB_ENDPOINT", "file:///etc/passwd"),
        ("CHARTERKB_ENDPOINT", "example.org/sparql"),
        ("CHARTERKB_MAX_QUERY", "-1"),
        ("CHARTERKB_MAX_BODY", "1 MB"),
        ("CHARTERKB_PROXIES", "²"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})


def test_another_folder_of_records_is_served() -> None:
    client = create_app(open_site(Settings(data=ODD))).test_client()
    assert client.get("/data/principle/new-principle.ttl").status_code == 200
    assert client.get("/data/state/france.ttl").status_code == 404
    assert json.loads(client.get("/health").data)["dataset"]["version"] == "0.0.1"


@pytest.fixture(scope="module")
def distant(live_server: str, shipped_layout: Layout) -> Flask:
    """The application over a SPARQL endpoint instead of a store in this process."""
    return create_app(open_site(Settings(endpoint=f"{live_server}sparql"), shipped_layout))


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
def test_a_remote_endpoint_serves_the_same_bytes(app: Flask, distant: Flask, path: str) -> None:
    ours, theirs = app.test_client().get(path), distant.test_client().get(path)
    assert theirs.status_code == 200, theirs.text
    assert theirs.data == ours.data


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT", 400),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403),
        ("ASK FROM <http://example.org/> {}", 403),
        ("CLEAR ALL", 403),
    ],
)
def test_the_guard_stands_before_a_remote_endpoint_too(
    distant: Flask, query: str, status: int
) -> None:
    response = distant.test_client().get("/sparql", query_string={"query": query})
    assert response.status_code == status


def test_an_engine_that_cannot_be_reached_is_told_as_such(
    base: EmbeddedEngine, shipped_layout: Layout
) -> None:
    site = make_site(base, shipped_layout, Settings())
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = RemoteEngine(f"http://127.0.0.1:{unused.getsockname()[1]}/sparql")
    client = create_app(replace(site, engine=dead)).test_client()
    response = client.get("/sparql?query=ASK%7B%7D")
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    with pytest.raises(EngineError):
        open_site(Settings(endpoint=dead.url))


def test_a_taken_port_is_told_as_such(shipped_layout: Layout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"127.0.0.1:{port}"):
            serve(shipped_layout, host="127.0.0.1", port=port)


def test_the_server_prints_its_address_and_answers_the_longest_queries(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kb", "serve", "--port", str(port)]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        try:
            line = next(text for text in server.stderr if "http://" in text)
            address = re.search(r"http://\S+", line)
            assert address is not None
            with urllib.request.urlopen(f"{address[0]}health", timeout=10) as response:
                assert json.loads(response.read())["status"] == "ok"
            long_query = "ASK {} #" + "%C3%A9" * 30000
            url = f"{address[0]}sparql?query={long_query.replace(' ', '+').replace('#', '%23')}"
            with contextlib.closing(urllib.request.urlopen(url, timeout=10)) as response:
                assert json.loads(response.read())["boolean"] is True
            chain = b"ASK { FILTER(" + b"!" * 60_000 + b"true) }"
            sent = urllib.request.Request(
                f"{address[0]}sparql", chain, {"Content-Type": "application/sparql-query"}
            )
            with contextlib.closing(urllib.request.urlopen(sent, timeout=30)) as response:
                assert json.loads(response.read())["boolean"] is True
        finally:
            server.terminate()
