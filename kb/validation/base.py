"""A base opened to be checked: everything that could be read of it, and what could not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.errors import SourceError
from kb.layout import Layout
from kb.namespaces import GRAPH
from kb.problems import Problem
from kb.sources import Reading, read_base, syntax_problem
from kb.store import fill_store
from kb.turtle import parse_turtle
from kb.validation.result import Node
from kb.validation.shapes import Shapes, read_shapes


@dataclass(frozen=True, slots=True)
class Scope:
    """The files that problems are asked of, and the nodes they describe: quads and predicates.

    The quads of a node are from whichever file. Everything is judged in the context of the whole
    base; a scope only says what need not be looked at, because no problem of its files comes of it.
    """

    files: frozenset[Path]
    facts: Mapping[Node, Collection[ox.Quad]]
    predicates: Mapping[Node, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Base:
    """The quads of each file, the store of them all (asserted, with texts), and the shapes.

    `outside` are files that do not belong to the base but are checked in its context; `unread` are
    the files left out because they could not be read; without a scope everything is asked for.
    """

    layout: Layout
    quads: dict[Path, list[ox.Quad]]
    problems: tuple[Problem, ...]
    unread: tuple[Path, ...]
    outside: tuple[Path, ...]
    store: ox.Store
    shapes: Shapes
    scope: Scope | None = None

    @property
    def complete(self) -> bool:
        """Tell whether the ontology itself could be read: without it no shape means anything."""
        return not any(path.parent == self.layout.ontology for path in self.unread)

    def wants(self, path: Path) -> bool:
        """Tell whether the problems of a file are asked for."""
        return self.scope is None or path in self.scope.files

    def record_files(self) -> list[Path]:
        """Return the Turtle files of records that were read, those from outside last."""
        own = [path for path in self.layout.data_files() if path in self.quads]
        return own + [path for path in self.outside if path in self.quads]

    def record_quads(self) -> Iterator[tuple[Path, ox.Quad]]:
        """Yield each quad of the records asked for with its file."""
        for path in filter(self.wants, self.record_files()):
            for quad in self.quads[path]:
                yield path, quad

    def all_quads(self) -> Iterator[ox.Quad]:
        """Yield every quad that was read."""
        for quads in self.quads.values():
            yield from quads


def open_base(layout: Layout, outside: Sequence[Path] = ()) -> Base:
    """Return a base ready to be checked; CannotValidate when its shapes cannot be read."""
    reading = read_base(layout, texts=True)
    for path in outside:
        _read_outside(reading, layout, path)
    unread = sorted({Path(problem.file) for problem in reading.problems})
    return Base(
        layout=layout,
        quads=reading.quads,
        problems=tuple(reading.problems),
        unread=tuple(unread),
        outside=tuple(outside),
        store=fill_store(reading),
        shapes=read_shapes(layout),
    )


def graph_of(layout: Layout, path: Path) -> ox.NamedNode:
    """Return the named graph that stands for a file.

    One from outside the base has no folder there yet, and so none in the name of its graph.
    """
    try:
        return ox.NamedNode(layout.graph_iri(path))
    except SourceError:
        return ox.NamedNode(f"{GRAPH}draft-{_plain(path.name.split('.', 1)[0])}")


def _plain(word: str) -> str:
    """Return a file name as a part of an IRI."""
    return "".join(sign if sign.isalnum() or sign in "-._" else "-" for sign in word)


def _read_outside(reading: Reading, layout: Layout, path: Path) -> None:
    """Add the quads of a file from outside the base to a reading, or the problem it has."""
    try:
        reading.quads[path] = parse_turtle(path, graph_of(layout, path))
    except SourceError as error:
        reading.problems.append(syntax_problem(error))
