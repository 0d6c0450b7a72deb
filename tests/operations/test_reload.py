"""Other data while serving: no request fails, nothing old is told once the new are in place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kb import Layout, load_store
from tests.live import LiveServer
from tests.operations.conftest import TINY, Serve
from tests.operations.load import (
    LABELS,
    LONG,
    TARGETS,
    Answer,
    answers,
    ask,
    children,
    get,
    memory,
    processes,
    settled,
    under_load,
)

LABEL = "Republic of Exemplaria"


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory, shipped_layout: Layout) -> Path:
    """The small base as one file, which is loaded without being validated anew."""
    path = tmp_path_factory.mktemp("dump") / "base.nq"
    load_store(Layout(TINY, shipped_layout.ontology)).dump(str(path), RdfFormat.N_QUADS)
    path.with_suffix(".orig").write_bytes(path.read_bytes())
    return path


@pytest.fixture(scope="module")
def swift(serve: Serve, dump: Path) -> Iterator[LiveServer]:
    """A server over the dump."""
    with serve("--store", str(dump)) as server:
        yield server


def change(dump: Path, label: str) -> None:
    """Give a record another label."""
    whole = dump.with_suffix(".orig").read_text(encoding="utf-8")
    assert f'"{LABEL}"@en' in whole
    new = dump.with_suffix(".new")
    new.write_text(whole.replace(f'"{LABEL}"@en', f'"{label}"@en'), encoding="utf-8")
    new.replace(dump)


def reload(server: LiveServer, cache_home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command and return what came of it."""
    return subprocess.run(
        [sys.executable, "-m", "kb", "reload", "--port", str(server.port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"XDG_CACHE_HOME": str(cache_home)},
    )


def test_new_data_take_the_place_of_the_old_with_no_failed_request(
    swift: LiveServer, dump: Path, cache_home: Path
) -> None:
    change(dump, LABEL)
    assert reload(swift, cache_home).returncode == 0
    old = answers(swift.port)
    etags = [get(swift.port, target).headers["ETag"] for target in TARGETS]
    allowed = {target: (body,) for target, body in old.items()}
    with under_load(swift.port, lambda: allowed) as load:
        change(dump, f"{LABEL} the Second")
        # Until it is told that they are in place, old and new may be answered.
        first = TARGETS[0]
        renamed = old[first].replace(LABEL.encode(), f"{LABEL} the Second".encode())
        allowed[first] = (old[first], renamed)
        done = reload(swift, cache_home)
        assert (done.returncode, done.stdout) == (0, "The data were loaded anew.\n"), done.stderr
        # From now on the old ones may not.
        time.sleep(0.1)
        allowed[first] = (renamed,)
    assert load.failed == []
    assert old[first] != renamed == answers(swift.port)[first]
    assert [get(swift.port, target).headers["ETag"] for target in TARGETS] != etags
    settled(swift.process.pid)


def test_an_entity_tag_of_the_old_data_no_longer_stands_for_the_new(
    swift: LiveServer, dump: Path, cache_home: Path
) -> None:
    known = {"If-None-Match": ask(swift.port, LABELS).headers["ETag"]}
    assert ask(swift.port, LABELS, headers=known).status == 304
    assert reload(swift, cache_home).returncode == 0
    # The same data again: what clients and the front keep is still true.
    assert ask(swift.port, LABELS, headers=known).status == 304
    change(dump, f"{LABEL} the Third")
    assert reload(swift, cache_home).returncode == 0
    answer = ask(swift.port, LABELS, headers=known)
    assert answer.status == 200
    assert b"the Third" in answer.body


@pytest.mark.slow
def test_a_query_that_runs_meanwhile_ends_on_the_old_data_and_is_not_kept(
    swift: LiveServer, dump: Path, cache_home: Path
) -> None:
    change(dump, LABEL)
    assert reload(swift, cache_home).returncode == 0
    long = LONG.replace("SELECT (COUNT(*) AS ?n)", "SELECT (COUNT(*) AS ?n) (SAMPLE(?x) AS ?label)")
    exemplaria = "https://w3id.org/digital-rights-charter/id/state/exemplaria"
    label = f'<{exemplaria}> <http://www.w3.org/2000/01/rdf-schema#label> ?x FILTER(LANG(?x)="en")'
    long = long.replace("WHERE {", f"WHERE {{ {label} ")
    # Longer than a reload takes: three times the work.
    long = long.replace("?c ?d ?e", "VALUES ?v { 1 2 3 4 } ?c ?d ?e")
    told: list[Answer] = []
    client = threading.Thread(target=lambda: told.append(ask(swift.port, long, source="127.0.0.3")))
    client.start()
    time.sleep(0.2)
    change(dump, f"{LABEL} the Fourth")
    assert reload(swift, cache_home).returncode == 0
    assert len(processes(swift.process.pid).zygotes) == 2, "the query was over too soon"
    assert b"the Fourth" in ask(swift.port, LABELS).body
    client.join(60)
    assert f'"{LABEL}"'.encode() in told[0].body
    assert told[0].headers["Cache-Control"] == "no-store"
    assert "ETag" not in told[0].headers
    settled(swift.process.pid)
    again = ask(swift.port, long, source="127.0.0.4")
    assert b"the Fourth" in again.body


@pytest.mark.slow
def test_records_that_are_not_fit_are_refused_and_the_old_go_on(
    small: LiveServer, records: Path, cache_home: Path
) -> None:
    path = records / "actors" / "exemplaria.ttl"
    fit = path.read_text(encoding="utf-8")
    before = settled(small.process.pid)
    with under_load(small.port) as load:
        for unfit in (fit + "\nthis is no Turtle", fit.replace("@en", "@de")):
            path.write_text(unfit, encoding="utf-8")
            done = reload(small, cache_home)
            assert done.returncode == 1
            assert "exemplaria.ttl" in done.stderr
    assert load.failed == []
    health = get(small.port, "/health")
    assert json.loads(health.body)["reloads"] == {"done": 0, "refused": 2, "last": "refused"}
    # Where the files lie is nobody's business.
    assert b"exemplaria" not in health.body
    assert settled(small.process.pid) == before
    assert "zygote-lost" not in small.log.read_text(encoding="utf-8")
    path.write_text(fit.replace(LABEL, f"{LABEL} again"), encoding="utf-8")
    assert reload(small, cache_home).returncode == 0
    assert b"again" in ask(small.port, LABELS).body


@pytest.mark.slow
def test_reloads_in_a_row_leave_no_process_and_no_memory_behind(
    swift: LiveServer, cache_home: Path
) -> None:
    sizes = []
    for _ in range(4):
        swift.process.send_signal(signal.SIGHUP)
        swift.process.send_signal(signal.SIGHUP)
        assert reload(swift, cache_home).returncode == 0
        whole = settled(swift.process.pid)
        answers(swift.port)
        sizes.append(memory(whole.all))
    assert children(whole.fronts[0]) == whole.zygotes
    # The first rounds warm up; from then on it stays as it is.
    assert sizes[-1] < sizes[1] * 1.15, sizes


def test_a_reload_without_a_server_says_so(cache_home: Path) -> None:
    command = [sys.executable, "-m", "kb", "reload", "--port", "1"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"XDG_CACHE_HOME": str(cache_home)},
    )
    assert done.returncode == 2
    assert "no server of yours is known on port 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_note_of_a_killed_server_is_not_taken_for_a_server(
    serve: Serve, cache_home: Path
) -> None:
    with serve() as server:
        server.process.kill()
        server.process.wait(10)
        assert list((cache_home / "charterkb").glob(f"server-{server.port}-*"))
        done = reload(server, cache_home)
        assert done.returncode == 2
        assert "no server of yours is known" in done.stderr
    with serve():
        assert not list((cache_home / "charterkb").glob(f"server-{server.port}-*"))


def test_a_dump_that_is_broken_is_refused(swift: LiveServer, dump: Path, cache_home: Path) -> None:
    before = ask(swift.port, LABELS).body
    dump.write_text('<https://example.org/a> <https://example.org/b> "two .\n', encoding="utf-8")
    done = reload(swift, cache_home)
    assert done.returncode == 1
    assert "base.nq" in done.stderr
    assert ask(swift.port, LABELS).body == before
