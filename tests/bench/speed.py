"""Throughput and latency of the query classes: all servers up, class by class, in rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tests.bench.classes import Load, loads
from tests.bench.drive import Probe, drive, job, probe
from tests.bench.generate import Dump
from tests.bench.servers import Missing, Running, Server, running

REFERENCE = "oxigraph, memory"
_HARMLESS = {"200", "connections renewed"}


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often and how long each server is driven in each class."""

    count: int
    seconds: float


def measure(dump: Dump, servers: Sequence[Server], rounds: Rounds) -> dict[str, Any]:
    """Return the figures of the servers over a dump; those that are missing, with the reason."""
    skipped: dict[str, str] = {}
    with ExitStack() as stack:
        up: list[Running] = []
        for server in servers:
            try:
                up.append(stack.enter_context(running(server, dump)))
                print(f"  {server.name}: loaded in {up[-1].load_seconds:.1f} s", flush=True)
            except Missing as reason:
                skipped[server.name] = str(reason)
                print(f"  {server.name}: skipped, {reason}", flush=True)
        found = _classes(up, loads(dump), rounds)
        return {
            "triples": dump.triples,
            "skipped": skipped,
            "servers": {
                one.name: {"load_s": one.load_seconds, "peak_mb": one.watch.peak} for one in up
            },
            **found,
        }


def _classes(up: list[Running], classes: list[Load], rounds: Rounds) -> dict[str, Any]:
    figures: dict[str, dict[str, dict[str, float]]] = {}
    differences: list[str] = []
    faults: list[str] = []
    for one in classes:
        probes = {server.name: probe(server, one.texts) for server in up}
        differences += _differences(one, probes)
        reports: dict[str, list[dict[str, Any]]] = {}
        # The first turn warms all of them up (Java compiles as it goes) and does not count.
        for turn in range(rounds.count + 1):
            seconds = rounds.seconds if turn else rounds.seconds / 2
            for server in up[turn % len(up) :] + up[: turn % len(up)]:
                report = _drive(server, one, probes[server.name], seconds)
                if report and turn:
                    reports.setdefault(server.name, []).append(report)
                    faults += _faults(one, server, report)
        for server in up:
            server.watch.sample()
        figures[one.name] = {name: _medians(several) for name, several in reports.items()}
        rates = ", ".join(f"{name} {row['rate']:.0f}/s" for name, row in figures[one.name].items())
        print(f"  {one.name}: {rates}", flush=True)
    return {"classes": figures, "differences": differences, "faults": faults}


def _drive(
    server: Running, one: Load, probes: list[Probe], seconds: float
) -> dict[str, Any] | None:
    """Drive a server with the texts that it answered; None when it answered none."""
    good = [
        (text, seen.length) for text, seen in zip(one.texts, probes, strict=True) if seen.rows >= 0
    ]
    if not good:
        return None
    texts, lengths = zip(*good, strict=True)
    return drive(job(server, texts, lengths=lengths, seconds=seconds))


def _differences(one: Load, probes: dict[str, list[Probe]]) -> list[str]:
    """Return where servers disagree with the reference (else the first) on the number of rows."""
    if not probes:
        return []
    name = REFERENCE if REFERENCE in probes else next(iter(probes))
    told = []
    for other, seen in probes.items():
        pairs = list(zip(seen, probes[name], strict=True))
        wrong = [(a, b) for a, b in pairs if a.rows != b.rows]
        if wrong:
            first = f"{wrong[0][0].rows} (status {wrong[0][0].status}) for {wrong[0][1].rows}"
            told.append(f"{one.name}: {other}, {len(wrong)} of {len(pairs)} texts, rows {first}")
    return told


def _faults(one: Load, server: Running, report: dict[str, Any]) -> list[str]:
    bad = {name: count for name, count in report["outcomes"].items() if name not in _HARMLESS}
    return [f"{one.name}: {server.name}, {bad}"] if bad else []


def _medians(reports: list[dict[str, Any]]) -> dict[str, float]:
    """Return the medians over the rounds that had an answer."""
    return {
        name: statistics.median([one[name] for one in reports if one[name] is not None] or [0.0])
        for name in ("rate", "p50", "p95", "processor")
    }
