"""`/sparql` for readers and for who asks what it is: the form, the answer as a table, the service
description. Queries are not answered here: the front has them answered, and attaches the answer.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, request

from kb.engine import FORMATS
from server.headers import SPARQL_METHODS, conditional
from server.negotiate import choose, choose_rdf, language, rdf_types, wants_html
from server.refusal import Refusal
from server.service_description import describe_service
from server.site import current_site
from server.sparql_form import AttachedAnswer, show_answer, show_form, show_refusal
from server.sparql_request import ACCEPT_QUERY, SparqlRequest, read_sparql_request

ATTACHED = "charterkb.attached"
"""Where the WSGI environment holds what the front sends along with a request: its head and body."""

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=SPARQL_METHODS)
def endpoint() -> Response:
    """Return the form, the page around an answer or a refusal, or the service description."""
    if request.path != "/sparql":
        # With a slash at its end, for one; 308 keeps method and body (RFC 9110 §15.4.9).
        asked_for = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return make_response(redirect(f"{request.script_root}/sparql{asked_for}", 308))
    attached: tuple[dict[str, Any], bytes] | None = request.environ.get(ATTACHED)
    if attached is not None and "problem" in attached[0]:
        head = attached[0]
        refusal = Refusal(head["problem"], headers=head["headers"], **head["members"])
        return _vary(show_refusal(head["query"], refusal))
    asked = read_sparql_request(request, max_query=current_site().settings.max_query)
    if attached is not None:
        return _vary(_answer(asked, *attached))
    if asked.query is not None:
        raise Refusal("engine-failed", message="queries are answered by charterkb serve")
    return _vary(_about(asked))


def _answer(asked: SparqlRequest, head: dict[str, Any], body: bytes) -> Response:
    """Return the page with the answer to a query."""
    form = next(f for f in FORMATS[head["kind"]] if f.suffix == head["suffix"])
    answer = AttachedAnswer(head["kind"], form, body, head.get("lines", 0))
    response = show_answer(asked, head["query"], answer)
    if request.method not in ("GET", "HEAD"):
        return response
    if head.get("volatile"):
        response.headers["Cache-Control"] = "no-store"
        return response
    dataset = repr((asked.dataset.default, asked.dataset.named))
    return conditional(response, "sparql", head["query"], dataset, language(request))


def _about(asked: SparqlRequest) -> Response:
    """Return what the endpoint is: a form for browsers, else its service description.

    Either says what a request by QUERY may hold (RFC 10008 §3).
    """
    if asked.format == "html" or (not asked.format and wants_html(request, rdf_types())):
        form = show_form()
        form.headers["Accept-Query"] = ACCEPT_QUERY
        return conditional(form, "form", language(request), request.host_url)
    choice = choose(request, "graph", asked.format) if asked.format else choose_rdf(request)
    body = describe_service(current_site(), request.url_root, choice.format.suffix)
    response = make_response(body)
    response.headers["Content-Type"] = choice.content_type
    response.headers["Accept-Query"] = ACCEPT_QUERY
    limits = repr(current_site().settings)
    return conditional(response, "sd", request.url_root, choice.media_type, limits)


def _vary(response: Response) -> Response:
    """Mark a response as negotiated."""
    response.vary.update(("Accept", "Accept-Language"))
    return response
