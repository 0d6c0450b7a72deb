"""What every response carries: who may read it, what a browser may do with it, how it is kept."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, request

from server.refusal import Refusal
from server.site import current_site

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
COMMON_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    # All is public, nothing needs credentials: any page may read any answer (Fetch §3.3).
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Retry-After, Rows-Shown",
}
SPARQL_METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
MAX_AGE_S = 300


def add_headers(app: Flask) -> None:
    """Have every response of an application carry the common headers, every request a host."""
    app.before_request(_check_host)
    app.after_request(_complete)


def _check_host() -> None:
    """Raise Refusal when no host is named: what we serve is full of addresses (RFC 9112 §3.2)."""
    is_named = request.headers.get("Host") or request.environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    if not (is_named and request.host):
        raise Refusal("wrong-host")


def _complete(response: Response) -> Response:
    """Add the common headers to a response."""
    for name, value in COMMON_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(response.allow))
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def conditional(response: Response, *parts: str) -> Response:
    """Return a response with a strong ETag, or the 304 that a client's own ETag deserves.

    The tag stands for the data, the program and `parts`, which must say all else that shapes the
    bytes. No Last-Modified is sent: the data know their day of change only, and a day is too coarse
    (RFC 9110 §8.8.2.2); If-Modified-Since is then ignored, as §13.1.3 demands.
    """
    site = current_site()
    seed = "\x00".join((site.dataset.digest, site.version, *parts))
    response.set_etag(hashlib.sha256(seed.encode()).hexdigest()[:32])
    response.headers.setdefault("Cache-Control", f"public, max-age={MAX_AGE_S}")
    response.make_conditional(request)
    return response
