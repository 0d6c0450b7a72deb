"""A SPARQL Protocol request, read to the letter (1.1, §2.1; the method QUERY as in the 1.2 draft).

Percent-encoding is decoded once, and only as UTF-8; nothing is repaired.
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
    queries = []
    if request.method in ("POST", "QUERY"):
        media_type = _body_type(request)
        if media_type == FORM:
            pairs += _pairs(request.get_data(), "form")
        else:
            queries.append(_text(request.get_data(), "body"))
    queries += _values(pairs, "query")
    if _values(pairs, "update"):
        raise Refusal("update-refused", keyword="update")
    if len(queries) > 1:
        raise Refusal("several-queries", count=len(queries))
    if not queries and request.method in ("POST", "QUERY"):
        raise Refusal("missing-query")
    return SparqlRequest(
        query=_checked(queries[0], max_query) if queries else None,
        dataset=Dataset(
            # Once each: an engine may count a graph that is named twice as two.
            default=tuple(dict.fromkeys(_values(pairs, "default-graph-uri"))),
            named=tuple(dict.fromkeys(_values(pairs, "named-graph-uri"))),
        ),
        format=next(iter(_values(pairs, "format")), "").lower(),
        download=next(iter(_values(pairs, "download")), ""),
        timeout=_timeout(next(iter(_values(pairs, "timeout")), "")),
    )


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
    if (
        request.mimetype not in (FORM, QUERY)
        or charset not in ("utf-8", "utf8")
        or coding.lower() != "identity"
    ):
        sent = request.headers.get("Content-Type", "")
        sent += "" if coding == "identity" else f" ({coding})"
        headers = {"Accept-Query": QUERY, "Accept-Post": f"{FORM}, {QUERY}"}
        raise Refusal("unsupported-media-type", headers=headers, sent=sent, supported=[FORM, QUERY])
    return request.mimetype


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
    """Return a query text that is neither empty nor too long."""
    if not query.strip():
        raise Refusal("empty-query")
    size = len(query.encode())
    if size > limit:
        raise Refusal("query-too-large", size=size, limit=limit)
    return query
