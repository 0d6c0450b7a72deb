"""Serving with waitress: pure Python, so that one command serves wherever Python runs."""

from __future__ import annotations

import os
import socket
import sys
import threading

from waitress.server import create_server

from kb.layout import Layout
from server import create_app
from server.settings import SettingError, read_settings
from server.site import open_site

_THREADS = 8
_MAX_HEADER = 256 * 1024
"""Room for the longest query a GET may carry, percent-encoded."""
_STACK = 256 * 1024 * 1024
"""The engine's parser calls itself for every link of a chain of operators, and a stack that is too
short ends the process: this one holds the longest chain that the longest query can be. Only what is
used takes memory."""


def serve(layout: Layout, *, host: str, port: int) -> None:
    """Serve a base until stopped; prints the address once it answers.

    SettingError when the address is taken or not ours.
    """
    settings = read_settings(os.environ)
    app = create_app(open_site(settings, layout))
    shown = f"[{host}]" if ":" in host else host
    with _listen(host, port) as listening:
        threading.stack_size(_STACK)
        server = create_server(
            app,
            sockets=[listening],
            threads=_THREADS,
            ident=None,
            server_name=shown,
            max_request_header_size=_MAX_HEADER,
            max_request_body_size=settings.max_body + _MAX_HEADER,
        )
        print(f"Serving on http://{shown}:{port}/ — stop with Ctrl-C", file=sys.stderr, flush=True)
        server.run()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that waits at an address; SettingError when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"cannot listen on {host}:{port} ({reason}) — choose another --host or --port"
        raise SettingError(message) from error
