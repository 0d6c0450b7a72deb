"""Serve the knowledge base: SPARQL endpoint, pages in French and English, linked data, dumps.

Prints the address once it answers. Stop it with Ctrl-C.
"""

from __future__ import annotations

import argparse
import os

from kb.layout import Layout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--host", default=os.environ.get("CHARTERKB_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("CHARTERKB_PORT", "8000")))


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Load the base and serve it until stopped."""
    # The one place where the library reaches up to the server, which it otherwise knows nothing of.
    from server.wsgi import serve

    serve(layout, host=options.host, port=options.port)
    return 0
