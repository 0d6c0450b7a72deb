"""A small, steady load on a server, every answer of which is checked; its processes."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

LABELS = """SELECT ?record ?label WHERE {
  ?record <http://www.w3.org/2000/01/rdf-schema#label> ?label
} ORDER BY ?record ?label"""
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
LONG = """SELECT (COUNT(*) AS ?n) WHERE {
  ?a <http://www.w3.org/2000/01/rdf-schema#label> ?b . ?c ?d ?e FILTER(STR(?b) != STR(?e))
}"""
"""A second or so of work over the small base."""
JSON = "application/sparql-results+json"
_PACE_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request; status 0 where the connection broke."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def ask(
    port: int,
    query: str,
    *,
    source: str = "127.0.0.1",
    accept: str = JSON,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send a query over a connection of its own."""
    target = f"/sparql?query={quote(query)}"
    return get(port, target, {"Accept": accept} | (headers or {}), source=source)


def in_background(port: int, query: str) -> tuple[threading.Thread, list[Answer]]:
    """Ask from an address of its own, and return once a worker is at it."""
    told: list[Answer] = []
    client = threading.Thread(target=lambda: told.append(ask(port, query, source="127.0.0.2")))
    client.start()
    deadline = time.monotonic() + 10
    while b"charterkb_queries_running 0.0" in get(port, "/metrics").body:
        assert time.monotonic() < deadline
    return client, told


def get(
    port: int, target: str, headers: dict[str, str] | None = None, *, source: str = "127.0.0.1"
) -> Answer:
    """Get an address over a connection of its own."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=60, source_address=(source, 0)
    )
    with closing(connection):
        return _exchange(connection, target, headers or {})


def _exchange(
    connection: http.client.HTTPConnection, target: str, headers: dict[str, str]
) -> Answer:
    try:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Answer(0)
    return Answer(response.status, body, dict(response.getheaders()))


class Load:
    """Clients that ask without pause, each over a connection that it keeps."""

    def __init__(self, port: int, allowed: Callable[[], dict[str, Collection[bytes]]]) -> None:
        self.port = port
        self.allowed = allowed
        self.good = 0
        self.failed: list[Answer] = []
        self.wrong: list[tuple[str, bytes]] = []
        self._ending = threading.Event()
        self._numbers = count()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Be one client, until told to end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            while not self._ending.is_set():
                for target in self.allowed():
                    # Of every two, one is new to the cache.
                    number = next(self._numbers)
                    fresh = f"%0A%23{number}" if number % 2 and "?query" in target else ""
                    answer = _exchange(connection, target + fresh, {"Accept": _accept(target)})
                    self._judge(target, answer)
                    time.sleep(_PACE_SECONDS)

    def end(self) -> None:
        """Tell the clients to end."""
        self._ending.set()

    def await_good(self, number: int) -> None:
        """Wait for so many more right answers."""
        wanted = self.good + number
        deadline = time.monotonic() + 30
        while self.good < wanted:
            assert time.monotonic() < deadline, f"no answers: {self.failed[-3:]}"
            time.sleep(0.01)

    def _judge(self, target: str, answer: Answer) -> None:
        with self._lock:
            if answer.status != 200:
                self.failed.append(answer)
            elif answer.body in self.allowed()[target]:
                self.good += 1
            else:
                self.wrong.append((target, answer.body))


def _accept(target: str) -> str:
    return JSON if target.startswith("/sparql") else "text/html"


PAGE = "/en/principles"
TARGETS = (f"/sparql?query={quote(LABELS)}", f"/sparql?query={quote(COUNT)}", PAGE)


def answers(port: int) -> dict[str, bytes]:
    """Return what the server answers now to what the load asks."""
    told = {target: get(port, target, {"Accept": _accept(target)}) for target in TARGETS}
    assert [answer.status for answer in told.values()] == [200, 200, 200]
    return {target: answer.body for target, answer in told.items()}


@contextmanager
def under_load(
    port: int, allowed: Callable[[], dict[str, Collection[bytes]]] | None = None, clients: int = 3
) -> Iterator[Load]:
    """Keep a server busy; every answer must be among those allowed, or be as it was before."""
    before = {target: (body,) for target, body in answers(port).items()}
    load = Load(port, allowed or (lambda: before))
    threads = [threading.Thread(target=load.run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        load.await_good(10)
        yield load
        load.await_good(10)
    finally:
        load.end()
        for thread in threads:
            thread.join(60)
    assert load.wrong == []


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of a server, by role."""

    fronts: list[int]
    zygotes: list[int]
    query_workers: list[int]
    page_workers: list[int]

    @property
    def all(self) -> list[int]:
        """Every one of them but the supervisor."""
        return [*self.fronts, *self.zygotes, *self.query_workers, *self.page_workers]


def processes(supervisor: int) -> Processes:
    """Return what runs below a supervisor."""
    fronts = children(supervisor)
    zygotes = [pid for front in fronts for pid in children(front)]
    workers = [pid for zygote in zygotes for pid in children(zygote)]
    sealed = [pid for pid in workers if _status(pid).get("Seccomp") == "2"]
    return Processes(fronts, zygotes, sealed, [pid for pid in workers if pid not in sealed])


def settled(supervisor: int) -> Processes:
    """Return what runs below a supervisor once it is whole and stays so for a moment."""
    deadline = time.monotonic() + 30
    before = processes(supervisor)
    while True:
        time.sleep(0.15)
        found = processes(supervisor)
        is_whole = len(found.zygotes) == 1 == len(found.page_workers) and found.query_workers
        if is_whole and found == before:
            return found
        assert time.monotonic() < deadline, found
        before = found


def gone(pids: Collection[int]) -> bool:
    """Tell whether processes have all ended, within a while."""
    deadline = time.monotonic() + 10
    while any(_status(pid).get("State", "Z")[0] != "Z" for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def children(parent: int) -> list[int]:
    """Return the processes that another has started and that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            status = _status(int(entry.name))
            if status.get("PPid") == str(parent) and status["State"][0] != "Z":
                found.append(int(entry.name))
    return sorted(found)


def memory(pids: Collection[int]) -> int:
    """Return how many bytes processes hold, each page counted once (PSS)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
