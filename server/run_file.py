"""Where a running server is found: a small file for each port, in the user's own cache folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.errors import NotFound
from server.cache_folder import cache_folder


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs, or did when this was written."""

    host: str
    port: int
    pid: int


def note_server(host: str, port: int, pid: int) -> Path | None:
    """Note that a server runs; nothing where the user has no folder to write to."""
    path = _path(port)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(RunningServer(host, port, pid))), encoding="utf-8")
    except OSError:
        return None
    return path


def forget_server(path: Path | None) -> None:
    """Remove the note."""
    if path is not None:
        path.unlink(missing_ok=True)


def find_server(port: int) -> RunningServer:
    """Return the server that runs on a port; NotFound when none was noted."""
    try:
        return RunningServer(**json.loads(_path(port).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        message = f"no server of yours is known on port {port} — name its port with --port"
        raise NotFound(message) from error


def _path(port: int) -> Path:
    return cache_folder() / f"server-{port}.json"
