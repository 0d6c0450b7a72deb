"""A login is sent with a long body that a store would refuse before reading it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kb.graph_store import GraphStore
from kb.login import Login
from kb.remote_faults import EngineLogin

CHALLENGES = {
    "basic": 'Basic realm="store"',
    "digest": 'Digest realm="store", nonce="n1", qop="auth", algorithm=MD5',
}
LONG = frozenset(f'<urn:s:{n}> <urn:p> "{"x" * 200}" .\n' for n in range(40_000))


class Impatient(BaseHTTPRequestHandler):
    """Keeps what is put with a login; without one, answers at once and closes, body unread."""

    challenge = ""
    kept: dict[str, int]

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", self.challenge)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _login(self) -> bool:
        scheme, _, login = self.headers.get("Authorization", "").partition(" ")
        known = 'username="me"' in login or login == "bWU6c2VjcmV0"
        return scheme == self.challenge.split()[0] and known

    def do_PUT(self) -> None:
        if not self._login():
            return self._answer(401)
        self.kept[self.path] = len(self.rfile.read(int(self.headers["Content-Length"])))
        return self._answer(204)

    def do_DELETE(self) -> None:
        self._answer(404 if self._login() else 401)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=CHALLENGES)
def store(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, int]]]:
    """The address of a store that challenges, and what it keeps."""
    kept: dict[str, int] = {}
    handler = type("Store", (Impatient,), {"challenge": CHALLENGES[request.param], "kept": kept})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/store", kept
        server.shutdown()


def test_a_long_graph_reaches_a_store_that_refuses_it_unread(
    store: tuple[str, dict[str, int]],
) -> None:
    url, kept = store
    here = GraphStore(url, Login("me", "secret"), patience_s=0)
    for graph in ("urn:a", "urn:b"):
        here.put(graph, LONG)
    assert list(kept.values()) == [sum(len(line) for line in LONG)] * 2


def test_a_wrong_login_is_told(store: tuple[str, dict[str, int]]) -> None:
    url, kept = store
    with pytest.raises(EngineLogin, match="CHARTERKB_STORE_USER"):
        GraphStore(url, Login("you", "wrong"), patience_s=0).put("urn:a", LONG)
    assert not kept
