"""Tell how far the base reaches: `report coverage` counts what it holds, and what is lacking.

Instruments by region, type, force, adopter and decade; articulations and absences of each
principle; how the texts were read; how far two readers agree; what is unverified or untranslated.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from kb.commands._output import tell
from kb.embedded import EmbeddedEngine
from kb.layout import Layout
from kb.report import as_text, coverage
from kb.store import load_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("report", choices=("coverage",), help="which report")
    parser.add_argument("--lang", choices=("fr", "en"), default="en", help="language")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print the report."""
    sections = coverage(EmbeddedEngine(load_store(layout)), options.lang)
    if options.json:
        text = json.dumps([asdict(section) for section in sections], indent=2, ensure_ascii=False)
        tell(text + "\n")
    else:
        tell(as_text(sections, options.lang))
    return 0
