"""The files of a base, read into quads: one named graph per file.

Every file is read, whatever the others hold; what cannot be read becomes a `Problem`.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kb.alignments import read_alignments
from kb.errors import SourceError
from kb.layout import TEXTS_GRAPH, Layout
from kb.namespaces import DRC, ID, SHAPES
from kb.problems import BrokenBase, Problem, Severity
from kb.turtle import parse_turtle, read_bytes

_SYNTAX_RULE = SHAPES + "Syntax"
_MAX_BYTES = 20 * 1024 * 1024
"""A curated file is some kilobytes; one above this is a mistake, refused before it is parsed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files of a base hold: quads by file, and what could not be read."""

    quads: dict[Path, list[ox.Quad]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_base(layout: Layout, *, texts: bool = False) -> Reading:
    """Read all files of a base but its shapes; `texts` adds the full texts held as evidence."""
    reading = Reading()
    turtle = [*layout.ontology_files(), *layout.voc_files(), *layout.data_files()]
    for path in turtle:
        _read(reading, layout, path, parse_turtle)
    for path in layout.alignment_files():
        _read(reading, layout, path, read_alignments)
    for path in layout.text_files() if texts else []:
        _read(reading, layout, path, _read_text)
    return reading


def read_text(layout: Layout, document: str) -> str:
    """Return the text held for a source document (its slug); SourceError when there is none."""
    return read_bytes(layout.data / "texts" / f"{document}.txt").decode("utf-8")


def _read(
    reading: Reading,
    layout: Layout,
    path: Path,
    reader: Callable[[Path, ox.NamedNode], list[ox.Quad]],
) -> None:
    """Add the quads of one file to the reading, or the problem it has."""
    try:
        _refuse_unfit(path)
        reading.quads[path] = reader(path, ox.NamedNode(layout.graph_iri(path)))
    except BrokenBase as error:
        reading.problems.extend(error.problems)
    except SourceError as error:
        reading.problems.append(syntax_problem(error))


def _refuse_unfit(path: Path) -> None:
    """Raise SourceError for what is no file, or too large to be a curated one."""
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(path, error.strerror or str(error), "check the path") from error
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(path, "it is no file", "move it out of the base")
    size = status.st_size
    if size > _MAX_BYTES:
        fix = f"split it into files below {_MAX_BYTES // 2**20} MB, one for each record"
        raise SourceError(path, f"the file has {size // 2**20} MB", fix)


def _read_text(path: Path, graph: ox.NamedNode) -> list[ox.Quad]:
    """Return the quad that carries a full text, in the private graph of texts."""
    document = ox.NamedNode(f"{ID}document/{path.stem}")
    text = ox.Literal(read_bytes(path).decode("utf-8"))
    return [ox.Quad(document, ox.NamedNode(DRC + "plainText"), text, ox.NamedNode(TEXTS_GRAPH))]


def syntax_problem(error: SourceError) -> Problem:
    """Return the problem of a file that cannot be read."""
    return Problem(
        file=str(error.path),
        line=error.line,
        subject="",
        rule=_SYNTAX_RULE,
        severity=Severity.VIOLATION,
        message={"en": error.message, "fr": f"fichier illisible ({error.message})"},
        remedy={"en": error.fix, "fr": f"corriger le fichier à cet endroit ({error.fix})"},
    )
