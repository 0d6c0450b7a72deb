"""Query files are read strictly, and a value can never change the query it is given to."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.query import ResultRow

from kb import EmbeddedEngine, NotFound, QueryError, SourceError, find_query, read_query
from kb.namespaces import DRC, ID, PREFIXES
from kb.query import Parameter, Query
from kb.sparql_text import tokens

LABEL = {"en": "Value", "fr": "Valeur"}
EXAMPLE = {"iri": DRC, "string": "a", "date": "2001-01-01", "integer": "1", "lang": "fr"}
INJECTIONS = [
    '" } UNION { ?s ?p ?o } #',
    "' } ; DROP ALL #",
    "\\",
    '\\" ) } . ?s ?p ?o . { ( "',
    '"""',
    "a\nb\r\nc",
    "<http://e/> ) } SERVICE <http://e/> { ( <http://e/>",
    "?other",
    "\x00",
    "}",
]
EMPTY = EmbeddedEngine(ox.Store())


def echo(kind: str) -> Query:
    """Return a query that gives back its value, of some kind, and a constant beside it."""
    return Query(
        name="echo",
        text="SELECT ?value ?one WHERE { BIND(1 AS ?one) } ORDER BY ?value",
        form="SELECT",
        summary=LABEL,
        description={},
        parameters=(Parameter("value", kind, EXAMPLE[kind], LABEL),),
        columns={},
        tags=(),
        header={},
    )


def shape(text: str) -> list[str]:
    """Return the kinds of a text's tokens, and its marks as they are."""
    return [value if kind == "mark" else kind for kind, value, _ in tokens(text)]


def assert_comes_back(kind: str, value: str) -> None:
    """Hold that a value comes back as it was, bound or written in, the query's shape unmoved."""
    query = echo(kind)
    bound = query.bind({"value": value})
    text = query.with_values(bound)
    [row] = EMPTY.select(query, value=value)
    assert row["value"] == bound["value"]
    solutions = EMPTY.store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [solution["value"] for solution in solutions] == [bound["value"]]
    assert shape(text) == shape(query.with_values(query.bind(query.examples())))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(value: str) -> None:
    assert_comes_back("string", value)


@pytest.mark.parametrize("value", INJECTIONS)
def test_an_injected_text_stays_a_text(value: str) -> None:
    assert_comes_back("string", value)
    query = echo("string")
    [row] = rdflib.Graph().query(query.with_values(query.bind({"value": value})))
    assert isinstance(row, ResultRow)
    assert str(row[0]) == value


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])).map("x:".__add__), st.text()))
def test_any_other_value_is_a_term_of_its_kind_or_refused(value: str) -> None:
    for kind in ("iri", "date", "integer", "lang"):
        try:
            echo(kind).bind({"value": value})
        except QueryError as error:
            assert str(error).startswith("value: ")
        else:
            assert_comes_back(kind, value)


@pytest.mark.parametrize("kind", ["iri", "date", "integer", "lang"])
@pytest.mark.parametrize("value", INJECTIONS)
def test_an_injected_value_of_another_kind_is_refused(kind: str, value: str) -> None:
    with pytest.raises(QueryError, match=r"^value: "):
        echo(kind).bind({"value": value})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iri", "relative"),
        ("iri", "http://[bad"),
        ("iri", "http://e/%zz"),
        ("iri", "http://e/\ud800"),
        ("string", "\ud800"),
        ("date", "2001-02-30"),
        ("date", "2001-1-1"),
        ("date", "2001-01-01\n"),
        ("date", "٢٠٠١-٠١-٠١"),
        ("integer", "١"),
        ("integer", "1.5"),
        ("integer", "9" * 30),
        ("lang", "FR"),
        ("lang", "f"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused(kind: str, value: str) -> None:
    with pytest.raises(QueryError, match=r"^value: "):
        echo(kind).bind({"value": value})


def test_a_short_name_is_written_out() -> None:
    bound = echo("iri").bind({"value": "principle:privacy"})
    assert bound["value"] == ox.NamedNode(ID + "principle/privacy")
    bound = echo("date").bind({"value": "2001-02-03"})
    assert bound["value"] == ox.Literal(
        "2001-02-03", datatype=ox.NamedNode(PREFIXES["xsd"] + "date")
    )


def test_exactly_the_declared_values_are_taken() -> None:
    with pytest.raises(QueryError, match="give a value for value"):
        echo("string").bind({})
    with pytest.raises(QueryError, match=r"unknown parameter colour .*known: value"):
        echo("string").bind({"value": "a", "colour": "blue"})


def test_values_go_into_the_text_once_and_only_when_there_are_any() -> None:
    query = echo("integer")
    assert query.with_values({}) == query.text
    text = query.with_values(query.bind({"value": "7"}))
    assert text.count("VALUES (?value)") == 1


HEADER = "#+ summary: {en: All., fr: Tout.}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?s WHERE { ?s ?p ?o }", "no #\\+ header"),
        ("#+ summary: [\nASK { }", "not YAML"),
        ("#+ summary: {en: All.}\nASK { }", "both fr and en"),
        ("#+ summary: All.\nASK { }", "both fr and en"),
        ("#+ summary: {en: All., fr: ' '}\nASK { }", "both fr and en"),
        (HEADER + "#+ description: {fr: Tout.}\nASK { }", "no description in both"),
        (HEADER + "#+ params: {a: {kind: colour, example: x}}\nASK { }", "needs a kind"),
        (HEADER + "#+ params: {a: {kind: iri}}\nASK { }", "needs a kind"),
        (HEADER + "DELETE WHERE { ?s ?p ?o }", "no SPARQL query"),
    ],
)
def test_a_wanting_query_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.rq"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        read_query(path)
    assert str(path) in str(caught.value)


def test_a_query_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "days.rq"
    path.write_text(
        "#+ summary:\n#+   en: >-\n#+     A day\n#+     long.\n#+   fr: Un jour.\n"
        '#+ tags: [time]\n#+ params:\n#+   day: {kind: date, example: "2001-01-01", fr: Jour}\n'
        "#+ columns:\n#+   day: {en: Day, fr: Jour}\n"
        "SELECT ?day WHERE { } ORDER BY ?day\n",
        "utf-8",
    )
    query = read_query(path, "time/days")
    assert (query.name, query.form, query.tags) == ("time/days", "SELECT", ("time",))
    assert query.summary == {"en": "A day long.", "fr": "Un jour."}
    assert query.parameters[0].label == {"en": "day", "fr": "Jour"}
    assert query.body() == "SELECT ?day WHERE { } ORDER BY ?day\n"


def test_questions_are_found_by_number_and_by_name() -> None:
    assert find_query("cq03") == find_query("cq03-principle-inside-quotation")
    assert find_query("CQ03").name.startswith("cq03-")
    assert find_query("site/labels").name == "site/labels"


@pytest.mark.parametrize("name", ["cq00", "", "../cq01", "site/none", "site/../site/labels", "cq"])
def test_an_unknown_name_is_told_with_the_remedy(name: str) -> None:
    with pytest.raises(NotFound, match="charterkb questions"):
        find_query(name)
