"""The generated data: the same bytes each time, of the size asked for, in the ontology's terms."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.bench.generate import Dump, dump, generate
from tests.bench.shape import Shape, principle_of_rank

SIZE = 10_000
TERMS = Path(__file__).parents[1] / "ontology" / "expected-terms.txt"
DRC = "https://w3id.org/digital-rights-charter/ontology#"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dump:
    """A dump of ten thousand triples."""
    return dump(tmp_path_factory.mktemp("dump"), SIZE)


def test_the_same_seed_gives_the_same_bytes(small: Dump) -> None:
    again = "".join(text for text, _, _ in generate(SIZE)).encode()
    assert hashlib.sha256(again).digest() == hashlib.sha256(small.path.read_bytes()).digest()


def test_another_seed_gives_other_bytes(small: Dump) -> None:
    other = "".join(text for text, _, _ in generate(SIZE, seed=2)).encode()
    assert other != small.path.read_bytes()


def test_a_dump_holds_the_triples_it_says_each_once(small: Dump) -> None:
    store = ox.Store()
    store.bulk_load(path=small.path, format=ox.RdfFormat.N_QUADS)
    lines = small.path.read_text(encoding="utf-8").splitlines()
    assert len(store) == len(lines) == small.triples
    assert SIZE <= small.triples < SIZE * 1.1


def test_only_terms_of_the_ontology_are_used(small: Dump) -> None:
    known = set(TERMS.read_text(encoding="utf-8").split())
    used = set(re.findall(re.escape(f"<{DRC}") + r"(\w+)>", small.path.read_text("utf-8")))
    assert len(used) > 30
    assert used <= known


def test_a_dump_is_written_once(small: Dump) -> None:
    before = small.path.stat().st_mtime_ns
    assert dump(small.path.parent, SIZE) == small
    assert small.path.stat().st_mtime_ns == before


@pytest.mark.parametrize("size", [10_000, 100_000, 1_000_000, 10_000_000])
def test_each_principle_has_one_rank(size: int) -> None:
    shape = Shape.of(size, 1)
    ranked = {principle_of_rank(shape, rank) for rank in range(shape.principles)}
    assert len(ranked) == shape.principles
