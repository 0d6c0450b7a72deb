"""Writing to standard output, whoever reads it."""

from __future__ import annotations

import io
import os
import sys


def prepare_streams() -> None:
    """Have all text come and go in UTF-8, whatever the locale; an output that is closed is none."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream, errors in (
        (sys.stdin, "strict"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def tell(text: str) -> None:
    """Print a report whose verdict is the exit status, which stands even if nobody reads on."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Send what is still to be printed nowhere, so that the interpreter does not fail over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
