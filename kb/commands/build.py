"""Write the derived dataset: every format in a folder, or one file by its suffix.

The base is validated first; a build that fails leaves the former one as it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from kb.build import build, format_of
from kb.commands._arguments import path
from kb.commands._gate import add_force, passes
from kb.layout import Layout
from kb.store import load_store
from kb.validation import render


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        "--output",
        "-o",
        type=path,
        default=Path("dist/dataset"),
        metavar="DIR|FILE",
        help="where to write (default: dist/dataset)",
    )
    add_force(parser)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Validate, derive, write."""
    format_of(options.output)
    report = passes(options, layout)
    info = build(load_store(layout), options.output, report=render(report, "json", "en").encode())
    print(f"{options.output}: {info.triples} triples, version {info.version}, {info.digest[:12]}")
    return 0
