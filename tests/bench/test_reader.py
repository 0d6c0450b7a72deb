"""The reader of responses; the loader before servers that answer, refuse, break off, are away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bench.load import run
from tests.bench.reader import BrokenResponse, Reader

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
)
UNSIZED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"


@pytest.mark.parametrize("response", [SIZED, CHUNKED], ids=["length", "chunks"])
@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_a_response_is_whole_at_its_last_byte_however_it_comes(response: bytes, piece: int) -> None:
    reader = Reader(keep=100)
    pieces = [response[at : at + piece] for at in range(0, len(response), piece)]
    assert [reader.feed(one) for one in pieces] == [False] * (len(pieces) - 1) + [True]
    assert (reader.status, reader.length, bytes(reader.body)) == (200, 5, b"hello")
    assert reader.tail == b"hello"


def test_a_reader_restarts_for_the_next_response() -> None:
    reader = Reader()
    assert reader.feed(CHUNKED)
    reader.restart()
    assert reader.fresh
    assert reader.feed(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    assert reader.status == 503


def test_a_response_without_a_length_ends_with_the_connection() -> None:
    reader = Reader()
    assert not reader.feed(UNSIZED)
    reader.end()
    assert reader.length == 5


@pytest.mark.parametrize("cut", [10, len(SIZED) - 1])
def test_a_response_cut_short_is_broken(cut: int) -> None:
    reader = Reader()
    assert not reader.feed(SIZED[:cut])
    with pytest.raises(BrokenResponse):
        reader.end()


def test_chunks_without_their_end_are_broken() -> None:
    reader = Reader()
    assert not reader.feed(CHUNKED[:-5])
    with pytest.raises(BrokenResponse):
        reader.end()


@pytest.mark.parametrize(
    "data", [b"SSH-2.0\r\n\r\n", SIZED + b"!", CHUNKED.replace(b"3\r", b"z\r")]
)
def test_what_is_no_response_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenResponse):
        Reader().feed(data)


@contextmanager
def answering(response: bytes, close: bool = False) -> Iterator[int]:
    """Answer every request with the same bytes, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def answer(client: socket.socket) -> None:
            with client:
                client.settimeout(5)
                while client.recv(65536):
                    client.sendall(response)
                    if close:
                        return

        def accept() -> None:
            while not over.is_set():
                try:
                    client = listener.accept()[0]
                except TimeoutError:
                    continue
                threading.Thread(target=answer, args=(client,)).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def job(port: int, **more: object) -> dict[str, object]:
    """A short job over a port."""
    common = {"host": "127.0.0.1", "port": port, "path": "/", "queries": ["ASK {}"]}
    return {**common, "clients": 2, "seconds": 0.2, **more}


def test_the_loader_counts_whole_answers() -> None:
    with answering(SIZED) as port:
        report = run(job(port, lengths=[5]))
    assert set(report["outcomes"]) == {"200"}
    assert report["answers"] == report["outcomes"]["200"] > 2
    assert 0 < report["p50"] <= report["p95"]


def test_the_loader_thinks_between_requests() -> None:
    with answering(SIZED) as port:
        report = run(job(port, think=0.09))
    assert 2 < report["answers"] <= 8


def test_the_loader_takes_no_answer_of_another_length() -> None:
    with answering(SIZED) as port:
        report = run(job(port, lengths=[6]))
    assert set(report["outcomes"]) == {"200 with another length"}
    assert (report["answers"], report["p50"]) == (0, None)


def test_the_loader_takes_no_refusal_and_no_broken_answer() -> None:
    with answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as port:
        assert set(run(job(port))["outcomes"]) == {"503"}
    with answering(SIZED[:-1], close=True) as port:
        report = run(job(port))
    assert report["answers"] == 0
    assert all(name.startswith("200 broken") for name in report["outcomes"])


def test_the_loader_goes_on_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        report = run(job(unused.getsockname()[1]))
    assert report["answers"] == 0
    assert set(report["outcomes"]) == {"no connection: ConnectionRefusedError"}
