"""The derived dataset, written out whole: what a release holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyoxigraph as ox

from kb.dataset import DatasetInfo, describe
from kb.embedded import EmbeddedEngine
from kb.errors import NotFound
from kb.export import FORMATS, export
from kb.files import write_file, write_folder

STEM = "charterkb"
_PRODUCTS = frozenset(
    (*(f"{STEM}.{form.suffix}" for form in FORMATS.values()), "validation.json", "manifest.json")
)


def build(store: ox.Store, output: Path, *, report: bytes = b"") -> DatasetInfo:
    """Write a base to `output` and return its figures.

    A file name with a known suffix gets that one format; anything else becomes a folder with every
    format, the validation report (JSON) and `manifest.json` with sizes and SHA-256 digests. What
    stood there before is replaced only once all is written. SourceError when it cannot be.
    """
    info = describe(EmbeddedEngine(store))
    name = format_of(output)
    if name:
        write_file(output, export(store, name))
        return info
    contents = {f"{STEM}.{form.suffix}": export(store, key) for key, form in FORMATS.items()}
    if report:
        contents["validation.json"] = report
    contents["manifest.json"] = _manifest(info, contents)
    write_folder(output, contents, replaces=_PRODUCTS)
    return info


def format_of(path: Path) -> str | None:
    """Return the export format that a file name asks for, or nothing when it is a folder's name."""
    for name, form in FORMATS.items():
        if path.name.endswith(f".{form.suffix}"):
            return name
    if path.suffix and not path.is_dir():
        suffixes = ", ".join(f".{form.suffix}" for form in FORMATS.values())
        raise NotFound(f"no format goes by the suffix of “{path.name}” — use {suffixes}")
    return None


def _manifest(info: DatasetInfo, contents: dict[str, bytes]) -> bytes:
    """Return what was built, as JSON."""
    files = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(contents.items())
    }
    manifest = {
        "version": info.version,
        "digest": info.digest,
        "triples": info.triples,
        "graphs": dict(info.graphs),
        "classes": dict(info.classes),
        "files": files,
    }
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
