"""What workers are given to do, queries above all, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import IO, Any

from server.refusal import Refusal


class Lane(Enum):
    """Short queries go in one lane; those that outrun it, in another, at lower priority."""

    FAST = "fast"
    SLOW = "slow"


@dataclass(slots=True)
class Outcome:
    """What came of a job: an answer (its description and its bytes), or a refusal.

    `pieces` hold the bytes in memory, `file` those that were too many for it.
    """

    head: dict[str, Any] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    file: IO[bytes] | None = None
    size: int = 0
    refusal: Refusal | None = None

    @property
    def body(self) -> bytes:
        """The bytes of an answer in memory."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)


@dataclass(slots=True, eq=False)
class Work:
    """Something for a worker to do; `done` is called once, unless it is cancelled.

    Times are of a clock that is never set back. It is `superseded` when the data change before it
    is answered: what it gives is true of the ones or the others, not to be kept.
    """

    frame: bytes
    done: Callable[[Outcome], None]
    started: float = field(default=0.0, init=False)
    superseded: bool = field(default=False, init=False)
    over: bool = field(default=False, init=False)

    def finish(self, outcome: Outcome) -> None:
        """Hand over what came of it, once."""
        if not self.over:
            self.over = True
            self.done(outcome)


@dataclass(slots=True, eq=False)
class Job(Work):
    """A query for a worker; `key` names it among those known to be long, or known to be quick.

    `limit` is the time it may be evaluated, in seconds. It is `known` while it has its place among
    those that were quick before, or whose clients were.
    """

    client: str
    key: bytes
    limit: float
    lane: Lane = field(default=Lane.FAST, init=False)
    queued: float = field(default=0.0, init=False)
    known: bool = field(default=False, init=False)
