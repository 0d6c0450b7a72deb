"""Where a subject is: its file, its line there, and how a file is named in a report."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kb.layout import FOLDERS, companions
from kb.namespaces import ID, VOC, shorten
from kb.validation.base import Base
from kb.validation.result import Node, Term


class Places:
    """Finds the file and the line of a subject; reads a file's lines at most once."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._lines: dict[Path, dict[str, int]] = {}
        self._files: dict[object, Path] = {}
        tables = set(base.layout.alignment_files())
        for described in (False, True):
            # Tables come last: a row is about a record, but does not describe it.
            for path, quads in base.quads.items():
                if (path in tables) is described and path.suffix != ".txt":
                    for quad in quads:
                        self._files.setdefault(quad.subject, path)

    def file(self, node: Node) -> Path | None:
        """Return the file that describes a node, or nothing."""
        return self._files.get(node)

    def __len__(self) -> int:
        """Return how many nodes the files of the base describe."""
        return len(self._files)

    def line(self, path: Path, node: Node) -> int | None:
        """Return the line where a subject begins, read off the text: exact in canonical Turtle."""
        if path not in self._lines:
            self._lines[path] = _subject_lines(path)
        return self._lines[path].get(shorten(node.value)) or self._lines[path].get(str(node))

    def display(self, path: Path) -> str:
        """Return a path as reports show it: from the working directory if it lies below it.

        Else from the folder above the package or data folder, so that it does not depend on where
        the package is installed.
        """
        if path.is_relative_to(Path.cwd()):
            return path.relative_to(Path.cwd()).as_posix()
        for root in (self._base.layout.data, self._base.layout.ontology):
            if path.is_relative_to(root):
                above = root.parents[1] if root == self._base.layout.data else root.parent
                return path.relative_to(above).as_posix()
        return path.as_posix()

    def is_left_out(self, term: Term | None) -> bool:
        """Tell whether a term would be described by a file that could not be read."""
        if not isinstance(term, ox.NamedNode):
            return False
        return any(_belongs(term.value, path) for path in self._base.unread)


def split_record(iri: str) -> tuple[str, str] | None:
    """Return type and slug of a record, the fragment of a selector left out; nothing if foreign."""
    name = iri.removeprefix(ID).partition("#")[0]
    record_type, slash, slug = name.partition("/")
    return (record_type, slug) if slash and iri.startswith(ID) else None


def _belongs(iri: str, path: Path) -> bool:
    """Tell whether an IRI is one that a file of that name would describe."""
    folder, stem = path.parent.name, path.name.split(".", 1)[0]
    if folder == "voc":
        return iri == VOC + stem or iri.startswith(f"{VOC}{stem}/")
    parts = split_record(iri)
    if parts is None:
        return False
    record_type, slug = parts
    if stem == "schemes" and record_type == "scheme":
        return True
    if record_type in FOLDERS.get(folder, ()):
        return slug == stem
    near = slug.startswith(f"{stem}-") or record_type == "quotation"
    return near and record_type in companions(folder)


def _subject_lines(path: Path) -> dict[str, int]:
    """Return the first line that begins with each name: a subject in Turtle, a cell in a table."""
    found: dict[str, int] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return found
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line[0].isspace() and not line.startswith(("@", "#")):
            found.setdefault(line.split("\t" if path.suffix == ".tsv" else None, 1)[0], number)
    return found
