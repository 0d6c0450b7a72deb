"""A point look-up on disk: does it stay as quick when the base grows a hundredfold?"""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import Any

from tests.bench.classes import loads
from tests.bench.drive import drive, job, probe
from tests.bench.generate import Dump
from tests.bench.servers import OURS_COLD, OURS_DISK, OX_DISK, Missing, Running, running
from tests.bench.speed import Rounds

_VARIANTS = 2000
"""So many different records, that the look-ups do not all hit the same blocks of the disk."""


def measure(small: Dump, large: Dump, rounds: Rounds) -> dict[str, Any]:
    """Return the look-ups a second and their latencies at both sizes, interleaved."""
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        up: dict[str, tuple[Running, dict[str, Any]]] = {}
        for server, dump in (
            (OURS_COLD, small),
            (OURS_DISK, small),
            (OURS_DISK, large),
            (OX_DISK, large),
        ):
            name = f"{server.name}, {dump.triples:,} triples"
            try:
                one = stack.enter_context(running(server, dump))
            except Missing as reason:
                figures[name] = {"skipped": str(reason)}
                continue
            up[name] = (one, _job(one, dump, rounds.seconds))
            print(f"  {name}: open in {one.load_seconds:.1f} s", flush=True)
        reports: dict[str, list[dict[str, Any]]] = {name: [] for name in up}
        for _ in range(rounds.count):
            for name, (_, work) in up.items():
                reports[name].append(drive(work))
        for name, (one, _) in up.items():
            one.watch.sample()
            figures[name] = {
                **_medians(reports[name]),
                "load_s": one.load_seconds,
                "peak_mb": one.watch.peak,
            }
            print(f"  {name}: p50 {figures[name]['p50']:.2f} ms", flush=True)
    return {"small": small.triples, "large": large.triples, "servers": figures}


def _job(server: Running, dump: Dump, seconds: float) -> dict[str, Any]:
    texts = next(one.texts for one in loads(dump, variants=_VARIANTS) if one.name == "q01-page")
    lengths = [seen.length for seen in probe(server, texts)]
    return job(server, texts, lengths=lengths, seconds=seconds)


def _medians(reports: list[dict[str, Any]]) -> dict[str, Any]:
    outcomes: dict[str, int] = {}
    for report in reports:
        for name, count in report["outcomes"].items():
            outcomes[name] = outcomes.get(name, 0) + count
    figures: dict[str, Any] = {
        name: statistics.median([one[name] for one in reports if one[name] is not None] or [0.0])
        for name in ("rate", "p50", "p95")
    }
    return {**figures, "outcomes": outcomes}
