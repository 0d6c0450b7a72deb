"""A SPARQL Protocol request, read to the letter (1.1, §2.1; the method QUERY and the announcement
of versions as in the 1.2 draft of July 2026).

Percent-encoding is decoded once, and only as UTF-8; nothing is repaired, and nothing is guessed: a
graph without a name, or two values for what decides on the answer, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from kb.engine import Dataset
from server.refusal import Refusal

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
BODY_TYPES = (FORM, QUERY)
ACCEPT_QUERY = f"{QUERY}, {FORM}"
"""What a request by QUERY may hold (RFC 10008 §3; a list of tokens, RFC 9651)."""

VERSIONS = ("1.1", "1.2-basic", "1.2")
"""The versions of SPARQL that a query may announce (SPARQL 1.2 Query, “Version Labels”)."""

_BYTE_ORDER_MARK = "\ufeff"
MAX_ROWS = 1000
"""A page with more rows than this is of no use to a reader; the files hold them all."""

_MAX_FIELDS = 1000
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")

Pairs = list[tuple[str, str]]


class Asking(Protocol):
    """What is read of a request: Werkzeug's names, so that Flask's and the front's will do."""

    @property
    def method(self) -> str: ...
    @property
    def query_string(self) -> bytes: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def mimetype(self) -> str: ...
    @property
    def mimetype_params(self) -> Mapping[str, str]: ...
    def get_data(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """What a client asks: the query text (nothing: a description of the service), the dataset it
    chooses, the short name of a format, the file name to save the answer under, and the seconds it
    grants, if it says so."""

    query: str | None
    dataset: Dataset
    format: str
    download: str
    timeout: float | None = None


def read_sparql_request(request: Asking, *, max_query: int) -> SparqlRequest:
    """Return what a request asks of the endpoint; Refusal when it breaks the protocol."""
    pairs = _pairs(request.query_string, "query string")
    if len(pairs) == 1 and pairs[0][0] == "query" and request.method in ("GET", "HEAD"):
        # The common case, which needs no further look.
        return SparqlRequest(_checked(pairs[0][1], max_query), Dataset(), "", "")
    queries: list[str] = []
    if request.method in ("POST", "QUERY"):
        if _body_type(request) == FORM:
            pairs += _pairs(request.get_data(), "form")
        else:
            queries.append(_text(request.get_data(), "body"))
            # Announced beside the type: what a form has a field for (1.2 draft §2.1).
            pairs += [(k, v) for k, v in request.mimetype_params.items() if k == "version"]
    queries += _values(pairs, "query")
    if _values(pairs, "update"):
        raise Refusal("update-refused", keyword="update")
    if len(queries) > 1:
        raise Refusal("several-queries", count=len(queries))
    if not queries and request.method in ("POST", "QUERY"):
        raise Refusal("missing-query")
    if version := _value(pairs, "version"):
        check_version(version)
    return SparqlRequest(
        query=_checked(queries[0], max_query) if queries else None,
        dataset=Dataset(
            default=_graphs(pairs, "default-graph-uri"), named=_graphs(pairs, "named-graph-uri")
        ),
        # SPARQLWrapper asks for a format by two names, the short one first.
        format=next(iter(_values(pairs, "format")), "").lower(),
        download=next(iter(_values(pairs, "download")), ""),
        timeout=_timeout(_value(pairs, "timeout")),
    )


def check_version(version: str) -> None:
    """Raise Refusal unless a version of SPARQL that a query announces is known here."""
    if version not in VERSIONS:
        raise Refusal("unknown-version", version=version, known=list(VERSIONS))


def _graphs(pairs: Pairs, name: str) -> tuple[str, ...]:
    """Return the graphs that a parameter names, once each: engines count repeated ones as two."""
    graphs = tuple(dict.fromkeys(_values(pairs, name)))
    if "" in graphs:
        raise Refusal("wrong-value", message=f"{name} is empty; name a graph, or leave it out")
    return graphs


def _value(pairs: Pairs, name: str) -> str:
    """Return the one value of a parameter, nothing when it has none."""
    values = list(dict.fromkeys(_values(pairs, name)))
    if len(values) > 1:
        raise Refusal("wrong-value", message=f"{name} is given twice, with different values")
    return values[0] if values else ""


def _timeout(text: str) -> float | None:
    """Return the seconds that a client grants its query."""
    if not text:
        return None
    if not _SECONDS.fullmatch(text) or float(text) == 0:
        raise Refusal("wrong-value", message="timeout is a number of seconds above 0, such as 2.5")
    return float(text)


def _body_type(request: Asking) -> str:
    """Return the content type of a body, which must be one of the protocol's, in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype == UPDATE:
        raise Refusal("update-refused", keyword=UPDATE)
    coding = request.headers.get("Content-Encoding", "identity")
    sent = request.headers.get("Content-Type", "")
    headers = {"Accept-Query": ACCEPT_QUERY, "Accept-Post": f"{FORM}, {QUERY}"}
    if coding.lower() != "identity":
        # RFC 9110 §15.5.16: so that it is not the type that is taken to be at fault.
        headers["Accept-Encoding"] = "identity"
        sent += f" ({coding})"
    elif request.mimetype in BODY_TYPES and charset in ("utf-8", "utf8"):
        return request.mimetype
    raise Refusal("unsupported-media-type", headers=headers, sent=sent, supported=list(BODY_TYPES))


def _pairs(encoded: bytes, place: str) -> Pairs:
    """Return names and values of a query string or form."""
    try:
        return parse_qsl(
            _text(encoded, place),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise Refusal("not-utf-8", place=place) from error
    except ValueError as error:
        raise Refusal("wrong-value", message=f"more than {_MAX_FIELDS} parameters") from error


def _text(encoded: bytes, place: str) -> str:
    """Return bytes as text."""
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("not-utf-8", place=place) from error


def _values(pairs: Pairs, name: str) -> list[str]:
    """Return all values that a parameter was given."""
    return [value for key, value in pairs if key == name]


def _checked(query: str, limit: int) -> str:
    """Return a query text that is neither empty nor too long, without the mark that editors put
    before UTF-8 (The Unicode Standard §23.8: at the start of a text it is no part of it)."""
    query = query.removeprefix(_BYTE_ORDER_MARK)
    if not query.strip():
        raise Refusal("empty-query")
    size = len(query.encode())
    if size > limit:
        raise Refusal("query-too-large", size=size, limit=limit)
    return query
