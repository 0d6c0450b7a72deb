"""Whatever fails while publishing, the former data are served afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from kb.errors import SourceError
from kb.graph_store import GraphStore, Lines
from kb.login import NOBODY
from kb.namespaces import GRAPH
from kb.publish import PublishError, Target, counts, plan, publish, restore
from tests.engines.conftest import TINY, Graphs, quiet
from tests.engines.gateway import Verdict, gateway
from tests.engines.running import ENGINES, Running

ROOT = Path(__file__).parents[2]
NEXT = frozenset({'<urn:next> <urn:version> "2" .\n'})


@pytest.fixture
def serving(empty_oxigraph: Running, tmp_path: Path, tiny_graphs: Graphs) -> Running:
    """An engine that serves the invented base."""
    target = empty_oxigraph.target(tmp_path / "journal.json")
    publish(plan(tiny_graphs, target, quiet), target, quiet)
    return empty_oxigraph


@pytest.fixture
def coming(tiny_graphs: Graphs) -> Graphs:
    """The next version: graphs changed, graphs gone, graphs new."""
    names = sorted(tiny_graphs)
    kept = {graph: lines | NEXT for graph, lines in tiny_graphs.items() if graph not in names[5:9]}
    return {**kept, GRAPH + "aims/new-one": NEXT, GRAPH + "aims/new-two": NEXT}


@contextmanager
def through(
    engine: Running, journal: Path, verdict: Verdict, patience_s: float = 0
) -> Iterator[Target]:
    """Reach an engine's graph store through a gateway."""
    target = engine.target(journal)
    with gateway(target.store.url, verdict) as url:
        yield replace(target, store=GraphStore(url, NOBODY, patience_s=patience_s))


def held(engine: Running) -> dict[str, Lines | None]:
    """Return all that an engine holds of ours, graph by graph."""
    target = engine.target(engine.folder / "unused.json")
    return {graph: target.store.get(graph) for graph in counts(target.engine)}


def deadly(engine: Running, refused: int = -1) -> Verdict:
    """Return a verdict that kills the engine at the ninth PUT, and refuses a later one."""
    puts = count(1)

    def verdict(asked: str, graph: str) -> int | None:
        put = next(puts) if asked == "PUT" else 0
        if put == 9:
            engine.kill()
        return 403 if put == refused else None

    return verdict


@pytest.mark.parametrize("status", [413, 403, 500, 503])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_graph_that_is_refused_undoes_the_rest(
    serving: Running, tmp_path: Path, coming: Graphs, status: int, method: str
) -> None:
    before, seen = held(serving), []

    def verdict(asked: str, graph: str) -> int | None:
        if asked in ("PUT", "DELETE"):
            seen.append(graph)
        # Only once: what puts the former graph back is let through.
        late = asked == method and len(seen) > 6 and "refused" not in seen
        if late:
            seen.append("refused")
        return status if late else None

    with through(serving, tmp_path / "journal.json", verdict) as target:
        wanted = plan(coming, target, quiet)
        with pytest.raises(PublishError, match="the former data are served again"):
            publish(wanted, target, quiet)
    assert "refused" in seen
    assert held(serving) == before
    assert not (tmp_path / "journal.json").exists()


def test_a_graph_that_is_lost_on_the_way_is_missed_by_the_count(
    serving: Running, tmp_path: Path, coming: Graphs
) -> None:
    before = held(serving)

    def verdict(asked: str, graph: str) -> int | None:
        return 204 if asked == "PUT" and graph == GRAPH + "aims/new-one" else None

    with through(serving, tmp_path / "journal.json", verdict) as target:
        wanted = plan(coming, target, quiet)
        with pytest.raises(PublishError, match=r"aims/new-one: 1 triples were sent.*counts 0"):
            publish(wanted, target, quiet)
    assert held(serving) == before


def test_a_fault_that_passes_is_waited_for(
    serving: Running, tmp_path: Path, coming: Graphs
) -> None:
    seen = 0

    def verdict(asked: str, graph: str) -> int | None:
        nonlocal seen
        seen += asked == "PUT"
        return 503 if asked == "PUT" and seen in (3, 4) else None

    with through(serving, tmp_path / "journal.json", verdict, patience_s=5) as target:
        publish(plan(coming, target, quiet), target, quiet)
    assert held(serving) == coming


