"""Which representation of an answer a request asks for, and how what is sent is labelled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import quote

from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request

from kb.engine import FORMATS, Kind
from server.front.replies import Pairs, Reply
from server.headers import MAX_AGE_S, SPARQL_METHODS
from server.negotiate import Choice, choose, wants_html
from server.refusal import Refusal
from server.sparql_request import ACCEPT_QUERY

Suffixes = tuple[tuple[Kind, str], ...]
"""For each kind of answer that is acceptable, the suffix of its format."""

MACHINE_TYPES = [form.media_type for kind in FORMATS.values() for form in kind]
VARY = ("Vary", "Accept, Accept-Language")

_FILE_NAME = re.compile(r"[^\w.-]+")
_MAX_STEM = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What representations a request accepts: a page, or for each kind of answer a format."""

    page: bool
    choices: dict[Kind, Choice]
    suffixes: Suffixes


@lru_cache(maxsize=1024)
def read_wish(accept: str, short_name: str) -> Wish:
    """Return what an Accept header and a `format` parameter ask for."""
    request = _accepting(accept)
    if short_name == "html" or (not short_name and wants_html(request, MACHINE_TYPES)):
        return Wish(True, {}, ())
    choices: dict[Kind, Choice] = {}
    for kind in FORMATS:
        try:
            choices[kind] = choose(request, kind, short_name)
        except Refusal:
            continue  # The worker says so, should the answer be of this kind.
    suffixes = tuple((kind, choice.format.suffix) for kind, choice in choices.items())
    return Wish(False, choices, suffixes)


def _accepting(accept: str) -> Request:
    """Return a request of which nothing counts but its Accept header."""
    headers = Headers([("Accept", accept)] if accept else [])
    return Request("GET", "http", None, "", "/sparql", b"", headers, None)


def keeping(etag: str) -> Pairs:
    """Return what a client that keeps an answer must know."""
    return (("ETag", etag), ("Cache-Control", f"public, max-age={MAX_AGE_S}"), VARY)


def names_tag(known: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names a tag (RFC 9110 §13.1.2, weak comparison).

    “*” names whatever there is: whether there is an answer only an engine can tell.
    """
    return any(tag.strip().removeprefix("W/") == etag for tag in known.split(","))


def attachment(wanted: str, suffix: str) -> str:
    """Return a Content-Disposition with a harmless file name that ends in the format's suffix.

    One in ASCII for all, and beside it the true one where that holds more (RFC 6266 §4.3).
    """
    stem = _FILE_NAME.sub("-", wanted.removesuffix(f".{suffix}")).strip("-.")[:_MAX_STEM]
    plain = normalize("NFKD", stem).encode("ascii", "ignore").decode().strip("-.")
    name = f"attachment; filename={plain or 'answer'}.{suffix}"
    return name if stem.isascii() else f"{name}; filename*=UTF-8''{quote(stem)}.{suffix}"


def options_reply() -> Reply:
    """Return which methods and bodies the endpoint takes (RFC 9110 §9.3.7)."""
    methods = ", ".join(SPARQL_METHODS)
    headers = (
        ("Allow", methods),
        ("Accept-Query", ACCEPT_QUERY),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", "Accept, Content-Type"),
        ("Access-Control-Max-Age", "86400"),
    )
    return Reply(204, headers)
