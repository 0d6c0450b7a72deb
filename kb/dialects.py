"""Where engines part from the protocol, or go beyond it: what each is told, by what it is."""

from __future__ import annotations

from http.client import HTTPResponse

from kb.engine import Dataset
from kb.errors import QueryError
from kb.sparql_text import graphs_named, tokens


def dialect_of(response: HTTPResponse) -> str:
    """Return which engine answers, by its headers; empty when they do not say."""
    server = response.headers.get("Server", "")
    if server.startswith("Virtuoso"):
        return "virtuoso"
    if "Fuseki-Request-Id" in response.headers or "Fuseki" in server:
        return "fuseki"
    return "oxigraph" if server.startswith("Oxigraph") else ""


def time_limit(dialect: str, seconds: float) -> dict[str, str]:
    """Return the parameters that tell an engine how long it may work; none where it has no such.

    Virtuoso has one, but then sends what it has as if that were all, and does not always say so.
    """
    return {"timeout": f"{seconds:g}"} if dialect == "fuseki" else {}


def graphs_read(dialect: str, text: str, dataset: Dataset) -> tuple[Dataset, dict[str, str]]:
    """Return the dataset to ask an engine for, and further parameters; QueryError.

    Oxigraph takes the union of all graphs as default graph where a request says so; where it is
    set up to do so always, it no longer heeds FROM, but still the parameters of the protocol.
    """
    if dialect != "oxigraph" or dataset.default or dataset.named:
        return dataset, {}
    named = graphs_named(text)
    if not named:
        return dataset, {"union-default-graph": "true"}
    marks = _named_marks(text)
    if len(marks) != len(named):
        raise QueryError("leave blanks around FROM and NAMED")
    pairs = list(zip(named, marks, strict=True))
    return (
        Dataset(
            tuple(iri for iri, mark in pairs if not mark), tuple(iri for iri, mark in pairs if mark)
        ),
        {},
    )


def _named_marks(text: str) -> list[bool]:
    """Tell of each FROM clause whether it is a FROM NAMED."""
    marks: list[bool] = []
    after = ""
    for kind, value, _ in tokens(text):
        word = value.upper() if kind == "word" else ""
        if word == "NAMED" and after == "FROM":
            after = "NAMED"
            continue
        if kind in ("iri", "name") and after:
            marks.append(after == "NAMED")
        after = word if word == "FROM" else ""
    return marks
