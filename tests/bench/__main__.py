"""`make bench`: the endpoint beside others, under attack, and the shipped base.

The data are generated in a folder outside the repository, and kept there; so are the results, part
by part, from which the page is written anew after each run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench import (
    attack,
    ceiling,
    isolation,
    lookup,
    machine,
    page,
    results,
    servers,
    shipped,
    speed,
)
from tests.bench.drive import ROOT
from tests.bench.fuseki import FUSEKI
from tests.bench.generate import Dump, dump
from tests.bench.virtuoso import VIRTUOSO

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
PARTS = ("base", "speed", "attack", "isolation", "lookup")
_AT_ONCE = ("10k", "100k", "1m")
"""Sizes at which all servers hold the data at once; 10m is for look-ups on disk."""
_ATTACKED = ("100k", "1m")
_SMALL = 100_000
"""Up to here rdflib-endpoint takes part: a million triples take it most of a minute to load."""


def main() -> None:
    """Measure what is asked for, print it, and write the page."""
    options = _options()
    sizes = list(SIZES) if options.sizes == "all" else options.sizes.split(",")
    rounds = speed.Rounds(options.rounds, options.seconds)
    limit = options.memory_limit or machine.memory_mb() / 3
    for part, work in _plan(sizes, options, rounds, limit):
        print(part, flush=True)
        figures = work()
        results.store(options.cache / "results", part, {**figures, "machine": machine.describe()})
    text = page.render(results.read(options.cache / "results"))
    options.page.parent.mkdir(exist_ok=True)
    options.page.write_text(text, encoding="utf-8")
    print("\n" + text)


def _plan(
    sizes: list[str], options: argparse.Namespace, rounds: speed.Rounds, limit: float
) -> list[tuple[str, Callable[[], dict[str, Any]]]]:
    """Return the parts to run, each by its name."""
    parts = options.parts.split(",")
    data = partial(_data, options.cache)
    plan: list[tuple[str, Callable[[], dict[str, Any]]]] = []
    if "base" in parts:
        plan.append(("base", shipped.measure))
    for size in sizes:
        if "speed" in parts and size in _AT_ONCE:
            plan.append((f"speed-{size}", partial(_speed, data, size, rounds)))
        if "attack" in parts and size in _ATTACKED:
            plan.append((f"attack-{size}", partial(_attack, data, size, limit)))
        if "isolation" in parts and size in _ATTACKED:
            plan.append((f"isolation-{size}", partial(_isolation, data, size)))
    if "lookup" in parts and "10m" in sizes:
        plan.append(("lookup", partial(_lookup, data, rounds)))
    return plan


Data = Callable[[str], Dump]


def _data(cache: Path, size: str) -> Dump:
    """Return the dump of a size, generated when it is first asked for."""
    return dump(cache, SIZES[size])


def _isolation(data: Data, size: str) -> dict[str, Any]:
    return isolation.measure(data(size))


def _lookup(data: Data, rounds: speed.Rounds) -> dict[str, Any]:
    return lookup.measure(data("100k"), data("10m"), rounds)


def _speed(data: Data, size: str, rounds: speed.Rounds) -> dict[str, Any]:
    compared = [servers.OURS_COLD, servers.OURS_WARM, servers.OX_MEMORY, servers.OX_DISK]
    compared += [VIRTUOSO, FUSEKI]
    if SIZES[size] <= _SMALL:
        compared.append(servers.RDFLIB)
    before = ceiling.measure()
    return {**speed.measure(data(size), compared, rounds), "ceiling": before}


def _attack(data: Data, size: str, limit: float) -> dict[str, Any]:
    attacked = [servers.OURS_COLD, servers.OX_MEMORY, servers.OX_TIMEOUT]
    if SIZES[size] <= _SMALL:
        attacked.append(servers.RDFLIB)
    return attack.measure(data(size), attacked, limit)


def _options() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "charterkb-bench"
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default="10k,100k", help=f"of {', '.join(SIZES)}, or all")
    parser.add_argument("--parts", default=",".join(PARTS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each round (%(default)s)")
    parser.add_argument(
        "--memory-limit", type=float, metavar="MB", help="a server above it is stopped"
    )
    parser.add_argument("--cache", type=Path, default=cache, help="folder of data and results")
    parser.add_argument(
        "--page", type=Path, default=ROOT / "docs" / "benchmarks.md", help="page to write"
    )
    options = parser.parse_args()
    options.cache = options.cache.resolve()
    return options


if __name__ == "__main__":
    main()
