"""Write the base, or some of its graphs, in one format: the same bytes for the same data.

The base is validated first. Without -o the export goes to standard output.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kb.commands._arguments import path
from kb.commands._gate import add_force, passes
from kb.export import FORMATS, export
from kb.files import write_file
from kb.layout import Layout
from kb.namespaces import GRAPH
from kb.store import load_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        "--format",
        "-f",
        choices=tuple(FORMATS),
        help="(default: what the file's suffix says, else nq)",
    )
    parser.add_argument(
        "--graph",
        "-g",
        action="append",
        default=[],
        metavar="GRAPH",
        help="only this named graph: its IRI, or its name such as principles/privacy; repeatable",
    )
    parser.add_argument("--output", "-o", type=path, metavar="FILE", help="the file to write")
    parser.add_argument("--no-derived", action="store_true", help="leave derived links out")
    add_force(parser)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Validate, then write the export."""
    passes(options, layout)
    graphs = [each if ":" in each else GRAPH + each for each in options.graph]
    store = load_store(layout)
    content = export(
        store,
        options.format or _format_of(options.output),
        graphs=graphs,
        derived=not options.no_derived,
    )
    if options.output:
        write_file(options.output, content)
    else:
        sys.stdout.buffer.write(content)
    return 0


def _format_of(output: Path | None) -> str:
    """Return the format that goes by the suffix of a file name; N-Quads when none does."""
    name = output.name if output else ""
    return next((key for key, f in FORMATS.items() if name.endswith(f".{f.suffix}")), "nq")
