"""Clients that are slow, silent, gone or too many: each costs itself, and nobody else waits."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import struct
from collections.abc import Iterator
from typing import IO

import pytest
import uvloop

from server.front.http import (
    HEAD_SECONDS,
    IDLE_SECONDS,
    LEAST_TAKEN,
    LINGER_SECONDS,
    STALLED_SECONDS,
)
from server.front.replies import Reply
from tests.server.listening import PLAIN, Listening, listening, whole_file
from tests.server.wire import Wire

HEAD = "Host: localhost\r\n"
MUCH = 24 * 1024 * 1024


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop])
def here(request: pytest.FixtureRequest) -> Iterator[Listening]:
    with listening(request.param) as running:
        yield running


def has_left(here: Listening) -> bool:
    """Wait until a connection has ended on our side."""
    return here.answers.left.acquire(timeout=20)


@pytest.mark.parametrize(
    "begun",
    [
        "G",
        "GET /a",
        f"GET / HTTP/1.1\r\n{HEAD}",
        f"POST /a HTTP/1.1\r\n{HEAD}Content-Length: 9\r\n\r\nabc",
        f"POST /a HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_a_request_that_does_not_come_whole_is_given_up(here: Listening, begun: str) -> None:
    with here.wire() as wire:
        wire.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n" + begun)
        assert wire.answer().status == 200
        here.later(HEAD_SECONDS - 1)
        wire.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
        wire.socket.settimeout(20)
        here.later(HEAD_SECONDS + 1)
        wire.stream = wire.socket.makefile("rb")
        late = wire.answer()
        assert late.status == 408
        document = json.loads(late.body)
        assert document["seconds"] == HEAD_SECONDS and late.headers["connection"] == "close"
        assert wire.rest() == b""


def test_drops_do_not_prolong_the_time(here: Listening) -> None:
    with here.wire() as wire:
        wire.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\n")
        assert wire.answer().status == 200
        (connection,) = here.answers.connections
        since = here.do(lambda: connection.waiting_since)
        for number in range(5):
            wire.send(f"X-{number}: a\r\n")
        while here.do(lambda: len(connection._reader._headers)) < 4:
            pass
        assert here.do(lambda: connection.waiting_since) == since


def test_an_idle_connection_is_closed_without_a_word(here: Listening) -> None:
    with here.wire() as wire, here.wire() as fresh:
        assert wire.ask("/echo").status == fresh.ask("/echo").status == 200
        wire.send("\r\n\r\n")
        here.later(IDLE_SECONDS - 1)
        assert len(here.answers.connections) == 2
        here.later(IDLE_SECONDS + 1)
        assert wire.rest() == b""


def test_an_answer_may_take_as_long_as_it_takes(here: Listening) -> None:
    with here.wire() as wire:
        wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
        assert here.answers.arrived.acquire(timeout=20)
        here.later(10 * IDLE_SECONDS)
        here.release(Reply(200, PLAIN, b"at last"))
        assert wire.answer().body == b"at last"


@pytest.mark.parametrize("close", ["", "Connection: close\r\n"])
@pytest.mark.parametrize("kind", ["body", "file"])
def test_a_client_that_stops_reading_is_dropped_and_others_are_served(
    here: Listening, kind: str, close: str
) -> None:
    with here.wire(receive=4096) as stalled, here.wire() as other:
        stalled.send(f"GET /{kind}?{MUCH} HTTP/1.1\r\n{HEAD}{close}\r\n")
        assert stalled.stream.read(1) == b"H"
        for _ in range(3):
            assert other.ask("/echo").status == 200
        rounds = 0
        while len(here.answers.connections) == 2:
            # What the system has buffered meanwhile, it has taken; that ends.
            here.later(rounds * (STALLED_SECONDS + 1))
            rounds += 1
        assert 2 <= rounds < 10
        assert len(stalled.rest()) < MUCH
        assert other.ask("/echo").status == 200


def test_a_slow_client_that_goes_on_reading_is_not_dropped(here: Listening) -> None:
    with here.wire(receive=4096) as wire:
        wire.send(f"GET /body?{MUCH} HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n")
        for minute in range(1, 5):
            wire.stream.read(16 * LEAST_TAKEN)
            here.later(minute * (STALLED_SECONDS - 1))
        assert len(wire.rest()) > MUCH - 65 * LEAST_TAKEN


def test_requests_are_not_taken_up_while_answers_are_not_taken(here: Listening) -> None:
    """Else a client that never reads would have us hold its answers without end."""
    with here.wire(receive=4096) as wire:
        wire.send(f"GET /body?4000000 HTTP/1.1\r\n{HEAD}\r\n" * 100)
        assert wire.stream.read(1) == b"H"
        here.later(0)
        assert len(here.answers.handled) < 4
        wire.stream.read(3_990_000 * 3)
        assert len(here.answers.handled) < 8


def test_a_client_that_leaves_is_told_of_at_once(here: Listening) -> None:
    with here.wire() as wire:
        wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
        assert here.answers.arrived.acquire(timeout=20)
    assert here.answers.gone.wait(20)
    here.release(Reply(200, PLAIN, b"nobody hears this"))


def test_a_client_that_tears_the_connection_down_is_told_of(here: Listening) -> None:
    wire = here.wire()
    wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
    assert here.answers.arrived.acquire(timeout=20)
    linger = struct.pack("ii", 1, 0)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    wire.close()
    assert here.answers.gone.wait(20)


def test_a_client_that_leaves_midway_frees_the_file(here: Listening) -> None:
    files: list[IO[bytes]] = []

    def make(size: int) -> IO[bytes]:
        files.append(whole_file(size))
        return files[-1]

    here.answers.make_file = make
    with here.wire(receive=4096) as wire:
        wire.send(f"GET /file?{MUCH} HTTP/1.1\r\n{HEAD}\r\n")
        wire.stream.read(1000)
    assert has_left(here)
    here.do(lambda: None)
    assert files[0].closed


class Failing(io.BytesIO):
    """A file whose disk fails midway."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if self.tell() > 1_000_000:
            raise OSError("the disk is gone")
        return piece


