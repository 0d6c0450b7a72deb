"""What an engine elsewhere sends instead of an answer, told as our errors.

A status code means what SPARQL 1.1 Protocol §2.1.7 and RFC 9110 §15 say; where engines use one code
for two things (Fuseki: 503 for busy and for too long), their words decide.
"""

from __future__ import annotations

import ast
import html
import re
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kb.errors import EngineError, KbError, QueryError

_TOO_LONG = re.compile(
    r"\bS1T(?:AT|\d\d)\b|\bHY008\b|timed?[ -]?out|has been cancelled", re.IGNORECASE
)
_MARKUP = re.compile(r"<!doctype[^>]*>|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_ECHO = re.compile(r"\s+SPARQL query:\s.*", re.DOTALL)
"""Virtuoso repeats the whole query after its message."""
_LONGEST = 500


class EngineBusy(EngineError):
    """The engine takes no more queries for now."""


class EngineTimeout(EngineError):
    """The engine did not answer in time."""


class EngineAway(EngineError):
    """The engine cannot be reached."""


class EngineLogin(EngineError):
    """The engine does not let us in."""


def fault(error: Exception, url: str) -> KbError:
    """Return an error of SPARQLWrapper, of urllib or of a socket as one of ours."""
    answered = error if isinstance(error, HTTPError) else error.__context__
    if isinstance(answered, HTTPError):
        return told(answered.code, message(_body(error)), url)
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return EngineTimeout(f"the endpoint {url} did not answer in time")
    if isinstance(reason, HTTPException) or not str(reason):
        reason = f"the connection broke ({type(reason).__name__})"
    return EngineAway(f"the endpoint {url} cannot be asked: {reason}")


def told(status: int, words: str, url: str) -> KbError:
    """Return what a status and a message say of the query or of the engine."""
    because = f": {words}" if words else ""
    if status == 400:
        return QueryError(words or "the engine does not understand the query")
    if status in (413, 414):
        return QueryError(f"the query is too long for the endpoint {url}{because}")
    if status in (408, 504) or (status >= 500 and _TOO_LONG.search(words)):
        return EngineTimeout(f"the endpoint {url} gave up the query: it took too long")
    if status in (429, 503):
        return EngineBusy(f"the endpoint {url} is busy (HTTP {status}): try again later")
    if status in (401, 403):
        remedy = "set CHARTERKB_STORE_USER and _PASSWORD, or _TOKEN"
        return EngineLogin(f"{url} does not let us in (HTTP {status}): {remedy}")
    if status in (404, 405):
        return EngineError(f"nothing answers queries at {url} (HTTP {status}): check the address")
    return EngineError(f"the endpoint {url} failed (HTTP {status}){because}")


def message(body: bytes) -> str:
    """Return what an error page says: one line of plain text, no markup, no echo of the query."""
    text = _UNSEEN.sub(" ", body.decode("utf-8", errors="replace"))
    text = html.unescape(_MARKUP.sub(" ", _ECHO.sub("", text)))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _body(error: Exception) -> bytes:
    """Return the body that came with an error; SPARQLWrapper keeps it as a literal in its text."""
    if isinstance(error, HTTPError):
        try:
            return error.read(64 * 1024)
        except (OSError, HTTPException):
            return b""
    _, found, literal = str(error).partition("Response:\n")
    if not (found and isinstance(error, SPARQLWrapperException)):
        return b""
    try:
        body = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return b""
    return body if isinstance(body, bytes) else b""
