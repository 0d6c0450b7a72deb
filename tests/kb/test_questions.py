"""Each question gives its exact answer on the invented base, and the same one on both engines.

Answers stand in `tests/questions/`. After a change that is meant, this file run as a script writes
them anew: read every line of the difference before you keep it.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import ResultRow

from kb import EmbeddedEngine, Layout, Query, find_query, load_store, questions, shipped_layout
from kb.namespaces import shorten
from kb.turtle import format_turtle

FOLDER = Path(__file__).parents[1] / "questions"
TINY = Path(__file__).parents[1] / "tiny" / "data"
VALUES: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "values.toml").read_text("utf-8"))
SUFFIX = {"SELECT": "csv", "ASK": "json", "CONSTRUCT": "ttl"}
ALL = questions()

# rdflib 7.6 evaluates queries through names of its own that it has deprecated.
pytestmark = pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Table = list[list[str]]
"""A head and its rows, each cell as `cell` writes it; an unbound one is empty."""


def cases() -> list[str]:
    """Return the stems of all cases: those with values, and each question without parameters."""
    plain = [number(query) for query in ALL if not query.parameters]
    return sorted([*plain, *VALUES])


def number(query: Query) -> str:
    """Return the cqNN of a question."""
    return query.name.split("-", 1)[0]


def cell(term: Term) -> str:
    """Return a term as it is written in an answer file."""
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return f"{term.value}@{term.language}"
    kind = shorten(term.datatype.value)
    return term.value if kind == "xsd:string" else f"{term.value}^^{kind}"


def table(query: Query, rows: Iterable[Mapping[str, Term]]) -> Table:
    """Return the rows of an answer under the columns that the query announces."""
    head = list(query.columns)
    return [head, *([cell(row[c]) if c in row else "" for c in head] for row in rows)]


def bound_text_table(query: Query, engine: EmbeddedEngine, values: Mapping[str, str]) -> Table:
    """Return the answer to the text with its values written in, as a stranger would send it."""
    text = query.with_values(query.bind(values))
    solutions = engine.store.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return table(query, ({n: s[n] for n in names if s[n] is not None} for s in solutions))


def rdflib_table(query: Query, dataset: rdflib.Dataset, values: Mapping[str, str]) -> Table:
    """Return rdflib's answer to the text with its values written in."""
    answer = dataset.query(query.with_values(query.bind(values)))
    names = [str(variable) for variable in answer.vars or ()]
    pairs = (zip(names, row, strict=True) for row in answer if isinstance(row, ResultRow))
    return table(query, ({n: as_ours(t) for n, t in pair if t is not None} for pair in pairs))


def as_ours(term: rdflib.term.Node) -> Term:
    """Return an rdflib term as one of ours."""
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or rdflib.XSD.string)))


def triples(query: Query, dataset: rdflib.Dataset, values: Mapping[str, str]) -> set[str]:
    """Return the triples that rdflib constructs, written as ours."""
    graph = dataset.query(query.with_values(query.bind(values))).graph
    assert graph is not None
    return {f"{as_ours(s)} {as_ours(p)} {as_ours(o)}" for s, p, o in graph}


def answer_text(query: Query, engine: EmbeddedEngine, values: Mapping[str, str]) -> str:
    """Return the answer as it stands in its file."""
    if query.form == "ASK":
        return json.dumps({"boolean": engine.ask(query, **values)}) + "\n"
    if query.form == "CONSTRUCT":
        lines = "".join(f"{triple} .\n" for triple in engine.construct(query, **values))
        return format_turtle(lines.encode(), Path("answer.ttl"))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table(query, engine.select(query, **values)))
    return text.getvalue()


def test_every_question_is_tried_on_the_invented_base() -> None:
    assert {case.split("-", 1)[0] for case in cases()} == {number(query) for query in ALL}
    assert {p.stem for p in FOLDER.iterdir() if p.suffix != ".toml"} == set(cases())


@pytest.mark.parametrize("case", cases())
def test_the_answer_on_the_invented_base_is_exact(case: str, tiny: EmbeddedEngine) -> None:
    query = find_query(case.split("-", 1)[0])
    expected = (FOLDER / f"{case}.{SUFFIX[query.form]}").read_text("utf-8")
    assert answer_text(query, tiny, VALUES.get(case, {})) == expected


@pytest.mark.parametrize("case", cases())
def test_both_engines_agree_on_the_invented_base(
    case: str, tiny: EmbeddedEngine, tiny_rdflib: rdflib.Dataset
) -> None:
    query = find_query(case.split("-", 1)[0])
    assert_same_everywhere(query, VALUES.get(case, {}), tiny, tiny_rdflib)


@pytest.mark.parametrize("query", ALL, ids=number)
def test_both_engines_agree_on_a_part_of_the_shipped_base(
    query: Query, part: EmbeddedEngine, part_rdflib: rdflib.Dataset
) -> None:
    assert_same_everywhere(query, query.examples(), part, part_rdflib)


@pytest.mark.parametrize("query", ALL, ids=number)
def test_values_bound_and_values_written_give_the_same_on_the_shipped_base(
    query: Query, base: EmbeddedEngine
) -> None:
    values = query.examples()
    if query.form == "SELECT":
        assert bound_text_table(query, base, values) == table(query, base.select(query, **values))
    elif query.form == "ASK":
        text = query.with_values(query.bind(values))
        written = bool(base.store.query(text, use_default_graph_as_union=True))
        assert written == base.ask(query, **values)
    else:
        text = query.with_values(query.bind(values))
        answer = base.store.query(text, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QueryTriples)
        built = {str(triple) for triple in base.construct(query, **values)}
        assert {str(triple) for triple in answer} == built


def assert_same_everywhere(
    query: Query, values: Mapping[str, str], engine: EmbeddedEngine, dataset: rdflib.Dataset
) -> None:
    """Hold values bound, values written into the text, and rdflib against each other."""
    text = query.with_values(query.bind(values))
    if query.form == "ASK":
        expected = engine.ask(query, **values)
        assert bool(engine.store.query(text, use_default_graph_as_union=True)) == expected
        assert dataset.query(text).askAnswer == expected
    elif query.form == "CONSTRUCT":
        built = {str(triple) for triple in engine.construct(query, **values)}
        written = engine.store.query(text, use_default_graph_as_union=True)
        assert isinstance(written, ox.QueryTriples)
        assert {str(triple) for triple in written} == built
        assert triples(query, dataset, values) == built
    else:
        expected_table = table(query, engine.select(query, **values))
        assert bound_text_table(query, engine, values) == expected_table
        assert rdflib_table(query, dataset, values) == expected_table


def write_answers() -> None:
    """Write the answers of all cases anew."""
    engine = EmbeddedEngine(load_store(Layout(TINY, shipped_layout().ontology)))
    for case in cases():
        query = find_query(case.split("-", 1)[0])
        answer = answer_text(query, engine, VALUES.get(case, {}))
        (FOLDER / f"{case}.{SUFFIX[query.form]}").write_text(answer, "utf-8")


if __name__ == "__main__":
    write_answers()
