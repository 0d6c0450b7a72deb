"""Have the running server load its data anew, and tell what came of it.

The old data answer until the new ones, if they are valid, take their place all at once.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import urllib.request

from kb.errors import NotFound
from kb.layout import Layout

_PATIENCE_SECONDS = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    port = os.environ.get("CHARTERKB_PORT") or "8000"
    parser.add_argument("--port", type=int, default=port, help="port of the server (%(default)s)")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Signal the server and wait for the outcome."""
    from server.run_file import RunningServer, find_server

    server: RunningServer = find_server(options.port)
    before = _reloads(server.host, server.port)
    os.kill(server.pid, signal.SIGHUP)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.1)
        now = _reloads(server.host, server.port)
        if now["done"] != before["done"]:
            print("The data were loaded anew.")
            return 0
        if now["refused"] != before["refused"]:
            print(f"The data were not loaded: {now['last']}", file=sys.stderr)
            return 1
    raise NotFound(f"nothing was heard of the reload within {_PATIENCE_SECONDS:.0f} s")


def _reloads(host: str, port: int) -> dict[str, int | str]:
    """Return what the server tells of its reloads; NotFound when it does not answer."""
    name = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
    shown = f"[{name}]" if ":" in name else name
    try:
        with urllib.request.urlopen(f"http://{shown}:{port}/health", timeout=10) as response:
            told: dict[str, int | str] = json.load(response)["reloads"]
    except (OSError, ValueError, KeyError) as error:
        raise NotFound(f"no server answers on port {port} ({error})") from error
    return told
