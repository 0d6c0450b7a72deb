"""The page of results: what is aimed at and whether it is met, then the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.bench.results import Results, ratio
from tests.bench.speed import REFERENCE
from tests.bench.targets import targets

_HEAD = """\
# Benchmarks

Written by `make bench`; figures of other machines differ, their ratios less. Generated data
(`tests/bench/generate.py`), twelve query classes (`tests/bench/queries/`), four clients in a closed
loop in a process of their own, on the same machine over loopback. All servers are up at once and
take turns, class by class; medians of the rounds. Each is given the same dump and the same texts,
and its answers are first compared with those of the others. Ours uses mimalloc where the system has
it, as here at a million triples; the others ran as their packages ship them.

```
make bench                        # 10 and 100 thousand triples
make bench SIZES=100k,1m          # those sizes
make bench SIZES=all              # 10 million too: 10 GB of disk
make bench SIZES=100k PARTS=attack
```
"""
_ATTACK_HEAD = """\
Twenty clients, each from an address of its own, send cartesian products, path explosions, sorts and
concatenations of everything for 15 s without pause (`tests/bench/attacks/`); four others go on with
point look-ups, instruments of a principle, co-occurrence, labels and ASK, 20 ms after each answer.
A *lie* is a response with the status 200 that is no whole answer.
"""


def render(results: Results) -> str:
    """Return the page of all that was measured, in Markdown."""
    parts = [_HEAD, "## Aims\n", _table(("aim", "measured", ""), targets(results))]
    for name, figures in _sizes(results, "speed"):
        parts += [
            f"## Speed, {figures['triples']:,} triples\n",
            _run(name, results),
            _speed(figures),
        ]
    for name, figures in _sizes(results, "attack"):
        head = f"## Under attack, {figures['triples']:,} triples\n"
        parts += [head, _ATTACK_HEAD, _run(name, results), _attack(figures)]
    if "lookup" in results:
        parts += ["## Look-ups on disk\n", _run("lookup", results), _lookup(results["lookup"])]
    for name, figures in _sizes(results, "isolation"):
        head = f"## What isolation adds, {figures['triples']:,} triples\n"
        parts += [head, _run(name, results), _isolation(figures)]
    if "base" in results:
        parts += ["## The shipped base\n", _run("base", results), _base(results["base"])]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _sizes(results: Results, part: str) -> list[tuple[str, dict[str, Any]]]:
    found = [(name, one) for name, one in results.items() if name.startswith(f"{part}-")]
    return sorted(found, key=lambda pair: -pair[1]["triples"])


def _run(name: str, results: Results) -> str:
    """Return the line that says when, where and with what a part was measured."""
    machine = results[name]["machine"]
    versions = ", ".join(f"{what} {number}" for what, number in machine["versions"].items())
    return (
        f"{machine['date']}; {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gb']} GB, {machine['system']}; Python {machine['python']}, {versions}.\n"
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _speed(figures: Mapping[str, Any]) -> str:
    names = list(figures["servers"])
    rows = [(one, *(_cell(row, name) for name in names)) for one, row in figures["classes"].items()]
    means = (_mean(ratio(figures, name)) for name in names)
    rows.append(("**geometric mean of ratios**", *means))
    servers = figures["servers"]
    rows.append(("load time", *(f"{servers[name]['load_s']:.1f} s" for name in names)))
    rows.append(("peak memory", *(f"{servers[name]['peak_mb']:.0f} MB" for name in names)))
    text = "Answers a second (p50 / p95 in ms) × ratio to the `oxigraph` server in memory.\n\n"
    return text + _table(("", *names), rows) + _remarks(figures)


def _cell(row: Mapping[str, Any], name: str) -> str:
    if not row.get(name, {}).get("rate"):
        return "no answer"
    one = row[name]
    reference = row.get(REFERENCE, {}).get("rate")
    times = f" ×{one['rate'] / reference:.2f}" if reference else ""
    return f"{one['rate']:.0f} ({one['p50']:.1f} / {one['p95']:.1f}){times}"


def _mean(value: float | None) -> str:
    return "—" if value is None else f"**{value:.2f}**"


def _remarks(figures: Mapping[str, Any]) -> str:
    lines = [f"- {name}: not run, {why}" for name, why in figures["skipped"].items()]
    lines += [f"- other number of rows: {one}" for one in figures.get("differences", ())]
    lines += [f"- not an answer: {one}" for one in figures.get("faults", ())]
    if figures.get("ceiling"):
        lines.append(f"- The loader itself reaches {figures['ceiling']:.0f} requests a second.")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _attack(figures: Mapping[str, Any]) -> str:
    servers = figures["servers"]
    rows = [
        (what, *(write(one) for one in servers.values())) for what, write in _ATTACK_ROWS.items()
    ]
    return _table(("", *servers), rows) + _remarks(figures)


def _latency(figures: Mapping[str, Any]) -> str:
    if figures["p50"] is None:
        return "none answered"
    return f"{figures['p50']:.1f} / {figures['p95']:.1f} ms"


def _counts(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(outcomes.items())) or "none"


_ATTACK_ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "normal queries answered": lambda one: f"{one['attack']['share']:.1%}",
    "what the others got": lambda one: _counts(one["attack"]["not_answered"]),
    "p50 / p95 unloaded": lambda one: _latency(one["unloaded"]),
    "under attack": lambda one: _latency(one["attack"]),
    "slowest under attack": lambda one: f"{one['attack']['slowest'] or 0:.0f} ms",
    "after it": lambda one: _latency(one["after"]),
    "answers a second unloaded, under attack": lambda one: (
        f"{one['unloaded']['rate']:.0f}, {one['attack']['rate']:.0f}"
    ),
    "what attackers got": lambda one: _counts(one["attackers"]),
    "lies": lambda one: str(one["lies"]),
    "cores still busy 2 s after": lambda one: f"{one['cores_after']:.2f}",
    "peak memory": lambda one: (
        f"{one['peak_mb']:.0f} MB" + (" (stopped there)" if one["stopped"] else "")
    ),
}


def _lookup(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, one in figures["servers"].items():
        if "skipped" in one:
            rows.append((name, one["skipped"], "", "", ""))
            continue
        row = (f"{one['rate']:.0f}", f"{one['p50']:.2f}", f"{one['p95']:.2f}")
        rows.append((name, *row, f"{one['load_s']:.0f} s, {one['peak_mb']:.0f} MB"))
    return _table(("", "answers/s", "p50, ms", "p95, ms", "build and open, memory"), rows)


def _isolation(figures: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['inside_ms']:.2f}", f"{one['added_ms']:.2f}", f"{one['guard_ms']:.2f}")
        for name, one in figures["classes"].items()
    ]
    return _table(("", "in process, ms", "a worker adds, ms", "of it, reading the text"), rows)


def _base(figures: Mapping[str, Any]) -> str:
    rows = list(_base_rows(figures))
    return _table(("", "", "× rdflib reading the base as N-Quads"), rows)


def _base_rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    reference = figures["reference_s"]
    for what, key in (
        ("`charterkb validate`, cold process", "validation_s"),
        ("`charterkb validate` of one file in the base, cold process", "one_file_s"),
        ("`charterkb serve`, to the first answer", "first_answer_s"),
    ):
        yield (what, f"{figures[key]:.2f} s", f"{figures[key] / reference:.2f}")
    yield ("memory, pages and dumps served", f"{figures['memory_mb']:.0f} MB", "")
    for step, seconds in list(figures["steps"].items())[:5]:
        yield (f"validation: {step}", f"{seconds:.2f} s", f"{seconds / reference:.2f}")
