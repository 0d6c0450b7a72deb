"""A worker as the front sees it: a socket to a process that answers one frame at a time."""

from __future__ import annotations

import asyncio
import math
import sys
import tempfile
import time
from typing import Protocol, cast

from server.frames import ANSWER, FENCES, REFUSAL, FrameReader, Head
from server.front.jobs import Job, Outcome
from server.refusal import Refusal

IN_MEMORY_BYTES = 4 * 1024 * 1024
"""Answers longer than this wait in a file until they are whole."""


class Master(Protocol):
    """Who is told what becomes of a worker."""

    def answered(self, hand: ProcessHand, outcome: Outcome) -> None:
        """Take what a worker answered."""
        ...

    def reported(self, fault: str) -> None:
        """Log what a worker says of its engine, which clients are not told."""
        ...

    def fenced(self, fences: dict[str, bool]) -> None:
        """Note which fences of the system stand around workers."""
        ...

    def lost(self, hand: ProcessHand) -> None:
        """Note that a worker's socket has closed."""
        ...


class ProcessHand(asyncio.Protocol):
    """One worker process, and the answer that is coming from it."""

    def __init__(self, master: Master, role: str, pid: int) -> None:
        self.master = master
        self.role = role
        self.pid = pid
        self.job: Job | None = None
        self.dismissed = False
        self.served = 0
        self.sent = 0.0
        self._begun: float | None = None
        self._transport: asyncio.Transport | None = None
        self._reader = FrameReader()
        self._outcome = Outcome()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the way to the worker."""
        # uvloop’s transports have the methods, not the class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Put the answer together; hand it on once it is whole."""
        if self.dismissed:
            return
        for kind, head, body in self._reader.feed(data):
            if kind == REFUSAL:
                self._refuse(head)
            elif kind == FENCES:
                self.master.fenced(head)
            else:
                self._keep(body)
                if kind == ANSWER:
                    self._complete(head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the worker is gone."""
        self._drop()
        if not self.dismissed:
            self.master.lost(self)

    def send(self, frame: bytes) -> None:
        """Give the worker something to do."""
        self._outcome = Outcome()
        self.served += 1
        self.sent = time.monotonic()
        self._begun = None
        assert self._transport is not None
        self._transport.write(frame)

    def spent(self) -> float:
        """Return the processor time spent on this job since it was first asked for, in seconds.

        Most jobs are over before anybody asks: a look at the clock of a process takes its time.
        """
        now = _processor_seconds(self.pid)
        if self._begun is None:
            self._begun = now
        return now - self._begun

    def close(self) -> None:
        """Let the worker go: it ends when it finds its socket closed."""
        self.dismissed = True
        self._drop()
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, head: Head) -> None:
        """Hand on a refusal, and what is to be logged of it."""
        if "fault" in head:
            self.master.reported(head["fault"])
        refusal = Refusal(head["problem"], headers=head["headers"], **head["members"])
        self._end(Outcome(refusal=refusal))

    def _keep(self, body: bytes) -> None:
        """Keep a piece of an answer, in memory or, when that becomes much, in a file."""
        outcome = self._outcome
        outcome.size += len(body)
        if outcome.file is None and outcome.size > IN_MEMORY_BYTES:
            outcome.file = tempfile.TemporaryFile()  # noqa: SIM115 (closed once it is sent)
            outcome.file.writelines(outcome.pieces)
            outcome.pieces.clear()
        if outcome.file is None:
            outcome.pieces.append(body)
        else:
            outcome.file.write(body)

    def _complete(self, head: Head) -> None:
        """Hand on an answer that is whole."""
        self._outcome.head = head
        if self._outcome.file is not None:
            self._outcome.file.seek(0)
        self._end(self._outcome)

    def _end(self, outcome: Outcome) -> None:
        if outcome is not self._outcome:
            self._drop()
        self._outcome = Outcome()
        self.master.answered(self, outcome)

    def _drop(self) -> None:
        """Forget an answer that will not be whole."""
        if self._outcome.file is not None:
            self._outcome.file.close()
        self._outcome = Outcome()


def _processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used; plain time where none is told."""
    if sys.platform != "linux":
        return time.monotonic()
    try:
        # The clock of a process, as clock_getcpuclockid(3) makes its number.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return math.inf  # It is gone.
