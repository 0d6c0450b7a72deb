"""Publishing a base to an engine elsewhere, graph by graph, so that it ends whole or not at all.

HTTP knows no transaction over several graphs. So what stands in the way of each graph is read first
and kept in a journal; if anything fails, it is put back. Only graphs below our own prefix are ever
touched, and of them only those that differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.engine import Engine
from kb.errors import EngineError, KbError
from kb.graph_store import GraphStore, Lines, line
from kb.journal import Journal, read_journal, write_journal
from kb.namespaces import GRAPH
from kb.query import find_query

_LAST = GRAPH + "dataset"
"""The graph that states version and date: it changes last."""

_ROUNDS_S = (0, 1, 2, 4)
"""Pauses before putting back again: what was on its way may arrive after what undoes it."""

Tell = Callable[[str], None]
Graphs = Mapping[str, Lines]


class PublishError(EngineError):
    """Publishing failed; says what the engine serves now, and what to do."""


def _never() -> bool:
    """Tell that nobody wants us to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Target:
    """Where to publish: the graph store to write to, the engine to count with, our journal.

    `stopping` is asked between graphs: a request that is on its way is always waited for, since it
    would otherwise arrive after what undoes it.
    """

    store: GraphStore
    engine: Engine
    journal: Path
    stopping: Callable[[], bool] = _never


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to change: new triples by graph (None: the graph goes), and what is there now."""

    changes: Mapping[str, Lines | None]
    former: Mapping[str, Lines | None]
    counts: Mapping[str, int]

    @property
    def put(self) -> int:
        """How many graphs are written."""
        return sum(lines is not None for lines in self.changes.values())

    @property
    def gone(self) -> int:
        """How many graphs are deleted."""
        return len(self.changes) - self.put


def graphs_of(store: ox.Store) -> dict[str, Lines]:
    """Return the triples of each named graph of a store."""
    graphs: dict[str, set[str]] = {}
    for quad in store:
        assert isinstance(quad.graph_name, ox.NamedNode)
        graphs.setdefault(quad.graph_name.value, set()).add(line(quad))
    return {graph: frozenset(lines) for graph, lines in graphs.items()}


def plan(graphs: Graphs, target: Target, tell: Tell) -> Plan:
    """Return what has to change for the engine to hold these graphs; EngineError.

    Every graph of ours is read whole, which its count has to bear out: nothing is changed that
    could not be put back.
    """
    if foreign := [graph for graph in graphs if not graph.startswith(GRAPH)]:
        raise PublishError(f"{min(foreign)} is no graph of ours: nothing was changed")
    there = counts(target.engine)
    former = {}
    for graph in sorted({*graphs, *there}):
        former[graph] = target.store.get(graph)
        if (found := len(former[graph] or ())) != there.get(graph, 0):
            raise PublishError(
                f"{graph}: the graph store gives {found} triples, the query endpoint counts "
                f"{there.get(graph, 0)} — do both belong to one base? Nothing was changed"
            )
    different = [graph for graph in former if former[graph] != graphs.get(graph)]
    tell(f"{len(former) - len(different)} graphs are up to date, {len(different)} differ")
    changes = {graph: graphs.get(graph) for graph in sorted(different, key=_order(graphs, there))}
    return Plan(changes, former, {graph: len(lines) for graph, lines in graphs.items()})


def publish(wanted: Plan, target: Target, tell: Tell) -> None:
    """Change the engine as planned; PublishError says what it serves when that fails."""
    earlier = read_journal(target.journal, target.store.url)
    back = {graph: wanted.former[graph] for graph in wanted.changes}
    if earlier:
        tell("an earlier publication was interrupted: going back would mean going before that one")
        back |= earlier.former
    if not back:
        return
    write_journal(target.journal, Journal(target.store.url, back))
    try:
        for number, (graph, lines) in enumerate(wanted.changes.items(), 1):
            if target.stopping():
                raise PublishError("it was interrupted")
            tell(f"{number}/{len(wanted.changes)} {_told(graph, lines)}")
            _set(target.store, graph, lines)
        _check(wanted.counts, target.engine)
    except (KbError, KeyboardInterrupt) as error:
        tell(f"failed: {error or 'interrupted'}; putting the former graphs back")
        restore(target, tell, because=str(error) or "interrupted")
        remedy = "the former data are served again, nothing was published"
        raise PublishError(f"{error or 'interrupted'} — {remedy}") from error
    target.journal.unlink(missing_ok=True)


def restore(target: Target, tell: Tell, because: str = "") -> int:
    """Put back what the journal holds and return how many graphs; PublishError if that fails."""
    journal = read_journal(target.journal, target.store.url)
    if journal is None:
        raise PublishError(f"there is nothing to put back: no {target.journal}")
    left = dict(sorted(journal.former.items()))
    try:
        for pause in _ROUNDS_S:
            time.sleep(pause)
            for number, (graph, lines) in enumerate(left.items(), 1):
                tell(f"{number}/{len(left)} back: {_told(graph, lines)}")
                _set(target.store, graph, lines)
            there = counts(target.engine)
            left = {g: lines for g, lines in left.items() if there.get(g, 0) != len(lines or ())}
            if not left:
                break
        else:
            raise PublishError(f"{min(left)} does not stay as it was put back")
    except (KbError, KeyboardInterrupt) as error:
        raise PublishError(
            f"{because}{because and '; then '}{error or 'interrupted'} — the engine may serve a "
            f"mixture: once it answers again, run charterkb publish --restore "
            f"(the former graphs are kept in {target.journal}), or publish again"
        ) from error
    target.journal.unlink(missing_ok=True)
    return len(journal.former)


def counts(engine: Engine) -> dict[str, int]:
    """Return how many triples each graph of ours holds, asked through the query endpoint."""
    rows = engine.select(find_query("dataset/graphs"))
    found = {row["graph"].value: int(row["triples"].value) for row in rows}
    return {graph: count for graph, count in found.items() if graph.startswith(GRAPH)}


def _check(expected: Mapping[str, int], engine: Engine) -> None:
    """Raise PublishError unless the engine counts exactly these triples in exactly these graphs."""
    there = counts(engine)
    for graph in sorted({*expected, *there}):
        if there.get(graph, 0) != expected.get(graph, 0):
            raise PublishError(
                f"{graph}: {expected.get(graph, 0)} triples were sent, "
                f"the query endpoint counts {there.get(graph, 0)}"
            )


def _set(store: GraphStore, graph: str, lines: Lines | None) -> None:
    """Make a graph hold these triples, or be no more."""
    if lines is None:
        store.delete(graph)
    else:
        store.put(graph, lines)


def _order(graphs: Graphs, there: Mapping[str, int]) -> Callable[[str], tuple[int, str]]:
    """Return the order of changes: what is new, what is changed, what goes, then the version.

    So that a record is there before another one points to it.
    """

    def rank(graph: str) -> tuple[int, str]:
        if graph == _LAST:
            return 3, graph
        return (2 if graph not in graphs else 1 if graph in there else 0), graph

    return rank


def _told(graph: str, lines: Lines | None) -> str:
    """Return a change in a few words."""
    name = graph.removeprefix(GRAPH)
    return f"{name}: deleted" if lines is None else f"{name}: {len(lines)} triples"
