"""Apache Jena Fuseki (its jar from Maven Central) as one of the compared servers, in memory."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bench.generate import Dump
from tests.bench.servers import Server, find

_JARS = Path.home() / ".m2/repository/org/apache/jena/jena-fuseki-server"
_GRAPH = re.compile(r" <[^<> ]+> \.$", re.MULTILINE)


def jar() -> Path | None:
    """Return the newest jar of Fuseki on this machine."""
    return max(_JARS.glob("*/jena-fuseki-server-*.jar"), default=None)


def _prepare(dump: Dump, folder: Path) -> Path:
    """Write the dump without its graphs: Fuseki's default graph is no union in memory."""
    triples = folder / "dump.nt"
    with dump.path.open(encoding="utf-8") as quads, triples.open("w", encoding="utf-8") as output:
        while piece := "".join(quads.readlines(1 << 22)):
            output.write(_GRAPH.sub(" .", piece))
    return triples


def _command(triples: Path, port: int) -> list[str]:
    options = ["--localhost", "--port", str(port), f"--file={triples}", "/ds"]
    return [find("java") or "", "-jar", str(jar()), *options]


def _why_not() -> str | None:
    if jar():
        return None
    return "mvn dependency:get -Dartifact=org.apache.jena:jena-fuseki-server:5.6.0 brings it"


FUSEKI = Server("Fuseki", _command, "/ds/sparql", "java", _prepare, why_not=_why_not)
