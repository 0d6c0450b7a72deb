"""The endpoint as browsers see it: a form, example queries, and the answer as a table.

Answers are shown term by term, as they are: nothing is translated, nothing taken for markup.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Response, make_response, render_template, request

from kb.engine import FORMATS, Format, Kind
from kb.namespaces import shorten
from kb.query import find_query
from server.i18n import typographic
from server.limits import limit_of
from server.links import href, is_ours
from server.negotiate import language
from server.panels import Panel
from server.problem_details import problem_types
from server.questions import gallery
from server.refusal import Refusal
from server.sparql_request import MAX_ROWS, SparqlRequest


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of an answer as the page prints it; nothing at all when unbound."""

    text: str = ""
    lang: str = ""
    datatype: str = ""
    href: str | None = None
    external: bool = False
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as the page prints it."""

    kind: str
    columns: list[str]
    rows: list[list[Cell]]
    count: int
    boolean: bool | None
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class AttachedAnswer:
    """An answer whose first rows came along: one row a line, `lines` of them in all."""

    kind: Kind
    format: Format
    body: bytes
    lines: int


def show_form() -> Response:
    """Return the form alone."""
    return _page(find_query("site/starter").body())


def show_answer(asked: SparqlRequest, query: str, answer: AttachedAnswer) -> Response:
    """Return the form with the first rows of an answer below it.

    What is left out is told on the page and in the headers, with where to get the whole.
    """
    lang = language(request)
    links = {form.suffix: _file_link(asked, query, form.suffix) for form in FORMATS[answer.kind]}
    boolean, columns, found = _read(answer, lang)
    # Tables in TSV begin with their heading.
    count = answer.lines - (answer.kind == "bindings")
    shown = Shown(answer.kind, columns, found[:MAX_ROWS], count, boolean, links)
    response = _page(query, shown)
    if boolean is None:
        response.headers["Rows-Shown"] = f"{len(shown.rows)}/{count}"
    if count > MAX_ROWS:
        for form in FORMATS[answer.kind]:
            target = f'<{links[form.suffix]}>; rel="alternate"; type="{form.media_type}"'
            response.headers.add("Link", target)
    return response


def _read(answer: AttachedAnswer, lang: str) -> tuple[bool | None, list[str], list[list[Cell]]]:
    """Return an answer as a truth value, or as columns and rows."""
    if answer.kind == "graph":
        columns = [_texts(lang)[name] for name in ("subject", "predicate", "object")]
        quads = ox.parse(input=answer.body, format=answer.format.rdf)
        return (
            None,
            columns,
            [[_cell(t, lang) for t in (q.subject, q.predicate, q.object)] for q in quads],
        )
    result = ox.parse_query_results(input=answer.body, format=answer.format.results)
    if isinstance(result, ox.QueryBoolean):
        return bool(result), [], []
    columns = [variable.value for variable in result.variables]
    return None, columns, [[_cell(row[name], lang) for name in columns] for row in result]


def show_refusal(query: str, refusal: Refusal) -> Response:
    """Return the form with what is wrong with the query."""
    lang = language(request)
    kind = problem_types()[refusal.kind]
    problem = {
        "title": typographic(kind.title[lang], lang),
        "detail": typographic(kind.detail[lang], lang).format(**refusal.members),
        "limit": limit_of(kind.iri),
    }
    response = _page(query, problem=problem)
    response.status_code = kind.status
    response.headers.update(refusal.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    query: str, shown: Shown | None = None, problem: Mapping[str, str] | None = None
) -> Response:
    """Return the page around a query."""
    lang = language(request)
    body = render_template(
        "sparql.html",
        name="sparql",
        words=_texts(lang),
        query=query,
        shown=shown,
        problem=problem,
        max_rows=MAX_ROWS,
        suffixes=list(dict.fromkeys(f.suffix for kind in FORMATS.values() for f in kind)),
        examples=_examples(lang),
    )
    response = make_response(body)
    response.headers["Content-Language"] = lang
    return response


def _file_link(asked: SparqlRequest, query: str, suffix: str) -> str:
    """Return the address of an answer as a file."""
    pairs = [("query", query), ("format", suffix), ("download", "answer")]
    pairs += [("default-graph-uri", iri) for iri in asked.dataset.default]
    pairs += [("named-graph-uri", iri) for iri in asked.dataset.named]
    return f"{request.script_root}/sparql?{urlencode(pairs)}"


@cache
def _texts(lang: str) -> dict[str, str]:
    """Return the words of the form in a language."""
    text = files("server").joinpath("sparql_form.toml").read_text(encoding="utf-8")
    return {key: typographic(entry[lang], lang) for key, entry in tomllib.loads(text).items()}


@cache
def _examples(lang: str) -> Iterable[tuple[str, str]]:
    """Return the competency questions: what each asks, and the address that asks it here."""
    return tuple(
        (typographic(q.summary[lang], lang), Panel(q, q.examples(), ()).form_url + f"&lang={lang}")
        for q in gallery()
    )


def _cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, lang: str) -> Cell:
    """Return a term as the page prints it."""
    if term is None:
        return Cell()
    if isinstance(term, ox.NamedNode):
        address = href(term.value, lang)
        external = address is not None and not is_ours(term.value)
        return Cell(shorten(term.value), href=address, external=external, is_name=True)
    if isinstance(term, ox.Literal):
        datatype = "" if term.language else shorten(term.datatype.value)
        plain = datatype in ("", "xsd:string")
        return Cell(term.value, lang=term.language or "", datatype="" if plain else datatype)
    return Cell(str(term), is_name=True)
