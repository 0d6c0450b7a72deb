"""Requests for page workers: pages, linked data, dumps. What may be kept is kept, and told anew to
whoever has it already (RFC 9110 §13)."""

from __future__ import annotations

from typing import Any, Protocol

from server.frames import PAGE, pack
from server.front.cache import Cache, Kept
from server.front.generation import Generation
from server.front.http import Connection
from server.front.jobs import Outcome, Work
from server.front.parsing import Request
from server.front.replies import Reply
from server.front.wishes import names_tag
from server.refusal import Refusal

_PAGE_KEY = (
    "Accept",
    "Accept-Language",
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
)
"""The headers on which a page may depend."""


class Front(Protocol):
    """What is needed of the front."""

    address: tuple[str, int]
    cache: Cache
    generation: Generation | None

    def send(self, connection: Connection, request: Request, reply: Reply) -> None:
        """Send an answer."""
        ...

    def send_refusal(self, connection: Connection, request: Request, refusal: Refusal) -> None:
        """Send why there is no answer."""
        ...


class Pages:
    """Answers requests by page workers."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def ask(
        self,
        connection: Connection,
        request: Request,
        attached: dict[str, Any] | None = None,
        body: bytes = b"",
    ) -> None:
        """Answer by a page worker, or with a page that is kept."""
        key = None
        if attached is None and request.method == "GET":
            asked = (request.headers.get(name, "") for name in _PAGE_KEY)
            key = (request.target.decode("latin-1"), *asked)
            kept = self._front.cache.get(key)
            if kept is not None:
                self._front.send(connection, request, _page_reply(request, kept))
                return

        def done(outcome: Outcome) -> None:
            if outcome.refusal is not None:
                self._front.send_refusal(connection, request, outcome.refusal)
                return
            reply, etag = _page_of(outcome)
            if key and etag and reply.status == 200 and not job.superseded:
                self._front.cache.put(key, Kept(reply, etag))
            self._front.send(connection, request, reply)

        job = Work(pack(PAGE, self._head(request, attached), request.body + body), done)
        connection.on_gone = lambda: setattr(job, "over", True)
        assert self._front.generation is not None
        try:
            self._front.generation.pages.submit(job)
        except Refusal as refusal:
            self._front.send_refusal(connection, request, refusal)

    def _head(self, request: Request, attached: dict[str, Any] | None) -> dict[str, Any]:
        """Return a request as page workers take it."""
        return {
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode("latin-1"),
            "headers": list(request.headers.items()),
            "client": request.client,
            "host": self._front.address[0],
            "port": self._front.address[1],
            "version": request.http_version,
            "attached": attached,
            "body": len(request.body),
        }


def _page_of(outcome: Outcome) -> tuple[Reply, str]:
    """Return the answer of a page worker, and its entity tag if it may be kept."""
    headers: list[tuple[str, str]] = []
    size = outcome.size
    etag, is_public = "", False
    for name, value in outcome.head["headers"]:
        low = name.lower()
        if low == "content-length":
            size = int(value)
            continue
        etag = value if low == "etag" else etag
        is_public = is_public or (low == "cache-control" and value.startswith("public"))
        headers.append((name, value))
    body = b"" if outcome.file else outcome.body
    reply = Reply(outcome.head["status"], tuple(headers), body, outcome.file, size, bare=True)
    return reply, etag if is_public else ""


def _page_reply(request: Request, kept: Kept) -> Reply:
    """Return a kept page, or word that the client has it already."""
    if names_tag(request.headers.get("If-None-Match", ""), kept.etag):
        headers = tuple(
            (name, value)
            for name, value in kept.reply.headers
            if name.lower() not in ("content-type", "content-length")
        )
        return Reply(304, headers, bare=True)
    return kept.reply
