"""The query classes: bound to values of the data, different from turn to turn, with answers."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.query import read_query
from tests.bench.classes import FOLDER, bound, loads
from tests.bench.generate import Dump, dump

QUERIES = sorted((FOLDER / "queries").glob("*.rq"))
ATTACKS = sorted((FOLDER / "attacks").glob("*.rq"))
NO_ANSWER_AT_TEN_THOUSAND = {"q10-paging"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dump:
    """A dump of ten thousand triples."""
    return dump(tmp_path_factory.mktemp("dump"), 10_000)


@pytest.fixture(scope="module")
def store(small: Dump) -> ox.Store:
    """A store of it."""
    store = ox.Store()
    store.bulk_load(path=small.path, format=ox.RdfFormat.N_QUADS)
    return store


def test_there_are_twelve_classes_and_five_attacks(small: Dump) -> None:
    assert len(loads(small)) == 12
    assert len(loads(small, "attacks")) == 5


@pytest.mark.parametrize("path", QUERIES + ATTACKS, ids=lambda path: path.stem)
def test_no_parameter_is_left_in_a_bound_text(path: Path) -> None:
    query = read_query(path)
    text = bound(query, query.examples())
    names = {f"?{parameter.name}" for parameter in query.parameters}
    assert names
    assert not names & set(re.findall(r"\?\w+", text))


def test_the_texts_of_a_class_differ_and_are_the_same_each_time(small: Dump) -> None:
    for one in loads(small):
        assert len(set(one.texts)) == len(one.texts) > 1
    assert loads(small) == loads(small)


def test_every_class_finds_something(small: Dump, store: ox.Store) -> None:
    for one in loads(small):
        answers = [store.query(text, use_default_graph_as_union=True) for text in one.texts]
        found = [
            bool(answer) if isinstance(answer, ox.QueryBoolean) else any(True for _ in answer)
            for answer in answers
        ]
        assert any(found) or one.name in NO_ANSWER_AT_TEN_THOUSAND, one.name
