"""The public endpoint `/sparql`: SPARQL 1.1 Protocol, queries only, through the engine interface.

Whatever a stranger sends passes the guard first; HTML is only what a browser gets at this address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import normalize
from urllib.parse import quote

from flask import Blueprint, Response, make_response, request

from kb.engine import FORMATS, Answer, Kind
from kb.errors import QueryError
from kb.sparql_text import bare_words
from server.guard import check_query
from server.headers import SPARQL_METHODS, conditional
from server.negotiate import (
    Choice,
    check_short_name,
    choose,
    choose_rdf,
    language,
    rdf_types,
    wants_html,
)
from server.refusal import Refusal
from server.service_description import describe_service
from server.site import current_site
from server.sparql_form import show_answer, show_form, show_refusal
from server.sparql_request import SparqlRequest, read_sparql_request

blueprint = Blueprint("sparql", __name__)

_PLACE = re.compile(r"\bat (\d+):(\d+)\b")
_CHARACTER_RANGES = re.compile(r"(?:, )?\[(?:'[^]]*|_)\]")
_FILE_NAME = re.compile(r"[^\w.-]+")
_MAX_STEM = 100
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID"}
"""Functions that answer anew each time (SPARQL 1.1 Query §17.4)."""
_MACHINE = [form.media_type for kind in FORMATS.values() for form in kind]


@blueprint.route("/sparql", methods=SPARQL_METHODS, provide_automatic_options=False)
def endpoint() -> Response:
    """Answer one request of the protocol."""
    if request.method == "OPTIONS":
        return _options()
    try:
        asked = read_sparql_request(request, max_query=current_site().settings.max_query)
        if asked.format:
            check_short_name(asked.format)
    except Refusal as refusal:
        if wants_html(request, _MACHINE):
            return _vary(show_refusal("", refusal))
        raise
    if asked.query is None:
        return _vary(_about(asked))
    return _vary(_answer(asked, asked.query))


def _options() -> Response:
    """Return which methods and bodies the endpoint takes (RFC 9110 §9.3.7)."""
    response = make_response("", 204)
    del response.headers["Content-Type"]
    response.headers["Allow"] = ", ".join(SPARQL_METHODS)
    response.headers["Accept-Query"] = "application/sparql-query"
    return response


def _about(asked: SparqlRequest) -> Response:
    """Return what the endpoint is: a form for browsers, else its service description."""
    if asked.format == "html" or (not asked.format and wants_html(request, rdf_types())):
        return conditional(show_form(), "form", language(request), request.host_url)
    choice = choose(request, "graph", asked.format) if asked.format else choose_rdf(request)
    body = describe_service(current_site(), request.url_root, choice.format.suffix)
    response = make_response(body)
    response.headers["Content-Type"] = choice.content_type
    return conditional(response, "sd", request.url_root, choice.media_type)


def _answer(asked: SparqlRequest, query: str) -> Response:
    """Return the answer to a query: a page for browsers, else in the negotiated format."""
    if asked.format == "html" or (not asked.format and wants_html(request, _MACHINE)):
        return _answer_browser(asked, query)
    answer = _evaluate(asked, query, lambda kind: choose(request, kind, asked.format))
    choice = choose(request, answer.kind, asked.format)
    response = make_response(answer.body())
    response.headers["Content-Type"] = choice.content_type
    if asked.download:
        names = _file_names(asked.download, choice.format.suffix)
        response.headers.set("Content-Disposition", "attachment", **names)
    return _conditional(response, asked, query, choice.media_type)


def _answer_browser(asked: SparqlRequest, query: str) -> Response:
    """Return the form with the answer, or with what is wrong with the query."""
    try:
        answer = _evaluate(asked, query, lambda kind: Choice(FORMATS[kind][0], ""))
    except Refusal as refusal:
        return show_refusal(query, refusal)
    return _conditional(show_answer(asked, query, answer), asked, query, language(request))


def _evaluate(asked: SparqlRequest, query: str, choice_for: Callable[[Kind], Choice]) -> Answer:
    """Return the engine's answer to a query that passes the guard; Refusal when it is wrong."""
    site = current_site()
    checked = check_query(query, asked.dataset, site.dataset.graphs)
    try:
        return site.engine.answer(checked, asked.dataset, lambda kind: choice_for(kind).format)
    except QueryError as error:
        raise _syntax_refusal(str(error)) from error


def _syntax_refusal(message: str) -> Refusal:
    """Return the refusal of a malformed query, with its place where the engine knows it.

    The engine lists every character that could have stood there; ranges of Unicode are left out.
    """
    readable = _CHARACTER_RANGES.sub("", message)
    place = _PLACE.search(message)
    if place is None:
        return Refusal("query-syntax", message=readable)
    line, column = (int(number) for number in place.groups())
    return Refusal("query-syntax", message=readable, line=line, column=column)


def _conditional(response: Response, asked: SparqlRequest, query: str, variant: str) -> Response:
    """Return a response that a client may keep and ask after again, if it came by GET."""
    if request.method not in ("GET", "HEAD"):
        return response
    if _VOLATILE & bare_words(query):
        response.headers["Cache-Control"] = "no-store"
        return response
    dataset = repr((asked.dataset.default, asked.dataset.named))
    return conditional(response, "sparql", query, dataset, asked.download, variant)


def _file_names(wanted: str, suffix: str) -> dict[str, str]:
    """Return a harmless file name that ends in the suffix of the format, as header parameters.

    One in ASCII for all, and beside it the true one where that holds more (RFC 6266 §4.3).
    """
    stem = _FILE_NAME.sub("-", wanted.removesuffix(f".{suffix}")).strip("-.")[:_MAX_STEM]
    plain = normalize("NFKD", stem).encode("ascii", "ignore").decode().strip("-.")
    names = {"filename": f"{plain or 'answer'}.{suffix}"}
    if not stem.isascii():
        names["filename*"] = f"UTF-8''{quote(stem)}.{suffix}"
    return names


def _vary(response: Response) -> Response:
    """Mark a response as negotiated."""
    response.vary.update(("Accept", "Accept-Language"))
    return response
