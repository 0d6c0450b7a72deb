"""The command `charterkb`: one module in `kb.commands` for each thing it does.

Exit status: 0 fine, 1 problems found, 2 wrong use or cannot run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from kb.commands import COMMANDS, load_command
from kb.commands._arguments import path
from kb.commands._output import hush, prepare_streams
from kb.errors import KbError, NotFound
from kb.layout import Layout, shipped_layout

_ABOUT = """\
Digital-rights charters as linked data: who proclaimed which principle, where exactly,
with what force, and what became of it.
"""
_STATUS = "exit status: 0 fine, 1 problems found, 2 wrong use or cannot run"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status; errors are told in one line each."""
    prepare_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser(arguments).parse_args(arguments)
    try:
        status = int(options.run(options, _layout(options.data)))
        sys.stdout.flush()
        return status
    except KbError as error:
        print(f"charterkb: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, a pager) has seen enough.
        hush()
        return 0
    except OSError as error:
        hush()
        print(f"charterkb: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of a command line: it knows the commands named there, else all of them."""
    parser = argparse.ArgumentParser(prog="charterkb", description=_ABOUT, epilog=_STATUS)
    parser.add_argument(
        "--version", action="version", version=f"charterkb {version('digital-rights-charter-kb')}"
    )
    parser.add_argument(
        "--data",
        type=path,
        default=os.environ.get("CHARTERKB_DATA") or None,
        metavar="FOLDER",
        help="work on the records in FOLDER instead of the shipped ones (or set CHARTERKB_DATA)",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [name for name in COMMANDS if name in arguments] or COMMANDS:
        module = load_command(name)
        text = (module.__doc__ or "").strip()
        command = commands.add_parser(
            name,
            help=text.splitlines()[0],
            description=text,
            epilog=_STATUS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _layout(data: str | Path | None) -> Layout:
    """Return the base to work on; NotFound when the folder asked for is not there."""
    shipped = shipped_layout()
    if data is None:
        return shipped
    folder = Path(data)
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder} — give the folder that holds the records")
    return Layout(folder.resolve(), shipped.ontology)


if __name__ == "__main__":
    sys.exit(main())
