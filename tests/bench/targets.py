"""What is aimed at, and whether a run reached it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import le
from typing import Any

from tests.bench.results import Results, ratio

COLD = "ours, cold"
WARM = "ours, warm"
Row = tuple[str, str, str]


def targets(results: Results) -> list[Row]:
    """Return each aim, what was measured, and `met`, `not met` or `not measured`."""
    return [*_speed(results), *_isolation(results), *_lookup(results), *_attack(results)]


def _judged(aim: str, value: float | None, write: str, good: Callable[[float], bool]) -> Row:
    if value is None:
        return (aim, "—", "not measured")
    return (aim, write.format(value), "met" if good(value) else "**not met**")


def _speed(results: Results) -> Iterator[Row]:
    large, middle = results.get("speed-1m"), results.get("speed-100k")
    to_oxigraph = "1 million triples, {}: geometric mean of the throughput ≥ {} × `oxigraph`"
    for name, aim in ((COLD, 0.75), (WARM, 5.0)):
        value = ratio(large, name) if large else None
        text = to_oxigraph.format(name.removeprefix("ours, "), aim)
        yield _judged(text, value, "{:.2f} ×", partial(le, aim))
    value = ratio(middle, COLD, to="rdflib-endpoint") if middle else None
    text = "100 thousand triples, cold: ≥ 10 × rdflib-endpoint"
    yield _judged(text, value, "{:.1f} ×", lambda found: found >= 10)


def _isolation(results: Results) -> Iterator[Row]:
    figures = results.get("isolation-1m") or results.get("isolation-100k")
    value = figures["median_added_ms"] if figures else None
    text = "isolation adds ≤ 0.3 ms to a query (median of the classes)"
    yield _judged(text, value, "{:.2f} ms", lambda found: found <= 0.3)


def _lookup(results: Results) -> Iterator[Row]:
    figures = results.get("lookup")
    value = None
    if figures:
        by_size = {
            size: one
            for size in ("small", "large")
            for name, one in figures["servers"].items()
            if name == f"ours, on disk, cold, {figures[size]:,} triples"
        }
        if all(by_size.get(size, {}).get("p50") for size in ("small", "large")):
            value = by_size["large"]["p50"] / by_size["small"]["p50"]
    text = "look-up at 10 million triples on disk: p50 ≤ 2 × that at 100 thousand"
    yield _judged(text, value, "{:.2f} ×", lambda found: found <= 2)


def _attack(results: Results) -> Iterator[Row]:
    parts = [one for name, one in results.items() if name.startswith("attack-")]
    figures: list[dict[str, Any]] = [
        one["servers"][COLD] for one in parts if COLD in one["servers"]
    ]
    shares = [one["attack"]["share"] for one in figures]
    yield _judged(
        "under attack: all normal queries answered",
        min(shares, default=None),
        "{:.1%}",
        lambda found: found == 1,
    )
    slower = [
        one["attack"]["p95"] / one["unloaded"]["p95"] if one["attack"]["p95"] else float("inf")
        for one in figures
    ]
    yield _judged(
        "their p95 ≤ 2 × unloaded", max(slower, default=None), "{:.1f} ×", lambda found: found <= 2
    )
    burning = max((one["cores_after"] for one in figures), default=None)
    yield _judged("2 s after it, no core busy", burning, "{:.2f}", lambda found: found <= 0.05)
    lies = max((one["lies"] for one in figures), default=None)
    yield _judged("no attacker told a lie", lies, "{} lies", lambda found: found == 0)
