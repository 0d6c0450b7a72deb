"""A gateway on loopback before a graph store: it passes on, refuses, or loses what it is sent.

As real ones do: one with a limit on bodies, one that answers for an engine that never heard.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

Verdict = Callable[[str, str], int | None]
"""What to answer to a method on a graph; None: pass it on."""


@contextmanager
def gateway(graph_store: str, verdict: Verdict) -> Iterator[str]:
    """Pass requests on to a graph store unless the verdict on them is another."""

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            asked = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            status = verdict(self.command, parse_qs(asked.query)["graph"][0])
            if status is not None:
                self.reply(status, b"refused by the gateway")
                return
            headers = {n: v for n, v in self.headers.items() if n in ("Accept", "Content-Type")}
            passed = Request(f"{graph_store}?{asked.query}", body, headers, method=self.command)
            try:
                with urlopen(passed, timeout=30) as answer:
                    told = answer.status, answer.read(), answer.headers.get("Content-Type")
            except HTTPError as error:
                told = error.code, error.read(), None
            except (URLError, OSError):
                told = 502, b"the engine is gone", None
            # Who asked may have been killed meanwhile.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.reply(*told)

        do_GET = do_PUT = do_DELETE = do_any

        def reply(self, status: int, body: bytes, media_type: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/store"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
