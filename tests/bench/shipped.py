"""How fast the shipped base is validated and served, and how much memory that takes.

Every time is also given as a multiple of a reference measured in the same run on the same machine:
rdflib reading the whole base as N-Quads. Nothing is asserted here; machines are noisy.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rdflib

from kb import load_store, shipped_layout
from kb.export import export
from kb.validation import validate
from tests.bench.processes import memory_mb, stop_tree

_ROUNDS = 3
_FILE = shipped_layout().data / "instruments" / "gdpr.ttl"
_QUERY = "sparql?query=ASK%20%7B%7D"
_PAGES = ("fr/", "en/principles", "fr/document/seed-000", "en/shapes", "dcat", "dump/charterkb.nq")
"""What is asked for before memory is read: the heaviest pages, and all dumps (through /dcat)."""


def measure() -> dict[str, Any]:
    """Return the seconds of each step, the reference's, the memory, and where validation's go."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "base.nq"
        dump.write_bytes(export(load_store(shipped_layout()), "nq"))
        # Interleaved, so that a slow spell of the machine hits all of them alike.
        rounds = [
            (_timed(lambda: rdflib.Dataset().parse(dump)), _validate(), _validate(_FILE), *_serve())
            for _ in range(_ROUNDS)
        ]
    reference, validation, one_file, start, memory = (
        statistics.median(column) for column in zip(*rounds, strict=True)
    )
    timings = validate(shipped_layout()).timings
    print(f"  validation {validation:.2f} s, of one file {one_file:.2f} s")
    print(f"  first answer {start:.2f} s, {memory:.0f} MB")
    return {
        "reference_s": reference,
        "validation_s": validation,
        "one_file_s": one_file,
        "first_answer_s": start,
        "memory_mb": memory,
        "steps": dict(sorted(timings.items(), key=lambda item: -item[1])),
    }


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _validate(*files: Path) -> float:
    command = [sys.executable, "-m", "kb", "validate", "--severity", "violation", *map(str, files)]
    return _timed(lambda: subprocess.run(command, check=True, capture_output=True))


def _serve() -> tuple[float, float]:
    """Start the server, wait for its first answer; return the seconds and its memory in MB."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kb", "serve", "--port", str(port)]
    begin = time.perf_counter()
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    with server:
        try:
            root = f"http://127.0.0.1:{port}/"
            _await(root + _QUERY, begin + 60)
            seconds = time.perf_counter() - begin
            for page in _PAGES:
                _await(root + page, begin + 60)
            return seconds, memory_mb(server.pid)
        finally:
            stop_tree(server.pid)


def _await(url: str, deadline: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                response.read()
            return
        except OSError:
            if time.perf_counter() > deadline:
                raise
            time.sleep(0.02)
