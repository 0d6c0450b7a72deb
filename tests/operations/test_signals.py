"""Signals: what is asked is answered whole before the server ends, and nothing stays behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.live import _await_port
from tests.operations.conftest import TINY, WORKERS, Serve
from tests.operations.load import (
    COUNT,
    LONG,
    ask,
    get,
    gone,
    in_background,
    processes,
    settled,
)

BIG = "SELECT * WHERE { ?a ?b ?c . ?d a ?e } LIMIT 100000"


def end(process: subprocess.Popen[bytes]) -> int:
    return process.wait(40)


@contextmanager
def in_a_group(log: Path, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server as a terminal does: all its processes get what the keyboard sends."""
    command = [sys.executable, "-m", "kb", "--data", str(TINY), "serve", "--port", "0", *WORKERS]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--time-limit", "30"],
            stderr=stream,
            env=os.environ | {"XDG_CACHE_HOME": str(home)},
            start_new_session=True,
        )
    try:
        yield process, _await_port(process, log)
    finally:
        process.terminate()
        end(process)


def test_what_is_being_answered_is_answered_whole_and_nobody_else_is_let_in(serve: Serve) -> None:
    with serve() as server:
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        idle.request("GET", "/ready")
        assert idle.getresponse().read() == b'{"status": "ready"}\n'
        below = settled(server.process.pid).all
        client, told = in_background(server.port, LONG)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        with closing(idle), pytest.raises((OSError, http.client.HTTPException)):
            idle.request("GET", "/ready")
            idle.getresponse()
        client.join(40)
        assert told[0].status == 200
        assert json.loads(told[0].body)["results"]["bindings"]
        assert told[0].headers["Connection"] == "close"
        assert end(server.process) == 0
        assert gone(below)


def test_a_large_answer_that_a_client_takes_slowly_is_sent_whole(serve: Serve) -> None:
    with (
        serve() as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=40) as connection,
    ):
        query = BIG.replace(" ", "%20").replace("?", "%3F")
        request = (
            f"GET /sparql?query={query} HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n"
        )
        connection.sendall(request.encode())
        received = connection.recv(65536)
        server.process.send_signal(signal.SIGTERM)
        while piece := connection.recv(1024 * 1024):
            received += piece
            time.sleep(0.002)
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        promised = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
        assert len(body) == int(promised.split(b":")[1]) > 8 * 1024 * 1024
        assert end(server.process) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_to_the_whole_group_breaks_nothing_off(
    tmp_path: Path, number: signal.Signals
) -> None:
    with in_a_group(tmp_path / "log", tmp_path) as (process, port):
        client, told = in_background(port, LONG)
        os.killpg(process.pid, number)
        client.join(40)
        assert told[0].status == 200
        assert end(process) == 0


@pytest.mark.slow
def test_a_closed_terminal_is_a_reload_and_costs_no_worker(tmp_path: Path) -> None:
    with in_a_group(tmp_path / "log", tmp_path) as (process, port):
        client, told = in_background(port, LONG)
        os.killpg(process.pid, signal.SIGHUP)
        client.join(40)
        assert told[0].status == 200
        assert "zygote-lost" not in (tmp_path / "log").read_text()


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    with in_a_group(tmp_path / "log", tmp_path) as (process, port):
        client, told = in_background(port, LONG + " LIMIT 1 OFFSET 0")
        below = processes(process.pid).all
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert end(process) == 0
        assert gone(below)
        client.join(40)
        assert told[0].status in (0, 200)


def test_a_signal_while_starting_ends_a_server_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kb", "serve", "--port", "0"]
    for pause in (0.4, 0.8, 1.2):
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            time.sleep(pause)
            below = processes(process.pid).all
            process.send_signal(signal.SIGTERM)
            # Before it takes signals in hand, the signal ends it as it ends any program.
            assert end(process) in (0, -signal.SIGTERM)
            assert gone(below)


def test_a_reload_asked_for_while_starting_does_not_end_the_front(serve: Serve) -> None:
    with serve() as server:
        front = processes(server.process.pid).fronts[0]
        os.kill(front, signal.SIGKILL)
        assert gone([front])
        while not (fronts := processes(server.process.pid).fronts):
            time.sleep(0.005)
        server.process.send_signal(signal.SIGHUP)
        assert ask(server.port, COUNT).status == 200
        assert processes(server.process.pid).fronts == fronts


def test_the_first_process_of_a_container_buries_all_orphans(tmp_path: Path) -> None:
    """A subreaper, like the first process of a container, inherits every orphan below it."""
    become = "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); "
    become += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = ["-m", "kb", "--data", str(TINY), "serve", "--port", "0", *WORKERS]
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", become, *command], stderr=stream)
    try:
        port = _await_port(process, log)
        os.kill(settled(process.pid).zygotes[0], signal.SIGKILL)
        assert ask(port, COUNT).status in (200, 503)
        settled(process.pid)
        listed = subprocess.run(
            ["ps", "-o", "stat=", "--ppid", str(process.pid)], capture_output=True, text=True
        )
        assert len(listed.stdout.split()) == 1
        assert "Z" not in listed.stdout
    finally:
        process.terminate()
        assert end(process) == 0


@pytest.mark.slow
def test_a_server_stopped_and_started_again_gets_the_same_port(serve: Serve) -> None:
    with serve() as server:
        port = server.port
        get(port, "/health")
    with serve("--port", str(port)) as again:
        assert again.port == port
        assert get(port, "/health").status == 200
