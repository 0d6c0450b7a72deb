"""What is told of a SPARQL text: quoted words are never keywords, keywords are never missed."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import QueryError, questions
from kb.sparql_text import (
    bare_words,
    graphs_named,
    insert_after_where,
    may_name_graphs,
    query_form,
    tokens,
)

KEYWORDS = ["SERVICE", "FROM", "WHERE {", "ASK", "DELETE", "} SERVICE <http://e/> {", "#", "<", '"']
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from([*KEYWORDS, "'", "\\", "\n", " ", "'''", '"""']), max_size=6).map(
        " ".join
    ),
)


@settings(max_examples=200)
@given(texts)
def test_a_word_in_a_string_is_no_keyword(text: str) -> None:
    query = f"SELECT * {{ ?s ?p {ox.Literal(text)} }}"
    assert bare_words(query) == {"SELECT"}
    assert [kind for kind, _, _ in tokens(query)].count("string") == 1


@pytest.mark.parametrize("quotes", ["'", '"', "'''", '"""'])
@pytest.mark.parametrize("inside", ["SERVICE <x>", "# ASK", "<", "\\\\", "\\'SERVICE\\\""])
def test_all_four_kinds_of_string_are_passed_over(quotes: str, inside: str) -> None:
    query = f"ASK {{ ?s ?p {quotes}{inside}{quotes} FILTER(true) }}"
    assert bare_words(query) == {"ASK", "FILTER", "TRUE"}
    ox.Store().query(query)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")))
def test_a_word_in_a_comment_is_no_keyword(text: str) -> None:
    assert bare_words(f"ASK #{text}\n{{ }}") == {"ASK"}


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_comment_ends_with_its_line(end: str) -> None:
    assert "SERVICE" in bare_words(f"ASK {{ # quiet{end} SERVICE <http://e/> {{ }} }}")


@pytest.mark.parametrize(
    "iri",
    [
        "<http://e/SERVICE>",
        "<http://e/#SERVICE>",
        r"<http://e/\u0041#>",
        r"<http://e/\U00000041#x>",
    ],
)
def test_a_word_in_an_iri_is_no_keyword_and_its_hash_starts_no_comment(iri: str) -> None:
    query = f"ASK {{ ?s {iri} 1 FILTER(true) }}"
    assert bare_words(query) == {"ASK", "FILTER", "TRUE"}
    ox.Store().query(query)


@pytest.mark.parametrize(
    "name",
    ["ex:SERVICE", "ex:a.SERVICE", r"ex:a\-SERVICE", "ex:%41SERVICE", "SERVICE:a", "_:SERVICE"],
)
def test_a_word_in_a_name_is_no_keyword(name: str) -> None:
    assert bare_words(f"ASK {{ ?s ?p {name} }}") == {"ASK"}


@pytest.mark.parametrize("text", ["?SERVICE", "$SERVICE", '"x"@service', "ex:p?SERVICE"])
def test_variables_and_language_tags_are_no_keywords(text: str) -> None:
    assert "SERVICE" not in bare_words(f"ASK {{ ?s ?p {text} }}")


@settings(max_examples=200)
@given(texts)
def test_tokens_give_back_the_text_at_their_offsets(text: str) -> None:
    previous_end = 0
    for kind, value, offset in tokens(text):
        assert kind and offset >= previous_end
        assert text[offset : offset + len(value)] == value
        previous_end = offset + len(value)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("# SELECT\nask { }", "ASK"),
        ("PREFIX select: <http://e/ASK> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <http://e/> DESCRIBE <x>", "DESCRIBE"),
        ("SELECT (1 AS ?ask) { }", "SELECT"),
    ],
)
def test_the_form_is_the_first_keyword_that_names_one(text: str, form: str) -> None:
    assert query_form(text) == form


@pytest.mark.parametrize("text", ["", "# ASK", '"SELECT"', "INSERT DATA { }", "<http://e/ASK>"])
def test_a_text_without_a_form_is_no_query(text: str) -> None:
    with pytest.raises(QueryError, match="no SPARQL query"):
        query_form(text)


