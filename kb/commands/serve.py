"""Serve the knowledge base: SPARQL endpoint, pages in French and English, linked data, dumps.

Prints the address once it answers. Stop it with Ctrl-C.
"""

from __future__ import annotations

import argparse
import os

from kb.layout import Layout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    host = os.environ.get("CHARTERKB_HOST") or "127.0.0.1"
    # A text: argparse reads it as it reads the option, and tells what is wrong with it.
    port = os.environ.get("CHARTERKB_PORT") or "8000"
    parser.add_argument("--host", type=_host, default=host, help="address (default %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port (default %(default)s)")


def _host(text: str) -> str:
    """Return a host; ArgumentTypeError for an empty one, which sockets take for all addresses."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty — name the address to listen on")
    return text


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Load the base and serve it until stopped."""
    # The one place where the library reaches up to the server, which it otherwise knows nothing of.
    from server.wsgi import serve

    serve(layout, host=options.host, port=options.port)
    return 0
