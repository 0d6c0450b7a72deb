"""Workers of the lanes' tests: they note what they are told, on a clock that the tests turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from server.front.crew import LaneLimits
from server.front.jobs import Job, Outcome
from server.front.lanes import Lanes

_numbers = count()


@dataclass(eq=False)
class Worker:
    """A worker; while `idles`, its query waits for something and takes no processor time."""

    job: Job | None = None
    begun: float = 0.0
    idles: bool = False
    slowed: bool = False
    dismissed: str = ""


@dataclass
class Clockwork:
    """The crew of lanes: who was hired, what runs, and what time it is."""

    now: float = 1000.0
    hired: int = 0
    ran: list[Job] = field(default_factory=list)

    def hire(self) -> None:
        self.hired += 1

    def run(self, hand: Worker, job: Job) -> None:
        assert not hand.dismissed
        hand.begun = self.now
        self.ran.append(job)

    def spent(self, hand: Worker) -> float:
        return 0.0 if hand.idles else self.now - hand.begun

    def slow_down(self, hand: Worker) -> None:
        assert not hand.dismissed
        hand.slowed = True

    def dismiss(self, hand: Worker, reason: str) -> None:
        assert not hand.dismissed
        hand.dismissed = reason


@dataclass
class Bench:
    """Lanes with their crew, and what became of every job."""

    lanes: Lanes[Worker]
    crew: Clockwork
    outcomes: dict[Job, list[Outcome]] = field(default_factory=dict)

    def job(self, client: str = "a", key: str = "", limit: float = 10.0) -> Job:
        """Return a new job; one without a key is like no other."""
        outcomes: list[Outcome] = []
        name = (key or str(next(_numbers))).encode()
        job = Job(b"", outcomes.append, client, name, limit)
        self.outcomes[job] = outcomes
        return job

    def submit(self, client: str = "a", key: str = "", limit: float = 10.0) -> Job:
        """Submit a new job and return it."""
        job = self.job(client, key, limit)
        self.lanes.submit(job, self.crew.now)
        return job

    def staff(self) -> None:
        """Have every worker arrive that was asked for."""
        while self.crew.hired:
            self.crew.hired -= 1
            self.lanes.welcome(Worker(), self.crew.now)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.crew.now += seconds
        self.lanes.tick(self.crew.now)

    def hand_of(self, job: Job) -> Worker:
        """Return the worker that runs a job."""
        return next(hand for hand, running in self.lanes.running.items() if running is job)

    def answer(self, job: Job) -> None:
        """Have a job's worker answer."""
        self.lanes.release(self.hand_of(job), Outcome(head={"kind": "boolean"}), self.crew.now)

    def refused(self, job: Job) -> str:
        """Return why a job was refused after it had been taken in."""
        (outcome,) = self.outcomes[job]
        assert outcome.refusal is not None
        return outcome.refusal.kind


def bench(fast: int = 2, slow: int = 1, queries: int = 64, per_client: int = 64) -> Bench:
    """Return lanes whose workers are there."""
    crew = Clockwork()
    made = Bench(Lanes(LaneLimits(fast, slow, queries, per_client), crew), crew)
    made.lanes.tick(crew.now)
    made.staff()
    return made
