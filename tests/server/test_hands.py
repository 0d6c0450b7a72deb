"""Workers as the front sees them: answers put together, in memory or in a file, or dropped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from server.frames import ANSWER, FENCES, PIECE, REFUSAL, pack, receive
from server.front.hands import IN_MEMORY_BYTES, ProcessHand
from server.front.jobs import Outcome


class Book:
    """Who is told: it notes everything."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.fences: list[dict[str, bool]] = []
        self.gone = 0

    def answered(self, hand: ProcessHand, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def fenced(self, fences: dict[str, bool]) -> None:
        self.fences.append(fences)

    def lost(self, hand: ProcessHand) -> None:
        self.gone += 1


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def hand(book: Book) -> ProcessHand:
    return ProcessHand(book, "query", 1)


def content(outcome: Outcome) -> bytes:
    if outcome.file is None:
        return outcome.body
    with outcome.file:
        return outcome.file.read()


@pytest.mark.parametrize(
    "sizes",
    [
        [0],
        [10],
        [10, 20, 0],
        [IN_MEMORY_BYTES],
        [IN_MEMORY_BYTES - 1, 1],
        [IN_MEMORY_BYTES, 1],
        [IN_MEMORY_BYTES + 1],
        [IN_MEMORY_BYTES // 2] * 5,
    ],
)
def test_an_answer_is_put_together_whole(book: Book, hand: ProcessHand, sizes: list[int]) -> None:
    pieces = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    for piece in pieces[:-1]:
        hand.data_received(pack(PIECE, {}, piece))
        assert book.outcomes == []
    hand.data_received(pack(ANSWER, {"kind": "graph"}, pieces[-1]))
    (outcome,) = book.outcomes
    assert (outcome.head, outcome.size) == ({"kind": "graph"}, sum(sizes))
    assert (outcome.file is not None) == (sum(sizes) > IN_MEMORY_BYTES)
    assert content(outcome) == b"".join(pieces)


def test_two_answers_do_not_mix(book: Book, hand: ProcessHand) -> None:
    for letter in (b"a", b"b"):
        hand.data_received(pack(PIECE, {}, letter) + pack(ANSWER, {}, letter))
    assert [content(outcome) for outcome in book.outcomes] == [b"aa", b"bb"]


@pytest.mark.parametrize("size", [10, IN_MEMORY_BYTES + 1])
def test_a_refusal_midway_leaves_nothing_of_the_answer(
    book: Book, hand: ProcessHand, size: int
) -> None:
    hand.data_received(pack(PIECE, {}, b"x" * size))
    begun = hand._outcome.file
    told = {"problem": "result-too-large", "members": {"limit": 7}, "headers": {"X-A": "b"}}
    hand.data_received(pack(REFUSAL, told))
    (outcome,) = book.outcomes
    assert outcome.refusal is not None and outcome.refusal.kind == "result-too-large"
    assert (outcome.refusal.members, outcome.refusal.headers) == ({"limit": 7}, {"X-A": "b"})
    assert (outcome.size, content(outcome)) == (0, b"")
    assert begun is None or begun.closed
    hand.data_received(pack(ANSWER, {}, b"next"))
    assert content(book.outcomes[1]) == b"next"


def test_fences_are_passed_on_and_are_no_answer(book: Book, hand: ProcessHand) -> None:
    hand.data_received(pack(FENCES, {"seccomp": True}))
    assert (book.fences, book.outcomes) == ([{"seccomp": True}], [])


def with_worker(hand: ProcessHand, work: Callable[[socket.socket], Awaitable[None]]) -> None:
    """Do something with the worker's end of a hand's socket."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: hand, sock=ours)
        with theirs:
            await work(theirs)
        await asyncio.sleep(0)

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that the loop is about to do."""
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("size", [0, 10, IN_MEMORY_BYTES + 1])
def test_a_worker_that_dies_midway_has_answered_nothing(
    book: Book, hand: ProcessHand, size: int
) -> None:
    async def die(worker: socket.socket) -> None:
        hand.send(b"")
        hand.data_received(pack(PIECE, {}, b"x" * size))
        begun = hand._outcome.file
        worker.close()
        await until(lambda: book.gone == 1)
        assert begun is None or begun.closed

    with_worker(hand, die)
    assert (book.gone, book.outcomes) == (1, [])


def test_a_dismissed_worker_is_heard_no_more(book: Book, hand: ProcessHand) -> None:
    async def dismiss(worker: socket.socket) -> None:
        hand.close()
        hand.data_received(pack(ANSWER, {}, b"late"))
        await asyncio.get_running_loop().run_in_executor(None, worker.recv, 1)

    with_worker(hand, dismiss)
    assert (book.gone, book.outcomes) == (0, [])


def test_a_worker_is_sent_its_query(hand: ProcessHand) -> None:
    async def ask(worker: socket.socket) -> None:
        hand.send(pack(b"Q", {"formats": {}}, b"ASK {}"))
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, receive, worker)
        assert found == (b"Q", {"formats": {}}, b"ASK {}")
        assert hand.served == 1
        hand.close()

    with_worker(hand, ask)
