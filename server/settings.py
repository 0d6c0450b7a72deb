"""What an operator may set, read from `CHARTERKB_*`; everything has a default that works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from kb.errors import KbError

MEGABYTE = 1024 * 1024
MEMORY = "memory"
_REMOTE_WORKERS = 8
"""Workers that ask another engine mostly wait for it."""
_REMOTE = ("http://", "https://")


class SettingError(KbError):
    """A setting that cannot be used; says which, and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server; nought workers mean as many as suit the machine.

    `data`: folder of another base. `store`: where queries are answered: `memory`, an N-Quads file
    (in memory too), the folder of an on-disk store, or the URL of another SPARQL endpoint.
    `workers`, `slow_workers`, `page_workers`: processes for short queries, long ones, and pages.
    `time_limit` in seconds; `memory_limit`, `max_result`, `max_query`, `max_body`, `cache` in
    bytes; `max_depth`: brackets in brackets; `max_queries`, `max_client_queries`: running or
    waiting at a time, in all and of one client; `proxies`: how many reverse proxies stand in front,
    whose X-Forwarded-* headers are then believed; `log_clients`: whether the log names addresses.
    """

    data: Path | None = None
    store: str = MEMORY
    workers: int = 0
    slow_workers: int = 0
    page_workers: int = 0
    time_limit: float = 10.0
    memory_limit: int = 1024 * MEGABYTE
    max_result: int = 256 * MEGABYTE
    max_query: int = 64 * 1024
    max_depth: int = 64
    max_body: int = MEGABYTE
    max_queries: int = 64
    max_client_queries: int = 4
    cache: int = 64 * MEGABYTE
    proxies: int = 0
    log_clients: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether queries are answered by another endpoint."""
        return self.store.startswith(_REMOTE)

    @property
    def fast(self) -> int:
        """How many short queries run at a time, known ones and new ones each."""
        return self.workers or (_REMOTE_WORKERS if self.is_remote else os.cpu_count() or 1)

    @property
    def slow(self) -> int:
        """How many long queries run at a time."""
        return self.slow_workers or (self.fast if self.is_remote else max(1, self.fast // 2))

    @property
    def pages(self) -> int:
        """How many workers render pages."""
        return self.page_workers or min(4, os.cpu_count() or 1)


_MEGABYTES = ("memory_limit", "max_result", "cache")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; SettingError names the one that is wrong."""
    read: dict[str, object] = {}
    for each in fields(Settings):
        name = variable(each.name)
        text = environ.get(name, "").strip()
        if not text:
            continue
        if each.name == "data":
            read["data"] = _folder(name, text)
        elif each.name == "store":
            read["store"] = _store(name, text)
        elif each.name == "time_limit":
            read["time_limit"] = _seconds(name, text)
        elif each.name == "log_clients":
            read["log_clients"] = text.lower() not in ("0", "no", "false", "off")
        else:
            unit = MEGABYTE if each.name in _MEGABYTES else 1
            read[each.name] = _count(name, text, int(getattr(Settings(), each.name)) // unit) * unit
    return Settings(**read)  # type: ignore[arg-type]


def variable(setting: str) -> str:
    """Return the environment variable of a setting."""
    return f"CHARTERKB_{setting.upper()}"


def _folder(name: str, text: str) -> Path:
    if not Path(text).is_dir():
        raise SettingError(f"{name}: there is no folder {text} — give the records' folder")
    return Path(text).resolve()


def _store(name: str, text: str) -> str:
    """Return where queries are answered, a path made absolute."""
    if text == MEMORY or text.startswith(_REMOTE):
        return text
    path = Path(text)
    if path.is_file() and path.suffix == ".nq":
        return str(path.resolve())
    if (path / "dataset.json").is_file():
        return str(path.resolve())
    raise SettingError(
        f"{name}: “{text}” is no store — say memory, an .nq file, a folder made by "
        "charterkb build --store, or the http(s) URL of an endpoint"
    )


def _seconds(name: str, text: str) -> float:
    """Return a number of seconds above nought."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise SettingError(f"{name}: “{text}” is no number of seconds above 0, such as 10")
    return seconds


def _count(name: str, text: str, default: int) -> int:
    """Return a whole number, not negative."""
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"{name}: “{text}” is no whole number, such as {default}")
    return int(text)
