"""Serving with waitress: pure Python, so that one command serves wherever Python runs."""

from __future__ import annotations

import os
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
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            max_request_header_size=_MAX_HEADER,
            max_request_body_size=settings.max_body + _MAX_HEADER,
        )
    except OSError as error:
        message = f"cannot listen on {host}:{port} ({error.strerror}) — choose another --port"
        raise SettingError(message) from error
    shown = f"[{host}]" if ":" in host else host
    print(f"Serving on http://{shown}:{port}/ — stop with Ctrl-C", file=sys.stderr, flush=True)
    server.run()
