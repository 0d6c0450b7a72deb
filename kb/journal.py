"""What a graph store held before we changed it, kept in a file until the change is whole.

So that an interrupted change can be undone later, by another process.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.errors import SourceError
from kb.files import write_file
from kb.graph_store import Lines


@dataclass(frozen=True, slots=True)
class Journal:
    """The former triples of each graph that is being changed; None where there was no graph."""

    store: str
    former: Mapping[str, Lines | None]


def default_path(store: str) -> Path:
    """Return where the journal of a graph store is kept: in the user's state folder (XDG)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = hashlib.sha256(store.encode()).hexdigest()[:16]
    return Path(state) / "charterkb" / f"publish-{name}.json"


def write_journal(path: Path, journal: Journal) -> None:
    """Keep a journal; SourceError when it cannot be written."""
    former = {
        graph: None if lines is None else sorted(lines) for graph, lines in journal.former.items()
    }
    content = {"store": journal.store, "former": former}
    write_file(path, json.dumps(content, ensure_ascii=False, indent=0).encode())


def read_journal(path: Path, store: str) -> Journal | None:
    """Return the journal of a graph store, None when there is none; SourceError if unreadable."""
    try:
        content = json.loads(path.read_bytes())
        former = {
            str(graph): None if lines is None else frozenset(str(line) for line in lines)
            for graph, lines in content["former"].items()
        }
        journal = Journal(str(content["store"]), former)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"it is no journal of a publication ({error})"
        raise SourceError(path, message, "name another file") from error
    if journal.store != store:
        raise SourceError(path, f"it is the journal of {journal.store}", "name another file")
    return journal
