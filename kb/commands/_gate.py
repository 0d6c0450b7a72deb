"""The gate before every build and export: what has violations does not leave the house."""

from __future__ import annotations

import argparse
import sys

from kb.layout import Layout
from kb.problems import BrokenBase, Severity
from kb.validation import Report, validate


def add_force(parser: argparse.ArgumentParser) -> None:
    """Declare the option that opens the gate."""
    parser.add_argument(
        "--force",
        action="store_true",
        help="go on in spite of violations, which are told; unreadable files still stop it",
    )


def passes(options: argparse.Namespace, layout: Layout) -> Report:
    """Return the report of a base that may be written out; BrokenBase with its violations if not.

    With --force violations are printed instead.
    """
    report = validate(layout)
    violations = report.at_least(Severity.VIOLATION).problems
    if violations and not options.force:
        raise BrokenBase(violations)
    for problem in violations:
        print(f"skipped over: {problem.text('en')}", file=sys.stderr)
    return report
