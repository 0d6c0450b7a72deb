"""What the way a worker died tells of what it was doing."""

from __future__ import annotations

import signal

from server.refusal import Refusal
from server.settings import Settings

_DEATHS = {
    -signal.SIGSEGV: "query-too-complex",
    -signal.SIGBUS: "query-too-complex",
    -signal.SIGILL: "query-too-complex",
    -signal.SIGABRT: "memory-limit",
    -signal.SIGXCPU: "time-limit",
}
"""What a query did to the worker that died of it (negative: the signal)."""


def refusal_of_death(role: str, code: int, settings: Settings) -> Refusal:
    """Return how to tell a client that the worker that was answering has died."""
    kind = _DEATHS.get(code, "worker-lost") if role == "query" else "worker-lost"
    if kind == "worker-lost":
        return Refusal(kind, headers={"Retry-After": "1"}, retry_after=1)
    if kind == "memory-limit":
        return Refusal(kind, limit=settings.memory_limit)
    if kind == "time-limit":
        return Refusal(kind, seconds=f"{settings.time_limit:g}")
    return Refusal(kind)
