"""Logins that answer a challenge, and are then sent without waiting for the next one.

A store may refuse a long body before it has read it (RFC 9110 §9.3.4, §15.5.2): the connection
breaks, and its challenge is never seen. Once challenged, these handlers send the login at once.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib import request

_HEADER = "Authorization"


class Digest(request.HTTPDigestAuthHandler):
    """Answers a challenge of RFC 7616; one of another kind is left to others."""

    _challenge: dict[str, str] | None = None

    def http_error_401(self, *answer: Any) -> Any:
        """Send the request again with our login, or give up."""
        try:
            return super().http_error_401(*answer)
        except ValueError:
            return None
        finally:
            # It counts each graph that is not there (404) as a login that failed.
            self.reset_retry_count()

    def retry_http_digest_auth(self, req: request.Request, auth: str) -> Any:
        """Remember the challenge, and answer it."""
        parts = request.parse_http_list(auth.partition(" ")[2])
        self._challenge = request.parse_keqv_list([part for part in parts if part])
        return super().retry_http_digest_auth(req, auth)

    def http_request(self, req: request.Request) -> request.Request:
        """Return a request with our login, if we were challenged before."""
        if self._challenge and not req.has_header(_HEADER):
            login = self.get_authorization(req, self._challenge)
            if login:
                req.add_unredirected_header(_HEADER, f"Digest {login}")
        return req

    https_request = http_request


class Basic(request.HTTPBasicAuthHandler):
    """Answers a challenge of RFC 7617; one of another kind is left to others."""

    _realm: str | None = None

    def http_error_401(self, *answer: Any) -> Any:
        """Send the request again with our login, or give up."""
        try:
            return super().http_error_401(*answer)
        except ValueError:
            return None

    def retry_http_basic_auth(self, host: str, req: request.Request, realm: str) -> Any:
        """Remember the realm, and answer its challenge."""
        self._realm = realm
        return super().retry_http_basic_auth(host, req, realm)

    def http_request(self, req: request.Request) -> request.Request:
        """Return a request with our login, if we were challenged before."""
        if self._realm is not None and not req.has_header(_HEADER):
            user, password = self.passwd.find_user_password(self._realm, req.full_url)
            if user is not None:
                login = b64encode(f"{user}:{password}".encode()).decode()
                req.add_unredirected_header(_HEADER, f"Basic {login}")
        return req

    https_request = http_request
