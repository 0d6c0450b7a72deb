"""Exact words arranged to be read: a narrow passage is marked inside the wider one around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from kb import Row

_SHORT = 44
_KEPT_WORDS = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage to quote: its row, its text in pieces (marked or not), and the rows marked in it.

    Joined, the pieces are the exact words, unchanged.
    """

    row: Row
    pieces: tuple[tuple[str, bool], ...]
    inner: tuple[Row, ...]


def arrange_quotes(rows: Iterable[Row]) -> list[Quote]:
    """Return the passages of some rows in the order of the text, nested ones marked in the widest.

    Passages that only overlap stay apart.
    """
    distinct = {row["passage"].value: row for row in rows if "passage" in row}
    ordered = sorted(distinct.values(), key=lambda row: (_place(row)[0], -_place(row)[1]))
    quotes: list[tuple[Row, list[Row]]] = []
    for row in ordered:
        holder = next((q for q in quotes if _holds(q[0], row)), None)
        if holder is None:
            quotes.append((row, []))
        else:
            holder[1].append(row)
    return [Quote(row, tuple(_pieces(row, inner)), tuple(inner)) for row, inner in quotes]


def handle(text: str) -> str:
    """Return a text short enough for a margin: its first and last words where it is long."""
    if len(text) <= _SHORT:
        return text
    words = text.split()
    if len(words) <= 2 * _KEPT_WORDS:
        return text
    return " ".join((*words[:_KEPT_WORDS], "[…]", *words[-_KEPT_WORDS:]))


def _place(row: Row) -> tuple[int, int]:
    """Return where a row’s passage starts and ends."""
    return int(row["start"].value), int(row["end"].value)


def _holds(outer: Row, inner: Row) -> bool:
    """Tell whether one passage contains another of the same document."""
    (start, end), (first, last) = _place(outer), _place(inner)
    return outer["document"] == inner["document"] and start <= first and last <= end


def _pieces(row: Row, inner: Iterable[Row]) -> list[tuple[str, bool]]:
    """Return a passage cut where marked words begin and end."""
    start, end = _place(row)
    text = row["exact"].value
    spans = [_place(other) for other in inner]
    if len(text) != end - start or not spans:
        return [(text, False)]
    cuts = sorted({start, end, *(cut for span in spans for cut in span)})
    pieces = []
    for first, last in pairwise(cuts):
        marked = any(low <= first and last <= high for low, high in spans)
        pieces.append((text[first - start : last - start], marked))
    return pieces
