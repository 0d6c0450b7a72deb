"""Fixtures of the tests that run against real engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import EmbeddedEngine, Layout, load_store, shipped_layout
from kb.namespaces import GRAPH
from kb.publish import graphs_of, plan, publish
from tests.engines.running import ENGINES, Running, oxigraph

TINY = Path(__file__).parents[1] / "tiny" / "data"
Graphs = dict[str, frozenset[str]]


def quiet(_: str) -> None:
    """Take a report of progress and leave it at that."""


@pytest.fixture(scope="session")
def shipped_graphs(base: EmbeddedEngine) -> Graphs:
    """The graphs of the shipped base."""
    return graphs_of(base.store)


@pytest.fixture(scope="session")
def sample_graphs(shipped_graphs: Graphs) -> Graphs:
    """Some graphs of the shipped base, the longest among them."""
    longest = max(shipped_graphs, key=lambda graph: len(shipped_graphs[graph]))
    return {
        graph: lines
        for graph, lines in shipped_graphs.items()
        if graph == longest or graph.startswith(GRAPH + "principles/")
    }


@pytest.fixture(scope="session")
def tiny_graphs() -> Graphs:
    """The graphs of the invented base."""
    return graphs_of(load_store(Layout(TINY, shipped_layout().ontology)))


@pytest.fixture(scope="module", params=ENGINES)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Each engine in turn, holding nothing."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    if engine.process is None:
        engine.start()
    yield engine
    engine.kill()


@pytest.fixture(scope="module")
def published(running: Running, shipped_graphs: Graphs) -> Running:
    """Each engine in turn, holding the shipped base, which was published to it."""
    target = running.target(running.folder / "journal.json")
    publish(plan(shipped_graphs, target, quiet), target, quiet)
    if running.name == "virtuoso":
        # It plans a MINUS over a transitive path wrongly until it is started with data in it.
        running.restart()
    return running


@pytest.fixture
def empty_oxigraph(tmp_path: Path) -> Iterator[Running]:
    """An Oxigraph server of its own for one test, holding nothing."""
    engine = oxigraph(tmp_path).start()
    yield engine
    engine.kill()
