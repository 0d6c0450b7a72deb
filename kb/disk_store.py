"""The on-disk store, for bases larger than memory: built once, opened read-only by every worker."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import pyoxigraph as ox

from kb.dataset import DatasetInfo, describe, describe_dump
from kb.embedded import EmbeddedEngine
from kb.errors import SourceError
from kb.store import fill_from_dump

INFO = "dataset.json"
_QUADS = "quads"
_MEND = "build it with charterkb build --store"


def write_disk_store(source: ox.Store | Path, folder: Path) -> DatasetInfo:
    """Write a store, or the quads of an N-Quads file, to a new folder and return its figures.

    The folder appears only once it is whole. SourceError when it cannot be written or is there.
    """
    if folder.exists():
        raise SourceError(folder, "it is already there", "name a new folder, and switch to it")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    try:
        info = _fill(source, new / _QUADS)
        (new / INFO).write_text(json.dumps(asdict(info), indent=1) + "\n", encoding="utf-8")
        new.chmod(0o755)
        new.replace(folder)
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return info


def open_disk_store(folder: Path) -> ox.Store:
    """Open an on-disk store for reading; SourceError when there is none.

    A store that is open has threads, and does not survive a fork.
    """
    try:
        return ox.Store.read_only(str(folder / _QUADS))
    except OSError as error:
        raise SourceError(folder, str(error), _MEND) from error


def read_info(folder: Path) -> DatasetInfo:
    """Return the figures written beside an on-disk store; SourceError when they cannot be read."""
    try:
        return DatasetInfo(**json.loads((folder / INFO).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(folder / INFO, str(error), _MEND) from error


def _fill(source: ox.Store | Path, place: Path) -> DatasetInfo:
    """Write quads to a place on disk and return their figures."""
    store = ox.Store(str(place))
    if isinstance(source, Path):
        fill_from_dump(store, source)
        info = describe_dump(EmbeddedEngine(store), source)
    else:
        store.bulk_extend(source)
        info = describe(EmbeddedEngine(source))
    store.optimize()
    store.flush()
    return info
