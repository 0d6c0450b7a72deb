"""Tell what the base is: versions, digest, records of each class, triples of each graph."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version

from kb.dataset import describe
from kb.embedded import EmbeddedEngine
from kb.layout import Layout
from kb.namespaces import GRAPH, shorten
from kb.store import load_store

_ENGINES = ("pyoxigraph", "rdflib", "pyshacl", "flask")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print the figures of the base."""
    info = describe(EmbeddedEngine(load_store(layout)))
    versions = {name: version(name) for name in ("digital-rights-charter-kb", *_ENGINES)}
    if options.json:
        facts = {
            "versions": versions,
            "dataset": info.version,
            "digest": info.digest,
            "triples": info.triples,
            "classes": dict(info.classes),
            "graphs": dict(info.graphs),
        }
        print(json.dumps(facts, indent=2, ensure_ascii=False))
        return 0
    print(f"dataset {info.version}  {info.digest[:12]}  {info.triples} triples")
    for name, number in versions.items():
        print(f"  {name} {number}")
    print("\nrecords of each class")
    for iri, count in info.classes.items():
        print(f"  {count:6}  {shorten(iri)}")
    print("\ntriples of each graph")
    for iri, count in info.graphs.items():
        print(f"  {count:6}  {iri.removeprefix(GRAPH)}")
    return 0
