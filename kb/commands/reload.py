"""Have the running server load its data anew, and tell what came of it.

The old data answer until the new ones, if they are valid, take their place all at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from kb.errors import NotFound
from kb.layout import Layout

_PATIENCE_SECONDS = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    port = os.environ.get("CHARTERKB_PORT") or "8000"
    parser.add_argument("--port", type=int, default=port, help="port of the server (%(default)s)")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Signal the server and wait for the outcome."""
    from server.run_file import find_server, is_running, read_reloads

    server, note = find_server(options.port)
    before = read_reloads(note)
    os.kill(server.pid, signal.SIGHUP)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.1)
        now = read_reloads(note)
        # A front that had to be started again has loaded the data anew by that.
        if now.answered > before.asked or before.front not in (0, now.front):
            if now.went_well:
                print("The data were loaded anew.")
                return 0
            print(f"The data were not loaded: {now.said}", file=sys.stderr)
            return 1
        if not is_running(note):
            raise NotFound(f"the server on port {options.port} has ended")
    raise NotFound(f"nothing was heard of the reload within {_PATIENCE_SECONDS:.0f} s")