def test_graphs_are_read_from_their_clauses_only() -> None:
    text = """PREFIX ex: <http://e/> # FROM <http://never/>
    SELECT * FROM <http://a/> FROM NAMED ex:b from named <http://c/>
    WHERE { ?s ?p "FROM <http://d/>" }"""
    assert graphs_named(text) == ["http://a/", "http://e/b", "http://c/"]
    assert graphs_named("SELECT * WHERE { ?s ?p ?o }") == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*FROM<http://e/a>{}",
        "ASKFROM<http://e/a>{}",
        "PREFIX p:<http://e/>SELECT*FROMp:a{}",
        "PREFIXp:<http://e/>SELECT*FROM p:a{}",
        "PREFIX:<http://e/>SELECT*FROM:a{}",
        "SELECT*FROMNAMED<http://e/a>{}",
        "PREFIX p:<http://e/>SELECT*FROM NAMEDp:a{}",
        "PREFIX p:<http://e/>SELECT*FROMNAMEDp:a{}",
        "PREFIX NAMEDp:<http://e/>SELECT*FROM NAMEDp:a{}",
        "BASE<http://e/>SELECT*FROM<a>{}",
        "BASE<http://e/x/y>PREFIX p:<../>SELECT*FROM p:a{}",
        "PREFIX p:<http://>SELECT*FROM p:e\\/a{}",
        "SELECT*FROM<http://e/\\u0061>{}",
        "DESCRIBE<http://e/x>FROM<http://e/a>",
        "CONSTRUCT{}FROM<http://e/a>WHERE{}",
    ],
)
def test_graphs_are_read_as_engines_read_them(text: str) -> None:
    assert graphs_named(text) == ["http://e/a"]
    ox.Store().query(text)


def test_a_base_leaves_absolute_iris_as_they_are() -> None:
    text = "BASE <http://e/> PREFIX p: <http://e/o#> ASK FROM p:x FROM <urn:a:b> {}"
    assert graphs_named(text) == ["http://e/o#x", "urn:a:b"]


@pytest.mark.parametrize("name", ["ex:a\u0300", "e\u0301:\u00e9", "ex:\u2070\u203f", "_:\u00b7"])
def test_all_beyond_ascii_belongs_to_names(name: str) -> None:
    assert next(tokens(f"{name} .")) == ("name", name, 0)
    assert [value for _, value, _ in tokens("?a\u0300\u00b7 ")] == ["?a\u0300\u00b7"]


def test_a_block_goes_into_the_outermost_where() -> None:
    text = 'SELECT ?x # WHERE {\nWHERE { { SELECT ?x WHERE { ?x ?p "WHERE {" } } }'
    assert insert_after_where(text, "BLOCK") == text.replace("\nWHERE {", "\nWHERE {\n  BLOCK", 1)


def test_a_query_that_leaves_where_out_takes_no_block() -> None:
    with pytest.raises(QueryError, match="write the keyword out"):
        insert_after_where("SELECT * { ?s ?p ?o }", "BLOCK")


def test_every_question_is_read_without_a_stray_sign() -> None:
    for query in questions():
        marks = {value for kind, value, _ in tokens(query.body()) if kind == "mark"}
        assert marks <= set("{}()[].,;*+?/^|!=<>&-")


@pytest.mark.parametrize(
    "text",
    ["FROM<g>", "from # ) \n <g>", "FROMNAMED x:g", "FROMx:g", "SELECT*FROM:g", "FROM\u00a0é:g"],
)
def test_what_may_be_a_clause_is_looked_at(text: str) -> None:
    assert may_name_graphs(text)


@pytest.mark.parametrize("text", ["x:validFrom ?day", "?from . ", "(?from)", "?from # <g>\n ;"])
def test_a_name_that_ends_in_the_keyword_is_no_clause(text: str) -> None:
    assert not may_name_graphs(text)
