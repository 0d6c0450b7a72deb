"""Processes killed under load: no wrong answer, and no request lost but those inside them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from operator import attrgetter

import pytest

from tests.live import LiveServer
from tests.operations.conftest import Serve
from tests.operations.load import (
    COUNT,
    LONG,
    Answer,
    Processes,
    ask,
    get,
    gone,
    in_background,
    processes,
    settled,
    under_load,
)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def killing(
    server: LiveServer, kills: int, choose: Callable[[Processes], list[int]]
) -> list[Answer]:
    """Kill the first of some workers, again and again, under load; return what was lost by it."""
    with under_load(server.port) as load:
        for _ in range(kills):
            kill(choose(settled(server.process.pid))[0])
            load.await_good(5)
    assert len(load.failed) <= kills
    assert {answer.status for answer in load.failed} <= {503}
    return load.failed


def test_killed_query_workers_are_replaced_and_only_what_they_were_doing_is_lost(
    small: LiveServer,
) -> None:
    for answer in killing(small, 6, attrgetter("query_workers")):
        assert json.loads(answer.body)["type"].endswith("worker-lost")
        assert answer.headers["Retry-After"] == "1"
    settled(small.process.pid)


def test_who_waits_for_a_killed_query_worker_is_told_at_once(small: LiveServer) -> None:
    client, told = in_background(small.port, LONG)
    begun = time.monotonic()
    for pid in processes(small.process.pid).query_workers:
        kill(pid)
    client.join(10)
    assert time.monotonic() - begun < 3
    assert told[0].status == 503
    assert json.loads(told[0].body)["type"].endswith("worker-lost")
    assert ask(small.port, COUNT).status == 200


def test_a_killed_page_worker_is_replaced(small: LiveServer) -> None:
    killing(small, 3, attrgetter("page_workers"))


def test_a_killed_zygote_is_replaced_and_what_waits_is_answered(small: LiveServer) -> None:
    with under_load(small.port) as load:
        before = settled(small.process.pid)
        kill(before.zygotes[0])
        assert gone([*before.zygotes, *before.query_workers, *before.page_workers])
        load.await_good(20)
    assert len(load.failed) <= 3  # one for each client
    assert {answer.status for answer in load.failed} <= {503}
    assert settled(small.process.pid).fronts == before.fronts


def test_a_killed_front_is_replaced_and_takes_its_workers_along(small: LiveServer) -> None:
    clients = 3
    with under_load(small.port, clients=clients) as load:
        before = settled(small.process.pid)
        kill(before.fronts[0])
        assert gone(before.all)
        load.await_good(20)
    # The connections that it held broke; whoever connects meanwhile waits.
    assert len(load.failed) <= clients
    assert {answer.status for answer in load.failed} <= {0}
    assert settled(small.process.pid).fronts != before.fronts


def test_a_front_that_is_being_started_makes_those_who_connect_wait(small: LiveServer) -> None:
    before = settled(small.process.pid)
    kill(before.fronts[0])
    assert gone(before.fronts)
    assert ask(small.port, COUNT).status == 200


@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_killed_supervisor_leaves_nothing_behind(serve: Serve, moment: str) -> None:
    with serve() as server:
        if moment == "early":
            kill(processes(server.process.pid).fronts[0])
            while not processes(server.process.pid).fronts:
                time.sleep(0.005)
        else:
            settled(server.process.pid)
        below = processes(server.process.pid).all
        kill(server.process.pid)
        server.process.wait(10)
        # A front that had not yet asked to die with it finds out by itself.
        assert gone(below)
        assert get(server.port, "/health").status == 0
