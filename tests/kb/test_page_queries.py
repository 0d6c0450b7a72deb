"""The queries behind the panels: the same rows however their values are given, and in rdflib."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from kb import EmbeddedEngine, Query, page_queries

SELECTS = [
    query
    for query in page_queries()
    if query.form == "SELECT" and not query.name.startswith("shapes/")
]
"""The shapes are no part of the queried store: their query is tried on the page that shows them."""


def written_out(query: Query) -> str:
    return query.with_values(query.bind(query.examples()))


def test_there_are_queries() -> None:
    assert len(SELECTS) > 45


@pytest.mark.parametrize("query", SELECTS, ids=lambda query: query.name)
def test_a_query_gives_the_same_rows_with_its_values_written_out(
    base: EmbeddedEngine, query: Query
) -> None:
    bound = base.select(query, **query.examples())
    written = base.store.query(written_out(query), use_default_graph_as_union=True)
    assert isinstance(written, ox.QuerySolutions)
    names = [variable.value for variable in written.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in written]
    assert rows == bound


@pytest.mark.parametrize("query", SELECTS, ids=lambda query: query.name)
def test_a_query_names_its_columns_and_stays_short(tiny: EmbeddedEngine, query: Query) -> None:
    answer = tiny.store.query(query.text, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QuerySolutions)
    assert [variable.value for variable in answer.variables] == list(query.columns)
    assert "ORDER BY" in query.body()
    body = query.body().splitlines()
    assert len([line for line in body if not line.startswith("PREFIX")]) <= 40


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")
@pytest.mark.parametrize("query", SELECTS, ids=lambda query: query.name)
def test_a_query_gives_as_many_rows_in_rdflib(
    part: EmbeddedEngine, part_rdflib: rdflib.Dataset, query: Query
) -> None:
    ours = part.select(query, **query.examples())
    assert len(list(part_rdflib.query(written_out(query)))) == len(ours)