def test_an_engine_that_dies_midway_and_comes_back_serves_the_former_data(
    serving: Running, tmp_path: Path, coming: Graphs
) -> None:
    before = held(serving)
    with through(serving, tmp_path / "journal.json", deadly(serving)) as target:
        wanted = plan(coming, target, quiet)
        late = threading.Timer(2, serving.start)

        def tell(text: str) -> None:
            if text.startswith("failed"):
                patient = target.store
                patient.patience_s = 20
                late.start()

        with pytest.raises(PublishError, match="the former data are served again"):
            publish(wanted, target, tell)
        late.join()
    assert held(serving) == before


@pytest.mark.parametrize("then", ["restored", "published again", "published again and refused"])
def test_an_engine_that_stays_dead_is_put_right_later(
    serving: Running, tmp_path: Path, coming: Graphs, then: str
) -> None:
    before, journal = held(serving), tmp_path / "journal.json"
    refused = 12 if then.endswith("refused") else -1
    with through(serving, journal, deadly(serving, refused)) as target:
        wanted = plan(coming, target, quiet)
        with pytest.raises(PublishError, match="charterkb publish --restore"):
            publish(wanted, target, quiet)
        assert journal.exists()
        serving.start()
        assert held(serving) != before
        if then == "restored":
            assert restore(target, quiet) == len(wanted.changes)
        elif then == "published again":
            publish(plan(coming, target, quiet), target, quiet)
        else:
            wanted = plan(coming, target, quiet)
            with pytest.raises(PublishError, match="the former data are served again"):
                publish(wanted, target, quiet)
    assert held(serving) == (coming if then == "published again" else before)
    assert not journal.exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_publisher_that_is_stopped_leaves_the_former_data_or_what_it_needs_to_restore_them(
    serving: Running, tmp_path: Path, coming: Graphs, sent: signal.Signals
) -> None:
    journal, puts, reached = tmp_path / "journal.json", 0, threading.Event()
    # The invented base comes to replace one that differs from it everywhere.
    former = serving.target(journal)
    publish(plan(coming, former, quiet), former, quiet)
    before = held(serving)

    def verdict(asked: str, graph: str) -> int | None:
        nonlocal puts
        puts += asked == "PUT"
        if asked == "PUT" and puts >= 9 and not reached.is_set():
            reached.set()
            time.sleep(1)
        return None

    with through(serving, journal, verdict) as target:
        called = [sys.executable, "-m", "kb.cli", "--data", str(TINY), "publish"]
        query = target.engine.url  # type: ignore[attr-defined]
        urls = ["--query", query, "--graph-store", target.store.url]
        process = subprocess.Popen(
            [*called, "--journal", str(journal), *urls],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            env={**os.environ},
            text=True,
        )
        assert reached.wait(60)
        process.send_signal(sent)
        said = process.communicate(timeout=60)[1]
        if sent == signal.SIGKILL:
            # The request that was on its way when it died arrives first.
            time.sleep(2)
            assert held(serving) != before
            assert restore(target, quiet) > 9
        else:
            assert process.returncode == 2
            assert "the former data are served again" in said
    assert held(serving) == before
    assert not journal.exists()


def test_a_journal_that_is_none_stops_everything_before_it_begins(
    serving: Running, tmp_path: Path, coming: Graphs
) -> None:
    before, journal = held(serving), tmp_path / "other.json"
    target = serving.target(journal)
    wanted = plan(coming, target, quiet)
    journal.write_text("{}", "utf-8")
    with pytest.raises(SourceError, match="no journal of a publication"):
        publish(wanted, target, quiet)
    assert held(serving) == before


def test_a_dead_engine_leaves_nothing_behind(tmp_path: Path, coming: Graphs) -> None:
    engine = ENGINES["oxigraph"](tmp_path).start()
    target = engine.target(tmp_path / "journal.json", patience_s=0)
    engine.kill()
    with pytest.raises(Exception, match="cannot be asked"):
        plan(coming, target, quiet)
    assert not target.journal.exists()
