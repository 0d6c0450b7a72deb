"""What was measured, kept part by part, so that sizes can be run on different days."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.speed import REFERENCE

Results = dict[str, dict[str, Any]]


def store(folder: Path, part: str, figures: Mapping[str, Any]) -> None:
    """Keep the figures of a part, in place of its former ones."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    (folder / f"{part}.json").write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> Results:
    """Return all that is kept, by part."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def ratio(speed: Mapping[str, Any], server: str, to: str = REFERENCE) -> float | None:
    """Return the geometric mean over the classes of a server's throughput, in that of another.

    None when one of the two lacks a class: means over different classes cannot be compared.
    """
    ratios = []
    for row in speed["classes"].values():
        if not (row.get(server, {}).get("rate") and row.get(to, {}).get("rate")):
            return None
        ratios.append(row[server]["rate"] / row[to]["rate"])
    return statistics.geometric_mean(ratios) if ratios else None
