"""Apache Jena Fuseki (its jar from Maven Central) as one of the compared servers, in memory."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bench.generate import Dump
from tests.bench.servers import Server, find

_JARS = Path.home() / ".m2/repository/org/apache/jena/jena-fuseki-server"
_GRAPH = re.compile(r" <[^<> ]+> \.$", re.MULTILINE)


def _prepare(dump: Dump, folder: Path) -> Path:
    """Write the dump without its graphs: Fuseki's default graph is no union in memory."""
    triples = folder / "dump.nt"
    with dump.path.open(encoding="utf-8") as quads, triples.open("w", encoding="utf-8") as output:
        while piece := "".join(quads.readlines(1 << 22)):
            output.write(_GRAPH.sub(" .", piece))
    return triples


def _command(triples: Path, port: int) -> list[str]:
    jars = sorted(_JARS.glob("*/jena-fuseki-server-*.jar"))
    options = ["--localhost", "--port", str(port), f"--file={triples}", "/ds"]
    return [find("java") or "", "-jar", str(jars[-1]), *options]


def _why_not() -> str | None:
    if any(_JARS.glob("*/jena-fuseki-server-*.jar")):
        return None
    return "mvn dependency:get -Dartifact=org.apache.jena:jena-fuseki-server:5.6.0 brings it"


FUSEKI = Server("Fuseki", _command, "/ds/sparql", "java", _prepare, why_not=_why_not)
