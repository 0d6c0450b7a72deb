"""Answers kept in memory, the least recently asked for given up first; bounded in bytes.

Data never change within a generation, so that what is kept is never stale: a new one starts empty.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from server.front.replies import Reply

_OVERHEAD = 1024
"""What an entry takes besides its body, roughly: key, headers, bookkeeping."""
_SHARE = 8
"""One answer may take at most such a part of the whole."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is kept, and its entity tag."""

    reply: Reply
    etag: str


class Cache:
    """Answers by what was asked; `limit` in bytes, nought to keep nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)

    def get(self, key: Hashable) -> Kept | None:
        """Return what is kept for a key."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer, unless it lies in a file or is too large a part of the whole."""
        if not self.limit:
            return
        size = _size(key, kept)
        if kept.reply.file is not None or size * _SHARE > self.limit:
            return
        if key in self._kept:
            self.size -= _size(key, self._kept.pop(key))
        self._kept[key] = kept
        self.size += size
        while self.size > self.limit:
            old, gone = self._kept.popitem(last=False)
            self.size -= _size(old, gone)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.size = 0


def _size(key: Hashable, kept: Kept) -> int:
    """Return about how many bytes an entry takes."""
    parts = key if isinstance(key, tuple) else (key,)
    return _OVERHEAD + len(kept.reply.body) + sum(sys.getsizeof(part) for part in parts if part)
