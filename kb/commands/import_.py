"""Bring a published coding into the base: a table of documents, rights and pinpoints.

charterkb import template writes a blank table to fill in, or a blank mapping; charterkb import
coding reads both and adds what they say. Nothing is guessed: what cannot be read is told, with the
cell and the remedy, and then nothing is written. See docs/importing.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kb.commands._arguments import path
from kb.commands._output import tell
from kb.importing.report import difference, summary
from kb.importing.run import Outcome, import_coding
from kb.importing.template import write_template
from kb.importing.wording import say
from kb.importing.writing import write_all
from kb.layout import Layout
from kb.problems import Problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    things = parser.add_subparsers(title="what", metavar="coding|template", required=True)
    coding = things.add_parser(
        "coding", help="add what a table finds", description="Add what the table of a coding finds."
    )
    coding.add_argument("table", type=path, metavar="TABLE", help="the table, .csv or .xlsx")
    coding.add_argument(
        "--mapping", type=path, required=True, metavar="MAPPING.toml", help="how to read the table"
    )
    coding.add_argument(
        "--dry-run", action="store_true", help="tell what would be written, and write nothing"
    )
    coding.add_argument(
        "--replace",
        action="store_true",
        help="put what the table says in place of what was imported before and differs",
    )
    coding.add_argument("--lang", choices=("fr", "en"), default="en", help="language of messages")
    coding.set_defaults(import_thing=_import_coding)
    template = things.add_parser(
        "template", help="write a blank table or mapping", description="Write a blank table."
    )
    template.add_argument(
        "output", nargs="?", type=path, metavar="OUT", help="a new file (default: standard output)"
    )
    kind = template.add_mutually_exclusive_group()
    kind.add_argument("--xlsx", action="store_true", help="a workbook; OUT is needed")
    kind.add_argument("--mapping", action="store_true", help="a mapping, with notes, in TOML")
    template.set_defaults(import_thing=_write_template)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Do what was asked for."""
    return int(options.import_thing(options, layout))


def _import_coding(options: argparse.Namespace, layout: Layout) -> int:
    """Import a coding; 1 when there are problems that forbid it."""
    outcome = import_coding(options.table, options.mapping, layout, replace=options.replace)
    for problem in sorted(outcome.problems, key=Problem.sort_key):
        print(problem.text(options.lang), file=sys.stderr)
    if outcome.plan is None:
        tell(say("report-refused", options.lang, count=len(outcome.problems)) + "\n")
        return 1
    if not options.dry_run:
        write_all(outcome.plan.contents)
    tell(_report(outcome, options, layout) + "\n")
    return 0


def _report(outcome: Outcome, options: argparse.Namespace, layout: Layout) -> str:
    """Return what is told of an import that is sound."""
    plan, lang = outcome.plan, options.lang
    assert plan is not None
    parts = [summary(outcome, plan, lang)]
    if not plan.contents:
        parts.append(say("report-nothing", lang))
    elif options.dry_run:
        parts.append(difference(plan, layout, lang))
        parts.append(say("report-dry", lang, files=len(plan.contents)))
    else:
        parts.append(say("report-written", lang, files=len(plan.contents)))
    return "\n".join(parts)


def _write_template(options: argparse.Namespace, layout: Layout) -> int:
    """Write a blank table, workbook or mapping."""
    kind = "xlsx" if options.xlsx else "mapping" if options.mapping else "csv"
    content = write_template(kind, options.output and Path(options.output))
    if content:
        tell(content)
    return 0
