"""The competency questions as pages: a form for the values, the answer, and the SPARQL behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kb import Engine, NotFound, Query, QueryError, questions
from kb.query import Term
from server.panels import Panel, page_query


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question answered: rows, a yes or no, or triples; or why it could not be asked."""

    panel: Panel | None = None
    boolean: bool | None = None
    triples: tuple[ox.Triple, ...] = ()
    problem: str = ""


@cache
def gallery() -> tuple[Query, ...]:
    """Return all competency questions, in their order."""
    return tuple(questions())


def find_question(name: str) -> Query:
    """Return the question of that file stem or number; NotFound."""
    for query in gallery():
        if name.lower() in (query.name, number(query)):
            return query
    raise NotFound(name)


def number(query: Query) -> str:
    """Return the number of a question, such as cq07."""
    return query.name.split("-", 1)[0]


def given_values(query: Query, form: Mapping[str, str]) -> dict[str, str]:
    """Return the values given in a form, the examples where a field is empty."""
    examples = query.examples()
    return {name: form.get(name, "").strip() or example for name, example in examples.items()}


def choices(engine: Engine, query: Query) -> dict[str, list[Term]]:
    """Return the records to choose from for each parameter that wants one: those of its kind."""
    wanted = [parameter for parameter in query.parameters if parameter.kind == "iri"]
    like = page_query("question/choices")
    return {
        parameter.name: [row["choice"] for row in engine.select(like, example=parameter.example)]
        for parameter in wanted
    }


def ask(engine: Engine, query: Query, values: Mapping[str, str]) -> Answer:
    """Return the answer to a question; what is wrong with the values is told, not raised."""
    try:
        query.bind(values)
        if query.form == "ASK":
            return Answer(Panel(query, values, ()), boolean=engine.ask(query, **values))
        if query.form == "SELECT":
            return Answer(Panel(query, values, tuple(engine.select(query, **values))))
        triples = engine.construct(query, **values)
        ordered = sorted(triples, key=lambda t: (str(t.predicate), str(t.object), str(t.subject)))
        return Answer(Panel(query, values, ()), triples=tuple(ordered))
    except QueryError as error:
        return Answer(problem=str(error))
