"""What normal clients notice of an attack, and what attackers are told.

Twenty clients, each from an address of its own, send the worst queries without pause; four normal
ones go on at their pace. Everything ends after a fixed time, and the server is killed at the end.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.bench.classes import loads
from tests.bench.drive import drive, finish, job, probe, start
from tests.bench.generate import Dump
from tests.bench.processes import cores_burning
from tests.bench.servers import Missing, Running, Server, running

NORMAL = ("q01", "q02", "q04", "q08", "q11")
_ATTACKERS = 20
_NORMALS = 4
_THINK = 0.02
_UNLOADED = 5.0
_ATTACK = 15.0
_QUIET = 2.0
_KEEP = 1 << 16


def measure(dump: Dump, servers: Sequence[Server], limit_mb: float) -> dict[str, Any]:
    """Return what the attack did to each server; those that are missing, with the reason."""
    figures: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for server in servers:
        try:
            with running(server, dump, limit_mb) as up:
                figures[server.name] = _attack(up, dump)
                print(f"  {server.name}: {_told(figures[server.name])}", flush=True)
        except Missing as reason:
            skipped[server.name] = str(reason)
            print(f"  {server.name}: skipped, {reason}", flush=True)
    return {"triples": dump.triples, "servers": figures, "skipped": skipped}


def _attack(server: Running, dump: Dump) -> dict[str, Any]:
    texts = [text for one in loads(dump) if one.name[:3] in NORMAL for text in one.texts[:8]]
    # Class after class in turn, as people's queries come.
    texts = [text for start_ in range(8) for text in texts[start_::8]]
    normal = job(
        server,
        texts,
        lengths=[seen.length for seen in probe(server, texts)],
        clients=_NORMALS,
        sources=[f"127.0.0.{10 + number}" for number in range(_NORMALS)],
        think=_THINK,
    )
    unloaded = drive({**normal, "seconds": _UNLOADED})
    attackers = start(_attack_job(server, dump))
    normals = start({**normal, "seconds": _ATTACK})
    try:
        attacked = finish(attackers)
        time.sleep(_QUIET)
        burning = cores_burning(server.pid, 2.0)
        during = finish(normals)
    finally:
        attackers.kill()
        normals.kill()
    after = drive({**normal, "seconds": _UNLOADED})
    return {
        "unloaded": _normal(unloaded),
        "attack": _normal(during),
        "after": _normal(after),
        "attackers": attacked["outcomes"],
        "lies": _lies(attacked["samples"]),
        "cores_after": burning,
        "peak_mb": server.watch.peak,
        "stopped": server.watch.killed,
    }


def _attack_job(server: Running, dump: Dump) -> dict[str, Any]:
    kinds = [one.texts for one in loads(dump, "attacks")]
    return job(
        server,
        [text for texts in zip(*kinds, strict=True) for text in texts],
        clients=_ATTACKERS,
        sources=[f"127.0.1.{1 + number}" for number in range(_ATTACKERS)],
        seconds=_ATTACK,
        cut=True,
        keep=_KEEP,
    )


def _normal(report: dict[str, Any]) -> dict[str, Any]:
    """Return the share of answered queries, their rate and latencies, and what else came."""
    outcomes = Counter(report["outcomes"])
    outcomes.pop("connections renewed", None)
    asked = sum(outcomes.values())
    bad = {name: count for name, count in outcomes.items() if name != "200"}
    return {
        "share": outcomes["200"] / asked if asked else 0.0,
        "rate": report["rate"],
        "p50": report["p50"],
        "p95": report["p95"],
        "slowest": report["slowest"],
        "not_answered": bad,
    }


def _lies(samples: list[dict[str, Any]]) -> int:
    """Return how many responses with the status 200 were no whole answer."""
    return sum(one["count"] for one in samples if one["status"] == 200 and not _whole(one))


def _whole(sample: dict[str, Any]) -> bool:
    """Tell whether a body is whole JSON; of one too long to be kept, whether it ends as JSON."""
    if sample["length"] > _KEEP or not sample["body"]:
        return bool(sample["tail"].rstrip().endswith("}"))
    try:
        json.loads(sample["body"])
    except ValueError:
        return False
    return True


def _told(figures: dict[str, Any]) -> str:
    during = figures["attack"]
    return (
        f"{during['share']:.1%} answered, p95 {figures['unloaded']['p95']} -> {during['p95']} ms, "
        f"{figures['cores_after']:.2f} cores after, {figures['peak_mb']:.0f} MB, "
        f"{figures['lies']} lies, attackers {figures['attackers']}"
    )
