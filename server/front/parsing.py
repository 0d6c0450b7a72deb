"""Bytes to requests (RFC 9112). httptools parses; limits, hosts and upgrades are seen to here.

What breaks HTTP comes out as a `BadRequest`, after whatever came before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import httptools
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request as SansIoRequest

from server.refusal import Refusal

MAX_HEADERS = 100
MAX_HEAD = 256 * 1024
"""Room for the longest query that a GET may carry, percent-encoded."""
_MOST_FRAMING = 8
"""So many bytes may be sent for a byte of a body: cut into the smallest chunks, it takes six."""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+;=-]+)(:[0-9]{1,5})?")
_VERSIONS = ("1.0", "1.1")
_ENDPOINT = "/sparql"


class Request(SansIoRequest):
    """A whole request: Werkzeug’s, without input or output, and its body.

    `fields` are its headers by their names in small letters: quicker to look up.
    """

    body: bytes
    client: str
    target: bytes
    keep_alive: bool
    http_version: str
    fields: dict[str, str]

    def get_data(self) -> bytes:
        """Return the body, under the name that Flask's requests give it."""
        return self.body


@dataclass(frozen=True, slots=True)
class BadRequest:
    """What cannot be answered, and why; the request as far as it could be read."""

    refusal: Refusal
    request: Request | None


