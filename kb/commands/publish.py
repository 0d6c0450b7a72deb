"""Publish the base to a SPARQL engine elsewhere, graph by graph; if anything fails, undo it.

The base is validated first. Only graphs of this base are touched, and only those that differ. The
addresses of the query service and of the graph store follow from --to for Oxigraph, Fuseki and
Virtuoso. CHARTERKB_STORE_USER and _PASSWORD, or _TOKEN, say who you are.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from kb.addresses import find_engine, find_graph_store, http_url
from kb.commands._arguments import path
from kb.commands._gate import add_force, passes
from kb.errors import EngineError
from kb.graph_store import GraphStore
from kb.journal import default_path
from kb.layout import Layout
from kb.login import read_login
from kb.publish import Plan, Target, graphs_of, plan, publish, restore
from kb.query import find_query
from kb.store import load_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--to", type=_url, metavar="URL", help="for example http://host:3030/ds")
    parser.add_argument("--query", type=_url, metavar="URL", help="its query service, if elsewhere")
    parser.add_argument(
        "--graph-store", type=_url, metavar="URL", help="where it takes graphs, if elsewhere"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would change, only")
    parser.add_argument(
        "--restore", action="store_true", help="put back what an interrupted publication left"
    )
    parser.add_argument(
        "--journal",
        type=path,
        metavar="FILE",
        help="where former graphs are kept meanwhile (default: a file in your state folder)",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=30,
        metavar="SECONDS",
        help="how long to wait for an engine that does not answer (default %(default)s)",
    )
    add_force(parser)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Validate, compare, publish, count."""
    if options.restore:
        target = _target(options)
        print(f"{target.store.url}: {restore(target, _tell)} graphs put back")
        return 0
    passes(options, layout)
    target = _target(options)
    graphs = graphs_of(load_store(layout))
    wanted = plan(graphs, target, _tell)
    if options.dry_run:
        for graph, lines in wanted.changes.items():
            print(f"{'put' if lines is not None else 'delete'} {graph}")
        return 0
    publish(wanted, replace(target, stopping=_stopping()), _tell)
    print(f"{target.store.url}: {_summary(wanted)}")
    _warn_of_default_graph(target)
    return 0


def _target(options: argparse.Namespace) -> Target:
    """Return where to publish; EngineError when that cannot be found out."""
    if not (options.to or (options.query and options.graph_store)):
        raise EngineError("say where: --to URL, or both --query URL and --graph-store URL")
    login = read_login(os.environ)
    engine = find_engine(options.to or "", options.query or "", login)
    url = options.graph_store or find_graph_store(options.to, engine)
    store = GraphStore(url, login, patience_s=options.patience)
    journal: Path = options.journal or default_path(url)
    return Target(store, engine, journal)


def _stopping() -> Callable[[], bool]:
    """Return what tells whether Ctrl-C or SIGTERM has come; a second one ends us at once."""
    told = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        if told.is_set():
            signal.default_int_handler(number, frame)
        told.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, note)
        signal.signal(signal.SIGTERM, note)
    return told.is_set


def _summary(wanted: Plan) -> str:
    """Return what was done and what is there now."""
    same = len(wanted.former) - len(wanted.changes)
    return (
        f"{wanted.put} graphs put, {wanted.gone} deleted, {same} as they were; "
        f"{sum(wanted.counts.values())} triples in {len(wanted.counts)} graphs, counted there"
    )


def _warn_of_default_graph(target: Target) -> None:
    """Say so when pages could not be served from this engine as it is set up."""
    if not all("seen" in row for row in target.engine.select(find_query("dataset/seen"))):
        _tell(
            "its default graph is not the union of its named graphs: pages cannot be served from "
            "it until that is set (docs/engines.md)"
        )


def _url(text: str) -> str:
    """Return an address; ArgumentTypeError for one that cannot be used."""
    try:
        return http_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _tell(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)
