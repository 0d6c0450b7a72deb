"""Triples written out in the formats of descriptions: equal data give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kb.export import FORMATS
from kb.turtle_writer import write_turtle

SUFFIXES = ("ttl", "nt", "rdf", "jsonld")
_WRITERS = {form.suffix: form.write for form in FORMATS.values()}


def write_rdf(triples: Iterable[ox.Triple], suffix: str, *, first: str = "") -> bytes:
    """Return triples in the format of a suffix; Turtle begins with what is named `first`."""
    unique = {str(triple): triple for triple in triples}
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph())
        for _, triple in sorted(unique.items())
    ]
    if suffix == "ttl":
        return write_turtle(quads, Path(first.rsplit("/", 1)[-1])).encode()
    return _WRITERS[suffix](quads)
