"""The front itself: it knows every connection, hands requests on, and answers for the whole."""

from __future__ import annotations

import asyncio
import time
from importlib.metadata import version
from ipaddress import IPv6Address, ip_address

from server.front.cache import Cache
from server.front.endpoint import Endpoint
from server.front.events import Journal, Metrics, QueryEvent
from server.front.generation import Generation
from server.front.http import Connection
from server.front.jobs import Job
from server.front.page_requests import Pages
from server.front.parsing import Request
from server.front.reload import Reloading
from server.front.replies import Pairs, Reply
from server.front.status import Status
from server.problem_details import plain_problem
from server.refusal import Refusal
from server.settings import Settings

MAX_CONNECTIONS = 2048
MAX_CLIENT_CONNECTIONS = 256
_TICK_SECONDS = 0.02
_SWEEP_SECONDS = 1.0
_PATIENCE = 5
"""So many refusals in a row are answered at once; further ones are held back."""
_HOLD_SECONDS = 1.0
_FORGET_SECONDS = 10.0


class FrontApp:
    """Everything between the listening socket and the workers."""

    def __init__(self, settings: Settings, address: tuple[str, int]) -> None:
        self.settings = settings
        self.address = address
        self.cache = Cache(settings.cache)
        self.metrics = Metrics()
        self.journal = Journal(clients=settings.log_clients)
        self.pages = Pages(self)
        self.endpoint = Endpoint(self)
        self.reloading = Reloading(self)
        self.generation: Generation | None = None
        self.draining = False
        self.started = time.monotonic()
        self.version = version("digital-rights-charter-kb")
        self.connections: set[Connection] = set()
        self._of_client: dict[str, int] = {}
        self._refused: dict[str, tuple[int, float]] = {}
        self._loop = asyncio.get_running_loop()
        self._status = Status(self)

    # http.Handler

    def opened(self, connection: Connection) -> bool:
        """Note a connection; tell whether there is room for it."""
        count = self._of_client.get(connection.peer, 0) + 1
        self._of_client[connection.peer] = count
        self.connections.add(connection)
        # Behind proxies, a few addresses hold the connections of everybody.
        is_crowd = not self.settings.proxies and count > MAX_CLIENT_CONNECTIONS
        return not is_crowd and len(self.connections) <= MAX_CONNECTIONS

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self.connections.discard(connection)
        left = self._of_client.pop(connection.peer, 1) - 1
        if left > 0:
            self._of_client[connection.peer] = left

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer a request: the endpoint's, the front's own, or a page worker's."""
        if request.path == "/sparql":
            self.endpoint.handle(connection, request)
        elif (reply := self._status.answer(request)) is not None:
            self.send(connection, request, reply)
        else:
            self.pages.ask(connection, request)

    def refuse(self, request: Request | None, refusal: Refusal) -> Reply:
        """Return the problem document of a refusal."""
        status, media_type, body, language = plain_problem(refusal, request)
        headers: Pairs = (
            ("Content-Type", media_type),
            ("Content-Language", language),
            ("Cache-Control", "no-store"),
            ("Vary", "Accept, Accept-Language"),
            *refusal.headers.items(),
        )
        return Reply(status, headers, body)

    # endpoint.Front

    @property
    def seed(self) -> str:
        """What entity tags stand for besides the question: the data and the program."""
        facts = self.generation.facts if self.generation else None
        return f"{facts.digest if facts else ''}\x00{self.version}"

    def now(self) -> float:
        """Return the time: the event loop’s own is only as fine as a millisecond."""
        return time.monotonic()

    def client(self, request: Request) -> str:
        """Return who asks: an address, or the network of an IPv6 one, which a client has whole."""
        address = request.client
        if self.settings.proxies:
            hops = request.headers.get("X-Forwarded-For", "").split(",")
            if len(hops) >= self.settings.proxies:
                address = hops[-self.settings.proxies].strip() or address
        if ":" not in address:
            return address
        try:
            parsed = ip_address(address)
        except ValueError:
            return address
        if isinstance(parsed, IPv6Address):
            mapped = parsed.ipv4_mapped
            return str(mapped) if mapped else f"{parsed.exploded[:19]}::/64"
        return address

    def submit(self, connection: Connection, job: Job) -> None:
        """Have a query answered, for as long as somebody waits for it."""
        assert self.generation is not None
        lanes = self.generation.lanes
        # Set before it is submitted: an answer may come at once.
        connection.on_gone = lambda: self._leave(job)
        try:
            lanes.submit(job, time.monotonic())
        except Refusal as refusal:
            connection.on_gone = None
            self.note(QueryEvent(refusal.kind, job.lane.value, 0.0, 0, job.key, job.client))
            raise

    def send(self, connection: Connection, request: Request, reply: Reply) -> None:
        """Send an answer."""
        self.metrics.response(reply.status)
        connection.reply(request, reply)

    def send_refusal(self, connection: Connection, request: Request, refusal: Refusal) -> None:
        """Send a refusal; hold it back from a client who does not heed the ones before."""
        reply = self.refuse(request, refusal)
        if reply.status in (429, 503) and self._is_impatient(self.client(request)):
            self._loop.call_later(_HOLD_SECONDS, self.send, connection, request, reply)
        else:
            self.send(connection, request, reply)

    def note(self, event: QueryEvent) -> None:
        """Count and log a query."""
        self.metrics.query(event)
        self.journal.query(event)

    # time

    def tick(self) -> None:
        """See to deadlines; call again shortly."""
        # Before all else: whatever goes wrong here, deadlines must go on being seen to.
        self._loop.call_later(_TICK_SECONDS, self.tick)
        if self.generation is not None:
            now = time.monotonic()
            self.generation.lanes.tick(now)
            self.generation.pages.tick(now)
        self.reloading.tick()

    def sweep(self) -> None:
        """See to connections that keep us waiting, and to the log; call again in a second."""
        self._loop.call_later(_SWEEP_SECONDS, self.sweep)
        now = time.monotonic()
        for connection in list(self.connections):
            connection.check_time(self._loop.time())
        for client, (_, last) in list(self._refused.items()):
            if now - last > _FORGET_SECONDS:
                del self._refused[client]
        self.journal.flush()

    def _is_impatient(self, client: str) -> bool:
        """Count a refusal; tell whether this client has had many in a row."""
        count, last = self._refused.get(client, (0, 0.0))
        now = time.monotonic()
        count = count + 1 if now - last <= _FORGET_SECONDS else 1
        self._refused[client] = (count, now)
        return count > _PATIENCE

    def _leave(self, job: Job) -> None:
        """Drop the query of a client who left."""
        if job.over:
            return
        seconds = time.monotonic() - job.queued
        self.note(QueryEvent("client-gone", job.lane.value, seconds, 0, job.key, job.client))
        if self.generation is not None:
            self.generation.lanes.cancel(job, time.monotonic())
        self.reloading.cancel(job)
