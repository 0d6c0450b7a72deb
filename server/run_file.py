"""Where a running server is found, and what came of its reloads: small files in the user's own
cache folder, so that nobody else reads or writes them.

The note is locked for as long as the server runs: one that was killed is not taken for alive, nor
another process that was given its number.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from kb.errors import NotFound
from server.cache_folder import cache_folder


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs."""

    host: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Note:
    """A note that a server runs, and the open file whose lock says that it still does."""

    path: Path
    held: IO[str]


@dataclass(frozen=True, slots=True)
class Reloads:
    """How many reloads a front (`front`: its process) was asked for, how many of these it has
    answered, whether the last one went well, and what there is to say of it."""

    front: int = 0
    asked: int = 0
    answered: int = 0
    went_well: bool = True
    said: str = ""


def note_server(host: str, port: int, pid: int) -> Note | None:
    """Note that a server runs; nothing where the user has no folder to write to."""
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for stale in _notes("*", alive=False):
            _remove(stale)
        path = folder / f"server-{port}-{pid}.json"
        held = path.open("w", encoding="utf-8")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        json.dump(asdict(RunningServer(host, port, pid)), held)
        held.flush()
    # A user without a home has no folder either.
    except (OSError, RuntimeError):
        return None
    return Note(path, held)


def forget_server(note: Note | None) -> None:
    """Remove a note."""
    if note is not None:
        _remove(note.path)
        note.held.close()


def find_server(port: int) -> tuple[RunningServer, Path]:
    """Return the server that runs on a port, and its note; NotFound when none was noted."""
    with suppress(OSError, RuntimeError):
        notes = sorted(_notes(str(port), alive=True), key=lambda path: path.stat().st_mtime)
        for path in reversed(notes):
            with suppress(OSError, ValueError, TypeError):
                return RunningServer(**json.loads(path.read_text(encoding="utf-8"))), path
    raise NotFound(f"no server of yours is known on port {port} — name its port with --port")


def is_running(note: Path) -> bool:
    """Tell whether the server of a note still runs."""
    try:
        with note.open(encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write_reloads(note: Path, reloads: Reloads) -> None:
    """Tell what came of the reloads so far; nothing where it cannot be written."""
    new = note.with_suffix(".new")
    with suppress(OSError):
        new.write_text(json.dumps(asdict(reloads)), encoding="utf-8")
        new.replace(note.with_suffix(".reloads"))


def read_reloads(note: Path) -> Reloads:
    """Return what came of the reloads so far."""
    try:
        return Reloads(**json.loads(note.with_suffix(".reloads").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Reloads()


def _notes(port: str, *, alive: bool) -> Iterator[Path]:
    """Yield the notes of servers on a port (or any: `*`) that run, or that no longer do."""
    for path in cache_folder().glob(f"server-{port}-*.json"):
        if is_running(path) == alive:
            yield path


def _remove(note: Path) -> None:
    for path in (note, note.with_suffix(".reloads"), note.with_suffix(".new")):
        path.unlink(missing_ok=True)
