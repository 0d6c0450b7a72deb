"""A base that is published is there whole, and nobody else's data are touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb import Row
from kb.addresses import find_engine, find_graph_store, http_url
from kb.cli import main
from kb.errors import EngineError
from kb.graph_store import GraphStore
from kb.login import NOBODY
from kb.namespaces import GRAPH
from kb.publish import counts, plan, publish
from kb.query import find_query
from kb.remote_faults import EngineLogin
from tests.engines.conftest import TINY, Graphs, quiet
from tests.engines.running import Running

FOREIGN = "http://example.org/somebody-else"
ALIEN = frozenset({'<urn:a> <urn:b> "c" .\n'})
ROOT = Path(__file__).parents[2]


def sizes(graphs: Graphs) -> dict[str, int]:
    """Return how many triples each graph holds."""
    return {graph: len(lines) for graph, lines in graphs.items()}


def as_graphs(rows: list[Row]) -> Graphs:
    """Return our graphs that quads are of, each triple as a line."""
    graphs: dict[str, set[str]] = {}
    for row in rows:
        triple = f"{row['subject']} {row['predicate']} {row['object']} .\n"
        graphs.setdefault(row["graph"].value, set()).add(triple)
    return {name: frozenset(lines) for name, lines in graphs.items() if name != FOREIGN}


def test_a_base_is_published_replaced_and_published_again(
    running: Running, tmp_path: Path, tiny_graphs: Graphs, sample_graphs: Graphs
) -> None:
    target = running.target(tmp_path / "journal.json")
    target.store.put(FOREIGN, ALIEN)
    for graphs in (tiny_graphs, sample_graphs, tiny_graphs):
        wanted = plan(graphs, target, quiet)
        publish(wanted, target, quiet)
        assert counts(target.engine) == sizes(graphs)
        assert {graph: target.store.get(graph) for graph in graphs} == graphs
        assert not target.journal.exists()
    assert wanted.gone == len(sample_graphs.keys() - tiny_graphs.keys()) > 0
    rows = target.engine.select(find_query("dataset/quads"))
    assert as_graphs(rows) == tiny_graphs
    again = plan(tiny_graphs, target, quiet)
    assert (again.put, again.gone) == (0, 0)
    assert target.store.get(FOREIGN) == ALIEN
    target.store.delete(FOREIGN)
    assert target.store.get(FOREIGN) is None
    target.store.delete(FOREIGN)


def test_only_what_differs_is_written_and_the_version_last(
    empty_oxigraph: Running, tmp_path: Path, tiny_graphs: Graphs
) -> None:
    target = empty_oxigraph.target(tmp_path / "journal.json")
    publish(plan(tiny_graphs, target, quiet), target, quiet)
    first, second, third, *_ = sorted(tiny_graphs.keys() - {GRAPH + "dataset"})
    target.store.delete(third)
    target.store.put(GRAPH + "zz/was-ours", ALIEN)
    changed = {
        **tiny_graphs,
        first: tiny_graphs[first] | ALIEN,
        GRAPH + "dataset": tiny_graphs[GRAPH + "dataset"] | ALIEN,
    }
    wanted = plan(changed, target, quiet)
    assert list(wanted.changes) == [third, first, GRAPH + "zz/was-ours", GRAPH + "dataset"]
    assert second not in wanted.changes
    publish(wanted, target, quiet)
    assert counts(target.engine) == sizes(changed)


def test_no_graph_outside_our_own_is_published(empty_oxigraph: Running, tmp_path: Path) -> None:
    target = empty_oxigraph.target(tmp_path / "journal.json")
    with pytest.raises(EngineError, match="is no graph of ours"):
        plan({FOREIGN: ALIEN}, target, quiet)


@pytest.mark.parametrize("suffix", ["", "/", "/query"])
def test_addresses_are_found_from_one(empty_oxigraph: Running, suffix: str) -> None:
    to = http_url(empty_oxigraph.to + suffix)
    engine = find_engine(to, "", NOBODY)
    assert engine.url == empty_oxigraph.to + "/query"
    assert find_graph_store(to, engine) == empty_oxigraph.to + "/store"


def test_addresses_are_found_for_each_engine(running: Running) -> None:
    engine = find_engine(running.to, "", NOBODY)
    suffix = {"oxigraph": "/store", "fuseki": "/data", "virtuoso": "/sparql-graph-crud-auth"}
    assert find_graph_store(running.to, engine) == running.to + suffix[running.name]
    with pytest.raises(EngineError, match="--query"):
        find_engine(running.to + "/nothing-here", "", NOBODY)


@pytest.mark.parametrize(
    "wrong", ["", "localhost:3030", "file:///etc/passwd", "http://", "http://u:p@h/", "http://h/?x"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"address|CHARTERKB_STORE_USER|without"):
        http_url(wrong)


def test_virtuoso_lets_nobody_write_without_login(running: Running) -> None:
    if running.name != "virtuoso":
        pytest.skip("as they are started here, the others ask nobody for a login")
    store = running.target(running.folder / "journal.json").store
    with pytest.raises(EngineLogin, match="CHARTERKB_STORE_USER"):
        GraphStore(store.url, NOBODY, patience_s=0).put(FOREIGN, ALIEN)
    assert store.get(FOREIGN) is None


def command(engine: Running, state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run charterkb publish for the invented base."""
    called = [sys.executable, "-m", "kb.cli", "--data", str(TINY), "publish", *options]
    environment = {**os.environ, "XDG_STATE_HOME": str(state)}
    return subprocess.run(
        [*called, "--to", engine.to],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_says_what_it_would_do_does_it_and_then_has_nothing_to_do(
    empty_oxigraph: Running, tmp_path: Path, tiny_graphs: Graphs
) -> None:
    state, count = tmp_path / "state", len(tiny_graphs)
    dry = command(empty_oxigraph, state, "--dry-run")
    assert (dry.returncode, dry.stdout.count("put ")) == (0, count)
    assert counts(empty_oxigraph.engine()) == {}
    done = command(empty_oxigraph, state)
    assert done.returncode == 0
    assert f"{count} graphs put, 0 deleted, 0 as they were" in done.stdout
    assert f"{count}/{count} dataset: " in done.stderr
    again = command(empty_oxigraph, state)
    assert f"0 graphs put, 0 deleted, {count} as they were" in again.stdout
    nothing = command(empty_oxigraph, state, "--restore")
    assert nothing.returncode == 2
    assert "nothing to put back" in nothing.stderr


def test_a_base_that_does_not_validate_is_not_published(
    empty_oxigraph: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    (data / "themes").mkdir(parents=True)
    (data / "themes" / "broken.ttl").write_text("this is no Turtle", "utf-8")
    assert main(["--data", str(data), "publish", "--to", empty_oxigraph.to]) == 2
    assert "broken.ttl" in capsys.readouterr().err
    assert counts(empty_oxigraph.engine()) == {}


def test_the_command_asks_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(TINY), "publish", "--restore"]) == 2
    assert "--to URL" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["publish", "--to", "file:///etc/passwd"])
