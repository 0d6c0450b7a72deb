"""Charter-shaped data of any size, as N-Quads: the same seed and size give the same bytes.

The terms are the ontology's; what they say is drawn. Each instrument has its own named graph, as
each file of the base has; the derived links have theirs. How often a principle is articulated
follows Zipf's law, as codings of real charters do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.records import Writer, commons, instrument
from tests.bench.shape import Shape

SEED = 20151109
VERSION = 1
"""To be raised with every change of what is written, so that no older file is taken for new."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A generated file: where it is, its shape, how many triples and instruments it holds."""

    path: Path
    shape: Shape
    triples: int
    instruments: int


def generate(triples: int, seed: int = SEED) -> Iterator[tuple[str, int, int]]:
    """Yield pieces of N-Quads, with the triples and instruments written so far; at least `triples`.

    The last instrument is written whole, so that a few triples more than asked for may come.
    """
    shape = Shape.of(triples, seed)
    text, written = commons(shape)
    yield text, written, 0
    writer = Writer(shape)
    number = 0
    while written < triples:
        text, count = instrument(writer, number)
        number += 1
        written += count
        yield text, written, number


def dump(folder: Path, triples: int, seed: int = SEED) -> Dump:
    """Return the generated file of this size in a folder, writing it if it is not there yet."""
    path = folder / f"charter-v{VERSION}-{seed}-{triples}.nq"
    facts = path.with_suffix(".json")
    if not (path.exists() and facts.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        written = _write(path, triples, seed)
        facts.write_text(json.dumps(written), encoding="utf-8")
    written = json.loads(facts.read_text(encoding="utf-8"))
    return Dump(path, Shape(**written["shape"]), written["triples"], written["instruments"])


def _write(path: Path, triples: int, seed: int) -> dict[str, object]:
    """Write a dump beside its name, then put it in place; return what it holds."""
    half = path.with_suffix(".half")
    triples_written = instruments = 0
    with half.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as output:
        for text, *counts in generate(triples, seed):
            output.write(text)
            triples_written, instruments = counts
    half.replace(path)
    shape = asdict(Shape.of(triples, seed))
    return {"shape": shape, "triples": triples_written, "instruments": instruments}
