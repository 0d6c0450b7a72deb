"""Who we are to an engine elsewhere: a user with a password, or a bearer token."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.errors import EngineError


@dataclass(frozen=True, slots=True)
class Login:
    """A user with a password (RFC 7617), or a token (RFC 6750); nobody when all is empty."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """Return the header that says who we are; none for nobody."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if self.user:
            pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {}


NOBODY = Login()


def read_login(environ: Mapping[str, str]) -> Login:
    """Return the login that CHARTERKB_STORE_USER and _PASSWORD, or _TOKEN, give; EngineError."""
    user = environ.get("CHARTERKB_STORE_USER", "")
    password = environ.get("CHARTERKB_STORE_PASSWORD", "")
    token = environ.get("CHARTERKB_STORE_TOKEN", "")
    if token and user:
        raise EngineError("set either CHARTERKB_STORE_TOKEN or CHARTERKB_STORE_USER, not both")
    if password and not user:
        raise EngineError("CHARTERKB_STORE_PASSWORD is set without CHARTERKB_STORE_USER")
    if not (token + user + password).isprintable():
        raise EngineError("CHARTERKB_STORE_*: a control character stands in it, perhaps a newline")
    return Login(user, password, token)
