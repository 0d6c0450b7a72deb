"""`/sparql`: SPARQL 1.1 Protocol for queries, with the method QUERY of the 1.2 draft.

This is the one path that must be fast: no framework, one hop to a worker, none for a kept answer.
For browsers the answer, or what is wrong, goes on to a page worker, which renders it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

from kb.engine import Dataset
from server.frames import QUERY, encode_head, pack
from server.front.cache import Cache, Kept
from server.front.events import QueryEvent
from server.front.hands import IN_MEMORY_BYTES
from server.front.http import Connection
from server.front.jobs import Job, Outcome
from server.front.page_requests import Pages
from server.front.parsing import Request
from server.front.replies import Pairs, Reply
from server.front.wishes import (
    MACHINE_TYPES,
    VARY,
    Suffixes,
    Wish,
    attachment,
    keeping,
    names_tag,
    options_reply,
    read_wish,
)
from server.headers import SPARQL_METHODS
from server.negotiate import check_short_name, wants_html
from server.refusal import Refusal
from server.settings import Settings
from server.sparql_request import MAX_ROWS, SparqlRequest, read_sparql_request

_FOR_PAGES: Suffixes = (("bindings", "tsv"), ("boolean", "srj"), ("graph", "nt"))
"""Formats of one row a line, so that the first rows of an answer can be told from the rest."""


class Front(Protocol):
    """What the endpoint needs of the front."""

    settings: Settings
    cache: Cache
    pages: Pages

    @property
    def seed(self) -> str:
        """What the entity tags stand for besides the question: the data and the program."""
        ...

    def client(self, request: Request) -> str:
        """Return who asks."""
        ...

    def submit(self, connection: Connection, job: Job) -> None:
        """Have a query answered; raise Refusal when there is no room."""
        ...

    def send(self, connection: Connection, request: Request, reply: Reply) -> None:
        """Send an answer."""
        ...

    def send_refusal(self, connection: Connection, request: Request, refusal: Refusal) -> None:
        """Send why there is no answer."""
        ...

    def note(self, event: QueryEvent) -> None:
        """Count and log a query."""
        ...

    def now(self) -> float:
        """Return the time, in seconds of a clock that is never set back."""
        ...


class Endpoint:
    """Answers the requests of `/sparql`."""

    def __init__(self, front: Front) -> None:
        self.front = front

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer one request of the protocol."""
        if request.method == "OPTIONS":
            self.front.send(connection, request, options_reply())
            return
        try:
            self._handle(connection, request)
        except Refusal as refusal:
            self._refuse(connection, request, refusal)

    def _handle(self, connection: Connection, request: Request) -> None:
        if request.method not in SPARQL_METHODS:
            raise _wrong_method(request.method)
        asked = read_sparql_request(request, max_query=self.front.settings.max_query)
        if asked.format:
            check_short_name(asked.format)
        if asked.query is None:
            self.front.pages.ask(connection, request)
            return
        wish = read_wish(request.fields.get("accept", ""), asked.format)
        if wish.page:
            self._ask_for_page(connection, request, asked, asked.query)
            return
        asking = _Asking(self.front, connection, request, asked, wish)
        if not asking.answer_from_memory():
            asking.submit()

    def _ask_for_page(
        self, connection: Connection, request: Request, asked: SparqlRequest, query: str
    ) -> None:
        """Have a query answered for a reader: its first rows, then the page around them."""
        frame = _frame(asked, query, _FOR_PAGES, rows=MAX_ROWS + 1)

        def done(outcome: Outcome) -> None:
            if outcome.file is not None:
                outcome.file.close()
                outcome = Outcome(refusal=Refusal("page-too-large", limit=IN_MEMORY_BYTES))
            _note(self.front, job, outcome)
            if outcome.refusal is not None:
                self._refuse(connection, request, outcome.refusal)
                return
            attached = outcome.head | {"query": query}
            self.front.pages.ask(connection, request, attached, outcome.body)

        job = _job(self.front, request, asked, frame, done)
        self.front.submit(connection, job)

    def _refuse(self, connection: Connection, request: Request, refusal: Refusal) -> None:
        """Tell a reader on the page of the form, anybody else in a problem document."""
        if wants_html(request, MACHINE_TYPES) or request.args.get("format") == "html":
            told = {"problem": refusal.kind, "members": refusal.members}
            told |= {"headers": refusal.headers, "query": _query_of(request)}
            self.front.pages.ask(connection, request, told)
        else:
            self.front.send_refusal(connection, request, refusal)


_NO_STORE = ("Cache-Control", "no-store")


