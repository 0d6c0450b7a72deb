"""A graph store elsewhere: SPARQL 1.1 Graph Store HTTP Protocol, indirect identification (§4.2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPException
from typing import IO, TypeVar, cast
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import quote

import pyoxigraph as ox

from kb.challenges import Basic, Digest
from kb.errors import EngineError
from kb.login import Login
from kb.remote_answer import RDF_FORMATS, canonical_triple
from kb.remote_faults import EngineLogin, message
from kb.whole_body import WholeBody

_TRIPLES = "application/n-triples"
_TIMEOUT_S = 120
_PASSING = (408, 425, 429, 502, 503, 504)
"""Status codes after which the same request may succeed (RFC 9110 §15)."""
_LONGEST_PAUSE_S = 5.0
_LONG_BODY = 32 * 1024
"""Bytes: less than this is sent whole before a server can break the connection."""
_NOWHERE = "urn:x-charterkb:no-such-graph"

Lines = frozenset[str]
"""The triples of a graph, each as one line of N-Triples."""


_T = TypeVar("_T")


class Refused(EngineError):
    """The graph store refuses a request; asking again would not help."""


class GraphStore:
    """The graphs behind a URL; a request that meets a passing fault is sent again.

    `patience_s` is how long, after a first failure, an engine is waited for. Putting and deleting
    can be repeated without harm (RFC 9110 §9.2.2).
    """

    def __init__(self, url: str, login: Login, *, patience_s: float = 30) -> None:
        self.url = url
        self.patience_s = patience_s
        self._headers = login.headers() if login.token else {}
        self._may_be_challenged = bool(login.user)
        passwords = request.HTTPPasswordMgrWithDefaultRealm()
        if login.user:
            passwords.add_password(None, url, login.user, login.password)
        self._opener = request.build_opener(Digest(passwords), Basic(passwords))

    def get(self, graph: str) -> Lines | None:
        """Return the triples of a graph, None when there is none; EngineError if it fails."""
        return self._patiently(lambda: self._get(graph))

    def put(self, graph: str, lines: Lines) -> None:
        """Make a graph hold exactly these triples; EngineError if it fails."""
        body = "".join(sorted(lines)).encode()

        def send() -> None:
            if self._may_be_challenged and len(body) > _LONG_BODY:
                # It may ask for our login: let it do so before there is a body to refuse.
                self._send("DELETE", _NOWHERE)
            self._send("PUT", graph, body)

        self._patiently(send)

    def delete(self, graph: str) -> None:
        """Make a graph be no more; EngineError if it fails."""
        self._patiently(lambda: self._send("DELETE", graph))

    def _get(self, graph: str) -> Lines | None:
        """Read a graph, whole."""
        accept = {"Accept": f"{_TRIPLES}, text/turtle;q=0.5"}
        try:
            response = self._opener.open(self._request("GET", graph, accept), timeout=_TIMEOUT_S)
        except HTTPError as error:
            if error.code != 404:
                raise
            error.close()
            return None
        with response:
            if response.status == 204:
                return None
            media_type = response.headers.get_content_type()
            if media_type not in RDF_FORMATS:
                raise Refused(f"{self.url} answers with {media_type}: is it a graph store?")
            body = WholeBody(response, self.url, time.monotonic() + _TIMEOUT_S)
            quads = ox.parse(input=cast(IO[bytes], body), format=RDF_FORMATS[media_type])
            found = frozenset(line(quad) for quad in quads)
            body.rest()
        return found or None

    def _send(self, method: str, graph: str, body: bytes | None = None) -> None:
        """Send a request that changes a graph; deleting what is not there is no failure."""
        headers = {"Content-Type": _TRIPLES} if body is not None else {}
        try:
            with self._opener.open(
                self._request(method, graph, headers, body), timeout=_TIMEOUT_S
            ) as response:
                response.read()
        except HTTPError as error:
            if method != "DELETE" or error.code != 404:
                raise
            error.close()

    def _request(
        self, method: str, graph: str, headers: dict[str, str], body: bytes | None = None
    ) -> request.Request:
        """Return a request about a graph."""
        mark = "&" if "?" in self.url else "?"
        url = f"{self.url}{mark}graph={quote(graph, safe='')}"
        return request.Request(url, body, {**self._headers, **headers}, method=method)

    def _patiently(self, act: Callable[[], _T]) -> _T:
        """Return what a request gives, sent again while its fault may pass; EngineError."""
        started, pause = time.monotonic(), 0.25
        while True:
            try:
                return act()
            except (OSError, HTTPException, EngineError, SyntaxError, ValueError) as error:
                waited = time.monotonic() - started
                if not _may_pass(error) or waited + pause > self.patience_s:
                    raise self._failure(error) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _failure(self, error: Exception) -> EngineError:
        """Return the error that tells of a failed request."""
        if isinstance(error, EngineError):
            return error
        if isinstance(error, HTTPError):
            if error.code in (401, 403):
                return EngineLogin(
                    f"{self.url} does not let us in (HTTP {error.code}): "
                    "set CHARTERKB_STORE_USER and _PASSWORD, or _TOKEN"
                )
            words = message(_body(error))
            error.close()
            return Refused(f"{self.url} refuses (HTTP {error.code}){words and ': ' + words}")
        reason = error.reason if isinstance(error, URLError) else error
        return EngineError(f"{self.url} cannot be reached: {reason or type(error).__name__}")


def _may_pass(error: Exception) -> bool:
    """Tell whether the same request may succeed a little later."""
    if isinstance(error, HTTPError):
        return error.code in _PASSING
    return not isinstance(error, Refused | SyntaxError | ValueError)


def _body(error: HTTPError) -> bytes:
    """Return the first part of what came with an error."""
    try:
        return error.read(64 * 1024)
    except (OSError, HTTPException, ValueError):
        return b""


def line(statement: ox.Quad | ox.Triple) -> str:
    """Return a triple as one line of N-Triples."""
    return f"{canonical_triple(statement)} .\n"
