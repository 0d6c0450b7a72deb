"""Check the base: syntax, layout, SHACL shapes, SPARQL checks, text digests. Tells all problems.

With PATH, only problems of these files or folders are told; they are still checked together with
the whole base.
"""

from __future__ import annotations

import argparse

from kb.commands._arguments import path
from kb.commands._output import tell
from kb.errors import NotFound
from kb.layout import Layout
from kb.problems import Severity
from kb.validation import FORMATS, render, validate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("paths", nargs="*", type=path, metavar="PATH", help="files or folders")
    parser.add_argument("--lang", choices=("fr", "en"), default="en", help="language of messages")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="form of report")
    parser.add_argument(
        "--severity",
        choices=("info", "warning", "violation"),
        default="info",
        help="tell problems at least this grave (default: info, that is all)",
    )


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print the report; 1 when there is a violation."""
    if missing := [each for each in options.paths if not each.exists()]:
        raise NotFound(f"there is no file or folder {', '.join(map(str, missing))}")
    report = validate(layout, only=options.paths)
    shown = report.at_least(Severity.named(options.severity))
    tell(render(shown, options.format, options.lang))
    return 0 if report.conforms else 1