@dataclass(slots=True)
class _Asking:
    """One query on its way to a machine-readable answer."""

    front: Front
    connection: Connection
    request: Request
    asked: SparqlRequest
    wish: Wish
    key: tuple[str, ...] = ()
    etag: str = ""

    def answer_from_memory(self) -> bool:
        """Answer without an engine, if the client or the cache has the answer already."""
        asked, query = self.asked, self.asked.query
        assert query is not None
        accepts = " ".join(choice.media_type for choice in self.wish.choices.values())
        self.key = (query, accepts, asked.download, *asked.dataset.default, "\x00")
        self.key += asked.dataset.named
        digest = blake2b("\x00".join((self.front.seed, *self.key)).encode(), digest_size=16)
        self.etag = f'"{digest.hexdigest()}"'
        known = None if self._is_post else self.request.fields.get("if-none-match")
        if known and names_tag(known, self.etag):
            self._send(Reply(304, keeping(self.etag)), "not-modified")
            return True
        kept = self.front.cache.get(self.key)
        if kept is None:
            return False
        self._send(kept.reply, "kept")
        return True

    def submit(self) -> None:
        """Have the query answered by a worker."""
        query = self.asked.query
        assert query is not None
        frame = _frame(self.asked, query, self.wish.suffixes)
        job = _job(
            self.front, self.request, self.asked, frame, lambda outcome: self._done(job, outcome)
        )
        self.front.submit(self.connection, job)

    def _done(self, job: Job, outcome: Outcome) -> None:
        """Send what came of the query, and keep it."""
        _note(self.front, job, outcome)
        if outcome.refusal is not None:
            self.front.send_refusal(self.connection, self.request, outcome.refusal)
            return
        choice = self.wish.choices[outcome.head["kind"]]
        headers: Pairs = (("Content-Type", choice.content_type), VARY)
        if self.asked.download:
            name = attachment(self.asked.download, choice.format.suffix)
            headers += (("Content-Disposition", name),)
        if outcome.head.get("volatile"):
            headers += (_NO_STORE,)
        else:
            headers += keeping(self.etag)[:2]
        body = b"" if outcome.file else outcome.body
        reply = Reply(200, headers, body, outcome.file, outcome.size)
        if not outcome.head.get("volatile"):
            self.front.cache.put(self.key, Kept(reply, self.etag))
        self.front.send(self.connection, self.request, self._told(reply))

    @property
    def _is_post(self) -> bool:
        return self.request.method == "POST"

    def _told(self, reply: Reply) -> Reply:
        """Return an answer without what it says of being kept, if it answers a POST.

        An answer to POST is no representation of its target, and may not be kept (RFC 9110 §9.3.3);
        one to QUERY may, like one to GET (RFC 10008).
        """
        if not self._is_post or reply.headers[-1:] == (_NO_STORE,):
            return reply
        headers = tuple(pair for pair in reply.headers if pair[0] not in ("ETag", "Cache-Control"))
        return replace(reply, headers=headers)

    def _send(self, reply: Reply, outcome: str) -> None:
        assert self.asked.query is not None
        client = self.front.client(self.request)
        self.front.note(
            QueryEvent(outcome, "none", 0.0, reply.length, _key(self.asked.query), client)
        )
        self.front.send(self.connection, self.request, self._told(reply))


def _note(front: Front, job: Job, outcome: Outcome) -> None:
    """Count and log what came of a job."""
    told = outcome.refusal.kind if outcome.refusal else "answered"
    seconds = front.now() - job.queued
    front.note(QueryEvent(told, job.lane.value, seconds, outcome.size, job.key, job.client))


def _key(query: str) -> bytes:
    """Return what a query is known by, in logs and among the long ones."""
    return blake2b(query.encode(), digest_size=8).digest()


def _job(
    front: Front,
    request: Request,
    asked: SparqlRequest,
    frame: bytes,
    done: Callable[[Outcome], None],
) -> Job:
    """Return the job that answers a query."""
    limit = min(front.settings.time_limit, asked.timeout or front.settings.time_limit)
    return Job(frame, done, front.client(request), _key(asked.query or ""), limit)


def _frame(asked: SparqlRequest, query: str, suffixes: Suffixes, rows: int | None = None) -> bytes:
    """Return a query as a worker takes it."""
    return pack(QUERY, _head(suffixes, asked.dataset, rows), query.encode())


@lru_cache(maxsize=1024)
def _head(suffixes: Suffixes, dataset: Dataset, rows: int | None) -> bytes:
    """Return what goes along with a query, encoded: nearly always the same."""
    head: dict[str, object] = {"formats": dict(suffixes)}
    if dataset.default:
        head["default"] = dataset.default
    if dataset.named:
        head["named"] = dataset.named
    if rows is not None:
        head["rows"] = rows
    return encode_head(head)


def _wrong_method(method: str) -> Refusal:
    """Return the refusal of a method that the endpoint does not take."""
    allowed = ", ".join(SPARQL_METHODS)
    return Refusal("method-not-allowed", headers={"Allow": allowed}, method=method, allowed=allowed)


def _query_of(request: Request) -> str:
    """Return the query that a refused request may hold, to show it again."""
    try:
        return read_sparql_request(request, max_query=1 << 30).query or ""
    except Refusal:
        return ""
