"""Errors as documents: RFC 9457 JSON or plain text for machines, HTML for browsers.

What can go wrong, and how it is told in French and English, stands in `problem_types.toml`.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from flask import Blueprint, Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.sansio.request import Request as SansIoRequest

from kb.errors import EngineError, KbError, NotFound, QueryError
from kb.namespaces import BASE
from kb.query import LANGUAGES
from server.engine_faults import refusal_of_fault
from server.negotiate import HTML_TYPES, best, language
from server.refusal import Member, Refusal
from server.site import current_site

blueprint = Blueprint("problems", __name__)

PROBLEM_JSON = "application/problem+json"
_OFFERS = (PROBLEM_JSON, "text/plain", *HTML_TYPES)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its name, HTTP status, and its texts in fr and en."""

    name: str
    status: int
    title: Mapping[str, str]
    detail: Mapping[str, str]

    @property
    def iri(self) -> str:
        """The type's identifier, which this server also answers for."""
        return f"{BASE}problem/{self.name}"


@cache
def problem_types() -> dict[str, ProblemType]:
    """Return all problem types by name."""
    text = files("server").joinpath("problem_types.toml").read_text(encoding="utf-8")
    return {name: ProblemType(name, **entry) for name, entry in tomllib.loads(text).items()}


def handle_errors(app: Flask) -> None:
    """Have every error of an application answered by a problem document."""
    app.register_blueprint(blueprint)
    app.register_error_handler(KbError, _answer_kb_error)
    app.register_error_handler(HTTPException, _answer_http_error)


@blueprint.get("/problem/<name>")
def problem_type(name: str) -> Response:
    """Tell what a problem type means; its places stay open."""
    if name not in problem_types():
        raise Refusal("not-found", name=_address())
    kind = problem_types()[name]
    lang = language(request)
    return _render(kind, kind.detail[lang], {}, status=200)


def _answer_kb_error(error: KbError) -> Response:
    """Answer one of our own errors."""
    if isinstance(error, Refusal):
        return refuse(error)
    if isinstance(error, NotFound):
        return refuse(Refusal("not-found", name=_address()))
    if isinstance(error, QueryError):
        return refuse(Refusal("wrong-value", message=str(error)))
    if isinstance(error, EngineError):
        print(f"charterkb: {error}", file=sys.stderr)
        return refuse(refusal_of_fault(error, current_site().settings.time_limit))
    return refuse(Refusal("internal-error"))


def _answer_http_error(error: HTTPException) -> Response:
    """Answer an error that Flask or Werkzeug raised."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        headers = {"Allow": ", ".join(allowed)}
        return refuse(
            Refusal(
                "method-not-allowed",
                headers=headers,
                method=request.method,
                allowed=", ".join(allowed),
            )
        )
    if isinstance(error, RequestEntityTooLarge):
        return refuse(Refusal("body-too-large", limit=current_site().settings.max_body))
    if status == 404:
        return refuse(Refusal("not-found", name=_address()))
    if status >= 500:
        return refuse(Refusal("internal-error"))
    title = {"en": error.name, "fr": error.name}
    kind = ProblemType("", status, title, title)
    return _render(kind, error.description or error.name, {}, status=status)


def refuse(refusal: Refusal) -> Response:
    """Return the problem document of a refusal."""
    kind = problem_types()[refusal.kind]
    detail = kind.detail[language(request)].format(**refusal.members)
    response = _render(kind, detail, _members(refusal), status=kind.status)
    response.headers.update(refusal.headers)
    return response


def plain_problem(refusal: Refusal, asking: SansIoRequest | None) -> tuple[int, str, bytes, str]:
    """Return status, content type, body and language of a refusal, without a page around it.

    `asking` is the request, nothing when it could not be read.
    """
    kind = problem_types()[refusal.kind]
    lang = language(asking) if asking else LANGUAGES[0]
    detail = kind.detail[lang].format(**refusal.members)
    address = quote(asking.path, safe="/%") if asking else ""
    document = _document(kind, lang, detail, address) | _members(refusal)
    wish = best(asking, (PROBLEM_JSON, "text/plain")) if asking else PROBLEM_JSON
    if wish == "text/plain":
        return kind.status, "text/plain; charset=utf-8", _plain(document).encode(), lang
    return kind.status, PROBLEM_JSON, _json(document).encode(), lang


def _members(refusal: Refusal) -> dict[str, Member]:
    """Return what a refusal tells besides its detail, in which the engine's message stands."""
    return {key: value for key, value in refusal.members.items() if key != "message"}


def _document(kind: ProblemType, lang: str, detail: str, address: str) -> dict[str, Member]:
    """Return the members that every problem has (RFC 9457 §3.1)."""
    return {
        "type": kind.iri if kind.name else "about:blank",
        "title": kind.title[lang],
        "status": kind.status,
        "detail": detail,
        "instance": address,
    }


def _render(
    kind: ProblemType, detail: str, members: Mapping[str, Member], *, status: int
) -> Response:
    """Return a problem in the representation that the request likes best."""
    lang = language(request)
    media_type = best(request, _OFFERS) or PROBLEM_JSON
    document = _document(kind, lang, detail, _address()) | dict(members)
    if media_type in HTML_TYPES:
        body = render_template("error.html", lang=lang, problem=document, members=members)
        response = make_response(body, status)
        media_type = "text/html; charset=utf-8"
    elif media_type == "text/plain":
        response = make_response(_plain(document), status)
        media_type = "text/plain; charset=utf-8"
    else:
        response = make_response(_json(document), status)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Language"] = lang
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _address() -> str:
    """Return the path asked for as a URI reference."""
    return quote(request.script_root + request.path)


def _json(document: Mapping[str, Member]) -> str:
    """Return a problem as JSON in which nothing can be taken for markup."""
    text = json.dumps(document, ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text + "\n"


def _plain(document: Mapping[str, Member]) -> str:
    """Return a problem as lines of text."""
    lines = [f"{document['status']} {document['title']}", str(document["detail"])]
    for name, value in document.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  {item}" for item in value)]
    return "\n".join(lines) + "\n"
