"""`make bench`: how fast the base is validated and served, and how much memory it takes.

Every time is also given as a multiple of a reference measured in the same run on the same machine:
rdflib reading the whole base as N-Quads. Nothing is asserted here; machines are noisy.
"""

from __future__ import annotations

import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import rdflib

from kb import load_store, shipped_layout
from kb.export import export
from kb.validation import validate

_ROUNDS = 3
_QUERY = "sparql?query=ASK%20%7B%7D"
_PAGES = ("fr/", "en/principles", "fr/document/seed-000", "en/shapes", "dcat", "dump/charterkb.nq")
"""What is asked for before memory is read: the heaviest pages, and all dumps (through /dcat)."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "base.nq"
        dump.write_bytes(export(load_store(shipped_layout()), "nq"))
        # Interleaved, so that a slow spell of the machine hits all of them alike.
        rounds = [
            (_timed(lambda: rdflib.Dataset().parse(dump)), _validate(), *_serve())
            for _ in range(_ROUNDS)
        ]
    reference, validation, start, memory = (
        statistics.median(column) for column in zip(*rounds, strict=True)
    )
    print(f"{platform.machine()}, Python {platform.python_version()}, median of {_ROUNDS}")
    print(f"reference: rdflib reads the base as N-Quads   {reference:6.2f} s")
    _line("charterkb validate, cold process", validation, reference, "target < 15 s")
    _line("charterkb serve, to the first answer", start, reference, "target < 3 s")
    print(f"{'resident memory, pages and dumps served':45} {memory:6.0f} MB (target < 400 MB)")
    print("\nwhere the time of validation goes")
    timings = validate(shipped_layout()).timings
    for step, seconds in sorted(timings.items(), key=lambda item: -item[1]):
        print(f"  {step:40} {seconds:6.2f} s")


def _line(what: str, seconds: float, reference: float, target: str) -> None:
    print(f"{what:45} {seconds:6.2f} s  = {seconds / reference:5.2f} x reference  ({target})")


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _validate() -> float:
    command = [sys.executable, "-m", "kb", "validate", "--severity", "violation"]
    return _timed(lambda: subprocess.run(command, check=True, capture_output=True))


def _serve() -> tuple[float, float]:
    """Start the server, wait for its first answer; return the seconds and its memory in MB."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kb", "serve", "--port", str(port)]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            root = f"http://127.0.0.1:{port}/"
            _await(root + _QUERY, begin + 60)
            seconds = time.perf_counter() - begin
            for page in _PAGES:
                _await(root + page, begin + 60)
            return seconds, _resident_mb(server.pid)
        finally:
            server.terminate()


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


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process and its children (Linux; nan elsewhere)."""
    total = 0
    try:
        for status in Path("/proc").glob("[0-9]*/status"):
            fields = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
            if pid in (int(fields["Pid"]), int(fields["PPid"])):
                total += int(fields.get("VmRSS", "0 kB").split()[0])
    except (OSError, KeyError, ValueError):
        return float("nan")
    return total / 1024


if __name__ == "__main__":
    main()
