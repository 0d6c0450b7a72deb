"""The servers that are compared: each on loopback, over the same dump, stopped whatever happens."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from kb.disk_store import write_disk_store
from tests.bench.generate import Dump
from tests.bench.processes import Watch, stop_tree

HOST = "127.0.0.1"
_ANYTHING = "ASK { ?s ?p ?o }"
_PATIENCE = 300.0
_BIN = Path(sys.executable).parent


class Missing(Exception):
    """A server is not on this machine, or does not start; says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A way to serve a dump: how it is named, found, prepared, started, filled and asked.

    `prepare` writes what the server opens, in a work folder, and returns it; `command` is given
    that and a port; `fill` is given the port once the server listens; `why_not` says what, if
    anything, is missing besides the program.
    """

    name: str
    command: Callable[[Path, int], list[str]]
    path: str
    program: str = sys.executable
    prepare: Callable[[Dump, Path], Path] = field(default=lambda dump, _: dump.path)
    fill: Callable[[Path, int], None] | None = None
    why_not: Callable[[], str | None] = field(default=lambda: None)


@dataclass(slots=True)
class Running:
    """A started server: where it listens, its process, its load time and its memory watch."""

    name: str
    port: int
    path: str
    pid: int
    load_seconds: float
    watch: Watch


def find(program: str) -> str | None:
    """Return a program beside this Python, or on the search path."""
    return shutil.which(program, path=str(_BIN)) or shutil.which(program)


@contextmanager
def running(server: Server, dump: Dump, limit_mb: float | None = None) -> Iterator[Running]:
    """Start a server, give it once it answers over the data, kill it at the end; Missing.

    With a limit its memory is watched all the time, and the server killed above it.
    """
    if find(server.program) is None:
        raise Missing(f"{server.program} is not installed")
    if reason := server.why_not():
        raise Missing(reason)
    with tempfile.TemporaryDirectory() as folder:
        source = server.prepare(dump, Path(folder))
        begin = time.perf_counter()
        port = _free_port()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                server.command(source, port),
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
            )
        watch = Watch(process.pid, limit_mb or float("inf"))
        try:
            _fill(server, source, port, process)
            _await(server, port, process, Path(folder) / "log")
            seconds = time.perf_counter() - begin + _built_in(source)
            watch.sample()
            if limit_mb:
                watch.start()
            yield Running(server.name, port, server.path, process.pid, seconds, watch)
        finally:
            watch.close()
            stop_tree(process.pid)
            process.wait()


def _fill(server: Server, source: Path, port: int, process: subprocess.Popen[bytes]) -> None:
    if server.fill is None:
        return
    deadline = time.perf_counter() + 60
    while process.poll() is None and time.perf_counter() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            server.fill(source, port)
            return
    raise Missing(f"{server.name} does not listen")


def _await(server: Server, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers over the data."""
    url = f"http://{HOST}:{port}{server.path}?query={quote(_ANYTHING)}"
    request = urllib.request.Request(url, headers={"Accept": "application/sparql-results+json"})
    deadline = time.perf_counter() + _PATIENCE
    fault = "no answer"
    while process.poll() is None and time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                fault = response.read().decode("utf-8", "replace")
                if "true" in fault:
                    return
        except urllib.error.HTTPError as error:
            fault = f"{error.code} {error.read()[:200]!r}"
        except OSError as error:
            fault = str(error)
        time.sleep(0.02)
    tail = log.read_text(encoding="utf-8", errors="replace")[-300:].strip()
    raise Missing(f"{server.name} does not start: {fault}; {tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _kb(*arguments: str) -> Callable[[Path, int], list[str]]:
    """Return the command of our server; the folder of the repository is where `kb` is found."""

    def command(source: Path, port: int) -> list[str]:
        serve = [sys.executable, "-m", "kb", "serve", "--host", HOST, "--port", str(port)]
        return [*serve, "--store", str(source), *arguments]

    return command


def _our_disk(dump: Dump, _: Path) -> Path:
    return _built(dump.path.with_suffix(".store"), lambda new: write_disk_store(dump.path, new))


def _oxigraph_disk(dump: Dump, _: Path) -> Path:
    program = find("oxigraph") or ""

    def build(new: Path) -> None:
        for action in (["load", "--file", str(dump.path)], ["optimize"]):
            command = [program, action[0], "--location", str(new), *action[1:]]
            subprocess.run(command, check=True, capture_output=True)

    return _built(dump.path.with_suffix(".oxigraph"), build)


def _built(folder: Path, build: Callable[[Path], object]) -> Path:
    """Return a folder that is built once and kept with the dump, its build time beside it."""
    if not _seconds_file(folder).exists():
        shutil.rmtree(folder, ignore_errors=True)
        begin = time.perf_counter()
        build(folder)
        _seconds_file(folder).write_text(str(time.perf_counter() - begin), encoding="ascii")
    return folder


def _seconds_file(folder: Path) -> Path:
    return folder.with_name(folder.name + "-seconds")


def _built_in(source: Path) -> float:
    """Return how long it took to build what a server opens; nothing for a file."""
    file = _seconds_file(source)
    return float(file.read_text(encoding="ascii")) if file.exists() else 0.0


def _oxigraph_fill(source: Path, port: int) -> None:
    url = f"http://{HOST}:{port}/store?no_transaction&lenient"
    with source.open("rb") as body:
        headers = {"Content-Type": "application/n-quads", "Content-Length": _size(source)}
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        urllib.request.urlopen(request, timeout=_PATIENCE).close()


def _size(path: Path) -> str:
    return str(path.stat().st_size)


def _oxigraph(*arguments: str) -> Callable[[Path, int], list[str]]:
    def command(source: Path, port: int) -> list[str]:
        where = ["--location", str(source)] if arguments[0] == "serve-read-only" else []
        bind = ["--bind", f"{HOST}:{port}", "--union-default-graph"]
        return [find("oxigraph") or "", arguments[0], *where, *bind, *arguments[1:]]

    return command


def _rdflib_endpoint(source: Path, port: int) -> list[str]:
    program = find("rdflib-endpoint") or ""
    return [program, "serve", "--host", HOST, "--port", str(port), str(source)]


OURS_COLD = Server("ours, cold", _kb("--cache", "0"), "/sparql")
OURS_WARM = Server("ours, warm", _kb(), "/sparql")
OURS_DISK = Server("ours, on disk, cold", _kb("--cache", "0"), "/sparql", prepare=_our_disk)
OX_MEMORY = Server(
    "oxigraph, memory", _oxigraph("serve"), "/query", "oxigraph", fill=_oxigraph_fill
)
OX_TIMEOUT = Server(
    "oxigraph, --timeout-s 10",
    _oxigraph("serve", "--timeout-s", "10"),
    "/query",
    "oxigraph",
    fill=_oxigraph_fill,
)
OX_DISK = Server(
    "oxigraph, disk",
    _oxigraph("serve-read-only"),
    "/query",
    "oxigraph",
    prepare=_oxigraph_disk,
)
RDFLIB = Server("rdflib-endpoint", _rdflib_endpoint, "/", "rdflib-endpoint")
