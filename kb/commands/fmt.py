"""Write Turtle files in their canonical layout, or check that they are.

Without PATH: all files of the base and of the ontology. Comments do not survive: write a note as
skos:editorialNote.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kb.commands._arguments import path as argument
from kb.commands._output import tell
from kb.errors import NotFound, SourceError
from kb.files import write_file
from kb.layout import Layout
from kb.turtle import format_turtle, read_bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("paths", nargs="*", type=argument, metavar="PATH", help="files or folders")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a file would change"
    )


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Format or check each file; every unreadable file is told, none is touched by halves."""
    changed, broken = 0, 0
    for path in _files(options.paths, layout):
        try:
            content = read_bytes(path)
            wanted = format_turtle(content, path).encode()
        except SourceError as error:
            print(error, file=sys.stderr)
            broken += 1
            continue
        if wanted == content:
            continue
        changed += 1
        if options.check:
            tell(f"{path}: not in canonical layout — run `charterkb fmt {path}`\n")
        else:
            write_file(path, wanted)
            print(f"{path}: formatted")
    if broken:
        return 2
    return 1 if options.check and changed else 0


def _files(paths: list[Path], layout: Layout) -> list[Path]:
    """Return the Turtle files meant; NotFound when a path does not exist."""
    if not paths:
        return [
            *layout.ontology_files(),
            *layout.voc_files(),
            *layout.shape_files(),
            *layout.data_files(),
        ]
    if missing := [path for path in paths if not path.exists()]:
        raise NotFound(f"there is no file or folder {', '.join(map(str, missing))}")
    found = (sorted(path.rglob("*.ttl")) if path.is_dir() else [path] for path in paths)
    return [file for files in found for file in files]
