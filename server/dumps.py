"""The whole dataset as files, in every export format, and the same compressed.

Written on first demand and kept in memory: the data do not change while the server runs.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from threading import RLock

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, make_response

from kb.descriptions import Dump
from kb.engine import Engine
from kb.errors import NotFound
from kb.export import FORMATS, export
from kb.query import find_query
from server.headers import conditional
from server.site import current_site

blueprint = Blueprint("dumps", __name__)

EXTENSION = "charterkb-dumps"
STEM = "charterkb"
GZIP = "application/gzip"
_GZIP_LEVEL = 6
_BY_SUFFIX = {form.suffix: name for name, form in FORMATS.items()}
_COMPRESSED = frozenset(("csv.zip",))
_TEXT = frozenset(("text/turtle",))


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A dump as it is sent."""

    name: str
    media_type: str
    compression: str
    content: bytes
    sha256: str


@dataclass(slots=True)
class DumpShelf:
    """The dumps of one dataset that were written so far."""

    engine: Engine
    _files: dict[str, DumpFile] = field(default_factory=dict)
    _stores: list[ox.Store] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    def file(self, name: str) -> DumpFile:
        """Return the dump of that file name, written if need be; NotFound."""
        if name not in dump_names():
            raise NotFound(f"no dump is named {name}")
        with self._lock:
            if name not in self._files:
                self._files[name] = self._write(name)
            return self._files[name]

    def _write(self, name: str) -> DumpFile:
        """Write one dump; equal data give equal bytes, compressed or not."""
        suffix = name.removeprefix(f"{STEM}.").removesuffix(".gz")
        key = _BY_SUFFIX[suffix]
        compression = GZIP if name.endswith(".gz") else ""
        if compression:
            plain = self.file(name.removesuffix(".gz")).content
            content = gzip.compress(plain, _GZIP_LEVEL, mtime=0)
        else:
            content = export(self._store(), key)
        digest = hashlib.sha256(content).hexdigest()
        return DumpFile(name, FORMATS[key].media_type, compression, content, digest)

    def _store(self) -> ox.Store:
        """Return all quads that the engine answers for, in a store that can be exported."""
        if not self._stores:
            store = ox.Store()
            node = ox.NamedNode
            store.bulk_extend(
                ox.Quad(
                    _subject(row["subject"]),
                    node(row["predicate"].value),
                    row["object"],
                    node(row["graph"].value),
                )
                for row in self.engine.select(find_query("dataset/quads"))
            )
            self._stores.append(store)
        return self._stores[0]


def _subject(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.NamedNode | ox.BlankNode:
    """Return a term that stood as a subject."""
    assert not isinstance(term, ox.Literal)
    return term


def dump_names() -> list[str]:
    """Return the file names of all dumps."""
    plain = [f"{STEM}.{form.suffix}" for form in FORMATS.values()]
    packed = [f"{name}.gz" for name in plain if not name.endswith(tuple(_COMPRESSED))]
    return [*plain, *packed]


def dump_urls(root: str) -> list[str]:
    """Return the addresses of all dumps served below `root`."""
    return [f"{root}dump/{name}" for name in dump_names()]


def describe_dumps(root: str) -> list[Dump]:
    """Return address, size and digest of every dump served below `root`."""
    dumps = []
    for name in dump_names():
        file = _shelf().file(name)
        dumps.append(
            Dump(
                url=f"{root}dump/{name}",
                media_type=file.media_type,
                size=len(file.content),
                sha256=file.sha256,
                compression=file.compression,
            )
        )
    return dumps


@blueprint.get("/dump/<name>")
def dump(name: str) -> Response:
    """Return a dump as a file to save."""
    file = _shelf().file(name)
    response = make_response(file.content)
    media_type = file.compression or file.media_type
    is_text = media_type in _TEXT
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8" if is_text else media_type
    saved = name.replace(STEM, f"{STEM}-{current_site().dataset.version}", 1)
    response.headers.set("Content-Disposition", "attachment", filename=saved)
    licence = current_site().licence
    if licence:
        response.headers["Link"] = f'<{licence}>; rel="license"'
    return conditional(response, "dump", name, file.sha256)


def _shelf() -> DumpShelf:
    """Return the dumps of the application that is answering."""
    shelf = current_app.extensions.setdefault(EXTENSION, DumpShelf(current_site().engine))
    assert isinstance(shelf, DumpShelf)
    return shelf
