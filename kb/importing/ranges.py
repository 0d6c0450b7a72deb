"""Ranges spelt out and drawn together again: 24-28 names five places."""

from __future__ import annotations

from kb.errors import KbError

MOST = 200
"""More places than this is no pinpoint."""


class RangeError(KbError):
    """What is no range: it goes backwards, is endless, or has unlike ends."""


def expand(first: str, last: str) -> list[str]:
    """Return the numbers or letters from first to last; RangeError if they make no range."""
    if first.isascii() and first.isdigit() and last.isascii() and last.isdigit():
        if len(first) > 5 or len(last) > 5:
            raise RangeError(f"“{first}-{last}” is too long")
        low, high = int(first), int(last)
        if not low < high < low + MOST:
            raise RangeError(f"“{first}-{last}” is no range")
        return [str(number) for number in range(low, high + 1)]
    is_letters = all(len(end) == 1 and end.isascii() and end.islower() for end in (first, last))
    if not is_letters or first >= last:
        raise RangeError(f"“{first}-{last}” is no range")
    return [chr(code) for code in range(ord(first), ord(last) + 1)]


def draw_together(items: list[str]) -> list[str]:
    """Return items with runs of three or more whole numbers written as ranges: 24–28."""
    runs: list[list[str]] = []
    for item in items:
        previous = runs[-1][-1] if runs else ""
        follows = item.isdigit() and previous.isdigit() and int(item) == int(previous) + 1
        if follows:
            runs[-1].append(item)
        else:
            runs.append([item])
    spelt = [[f"{run[0]}–{run[-1]}"] if len(run) > 2 else run for run in runs]
    return [item for run in spelt for item in run]
