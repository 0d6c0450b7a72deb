"""The examples of a deployment, tried as far as the machine allows."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.live import LiveServer
from tests.operations.conftest import Serve
from tests.operations.load import COUNT, JSON, LABELS, LONG, ask, get, processes

DEPLOY = Path(__file__).parents[2] / "examples" / "deploy"
HOST = "kb.example.org"
BIG = "SELECT * WHERE { ?a ?b ?c . ?d a ?e } LIMIT 60000"
MAIN = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; types {{ }} default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxied:
    """A server behind nginx: the port of TLS, the one without, and the server itself."""

    tls: int
    plain: int
    behind: LiveServer

    def send(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: str = ""
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request over TLS."""
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=30, context=context)
        with closing(connection):
            connection.request(method, target, body or None, {"Host": HOST} | (headers or {}))
            response = connection.getresponse()
            return response, response.read()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def proxied(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """The example of a proxy, its ports and files changed to ones of this test."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "1", "-subj", f"/CN={HOST}"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-keyout", str(folder / "key"), "-out", str(folder / "pem")),
        ],
        check=True,
        capture_output=True,
    )
    tls, plain = free_port(), free_port()
    with serve("--time-limit", "20", CHARTERKB_PROXIES="1") as server:
        text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        for given, ours in (
            ("listen 443", f"listen 127.0.0.1:{tls}"),
            ("listen 80", f"listen 127.0.0.1:{plain}"),
            ("127.0.0.1:8000", f"127.0.0.1:{server.port}"),
            (f"/etc/ssl/certs/{HOST}.pem", str(folder / "pem")),
            (f"/etc/ssl/private/{HOST}.key", str(folder / "key")),
        ):
            assert text.count(given) == 1, given
            text = text.replace(given, ours)
        (folder / "site.conf").write_text(text, encoding="utf-8")
        (folder / "main.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
        process = subprocess.Popen([nginx, "-c", str(folder / "main.conf"), "-p", str(folder)])
        try:
            _await(lambda: _listens(tls), folder / "error.log")
            yield Proxied(tls, plain, server)
        finally:
            process.terminate()
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _await(condition: Callable[[], bool], log: Path | None = None) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, log.read_text() if log else ""
        time.sleep(0.02)


def test_pages_name_the_address_by_which_they_were_asked_for(proxied: Proxied) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    response, body = proxied.send("GET", "/en/principles", {"Accept": "text/html"} | forged)
    assert response.status == 200
    assert f"https://{HOST}/".encode() in body
    assert b"evil" not in body
    assert response.headers["Strict-Transport-Security"]
    assert response.headers["Content-Security-Policy"]


def test_addresses_without_tls_lead_to_those_with_it(proxied: Proxied) -> None:
    answer = get(proxied.plain, "/en/principles?a=b", {"Host": HOST})
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{HOST}/en/principles?a=b"


@pytest.mark.parametrize("method", ["GET", "POST", "FORM", "QUERY"])
def test_every_way_to_ask_gives_the_answer_of_the_server_itself(
    proxied: Proxied, method: str
) -> None:
    accept = {"Accept": JSON}
    kind = {"Content-Type": "application/sparql-query"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = {
        "GET": ("GET", f"/sparql?query={quote(LABELS)}", accept, ""),
        "POST": ("POST", "/sparql", accept | kind, LABELS),
        "FORM": ("POST", "/sparql", accept | form, f"query={quote(LABELS)}"),
        "QUERY": ("QUERY", "/sparql", accept | kind, LABELS),
    }
    response, body = proxied.send(*asked[method])
    assert response.status == 200
    assert body == ask(proxied.behind.port, LABELS).body


def test_as_long_a_query_passes_as_the_server_takes(proxied: Proxied) -> None:
    longest = COUNT + " #" + "é" * 32_000
    response, _ = proxied.send("GET", f"/sparql?query={quote(longest)}", {"Accept": JSON})
    assert response.status == 200
    response, body = proxied.send("GET", f"/sparql?query={quote(longest + 'é' * 1000)}")
    assert response.status == 413
    assert json.loads(body)["type"].endswith("query-too-large")


def test_a_large_answer_passes_whole(proxied: Proxied) -> None:
    accept = {"Accept": "text/csv"}
    response, body = proxied.send("GET", f"/sparql?query={quote(BIG)}", accept)
    assert response.status == 200
    assert len(body) == int(response.headers["Content-Length"]) > 5_000_000
    assert body.count(b"\r\n") == 60_001


def test_a_kept_answer_is_recognised_though_it_was_compressed(proxied: Proxied) -> None:
    target, accept = f"/sparql?query={quote(LABELS)}", {"Accept": JSON, "Accept-Encoding": "gzip"}
    response, _ = proxied.send("GET", target, accept)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["ETag"].startswith("W/")
    known = {"If-None-Match": response.headers["ETag"]}
    assert proxied.send("GET", target, accept | known)[0].status == 304


def test_what_the_server_tells_of_itself_is_not_for_everybody(proxied: Proxied) -> None:
    assert proxied.send("GET", "/metrics")[0].status == 200
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    block = re.search(r"location ~ \^/\(metrics\|health\|ready\)\$ \{(.*?)\}", text, re.DOTALL)
    assert block and "deny all;" in block[1]
    context = ssl._create_unverified_context()
    with (
        socket.create_connection(
            ("127.0.0.1", proxied.tls), 10, source_address=("127.0.0.7", 0)
        ) as raw,
        context.wrap_socket(raw) as client,
    ):
        client.sendall(f"GET /metrics HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 403")


def test_a_client_who_leaves_has_the_query_stopped(proxied: Proxied) -> None:
    def running() -> bool:
        return b"charterkb_queries_running 0.0" not in get(proxied.behind.port, "/metrics").body

    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", proxied.tls, context=context)
    long = LONG.replace("?c ?d ?e", "VALUES ?v { 1 2 3 4 5 6 7 8 } ?c ?d ?e")
    connection.request("GET", f"/sparql?query={quote(long)}", headers={"Accept": JSON})
    _await(running)
    connection.close()
    begun = time.monotonic()
    _await(lambda: not running())
    assert time.monotonic() - begun < 3
    metrics = get(proxied.behind.port, "/metrics").body
    assert b'charterkb_queries_total{lane="fast",outcome="client-gone"}' in metrics or (
        b'charterkb_queries_total{lane="slow",outcome="client-gone"}' in metrics
    )


def test_a_client_with_too_many_requests_is_told_so(proxied: Proxied) -> None:
    def flood() -> None:
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", proxied.tls, context=context)
        with closing(connection):
            for _ in range(120):
                connection.request("GET", f"/sparql?query={quote(COUNT)}", headers={"Host": HOST})
                response = connection.getresponse()
                response.read()
                told.append(response.status)

    told: list[int] = []
    clients = [threading.Thread(target=flood) for _ in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(30)
    assert {*told} == {200, 429}


def test_a_front_that_dies_behind_the_proxy_costs_what_it_was_answering(proxied: Proxied) -> None:
    time.sleep(1)
    assert proxied.send("GET", "/en/principles")[0].status == 200
    os.kill(processes(proxied.behind.process.pid).fronts[0], signal.SIGKILL)
    assert [proxied.send("GET", "/en/principles")[0].status for _ in range(3)] == [200] * 3


def test_the_unit_of_systemd_is_sound_and_hardened(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "charterkb.service").read_text(encoding="utf-8")
    unit = tmp_path / "charterkb.service"
    # The program need not be there: any other that is.
    unit.write_text(text.replace("/opt/charterkb/bin/charterkb", "/bin/true"), encoding="utf-8")
    verified = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    measured = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=15", str(unit)],
        capture_output=True,
        text=True,
    )
    assert measured.returncode == 0, measured.stdout[-500:]