class RequestReader:
    """Cuts what a client sends into requests; after one that breaks HTTP it reads no more.

    `begun` tells whether a request has come in part, `expects` whether the client waits for word
    before it sends the body (RFC 9110 §10.1.1).
    """

    def __init__(self, peer: str, max_body: int) -> None:
        self.peer = peer
        self.max_body = max_body
        self.begun = False
        self.expects = False
        self._broken = False
        self._found: list[Request | BadRequest] = []
        self._parser = httptools.HttpRequestParser(self)
        self._reset()

    def feed(self, data: bytes) -> list[Request | BadRequest]:
        """Take what came and return the requests that it completes."""
        while data and not self._broken:
            data = self._feed(data)
        found, self._found = self._found, []
        return found

    def head(self) -> Request | None:
        """Return the request that is coming in, without its body; nothing before its head is in."""
        if not self._in_body:
            return None
        try:
            return self._request()
        except Refusal:
            return None

    def _feed(self, data: bytes) -> bytes:
        """Parse some bytes; return those that are still to be parsed."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            return self._decline() + data[offer.args[0] :]
        except httptools.HttpParserInvalidMethodError:
            self._break(Refusal("unknown-method"))
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._break(cause if isinstance(cause, Refusal) else Refusal("malformed-request"))
        except httptools.HttpParserError:
            self._break(Refusal("malformed-request"))
        self._weigh(len(data))
        return b""

    def _weigh(self, size: int) -> None:
        """Refuse a request that takes ever more: the parser keeps a header until it is whole."""
        if not self.begun:
            return
        self._fed += size
        if not self._in_body and self._fed > MAX_HEAD:
            self._break(Refusal("headers-too-large", limit=MAX_HEAD))
        elif self._fed > MAX_HEAD + _MOST_FRAMING * self.max_body:
            self._break(self._too_large())

    def _decline(self) -> bytes:
        """Return a request that offers another protocol (h2c, WebSocket) as one that does not.

        The parser takes whatever follows the offer, a body too, for the other protocol.
        """
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._break(Refusal("unknown-method"))
            return b""
        version = self._parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s\r\n" % (method, self._target, version)]
        for name, value in self._headers:
            if name.lower() != "upgrade":
                lines.append(f"{name}: {value}\r\n".encode("latin-1"))
        self._parser = httptools.HttpRequestParser(self)
        return b"".join((*lines, b"\r\n"))

    def _break(self, refusal: Refusal) -> None:
        self._found.append(BadRequest(refusal, self.head()))
        self._broken = True
        self._reset()

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start a request."""
        self._reset()
        self.begun = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those that trail a body are of no use here (RFC 9110 §6.5.1)."""
        self._count(len(name) + len(value))
        if self._in_body:
            return
        if len(self._headers) >= MAX_HEADERS:
            raise Refusal("headers-too-large", limit=MAX_HEAD)
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Refuse what will be too much, before it is sent."""
        self._in_body = True
        version = self._parser.get_http_version()
        if version not in _VERSIONS:
            raise Refusal("malformed-request")
        for name, value in self._headers:
            low = name.lower()
            if low == "content-length" and int(value) > self.max_body:
                raise self._too_large()
            if low == "expect" and value.lower() == "100-continue" and version != "1.0":
                self.expects = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.expects = False
        self._body_size += len(body)
        if self._body_size > self.max_body:
            raise self._too_large()
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Take the request as whole, unless it offers to go on in another protocol."""
        if not self._parser.should_upgrade():
            self._found.append(self._request())
            self._reset()

    def _request(self) -> Request:
        """Return the request just parsed."""
        target = bytes(self._target)
        authority, path, query = _split(target)
        version = self._parser.get_http_version()
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            scheme="http",
            server=None,
            root_path="",
            path=path,
            query_string=query,
            headers=self._checked_headers(authority, version),
            remote_addr=self.peer,
        )
        request.body = b"".join(self._body)
        request.target = target
        request.http_version = version
        # HTTP/1.0 needs a word to keep a connection, which hardly anyone says: one request each.
        request.keep_alive = self._parser.should_keep_alive() and version != "1.0"
        request.client = self.peer
        request.fields = _by_name(self._headers)
        return request

    def _checked_headers(self, authority: str, version: str) -> Headers:
        """Return the headers; one host must be named, that of the target counts (RFC 9112 §3.2)."""
        headers = Headers(self._headers)
        hosts = headers.getlist("Host")
        if len(hosts) > 1 or (not hosts and version != "1.0"):
            raise Refusal("wrong-host")
        if authority:
            headers["Host"] = authority
        elif hosts and not _HOST.fullmatch(hosts[0]):
            raise Refusal("wrong-host")
        return headers

    def _reset(self) -> None:
        self.begun = self.expects = self._in_body = False
        self._target = bytearray()
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self._head_size = 0
        self._fed = 0

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            raise Refusal("headers-too-large", limit=MAX_HEAD)

    def _too_large(self) -> Refusal:
        return Refusal("body-too-large", limit=self.max_body)


def _by_name(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, in small letters; those of one name together (RFC 9110 §5.3)."""
    fields: dict[str, str] = {}
    for name, value in headers:
        low = name.lower()
        fields[low] = f"{fields[low]}, {value}" if low in fields else value
    return fields


def _split(target: bytes) -> tuple[str, str, bytes]:
    """Return authority, path and query of a target, in origin or absolute form (RFC 9112 §3.2)."""
    # The parser of addresses takes 64 kB at most: it is only given what it is needed for.
    place, _, query = target.partition(b"#")[0].partition(b"?")
    authority = ""
    if not place.startswith(b"/") and place != b"*":
        authority, place = _absolute(place)
    path = place.decode("latin-1")
    # The same address, however it is written (RFC 3986 §6.2.2.2); others are decoded by the pages.
    if "%" in path and unquote(path) == _ENDPOINT:
        path = _ENDPOINT
    return authority, path, query


def _absolute(place: bytes) -> tuple[str, bytes]:
    """Return authority and path of an absolute address."""
    try:
        url = httptools.parse_url(place)
    except httptools.HttpParserInvalidURLError:
        raise Refusal("malformed-request") from None
    if not url.host or url.userinfo or url.schema.lower() not in (b"http", b"https"):
        raise Refusal("malformed-request")
    host = url.host.decode("latin-1")
    authority = f"[{host}]" if ":" in host else host
    authority += f":{url.port}" if url.port else ""
    if not _HOST.fullmatch(authority):
        raise Refusal("wrong-host")
    return authority, url.path or b"/"
