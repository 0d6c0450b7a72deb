"""What experience tells of queries and of those who send them: which are long, who owes what, who
is known for quick ones. All of it fades or is forgotten; each memory is bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

_KNOWN_LONG_SECONDS = 60.0
_HALF_LIFE_SECONDS = 10.0
_DEBT_LIMIT = 1.0
"""Seconds of long queries, the older ones fading, after which a client begins in the slow lane."""
_DEBT_MOST = 60.0
_QUICK_BEFORE_TRUST = 3
_REMEMBERED = 10_000

K = TypeVar("K")
V = TypeVar("V")


class Standing:
    """What is remembered of queries, by their digest, and of clients, by their address."""

    def __init__(self) -> None:
        self._long: OrderedDict[bytes, float] = OrderedDict()
        self._quick: OrderedDict[bytes, None] = OrderedDict()
        self._debts: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._merits: OrderedDict[str, int] = OrderedDict()

    def begins_slow(self, key: bytes, client: str, now: float) -> bool:
        """Tell whether a query is to begin among the long ones."""
        return self._long.get(key, 0.0) > now or self._debt(client, now) > _DEBT_LIMIT

    def is_trusted(self, key: bytes, client: str) -> bool:
        """Tell whether a query, or whoever sends it, has been quick before."""
        return key in self._quick or self._merits.get(client, 0) >= _QUICK_BEFORE_TRUST

    def note_quick(self, key: bytes, client: str) -> None:
        """Remember that a query was short."""
        _put(self._quick, key, None)
        _put(self._merits, client, min(self._merits.get(client, 0) + 1, _QUICK_BEFORE_TRUST))

    def note_long(self, key: bytes, client: str, now: float) -> None:
        """Remember that a query is long; its client is no longer known for quick ones."""
        _put(self._long, key, now + _KNOWN_LONG_SECONDS)
        self._quick.pop(key, None)
        self._merits.pop(client, None)

    def owe(self, client: str, seconds: float, now: float) -> None:
        """Add to what a client owes."""
        owed = min(self._debt(client, now) + seconds, _DEBT_MOST)
        _put(self._debts, client, (owed, now))

    def _debt(self, client: str, now: float) -> float:
        """Return what a client owes, older debts having faded."""
        if client not in self._debts:
            return 0.0
        owed, then = self._debts[client]
        return float(owed * 0.5 ** ((now - then) / _HALF_LIFE_SECONDS))


def _put(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """Remember a value as the latest; forget the oldest where that is too many."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
