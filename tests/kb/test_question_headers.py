"""Every question describes itself in both languages and keeps to the form that queries have."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, Query, QueryError, questions
from kb.namespaces import PREFIXES
from kb.query import KINDS
from kb.sparql_text import bare_words, tokens

ALL = questions()
PARAMETRISED = [query for query in ALL if query.parameters]
SELECTS = [query for query in ALL if query.form == "SELECT"]
BAD_VALUE = {"iri": "no iri at all", "date": "25/06/2014", "integer": "many", "lang": "français"}


def number(query: Query) -> str:
    """Return the cqNN of a question."""
    return query.name.split("-", 1)[0]


def projected(query: Query) -> list[str]:
    """Return the variables that a SELECT gives, in order."""
    solutions = ox.Store().query(query.text)
    assert isinstance(solutions, ox.QuerySolutions)
    return [variable.value for variable in solutions.variables]


def test_the_questions_are_numbered_in_order() -> None:
    assert [number(query) for query in ALL] == [f"cq{n:02}" for n in range(1, 46)]


@pytest.mark.parametrize("query", ALL, ids=number)
def test_a_question_is_described_in_both_languages(query: Query) -> None:
    for lang in ("en", "fr"):
        assert query.summary[lang].endswith("?")
        assert query.description[lang].endswith(".")
        assert query.summary[lang] != query.description[lang]
        assert "  " not in query.summary[lang] + query.description[lang]
    assert query.summary["fr"] != query.summary["en"]
    french = query.summary["fr"] + query.description["fr"]
    assert "'" not in french, "French takes the typographic apostrophe"
    assert not re.search(r"\S[:;?!]", french), "French puts a space before : ; ? and !"
    assert query.tags


@pytest.mark.parametrize("query", ALL, ids=number)
def test_every_parameter_has_a_kind_an_example_and_labels(query: Query) -> None:
    declared = query.header.get("params") or {}
    assert isinstance(declared, dict)
    for parameter in query.parameters:
        assert set(declared[parameter.name]) == {"kind", "example", "en", "fr"}
        assert parameter.kind in KINDS
        parameter.term(parameter.example)


@pytest.mark.parametrize("query", ALL, ids=number)
def test_examples_are_records_of_the_shipped_base(query: Query, base: EmbeddedEngine) -> None:
    for parameter in query.parameters:
        if parameter.kind == "iri":
            node = ox.NamedNode(parameter.example)
            assert any(base.store.quads_for_pattern(node, None, None, None)), parameter.example


@pytest.mark.parametrize("query", SELECTS, ids=number)
def test_columns_are_exactly_what_the_query_gives(query: Query) -> None:
    assert list(query.columns) == projected(query)
    assert set(query.examples()) <= set(query.columns)
    for label in query.columns.values():
        assert set(label) == {"en", "fr"} and all(label.values())


@pytest.mark.parametrize("query", SELECTS, ids=number)
def test_a_select_names_its_columns_and_orders_its_rows(query: Query) -> None:
    assert not re.search(r"SELECT\s+(DISTINCT\s+)?\*", query.body())
    assert {"ORDER", "BY", "WHERE"} <= bare_words(query.text)


@pytest.mark.parametrize("query", ALL, ids=number)
def test_prefixes_are_those_used_in_alphabetical_order(query: Query) -> None:
    declared = re.findall(r"^PREFIX ([\w-]+): <(.*)>$", query.text, re.MULTILINE)
    names = [name for name, _ in declared]
    used = {text.split(":")[0] for kind, text, _ in tokens(query.text) if kind == "name"}
    assert names == sorted(used)
    assert all(PREFIXES[name] == namespace for name, namespace in declared)


@pytest.mark.parametrize("query", ALL, ids=number)
def test_a_question_is_at_most_forty_lines_long(query: Query) -> None:
    assert len(query.body().splitlines()) <= 40
    assert "WHERE {" in query.text


@pytest.mark.parametrize("query", PARAMETRISED, ids=number)
def test_a_bad_value_is_refused_with_the_name_and_the_remedy(
    query: Query, base: EmbeddedEngine
) -> None:
    ask = base.ask if query.form == "ASK" else base.select
    for parameter in query.parameters:
        if parameter.kind in BAD_VALUE:
            spoilt = {**query.examples(), parameter.name: BAD_VALUE[parameter.kind]}
            with pytest.raises(QueryError, match=rf"^{parameter.name}: .*(for example|write|no)"):
                ask(query, **spoilt)
        lacking = {k: v for k, v in query.examples().items() if k != parameter.name}
        with pytest.raises(QueryError, match=f"give a value for {parameter.name}"):
            ask(query, **lacking)
    with pytest.raises(QueryError, match="unknown parameter colour"):
        ask(query, **query.examples(), colour="blue")
