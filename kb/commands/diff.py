"""Tell what changed between two states of the base: records and facts that came, went, changed.

OLD and NEW are dumps (.nq, .trig, .ttl, .nt, .jsonld, .rdf), folders made by `charterkb build`, or
data folders. Exit status 1 when they differ. Derived links are left out.
"""

from __future__ import annotations

import argparse
import json

from kb.commands._arguments import path
from kb.commands._output import tell
from kb.diff import compare
from kb.layout import Layout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("old", type=path, metavar="OLD")
    parser.add_argument("new", type=path, metavar="NEW")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print the difference; 1 when there is one."""
    difference = compare(options.old, options.new)
    if options.json:
        tell(json.dumps(difference.as_json(), indent=2, ensure_ascii=False) + "\n")
    else:
        tell(difference.as_text() + "\n")
    return 1 if difference.added or difference.removed or difference.changed else 0
