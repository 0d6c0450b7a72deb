"""The store: a pure function of the files. One named graph per file; queries run over the union."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kb.derive import derive
from kb.errors import SourceError
from kb.layout import Layout
from kb.namespaces import BASE
from kb.problems import BrokenBase
from kb.sources import Reading, read_base

GENID = BASE + ".well-known/genid/"


def load_store(layout: Layout, *, derived: bool = True, texts: bool = False) -> ox.Store:
    """Return an in-memory store of a base; BrokenBase with every file that cannot be read.

    `derived` adds the derived links in their own graph; `texts` adds the full texts held as
    evidence, which no public store may hold.
    """
    reading = read_base(layout, texts=texts)
    if reading.problems:
        raise BrokenBase(reading.problems)
    store = fill_store(reading)
    skolemise(store)
    if derived:
        derive(store, layout)
    return store


def load_dump(path: Path) -> ox.Store:
    """Return an in-memory store of an N-Quads file, as it is; SourceError where it is none.

    What is derived is expected to be in it: `charterkb build` writes such files.
    """
    store = ox.Store()
    fill_from_dump(store, path)
    return store


def fill_from_dump(store: ox.Store, path: Path) -> None:
    """Put the quads of an N-Quads file into an empty store; SourceError where it is none."""
    try:
        store.bulk_load(path=path, format=ox.RdfFormat.N_QUADS, lenient=True)
    except SyntaxError as error:
        message = f"it is not N-Quads: {error.msg}"
        raise SourceError(path, message, "build it anew", line=error.lineno or 1) from error
    except OSError as error:
        raise SourceError(path, error.strerror or str(error), "give a readable file") from error


def fill_store(reading: Reading) -> ox.Store:
    """Return a store of all quads that could be read."""
    store = ox.Store()
    store.bulk_extend(quad for quads in reading.quads.values() for quad in quads)
    return store


def skolemise(store: ox.Store) -> None:
    """Give every blank node an IRI (RDF 1.1 Concepts §3.5), the same one at every load.

    Records have none; the axioms and lists of the ontology do, and no dump may hold any.
    """
    blank = [q for q in store if ox.BlankNode in (type(q.subject), type(q.object))]
    canonical = ox.Dataset(blank)
    canonical.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    for quad in blank:
        store.remove(quad)
    for quad in canonical:
        subject, target = quad.subject, quad.object
        if isinstance(subject, ox.BlankNode):
            subject = ox.NamedNode(GENID + subject.value)
        if isinstance(target, ox.BlankNode):
            target = ox.NamedNode(GENID + target.value)
        store.add(ox.Quad(subject, quad.predicate, target, quad.graph_name))
