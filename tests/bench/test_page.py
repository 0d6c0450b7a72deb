"""The page of results says what was measured, and plainly what is not met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench import results
from tests.bench.page import render
from tests.bench.targets import targets

MACHINE = {
    "date": "2026-11-23",
    "cores": 2,
    "processor": "some processor",
    "memory_gb": 24,
    "system": "Linux 6.1",
    "python": "3.11.7",
    "versions": {"pyoxigraph": "0.5.13"},
}


def speed(cold: float, **more: Any) -> dict[str, Any]:
    """The figures of one class, our server so many times as quick as the reference."""
    rows = {"oxigraph, memory": 100.0, "ours, cold": 100 * cold, "ours, warm": 600.0}
    server = {"load_s": 1.0, "peak_mb": 100.0}
    return {
        "triples": 1_000_000,
        "classes": {"q01": {name: {"rate": r, "p50": 1.0, "p95": 2.0} for name, r in rows.items()}},
        "servers": dict.fromkeys(rows, server),
        "skipped": {"Virtuoso": "virtuoso-t is not installed"},
        "differences": ["q01: ours, cold, 1 of 2 texts, rows 1 (status 200) for 0"],
        "faults": [],
        "machine": MACHINE,
        **more,
    }


def phase(p95: float | None) -> dict[str, Any]:
    """What normal clients saw in a phase."""
    share = 0.0 if p95 is None else 1.0
    return {
        "share": share,
        "rate": 50.0,
        "p50": p95,
        "p95": p95,
        "slowest": p95,
        "not_answered": {"503": 3} if p95 is None else {},
    }


def attack(p95: float | None) -> dict[str, Any]:
    """The figures of an attack on our server."""
    ours = {
        "unloaded": phase(10.0),
        "attack": phase(p95),
        "after": phase(10.0),
        "attackers": {"503": 7, "504": 2},
        "lies": 0,
        "cores_after": 0.0,
        "peak_mb": 900.0,
        "stopped": False,
    }
    return {
        "triples": 100_000,
        "servers": {"ours, cold": ours},
        "skipped": {},
        "machine": MACHINE,
    }


def verdicts(found: results.Results) -> list[str]:
    """The verdict on each aim."""
    return [verdict for _, _, verdict in targets(found)]


def test_nothing_measured_is_no_aim_met() -> None:
    assert set(verdicts({})) == {"not measured"}
    assert "not measured" in render({})


def test_an_aim_is_met_or_it_is_not() -> None:
    assert verdicts({"speed-1m": speed(0.8)})[:2] == ["met", "met"]
    assert verdicts({"speed-1m": speed(0.7)})[:2] == ["**not met**", "met"]
    assert verdicts({"attack-100k": attack(15.0)})[-4:] == ["met"] * 4
    assert verdicts({"attack-100k": attack(21.0)})[-3] == "**not met**"


def test_an_attack_that_leaves_nobody_answered_is_told() -> None:
    assert verdicts({"attack-100k": attack(None)})[-4:-2] == ["**not met**"] * 2
    page = render({"attack-100k": attack(None)})
    assert "none answered" in page
    assert "3 × 503" in page


def test_servers_that_lack_a_class_have_no_mean() -> None:
    figures = speed(1.0)
    figures["classes"]["q02"] = {"oxigraph, memory": figures["classes"]["q01"]["oxigraph, memory"]}
    assert results.ratio(figures, "ours, cold") is None
    assert "no answer" in render({"speed-1m": figures})


def test_the_page_tells_what_was_left_out_and_what_differs() -> None:
    page = render({"speed-1m": speed(0.8)})
    assert "virtuoso-t is not installed" in page
    assert "1 of 2 texts" in page
    assert "1,000,000 triples" in page
    assert "some processor" in page


def test_results_are_kept_part_by_part(tmp_path: Path) -> None:
    results.store(tmp_path, "speed-1m", speed(0.8))
    results.store(tmp_path, "attack-100k", attack(15.0))
    results.store(tmp_path, "speed-1m", speed(0.7))
    assert results.read(tmp_path) == {"speed-1m": speed(0.7), "attack-100k": attack(15.0)}
