"""Serving with waitress: pure Python, so that one command serves wherever Python runs."""

from __future__ import annotations

import os
import socket
import sys

from waitress.server import create_server

from kb.layout import Layout
from server import create_app
from server.settings import SettingError, read_settings
from server.site import open_site

_THREADS = 8
_MAX_HEADER = 256 * 1024
"""Room for the longest query a GET may carry, percent-encoded."""


def serve(layout: Layout, *, host: str, port: int) -> None:
    """Serve a base until stopped; prints the address once it answers.

    SettingError when the address is taken or not ours.
    """
    settings = read_settings(os.environ)
    app = create_app(open_site(settings, layout))
    with _listen(host, port) as listening:
        server = create_server(
            app,
            sockets=[listening],
            threads=_THREADS,
            ident=None,
            max_request_header_size=_MAX_HEADER,
            max_request_body_size=settings.max_body + _MAX_HEADER,
        )
        shown = f"[{host}]" if ":" in host else host
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
