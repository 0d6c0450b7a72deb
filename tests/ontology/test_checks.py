"""Each hygiene check finds what is wrong in its bad example, and nothing in the shipped ontology.

`checks/<check>.ttl` names its offenders as objects of `https://example.org/caught`, and holds an
innocent beside them.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kb.layout import shipped_layout
from kb.query import read_query

HERE = Path(__file__).parent
LAYOUT = shipped_layout()
CHECKS = [path for path in LAYOUT.check_files() if path.stem.startswith("ontology-")]
CAUGHT = "https://example.org/caught"

by_name = pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)


def _store(paths: list[Path]) -> ox.Store:
    store = ox.Store()
    for number, path in enumerate(paths):
        graph = ox.NamedNode(f"https://example.org/graph/{number}")
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, to_graph=graph)
    return store


def _rows(store: ox.Store, check: Path) -> list[tuple[str, str]]:
    found = store.query(read_query(check).text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    assert [variable.value for variable in found.variables] == ["subject", "detail"]
    return [(row["subject"].value, row["detail"].value) for row in found]


@pytest.fixture(scope="module")
def shipped() -> ox.Store:
    return _store([*LAYOUT.ontology_files(), *LAYOUT.voc_files()])


@pytest.fixture(scope="module")
def whole_base() -> ox.Store:
    return _store([*LAYOUT.ontology_files(), *LAYOUT.voc_files(), *LAYOUT.data_files()])


@by_name
def test_the_check_finds_the_offenders_of_its_example_and_nobody_else(check: Path) -> None:
    store = _store([HERE / "checks" / f"{check.stem}.ttl"])
    named = store.quads_for_pattern(None, ox.NamedNode(CAUGHT), None, None)
    offenders = {quad.object.value for quad in named}
    assert offenders
    assert {subject for subject, _ in _rows(store, check)} == offenders


@by_name
def test_rdflib_and_pyoxigraph_find_the_same(check: Path) -> None:
    example = HERE / "checks" / f"{check.stem}.ttl"
    other = Graph().parse(example, format="turtle").query(read_query(check).text)
    rows = sorted((str(row[0]), str(row[1])) for row in other)
    assert rows == sorted(_rows(_store([example]), check))


@by_name
def test_the_check_finds_nothing_in_the_shipped_ontology(check: Path, shipped: ox.Store) -> None:
    assert _rows(shipped, check) == []


@by_name
def test_the_check_finds_nothing_in_the_whole_base(check: Path, whole_base: ox.Store) -> None:
    assert _rows(whole_base, check) == []


@by_name
def test_the_check_says_what_is_wrong_and_how_to_mend_it_in_both_languages(check: Path) -> None:
    header = read_query(check).header
    assert header["severity"] in ("violation", "warning", "info")
    for key in ("summary", "remedy"):
        texts = header[key]
        assert isinstance(texts, dict)
        assert set(texts) == {"en", "fr"}
        assert all(str(text).endswith((".", ")")) for text in texts.values()), texts


def test_every_example_belongs_to_a_check() -> None:
    examples = {path.stem for path in (HERE / "checks").glob("*.ttl")}
    assert examples == {path.stem for path in CHECKS}
    assert len(CHECKS) > 40
