"""A generation: one state of the data, the zygote that holds it, and the workers forked from it.

A reload makes a new generation beside the old one, which ends once its last answer is out.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from server.allocator import with_quick_allocator
from server.front.crew import LaneLimits, Overseer
from server.front.deaths import refusal_of_death
from server.front.facts import DatasetFacts, StartError
from server.front.hands import ProcessHand
from server.front.jobs import Job, Outcome
from server.front.lanes import Lanes
from server.front.pages import PagePool
from server.front.standing import Standing
from server.refusal import Refusal
from server.settings import Settings

_MESSAGE_BYTES = 16384
_TIRED = 100_000
"""A worker that has answered so many queries makes room for a fresh one: its memory, which reading
the store has made its own, is then shared again."""
_DEATH_SECONDS = 1.0
"""How long to wait for word of how a worker died, once its socket has closed."""
_STILLBORN_SECONDS = 0.2
"""How long to wait for another worker where one died before it did anything, or none could be made:
whatever ails the machine, asking without pause would make it worse."""


class Generation:
    """The workers over one state of the data, and the zygote that makes them."""

    def __init__(
        self,
        settings: Settings,
        standing: Standing,
        overseer: Overseer,
    ) -> None:
        self.settings = settings
        self.facts: DatasetFacts | None = None
        self.retiring = False
        self.fences: dict[str, bool] = {}
        limits = LaneLimits(
            settings.fast, settings.slow, settings.max_queries, settings.max_client_queries
        )
        self.lanes: Lanes[ProcessHand] = Lanes(limits, self, standing)
        self.pages = PagePool(settings.pages, self)
        self._overseer = overseer
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[DatasetFacts] = self._loop.create_future()
        self._hands: dict[int, ProcessHand] = {}
        self._codes: dict[int, int] = {}
        self._awaited: dict[int, ProcessHand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wait = 0.0
        self._control: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its data are open."""
        return self.facts is not None and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left."""
        return self._control is None

    # life

    async def start(self) -> None:
        """Open the data and hire the first workers; StartError when they cannot be opened."""
        # Message by message, with their ends kept; systems without that keep them with datagrams.
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        try:
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "server.worker.zygote"),
                    pass_fds=[theirs.fileno()],
                    env=with_quick_allocator(os.environ)
                    | {"CHARTERKB_CONTROL_FD": str(theirs.fileno())},
                )
        except OSError as error:
            ours.close()
            raise StartError(f"no process can be started ({error.strerror})") from error
        ours.setblocking(False)
        self._control = ours
        self._loop.add_reader(ours.fileno(), self._listen)
        self._spawn(self._watch())
        self.facts = await self._ready
        # What was asked for before the data were open was not heard.
        self.lanes.hired = self.pages.hired = 0
        self.lanes.fill()
        self.pages.fill()

    def retire(self) -> None:
        """End once nothing runs or waits here any more."""
        self.retiring = True
        self._end_if_idle()

    def stop(self) -> None:
        """End now: the zygote takes its workers along."""
        self.retiring = True
        for hand in list(self._hands.values()):
            hand.close()
        self._hands.clear()
        if self._control is not None:
            self._loop.remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _watch(self) -> None:
        """Wait for the end of the zygote; every worker ends with it."""
        assert self._process is not None
        await self._process.wait()
        if not self._ready.done():
            self._ready.set_exception(StartError("the process that holds the data died"))
        if not self.retiring:
            self.stop()
            lost = Refusal("worker-lost", headers={"Retry-After": "1"}, retry_after=1)
            now = time.monotonic()
            # Nothing is hired any more; what waits goes to the generation that takes over.
            self.lanes.limits = replace(self.lanes.limits, fast=0)
            for hand in [*self.lanes.idle, *self.lanes.running]:
                self.lanes.lose(hand, lost, now)
            self.pages.lose_all(lost)
            if self.facts is not None:
                self._overseer.died(self)

    def _end_if_idle(self) -> None:
        if self.retiring and not self.lanes.size and not self.pages.size:
            self.stop()

    # lanes.Crew

    def hire(self) -> None:
        """Ask for a query worker."""
        self._fork("query")

    def run(self, hand: ProcessHand, job: Job) -> None:
        """Send a worker its query."""
        hand.send(job.frame)

    def spent(self, hand: ProcessHand) -> float:
        """Return the processor time that a worker has spent on its query, or the time it waits."""
        # Another engine works on it, not the worker.
        return time.monotonic() - hand.sent if self.settings.is_remote else hand.spent()

    def slow_down(self, hand: ProcessHand) -> None:
        """Give a worker low priority."""
        self._tell({"do": "slow", "pid": hand.pid})

    def dismiss(self, hand: ProcessHand, reason: str) -> None:
        """Kill a worker."""
        self._hands.pop(hand.pid, None)
        hand.close()
        self._tell({"do": "kill", "pid": hand.pid})
        if reason != "retired":
            self._overseer.stopped(hand.role, reason)

    def hire_for_pages(self) -> None:
        """Ask for a page worker."""
        self._fork("page")

    # hands.Master

    def answered(self, hand: ProcessHand, outcome: Outcome) -> None:
        """Hand on what a worker answered, and give it the next thing to do."""
        if hand.role == "page":
            self.pages.release(hand, outcome)
        else:
            had_enough = outcome.refusal is not None and outcome.refusal.kind == "memory-limit"
            tired = hand.served >= _TIRED or had_enough
            self._wait = 0.0
            if hand.job is not None and hand.job.superseded:
                outcome.head["volatile"] = True
            self.lanes.release(hand, outcome, time.monotonic(), tired=tired)
        self._end_if_idle()

    def reported(self, fault: str) -> None:
        """Pass on what a worker says of its engine."""
        self._overseer.reported(fault)

    def fenced(self, fences: dict[str, bool]) -> None:
        """Note which fences of the system stand around query workers."""
        self.fences = fences

    def lost(self, hand: ProcessHand) -> None:
        """Find out how a worker died, then fail what it was doing."""
        self._hands.pop(hand.pid, None)
        if self._control is None:
            return
        # Whatever it died of, it is not to be given anything more meanwhile.
        for idle in (self.lanes.idle, self.pages.idle):
            if hand in idle:
                idle.remove(hand)
        if hand.pid in self._codes:
            self._fail(hand, self._codes.pop(hand.pid))
        else:
            self._awaited[hand.pid] = hand
            self._loop.call_later(_DEATH_SECONDS, self._give_up, hand)

    # the zygote

    def _listen(self) -> None:
        """Read what the zygote tells."""
        while self._control is not None:
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 1)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                message, descriptors = b"", []
            if not message:
                # The end of the process is told by `_watch`.
                self._loop.remove_reader(self._control.fileno())
                return
            self._take(json.loads(message), descriptors)

    def _take(self, told: dict[str, Any], descriptors: list[int]) -> None:
        if told["is"] == "ready":
            facts = {key: told[key] for key in ("version", "digest", "triples", "graphs")}
            self._ready.set_result(DatasetFacts(**facts))
        elif told["is"] == "failed":
            self._ready.set_exception(StartError(told["message"]))
        elif told["is"] == "worker":
            connection = socket.socket(fileno=descriptors[0])
            self._spawn(self._connect(told["role"], told["pid"], connection))
        elif told["is"] == "unborn":
            self._loop.call_later(_STILLBORN_SECONDS, self._fork, told["role"])
        elif hand := self._awaited.pop(told["pid"], None):
            self._fail(hand, told["code"])
        elif told["pid"] in self._hands:
            self._codes[told["pid"]] = told["code"]

    async def _connect(self, role: str, pid: int, connection: socket.socket) -> None:
        """Take up a new worker."""
        connection.setblocking(False)
        hand = ProcessHand(self, role, pid)
        self._hands[pid] = hand
        await self._loop.create_unix_connection(lambda: hand, sock=connection)
        if role == "page":
            self.pages.welcome(hand)
        else:
            self.lanes.welcome(hand, time.monotonic())

    def _give_up(self, hand: ProcessHand) -> None:
        """Fail the job of a worker of whose death nothing was heard."""
        if self._awaited.pop(hand.pid, None):
            self._fail(hand, 0)

    def _fail(self, hand: ProcessHand, code: int) -> None:
        """Fail what a dead worker was doing, and say what killed it."""
        refusal = refusal_of_death(hand.role, code, self.settings)
        self._overseer.stopped(hand.role, refusal.kind)
        self._wait = _STILLBORN_SECONDS if not hand.served else 0.0
        if hand.role == "page":
            self.pages.lose(hand, refusal)
        else:
            self.lanes.lose(hand, refusal, time.monotonic())
        self._end_if_idle()

    def _fork(self, role: str) -> None:
        """Ask the zygote for a worker, once it has opened the data; `start` makes up for others."""
        if not self.retiring and self.facts is not None:
            message: dict[str, object] = {"do": "fork", "role": role}
            if self._wait:
                self._loop.call_later(self._wait, self._tell, message)
            else:
                self._tell(message)

    def _tell(self, message: dict[str, object]) -> None:
        """Ask the zygote for something; again shortly, should it have no room for the message."""
        if self._control is None:
            return
        try:
            self._control.send(json.dumps(message).encode())
        except BlockingIOError:
            self._loop.call_later(0.01, self._tell, message)
        except OSError:
            pass  # It is dead: `_watch` sees to the rest.

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
