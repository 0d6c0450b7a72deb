"""Starting: what a server may be given, and what it says of what it cannot use."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.operations.conftest import TINY, Serve
from tests.operations.load import COUNT, LABELS, PAGE, ask, get

QUERIES = (COUNT, LABELS, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")


def charterkb(*options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kb", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environ,
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--time-limit", "soon"), ("CHARTERKB_TIME_LIMIT", "soon", "number of seconds above 0")),
        (("--time-limit", "0"), ("CHARTERKB_TIME_LIMIT", "above 0")),
        (("--memory-limit", "1G"), ("CHARTERKB_MEMORY_LIMIT", "1G", "whole number, such as 1024")),
        (("--workers", "-1"), ("CHARTERKB_WORKERS", "-1", "whole number")),
        (("--cache", "1.5"), ("CHARTERKB_CACHE", "whole number, such as 64")),
        (("--store", "nowhere.nq"), ("CHARTERKB_STORE", "nowhere.nq", "charterkb build --store")),
        (("--port", "http"), ("--port", "http")),
        (("--port", "99999"), ("99999", "--port")),
        (("--host", ""), ("--host", "address")),
        (("--host", "192.0.2.1"), ("192.0.2.1", "choose another --host")),
    ],
    ids=lambda value: "=".join(value[:2]),
)
def test_a_setting_that_cannot_be_used_is_named_with_what_is_expected(
    options: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    done = charterkb("serve", "--port", "0", *options)
    assert done.returncode == 2
    for part in expected:
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = charterkb("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "choose another --host or --port" in done.stderr


def test_broken_records_are_named_and_nothing_is_served(tmp_path: Path) -> None:
    (tmp_path / "actors").mkdir()
    (tmp_path / "actors" / "broken.ttl").write_text("this is no Turtle", encoding="utf-8")
    done = charterkb("--data", str(tmp_path), "serve", "--port", "0")
    assert done.returncode == 2
    assert "broken.ttl" in done.stderr
    assert "Serving" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_without_a_home_can_serve(serve: Serve) -> None:
    with serve(XDG_CACHE_HOME="/proc/none") as server:
        assert get(server.port, "/ready").status == 200


@pytest.mark.slow
def test_a_dump_and_an_on_disk_store_give_the_answers_that_memory_gives(
    serve: Serve, tmp_path: Path
) -> None:
    dump, folder = tmp_path / "base.nq", tmp_path / "store"
    links = tmp_path / "current"
    assert charterkb("--data", str(TINY), "build", "--output", str(dump)).returncode == 0
    done = charterkb("build", "--store", str(folder), "--from", str(dump))
    assert done.returncode == 0, done.stderr
    links.symlink_to(folder)
    told = []
    for store in ("memory", str(dump), str(links)):
        with serve("--store", store) as server:
            answers = [ask(server.port, query) for query in QUERIES]
            assert [answer.status for answer in answers] == [200] * len(QUERIES)
            told.append([answer.body for answer in answers])
            assert get(server.port, PAGE, {"Accept": "text/html"}).status == 200
    assert told[0] == told[1] == told[2]


def test_an_on_disk_store_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    done = charterkb("--data", str(TINY), "build", "--store", str(tmp_path / "store"))
    assert done.returncode == 2
    assert "already there" in done.stderr
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_build_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    dump = tmp_path / "large.nq"
    line = "<https://example.org/s{0}> <https://example.org/p> <https://example.org/o{0}> .\n"
    dump.write_text("".join(line.format(index) for index in range(400_000)), encoding="utf-8")
    place = tmp_path / "place"
    command = [sys.executable, "-m", "kb", "build", "--store", str(place / "store")]
    with subprocess.Popen([*command, "--from", str(dump)], stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(place.glob(".store.*/quads")):
            time.sleep(0.005)
        process.send_signal(number)
        assert process.wait(60) != 0
    assert list(place.iterdir()) == []
