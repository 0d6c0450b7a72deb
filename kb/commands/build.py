"""Write the derived dataset: every format in a folder, or one file by its suffix.

The base is validated first; a build that fails leaves the former one as it was. With --store, an
on-disk store is written instead, for charterkb serve --store; it may also be made of a dump.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from kb.build import build, format_of
from kb.commands._arguments import path
from kb.commands._gate import add_force, passes
from kb.disk_store import write_disk_store
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
    parser.add_argument(
        "--store", type=path, metavar="DIR", help="write an on-disk store to a new folder"
    )
    parser.add_argument(
        "--from",
        dest="dump",
        type=path,
        metavar="FILE.nq",
        help="with --store: the N-Quads to put in it, as they are, instead of the base",
    )
    add_force(parser)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Validate, derive, write."""
    # Asked to end, it first removes what is half written.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if options.store and options.dump:
        info = write_disk_store(options.dump, options.store)
    elif options.store:
        passes(options, layout)
        info = write_disk_store(load_store(layout), options.store)
    else:
        format_of(options.output)
        report = passes(options, layout)
        rendered = render(report, "json", "en").encode()
        info = build(load_store(layout), options.output, report=rendered)
    place = options.store or options.output
    print(f"{place}: {info.triples} triples, version {info.version}, {info.digest[:12]}")
    return 0
