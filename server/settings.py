"""What an operator may set, read from `CHARTERKB_*`; everything has a default that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.errors import KbError


class SettingError(KbError):
    """A setting that cannot be used; says which, and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

    `data`: folder of another base; `endpoint`: SPARQL endpoint to ask instead of a store in this
    process; `max_query` and `max_body` in bytes; `proxies`: how many reverse proxies stand in
    front, whose X-Forwarded-* headers are then believed.
    """

    data: Path | None = None
    endpoint: str | None = None
    max_query: int = 64 * 1024
    max_body: int = 1024 * 1024
    proxies: int = 0


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; SettingError names the one that is wrong."""
    default = Settings()
    data = environ.get("CHARTERKB_DATA")
    endpoint = environ.get("CHARTERKB_ENDPOINT") or None
    if data and not Path(data).is_dir():
        raise SettingError(f"CHARTERKB_DATA: there is no folder {data} — give the records' folder")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise SettingError(f"CHARTERKB_ENDPOINT: “{endpoint}” is no http or https URL")
    return Settings(
        data=Path(data).resolve() if data else None,
        endpoint=endpoint,
        max_query=_count(environ, "CHARTERKB_MAX_QUERY", default.max_query),
        max_body=_count(environ, "CHARTERKB_MAX_BODY", default.max_body),
        proxies=_count(environ, "CHARTERKB_PROXIES", default.proxies),
    )


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number, not negative."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"{name}: “{text}” is no whole number, such as {default}")
    return int(text)