@pytest.mark.parametrize("case", ["fails", "is short"])
def test_a_file_that_cannot_be_read_to_its_end_gives_no_whole_answer(
    here: Listening, case: str
) -> None:
    content = b"x" * (2_000_000 if case == "fails" else 1_000_000)
    here.answers.make_file = lambda _: Failing(content) if case == "fails" else io.BytesIO(content)
    with here.wire() as wire:
        # A request behind it must not be answered in the midst of the body that was promised.
        wire.send(f"GET /file?2000000 HTTP/1.1\r\n{HEAD}\r\nGET /echo HTTP/1.1\r\n{HEAD}\r\n")
        with pytest.raises((EOFError, ConnectionResetError)):
            wire.answer()
        assert b"/echo" not in wire.rest()
    assert "/echo" not in here.answers.handled


def test_more_connections_than_there_is_room_for_are_told_so(here: Listening) -> None:
    here.answers.room = 2
    with here.wire() as first, here.wire() as second:
        assert first.ask("/echo").status == second.ask("/echo").status == 200
        with here.wire() as third:
            third.send(f"GET /echo HTTP/1.1\r\n{HEAD}\r\n")
            full = third.answer()
            assert full.status == 503 and full.headers["retry-after"] == "1"
            assert json.loads(full.body)["type"].endswith("/too-many-connections")
            assert third.rest() == b""
        assert has_left(here)
        assert first.ask("/echo").status == 200


def test_a_refused_client_is_heard_out_only_for_a_while(here: Listening) -> None:
    with here.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\n{HEAD}Content-Length: 99999\r\n\r\n")
        assert wire.answer().status == 413
        wire.send("x" * 1000)
        here.later(LINGER_SECONDS - 1)
        assert len(here.answers.connections) == 1
        here.later(LINGER_SECONDS + 1)
        assert has_left(here)


def test_a_server_that_is_going_away_answers_what_was_asked(here: Listening) -> None:
    with here.wire() as busy, here.wire() as idle:
        assert idle.ask("/echo").status == 200
        busy.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
        assert here.answers.arrived.acquire(timeout=20)
        here.do(lambda: [each.finish() for each in list(here.answers.connections)])
        assert idle.rest() == b""
        here.release(Reply(200, PLAIN, b"still there"))
        answer = busy.answer()
        assert (answer.body, answer.headers["connection"]) == (b"still there", "close")
        assert busy.rest() == b""


def open_many(here: Listening, count: int) -> list[Wire]:
    return [here.wire() for _ in range(count)]


def test_silent_clients_do_not_keep_others_waiting(here: Listening) -> None:
    silent = open_many(here, 80)
    try:
        for number, wire in enumerate(silent):
            wire.send("GET /echo HTTP/1.1\r\n"[: number % 20])
        with here.wire() as wire:
            assert wire.ask("/echo").status == 200
    finally:
        for wire in silent:
            wire.close()
