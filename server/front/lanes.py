"""Who may run what, when: admission, two lanes, deadlines.

A query starts in the fast lane. One that outruns it becomes long: its worker goes on at low
priority where the slow lane has room; else it is stopped and waits for its turn there, or is
refused. Queries known to be long, and clients who have lately sent many, begin in the slow lane. In
the fast lane, queries known to be short, and clients known for them, have workers of their own: a
crowd that comes with long ones all at once holds up newcomers at most. So what short queries need
is never held by long ones, whoever sends them. Nothing here touches a socket: workers are asked
for, run and stopped through `Crew`; the clock is an argument.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Generic

from server.front.crew import Crew, H, LaneLimits
from server.front.jobs import Job, Lane, Outcome
from server.front.standing import Standing
from server.refusal import Refusal

FAST_SECONDS = 0.25
"""The processor time that the fast lane allows a query: on a busy machine time passes sooner."""
_FAST_PATIENCE = 2.0
"""So many seconds may pass meanwhile: a query may also be waiting, for a disk or a host."""

_FINE = 1.0
"""What a query costs its client that was stopped because the slow lane was full."""
_PRESSING_FINE = 0.25
"""What it costs a client to be turned away from the slow lane: who keeps pressing stays there."""


class Lanes(Generic[H]):
    """The queries that run or wait, and the workers they run on."""

    def __init__(self, limits: LaneLimits, crew: Crew[H], standing: Standing | None = None) -> None:
        self.limits = limits
        self.crew = crew
        self.idle: list[H] = []
        self.running: dict[H, Job] = {}
        self.standing = standing or Standing()
        self.known_queue: deque[Job] = deque()
        self.new_queue: deque[Job] = deque()
        self.slow_queue: deque[Job] = deque()
        self.slow_running = 0
        self.hired = 0
        self._in_flight: dict[str, int] = {}
        self._slow_clients: dict[str, int] = {}

    @property
    def size(self) -> int:
        """How many queries run or wait."""
        return len(self.running) + self.waiting

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return len(self.known_queue) + len(self.new_queue) + len(self.slow_queue)

    def submit(self, job: Job, now: float) -> None:
        """Take a job in; raise Refusal when there is no room for it."""
        if self._in_flight.get(job.client, 0) >= self.limits.per_client:
            raise _refusal("too-many-queries", 1, limit=self.limits.per_client)
        if self.size >= self.limits.queries:
            raise _refusal("server-busy", 2, limit=self.limits.queries)
        job.queued = now
        if self.standing.begins_slow(job.key, job.client, now):
            try:
                self._wait_slow(job)
            except Refusal:
                self.standing.owe(job.client, _PRESSING_FINE, now)
                raise
        else:
            self._wait_fast(job)
        self._in_flight[job.client] = self._in_flight.get(job.client, 0) + 1
        self._dispatch(now)

    def resubmit(self, job: Job, now: float) -> None:
        """Take in a job that had been admitted elsewhere."""
        self._wait_fast(job)
        self._in_flight[job.client] = self._in_flight.get(job.client, 0) + 1
        self._dispatch(now)

    def cancel(self, job: Job, now: float) -> None:
        """Drop a job whose client is gone, wherever it is."""
        job.over = True
        for hand, running in list(self.running.items()):
            if running is job:
                self._stop(hand, "client-gone", now)
        for queue in (self.known_queue, self.new_queue, self.slow_queue):
            if job in queue:
                queue.remove(job)
                self._leave(job)
        self._dispatch(now)

    def welcome(self, hand: H, now: float) -> None:
        """Put a new worker to work."""
        self.hired = max(0, self.hired - 1)
        self.idle.append(hand)
        self._dispatch(now)

    def release(self, hand: H, outcome: Outcome, now: float, *, tired: bool = False) -> None:
        """Take a worker back that has finished its job; a slowed or `tired` one is let go."""
        job = self.running.pop(hand)
        self._leave(job)
        if job.lane is Lane.SLOW:
            self._end_slow(hand, job, now)
        elif outcome.refusal is None:
            self.standing.note_quick(job.key, job.client)
        hand.job = None
        if job.lane is Lane.SLOW or tired:
            self.crew.dismiss(hand, "retired")
        else:
            self.idle.append(hand)
        self._dispatch(now)
        job.finish(outcome)

    def lose(self, hand: H, refusal: Refusal | None, now: float) -> None:
        """Note that a worker is dead; its job, if any, fails with the refusal."""
        if hand in self.idle:
            self.idle.remove(hand)
        job = self.running.pop(hand, None)
        if job is not None:
            self._leave(job)
            if job.lane is Lane.SLOW:
                self.slow_running -= 1
            hand.job = None
            job.finish(Outcome(refusal=refusal))
        self._dispatch(now)

    def take_waiting(self) -> list[Job]:
        """Return the jobs that wait, which then no longer do: others are to run them."""
        waiting = [*self.known_queue, *self.new_queue, *self.slow_queue]
        for queue in (self.known_queue, self.new_queue, self.slow_queue):
            queue.clear()
        for job in waiting:
            self._leave(job)
            job.lane = Lane.FAST
        return waiting

    def tick(self, now: float) -> None:
        """Act on every query that has outrun its lane or its time."""
        for hand, job in list(self.running.items()):
            elapsed = now - job.started
            # Asked at every tick, as what was spent before it is first asked does not count.
            has_outrun = self.crew.spent(hand) >= FAST_SECONDS or elapsed >= _FAST_PATIENCE
            if elapsed >= job.limit:
                self.standing.note_long(job.key, job.client, now)
                self._stop(hand, "time-limit", now)
                job.finish(Outcome(refusal=_time_limit(job)))
            elif job.lane is Lane.FAST and has_outrun:
                self._outrun(hand, job, now)
        for queue in (self.known_queue, self.new_queue, self.slow_queue):
            for job in [job for job in queue if now - job.queued >= max(job.limit, 1.0)]:
                queue.remove(job)
                self._leave(job)
                job.finish(Outcome(refusal=_refusal("server-busy", 5, limit=self.limits.queries)))
        self._dispatch(now)

    def _outrun(self, hand: H, job: Job, now: float) -> None:
        """Move a query that runs in the fast lane to the slow one, or stop it."""
        self.standing.note_long(job.key, job.client, now)
        if self.slow_running < self.limits.slow:
            self._begin_slow(job)
            self.crew.slow_down(hand)
            return
        self._stop(hand, "lane-full", now)
        try:
            self._wait_slow(job)
        except Refusal as refusal:
            self.standing.owe(job.client, _FINE, now)
            job.finish(Outcome(refusal=refusal))
            return
        self._in_flight[job.client] = self._in_flight.get(job.client, 0) + 1

    def _wait_slow(self, job: Job) -> None:
        """Queue a job for the slow lane; raise Refusal when it, or its client's share, is full."""
        if self._slow_clients.get(job.client, 0) >= self.limits.slow:
            raise _refusal("one-long-query", math.ceil(job.limit), limit=self.limits.slow)
        if len(self.slow_queue) >= self.limits.slow_waiting:
            raise _refusal("slow-lane-full", math.ceil(job.limit), limit=self.limits.slow_waiting)
        job.lane = Lane.SLOW
        self._slow_clients[job.client] = self._slow_clients.get(job.client, 0) + 1
        self.slow_queue.append(job)

    def _begin_slow(self, job: Job) -> None:
        """Count a running job among the long ones."""
        if job.lane is Lane.FAST:
            job.lane = Lane.SLOW
            self._slow_clients[job.client] = self._slow_clients.get(job.client, 0) + 1
        self.slow_running += 1

    def _end_slow(self, hand: H, job: Job, now: float) -> None:
        """Take a job out of the slow lane; its client owes the time it took."""
        self.slow_running -= 1
        spent = self.crew.spent(hand)
        if spent >= FAST_SECONDS:
            self.standing.owe(job.client, spent, now)

    def _stop(self, hand: H, reason: str, now: float) -> None:
        """Stop a worker and take its job out."""
        job = self.running.pop(hand)
        if job.lane is Lane.SLOW:
            self._end_slow(hand, job, now)
        elif (spent := self.crew.spent(hand)) >= FAST_SECONDS:
            self.standing.owe(job.client, spent, now)
        hand.job = None
        self.crew.dismiss(hand, reason)
        self._leave(job)

    def _leave(self, job: Job) -> None:
        """Count a job out of its client's."""
        _decrease(self._in_flight, job.client)
        if job.lane is Lane.SLOW:
            _decrease(self._slow_clients, job.client)

    def fill(self) -> None:
        """Hire what is missing: workers for known and for new short queries, besides the slow."""
        working = len(self.running) - self.slow_running
        for _ in range(2 * self.limits.fast - len(self.idle) - working - self.hired):
            self.hired += 1
            self.crew.hire()

    def _dispatch(self, now: float) -> None:
        """Give every idle worker a job, short ones first, and hire what is missing."""
        while self.idle and self.known_queue and self._fast_running(known=True) < self.limits.fast:
            self._run(self.idle.pop(), self.known_queue.popleft(), now)
        while self.idle and self.new_queue and self._fast_running(known=False) < self.limits.fast:
            self._run(self.idle.pop(), self.new_queue.popleft(), now)
        while self.idle and self.slow_queue and self.slow_running < self.limits.slow:
            hand, job = self.idle.pop(), self.slow_queue.popleft()
            self.crew.slow_down(hand)
            self._run(hand, job, now)
            self._begin_slow(job)
        self.fill()

    def _fast_running(self, *, known: bool) -> int:
        """Return how many short queries run, known ones or new ones."""
        return sum(job.lane is Lane.FAST and job.known is known for job in self.running.values())

    def _wait_fast(self, job: Job) -> None:
        """Queue a job for the fast lane, among the known or the new ones."""
        job.known = self.standing.is_trusted(job.key, job.client)
        (self.known_queue if job.known else self.new_queue).append(job)

    def _run(self, hand: H, job: Job, now: float) -> None:
        job.started = now
        hand.job = job
        self.running[hand] = job
        self.crew.run(hand, job)


def _decrease(counts: dict[str, int], key: str) -> None:
    """Count one down; what reaches nought is forgotten."""
    left = counts.get(key, 0) - 1
    if left > 0:
        counts[key] = left
    else:
        counts.pop(key, None)


def _refusal(kind: str, seconds: int, *, limit: int) -> Refusal:
    """Return a refusal that says when to come back."""
    return Refusal(kind, headers={"Retry-After": str(seconds)}, limit=limit, retry_after=seconds)


def _time_limit(job: Job) -> Refusal:
    """Return the refusal of a query that took too long."""
    return Refusal("time-limit", seconds=f"{job.limit:g}")
