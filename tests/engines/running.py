"""Real engines, started on loopback in a folder of their own and stopped again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from kb.addresses import find_engine, find_graph_store
from kb.graph_store import GraphStore
from kb.login import NOBODY, Login
from kb.publish import Target
from kb.query import find_query
from kb.remote import RemoteEngine

HERE = Path(__file__).parent
_START_S = 60
_SEEN = find_query("dataset/seen")


@dataclass
class Running:
    """An engine that runs: its address, who may write, and how it is started."""

    name: str
    to: str
    login: Login
    command: Sequence[str]
    folder: Path
    stop: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @cached_property
    def query(self) -> str:
        """The address of its query service."""
        return find_engine(self.to, "", NOBODY).url

    def engine(self, timeout_s: float = 120) -> RemoteEngine:
        """Return it as one of our engines."""
        return RemoteEngine(self.query, timeout_s=timeout_s, login=NOBODY)

    def target(self, journal: Path, patience_s: float = 1) -> Target:
        """Return it as a place to publish to."""
        engine = self.engine()
        engine.select(_SEEN)
        store = GraphStore(find_graph_store(self.to, engine), self.login, patience_s=patience_s)
        return Target(store, engine, journal)

    def start(self) -> Running:
        """Start it and wait until it answers."""
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT
            )
        limit = time.monotonic() + _START_S
        while not _listens(self.to):
            assert self.process.poll() is None, (self.folder / "output").read_text()
            assert time.monotonic() < limit, f"{self.name} does not start"
            time.sleep(0.05)
        return self

    def restart(self) -> None:
        """Stop it as one should, and start it again."""
        assert self.process is not None
        if self.stop:
            subprocess.run(self.stop, check=False, capture_output=True, timeout=60)
        else:
            self.process.terminate()
        self.process.wait(timeout=60)
        self.start()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def _listens(url: str) -> bool:
    """Tell whether something answers at an address, whatever it says."""
    try:
        with urlopen(url, timeout=5):
            return True
    except HTTPError:
        return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def missing(what: str) -> None:
    """Skip a test for want of an engine; in CI, where it is installed, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def oxigraph(folder: Path, *options: str) -> Running:
    """Return the `oxigraph` server over a store in a folder, not yet started."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        missing("no oxigraph server: pip install oxigraph")
    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}", "--location", str(folder / "store"))
    command = [str(program), "serve", *bind, *options]
    return Running("oxigraph", f"http://127.0.0.1:{port}", NOBODY, command, folder)


def fuseki(folder: Path, *, union: bool = True) -> Running:
    """Return Apache Jena Fuseki over an empty dataset in a folder, not yet started."""
    cached = Path.home() / ".m2/repository/org/apache/jena/jena-fuseki-server"
    jars = sorted(cached.glob("*/jena-fuseki-server-*.jar"))
    if not jars or not shutil.which("java"):
        missing("no Fuseki: mvn dependency:get -Dartifact=org.apache.jena:jena-fuseki-server:5.6.0")
    port = free_port()
    settings = (HERE / "fuseki.ttl").read_text("utf-8")
    assert "unionDefaultGraph true" in settings
    if not union:
        settings = settings.replace("unionDefaultGraph true", "unionDefaultGraph false")
    (folder / "fuseki.ttl").write_text(settings, "utf-8")
    options = ("--localhost", "--port", str(port), "--config", "fuseki.ttl")
    command = ["java", "-Xmx512m", "-jar", str(jars[-1]), *options]
    return Running("fuseki", f"http://127.0.0.1:{port}/ds", NOBODY, command, folder)


def virtuoso(folder: Path, *, max_rows: int | None = None, limit_s: int = 60) -> Running:
    """Return Virtuoso over an empty database in a folder, started and set up."""
    if not shutil.which("virtuoso-t") or not shutil.which("isql-vt"):
        missing("no Virtuoso: apt-get install virtuoso-opensource-7-bin")
    sql, http = free_port(), free_port()
    settings = (HERE / "virtuoso.ini").read_text("utf-8")
    settings = settings.replace(":1111", f":{sql}").replace(":8890", f":{http}")
    assert settings.endswith("[SPARQL]\nMaxQueryExecutionTime = 10\n")
    settings = settings.replace("ExecutionTime = 10", f"ExecutionTime = {limit_s}")
    if max_rows is not None:
        settings += f"ResultSetMaxRows = {max_rows}\n"
    (folder / "virtuoso.ini").write_text(settings, "utf-8")
    command = ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]
    isql = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba"]
    stop = [*isql, "exec=shutdown;"]
    to = f"http://127.0.0.1:{http}"
    running = Running("virtuoso", to, Login("dba", "dba"), command, folder, stop).start()
    setup = [*isql, str(HERE / "virtuoso.sql")]
    said = subprocess.run(setup, check=True, capture_output=True, text=True, timeout=60)
    assert said.stdout.count("Done.") == 6, said.stdout + said.stderr
    return running


ENGINES: dict[str, Callable[[Path], Running]] = {
    "oxigraph": oxigraph,
    "fuseki": fuseki,
    "virtuoso": virtuoso,
}
