"""A server as `charterkb serve` starts it, and a client of it like a Flask test client."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.test import Client

_STARTED = re.compile(r"Serving on http://(?P<host>[^:]+|\[.*\]):(?P<port>\d+)/")


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A server that runs: its address, its supervisor, and where its log goes."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """The address, ending in a slash."""
        return f"http://127.0.0.1:{self.port}/"

    def client(self) -> Client:
        """Return a client of it with the interface of Flask's test clients."""
        return Client(self._forward)

    def _forward(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send a request over a real connection and hand back what comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = environ["wsgi.input"].read()
        connection.putrequest(
            environ["REQUEST_METHOD"],
            _target(environ),
            skip_host=True,
            skip_accept_encoding=True,
        )
        for name, value in _headers(environ):
            connection.putheader(name, value)
        if body and "CONTENT_LENGTH" not in environ:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        with closing(connection), connection.getresponse() as response:
            start_response(f"{response.status} {response.reason}", response.getheaders())
            return [response.read()]


def _target(environ: WSGIEnvironment) -> str:
    """Return what is asked for, as it was written; `query_string` arguments come apart from it."""
    target, query = environ["REQUEST_URI"], environ["QUERY_STRING"]
    return f"{target}?{query}" if query and "?" not in target else str(target)


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the headers of a WSGI request."""
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key.removeprefix("HTTP_").replace("_", "-").title(), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield key.replace("_", "-").title(), value


@contextmanager
def serving(log: Path, *options: str, **environ: str) -> Iterator[LiveServer]:
    """Run `charterkb serve` on a free port of loopback for a while."""
    command = [sys.executable, "-m", "kb", *_data(options), "serve", "--port", "0"]
    command += _others(options)
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stderr=stream, env=os.environ | environ)
    try:
        yield LiveServer(_await_port(process, log), process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _data(options: tuple[str, ...]) -> list[str]:
    """Return the options that stand before the name of the command."""
    return list(options[:2]) if options[:1] == ("--data",) else []


def _others(options: tuple[str, ...]) -> list[str]:
    return list(options[len(_data(options)) :])


def _await_port(process: subprocess.Popen[Any], log: Path) -> int:
    """Return the port once the server says that it serves."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := _STARTED.search(log.read_text(encoding="utf-8")):
            return int(found["port"])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
