"""Other data while serving: a generation beside the old one, then all at once; and one in the place
of a generation whose zygote died."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol

from server.front import RUN_FILE
from server.front.cache import Cache
from server.front.events import Journal, Metrics
from server.front.facts import StartError
from server.front.generation import Generation
from server.front.jobs import Job
from server.front.standing import Standing
from server.run_file import Reloads, write_reloads
from server.settings import MEMORY, Settings
from server.worker.sandbox import die_with_parent

_MOST_SAID = 2000
_RETRY_SECONDS = 1.0


class Owner(Protocol):
    """What holds the generation that answers."""

    settings: Settings
    generation: Generation | None
    cache: Cache
    metrics: Metrics
    journal: Journal
    draining: bool


class Reloading:
    """Makes generations and puts them in place."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.standing = Standing()
        self.done = 0
        self.refused = 0
        self.asked = 0
        self.answered = 0
        self.fault = ""
        note = os.environ.get(RUN_FILE)
        self._note = Path(note) if note else None
        self._retiring: list[Generation] = []
        self._is_busy = False
        self._has_begun = False
        self._tasks: set[asyncio.Task[None]] = set()

    def told(self) -> dict[str, int | str]:
        """Return how many reloads there were, and whether the last went well; what ailed the data
        is for the operator alone, and told in the log and to `charterkb reload`."""
        last = "refused" if self.fault else "done" if self.done else ""
        return {"done": self.done, "refused": self.refused, "last": last}

    def begin(self) -> asyncio.Task[None]:
        """Open the data for the first time; StartError, in the task, when they cannot be opened.

        What is asked until then waits.
        """
        self._is_busy = True
        generation = self.owner.generation = self._new()
        return asyncio.get_running_loop().create_task(self._begin(generation))

    async def _begin(self, generation: Generation) -> None:
        await generation.start()
        _supersede(generation)
        self._has_begun = True
        self._tell()
        self._is_busy = False
        if self.answered < self.asked:
            self._spawn(self._reload_as_asked())

    def reload(self) -> None:
        """Open the data anew, if they are valid; the old ones answer until then.

        Asked while that is under way, it is done once more: what changed meanwhile counts.
        """
        self.asked += 1
        if self._has_begun:
            self._tell()
        if not self._is_busy:
            self._spawn(self._reload_as_asked())

    def tick(self) -> None:
        """See to the deadlines of generations that are ending."""
        now = time.monotonic()
        for generation in list(self._retiring):
            generation.lanes.tick(now)
            generation.pages.tick(now)
            generation.retire()
            if generation.is_over:
                self._retiring.remove(generation)

    def cancel(self, job: Job) -> None:
        """Drop a job that a generation that is ending may be running."""
        now = time.monotonic()
        for generation in self._retiring:
            generation.lanes.cancel(job, now)

    def stop(self) -> None:
        """End every generation."""
        for generation in [*self._retiring, self.owner.generation]:
            if generation is not None:
                generation.stop()

    async def _reload_as_asked(self) -> None:
        self._is_busy = True
        try:
            while self.answered < self.asked:
                asked = self.asked
                try:
                    await self._reload()
                finally:
                    self.answered = asked
                    self._tell()
        finally:
            self._is_busy = False

    async def _reload(self) -> None:
        try:
            if fault := await _validate(self.owner.settings):
                self._refuse(fault)
                return
            generation = await self._open()
        except StartError as error:
            self._refuse(str(error))
            return
        except Exception as error:
            # A fault of ours: whoever asked must hear of it all the same.
            self._refuse(repr(error))
            raise
        self._put(generation)
        self.done += 1
        assert generation.facts is not None
        self.fault = ""
        self.owner.journal.event(
            "reload", version=generation.facts.version, digest=generation.facts.digest
        )

    def _refuse(self, reason: str) -> None:
        """Note that the new data were not taken."""
        self.refused += 1
        self.fault = reason[:_MOST_SAID]
        self.owner.journal.event("reload-refused", reason=self.fault)

    def _tell(self) -> None:
        """Tell `charterkb reload` how far it is."""
        if self._note is not None:
            said = Reloads(os.getpid(), self.asked, self.answered, not self.fault, self.fault)
            write_reloads(self._note, said)

    def _new(self) -> Generation:
        return Generation(self.owner.settings, self.standing, self)

    async def _open(self) -> Generation:
        generation = self._new()
        await generation.start()
        return generation

    def _put(self, generation: Generation) -> None:
        """Have a generation answer from now on, and the old one end."""
        old = self.owner.generation
        same = old is not None and old.facts == generation.facts
        self.owner.generation = generation
        if not same:
            self.owner.cache.clear()
            if old is not None:
                _supersede(old)
        if old is not None:
            now = time.monotonic()
            for job in old.lanes.take_waiting():
                generation.lanes.resubmit(job, now)
            for page in old.pages.take_waiting():
                generation.pages.resubmit(page)
            old.retire()
            self._retiring.append(old)

    def died(self, generation: Generation) -> None:
        """Open the data anew, as often as it takes, after the process that held them died."""
        self.owner.journal.event("zygote-lost")
        self.owner.metrics.stopped("zygote", "died")
        if generation is self.owner.generation and not self.owner.draining:
            self._spawn(self._open_again())

    async def _open_again(self) -> None:
        while not self.owner.draining:
            try:
                self._put(await self._open())
                return
            except StartError as error:
                self.owner.journal.event("start-failed", reason=str(error)[:_MOST_SAID])
                await asyncio.sleep(_RETRY_SECONDS)

    def stopped(self, role: str, reason: str) -> None:
        """Count a worker that was stopped or died."""
        self.owner.metrics.stopped(role, reason)

    def reported(self, fault: str) -> None:
        """Log what a worker says of its engine."""
        self.owner.journal.event("engine-failed", reason=fault[:_MOST_SAID])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _supersede(generation: Generation) -> None:
    """Note of what a generation has been asked that the data have changed since."""
    lanes, pages = generation.lanes, generation.pages
    for job in (*lanes.running.values(), *lanes.known_queue, *lanes.new_queue, *lanes.slow_queue):
        job.superseded = True
    for page in pages.running.values():
        page.superseded = True


async def _validate(settings: Settings) -> str:
    """Return what is wrong with the records that would be loaded; nothing when they are fit.

    StartError when that cannot be found out.
    Dumps and on-disk stores come from `charterkb build`, which writes none that is not.
    """
    if settings.store != MEMORY:
        return ""
    data = ["--data", str(settings.data)] if settings.data else []
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kb", *data, "validate", "--severity", "violation"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(os.environ),
            preexec_fn=die_with_parent,
        )
    except OSError as error:
        raise StartError(f"the data cannot be validated ({error.strerror})") from error
    said, _ = await process.communicate()
    return said.decode(errors="replace").strip() if process.returncode else ""
