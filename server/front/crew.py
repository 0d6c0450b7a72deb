"""What the parts of the front need of each other: workers, how many, who is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from server.front.jobs import Job

if TYPE_CHECKING:
    from server.front.generation import Generation


class Hand(Protocol):
    """A worker, as the lanes see it: it runs one job at a time."""

    job: Job | None


H = TypeVar("H", bound=Hand)
H_contra = TypeVar("H_contra", bound=Hand, contravariant=True)


class Crew(Protocol[H_contra]):
    """The workers of the current dataset."""

    def hire(self) -> None:
        """Have a new worker made; `Lanes.welcome` is told when it is there."""
        ...

    def run(self, hand: H_contra, job: Job) -> None:
        """Have a worker run a job; `Lanes.release` or `Lanes.lose` is told when it is over."""
        ...

    def spent(self, hand: H_contra) -> float:
        """Return the processor time that a worker has spent on its job, in seconds."""
        ...

    def slow_down(self, hand: H_contra) -> None:
        """Give a worker low priority from now on."""
        ...

    def dismiss(self, hand: H_contra, reason: str) -> None:
        """Stop a worker at once."""
        ...


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How many workers each lane has, and how many queries may be running or waiting."""

    fast: int
    slow: int
    queries: int
    per_client: int

    @property
    def slow_waiting(self) -> int:
        """How many queries may wait for the slow lane."""
        return 4 * self.slow


class Overseer(Protocol):
    """Who is told what happens to a generation."""

    def died(self, generation: Generation) -> None:
        """Note that its zygote died unbidden, and all its workers with it."""
        ...

    def stopped(self, role: str, reason: str) -> None:
        """Note that a worker was stopped or died."""
        ...

    def reported(self, fault: str) -> None:
        """Note what a worker says of its engine, which clients are not told."""
        ...
