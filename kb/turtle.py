"""Turtle files: read into quads, and written back in one canonical layout.

A file that cannot be read raises `SourceError` with its line; nothing is guessed.
"""

from __future__ import annotations

import codecs
from pathlib import Path

import pyoxigraph as ox

from kb.errors import SourceError
from kb.turtle_writer import write_turtle


def parse_turtle(path: Path, graph: ox.NamedNode | None = None) -> list[ox.Quad]:
    """Return the quads of a Turtle file, in the given graph; SourceError says the line."""
    return parse_turtle_bytes(read_bytes(path), path, graph)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file; SourceError when it cannot be read or is no plain UTF-8."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        # A pipe or device may never end.
        raise SourceError(path, "it is no file", "name a file")
    try:
        content = path.read_bytes()
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            path, f"byte {error.start} is not UTF-8", "save the file as UTF-8", line=line
        ) from error
    except OSError as error:
        raise SourceError(path, error.strerror or str(error), "check the path") from error
    if content.startswith(codecs.BOM_UTF8):
        raise SourceError(path, "it begins with a byte order mark", "save it without", line=1)
    return content


def parse_turtle_bytes(
    content: bytes, path: Path, graph: ox.NamedNode | None = None
) -> list[ox.Quad]:
    """Return the quads of a Turtle document; `path` is only named in errors (SourceError)."""
    try:
        triples = ox.parse(input=content, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        target = graph or ox.DefaultGraph()
        return [ox.Quad(q.subject, q.predicate, q.object, target) for q in triples]
    except SyntaxError as error:
        message = str(error.msg).removesuffix(f" (line {error.lineno})")
        fix = "mend the Turtle syntax there"
        if "prefix" in message.lower():
            fix = "declare the prefix with @prefix at the top of the file"
        raise SourceError(path, message, fix, line=error.lineno) from error
    except MemoryError as error:
        message = "one term or comment is longer than the parser can hold"
        raise SourceError(path, message, "check that this is a Turtle file") from error


def format_turtle(content: bytes, path: Path) -> str:
    """Return the canonical layout of a Turtle document; SourceError when it cannot be read."""
    return write_turtle(parse_turtle_bytes(content, path), path)
