"""Starts load in a process of its own, and asks a server one query at a time to check it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import JSON_RESULTS
from tests.bench.servers import HOST, Running

ROOT = Path(__file__).parents[2]
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server answered to one query: the status, the rows (ASK: 0 or 1), the bytes."""

    status: int
    rows: int
    length: int


def job(server: Running, queries: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return a job over a server; see tests.bench.load."""
    return {
        "host": HOST,
        "port": server.port,
        "path": server.path,
        "queries": list(queries),
        "clients": 4,
        "seconds": 1.0,
        **more,
    }


def start(one: Mapping[str, Any]) -> subprocess.Popen[str]:
    """Start a job."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(one))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[str], patience: float = _PATIENCE) -> dict[str, Any]:
    """Return the report of a started job."""
    try:
        output, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    report: dict[str, Any] = json.loads(output)
    return report


def drive(one: Mapping[str, Any]) -> dict[str, Any]:
    """Run a job to its end and return its report."""
    return finish(start(one), one["seconds"] + _PATIENCE)


def probe(server: Running, queries: Sequence[str]) -> list[Probe]:
    """Ask each query once; a connection that breaks counts as status 0."""
    found = []
    for query in queries:
        connection = http.client.HTTPConnection(HOST, server.port, timeout=_PATIENCE)
        try:
            connection.request(
                "GET",
                f"{server.path}?{urlencode({'query': query})}",
                headers={"Accept": JSON_RESULTS},
            )
            response = connection.getresponse()
            body = response.read()
            found.append(Probe(response.status, _rows(response.status, body), len(body)))
        except (OSError, http.client.HTTPException, ValueError):
            found.append(Probe(0, -1, -1))
        finally:
            connection.close()
    return found


def _rows(status: int, body: bytes) -> int:
    """Return the rows of SPARQL JSON results; 0 or 1 for ASK, also as Virtuoso writes it."""
    if status != 200:
        return -1
    results = json.loads(body)
    return int(results["boolean"]) if "boolean" in results else len(results["results"]["bindings"])
