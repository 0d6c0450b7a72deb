"""The workers that render pages: a short queue, one request each at a time, a time limit."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

from server.front.hands import ProcessHand
from server.front.jobs import Outcome, Work
from server.refusal import Refusal

PAGE_SECONDS = 60.0
"""Pages take milliseconds; the first dump of a large base may take a while."""
_WAITING = 256


class PageCrew(Protocol):
    """Where page workers come from."""

    def hire_for_pages(self) -> None:
        """Have a new worker made; `PagePool.welcome` is told when it is there."""
        ...

    def dismiss(self, hand: ProcessHand, reason: str) -> None:
        """Stop a worker at once."""
        ...


class PagePool:
    """The page workers of a generation."""

    def __init__(self, count: int, crew: PageCrew) -> None:
        self.count = count
        self.crew = crew
        self.idle: list[ProcessHand] = []
        self.running: dict[ProcessHand, Work] = {}
        self.queue: deque[Work] = deque()
        self.hired = 0

    @property
    def size(self) -> int:
        """How many requests run or wait."""
        return len(self.running) + len(self.queue)

    def submit(self, job: Work) -> None:
        """Take a request in; raise Refusal when too many wait."""
        if len(self.queue) >= _WAITING:
            headers = {"Retry-After": "2"}
            raise Refusal("server-busy", headers=headers, limit=_WAITING, retry_after=2)
        self.resubmit(job)

    def resubmit(self, job: Work) -> None:
        """Take in a request that had been admitted elsewhere."""
        self.queue.append(job)
        self._dispatch()

    def fill(self) -> None:
        """Hire what is missing."""
        for _ in range(self.count - len(self.idle) - len(self.running) - self.hired):
            self.hired += 1
            self.crew.hire_for_pages()

    def welcome(self, hand: ProcessHand) -> None:
        """Put a new worker to work."""
        self.hired = max(0, self.hired - 1)
        self.idle.append(hand)
        self._dispatch()

    def release(self, hand: ProcessHand, outcome: Outcome) -> None:
        """Take a worker back that has answered."""
        job = self.running.pop(hand)
        self.idle.append(hand)
        self._dispatch()
        job.finish(outcome)

    def lose(self, hand: ProcessHand, refusal: Refusal) -> None:
        """Note that a worker is dead; its request fails."""
        if hand in self.idle:
            self.idle.remove(hand)
        job = self.running.pop(hand, None)
        self.fill()
        self._dispatch()
        if job is not None:
            job.finish(Outcome(refusal=refusal))

    def lose_all(self, refusal: Refusal) -> None:
        """Note that all workers are dead; what they were doing fails."""
        self.count = 0
        for hand in [*self.idle, *self.running]:
            self.lose(hand, refusal)

    def take_waiting(self) -> list[Work]:
        """Return the requests that wait, which then no longer do: others are to answer them."""
        waiting = list(self.queue)
        self.queue.clear()
        return waiting

    def tick(self, now: float) -> None:
        """Stop what takes too long."""
        for hand, job in list(self.running.items()):
            if now - job.started >= PAGE_SECONDS:
                del self.running[hand]
                self.crew.dismiss(hand, "time-limit")
                self.fill()
                job.finish(Outcome(refusal=Refusal("time-limit", seconds=f"{PAGE_SECONDS:g}")))

    def _dispatch(self) -> None:
        while self.idle and self.queue:
            job = self.queue.popleft()
            if job.over:
                continue
            hand = self.idle.pop()
            job.started = time.monotonic()
            self.running[hand] = job
            hand.send(job.frame)
