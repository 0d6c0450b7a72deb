"""A query on its way: what is asked, by whom, within what, and what came of it."""

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
class Job:
    """Work for a query worker. `key` names the query among those known to be long.

    `limit` is the time it may be evaluated, in seconds; `done` is called once, unless the job is
    cancelled. Times are of a clock that is never set back. A job is `superseded` when the data
    change before it is answered: what it gives is true of the ones or the others, not to be kept.
    """

    frame: bytes
    client: str
    key: bytes
    limit: float
    done: Callable[[Outcome], None]
    lane: Lane = Lane.FAST
    queued: float = 0.0
    started: float = 0.0
    known: bool = False
    superseded: bool = False
    over: bool = False

    def finish(self, outcome: Outcome) -> None:
        """Hand over what came of it, once."""
        if not self.over:
            self.over = True
            self.done(outcome)
