"""Serve the knowledge base: SPARQL endpoint, pages in French and English, linked data, dumps.

Prints the address once it answers. Stop it with Ctrl-C; SIGHUP, or charterkb reload, loads the data
anew. Every option can be set in the environment too: --time-limit is CHARTERKB_TIME_LIMIT.
"""

from __future__ import annotations

import argparse
import os

from kb.layout import Layout

_OPTIONS = (
    ("workers", "N", "processes for short queries (default: one a processor)"),
    ("slow-workers", "N", "processes for long queries (default: half as many)"),
    ("page-workers", "N", "processes for pages (default: one a processor, at most 4)"),
    (
        "store",
        "STORE",
        "memory (default: the records), an .nq file, a folder made by build --store, or the URL of"
        " a SPARQL endpoint",
    ),
    ("time-limit", "S", "seconds a query may take (default 10)"),
    ("memory-limit", "MB", "memory a query may take beyond the store's (default 1024)"),
    ("max-result", "MB", "size of an answer (default 256)"),
    ("max-query", "BYTES", "size of a query (default 65536)"),
    ("max-depth", "N", "brackets in brackets (default 64)"),
    ("max-queries", "N", "queries running or waiting (default 64)"),
    ("max-client-queries", "N", "the same, of one client (default 4)"),
    ("cache", "MB", "memory for kept answers (default 64; 0: none)"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    host = os.environ.get("CHARTERKB_HOST") or "127.0.0.1"
    # A text: argparse reads it as it reads the option, and tells what is wrong with it.
    port = os.environ.get("CHARTERKB_PORT") or "8000"
    parser.add_argument("--host", type=_host, default=host, help="address (default %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port (default %(default)s)")
    for name, unit, meaning in _OPTIONS:
        parser.add_argument(f"--{name}", metavar=unit, help=meaning)
    parser.add_argument(
        "--log-clients", action="store_const", const="1", help="have the log name addresses"
    )


def _host(text: str) -> str:
    """Return a host; ArgumentTypeError for an empty one, which sockets take for all addresses."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty — name the address to listen on")
    return text


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Serve until stopped."""
    # The one place where the library reaches up to the server, which it otherwise knows nothing of.
    from server.settings import variable
    from server.supervisor import serve

    environ = dict(os.environ)
    for name in (*(name.replace("-", "_") for name, _, _ in _OPTIONS), "log_clients"):
        if (value := getattr(options, name)) is not None:
            environ[variable(name)] = value
    if options.data:
        environ[variable("data")] = str(layout.data)
    return serve(environ, host=options.host, port=options.port)
