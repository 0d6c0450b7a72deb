"""The reading page: a source text cut at every boundary of its passages, nothing left out.

Passages overlap and nest. The text is therefore cut into segments, each inside the same passages
from end to end; segments belong to lines, and every segment knows the passages that cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb import Row
from server.panels import Group, group_rows
from server.quotes import handle


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text, by code points from 0, end excluded, with the records that rest on it."""

    start: int
    end: int
    iri: str
    group: Group

    @property
    def anchor(self) -> str:
        """The name of its anchor on the reading page."""
        return f"c{self.start}-{self.end}"

    @property
    def handle(self) -> str:
        """Its words, shortened where they are long."""
        return handle(self.group.rows[0]["exact"].value)

    def records(self) -> list[Row]:
        """Return one row for each record that rests on this passage."""
        return self.group.distinct("record")


@dataclass(frozen=True, slots=True)
class Span:
    """An element that opens for a passage, so that the page can set off its words as a whole.

    Elements nest, passages may cross: one that outlasts the span it begins in is `cut` where that
    span ends, and a second span, which does not come `first`, holds its further words.
    """

    passage: Passage
    end: int
    first: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line inside the same passages from end to end.

    `passages` are those that cover it, the narrowest first; `spans` are the elements that open
    with it, the widest first, and `closes` says how many close after it; `quoted` tells that it
    lies within words the source puts between quotation marks.
    """

    text: str
    passages: tuple[Passage, ...]
    spans: tuple[Span, ...]
    closes: int
    quoted: bool

    @property
    def opens(self) -> tuple[Passage, ...]:
        """The passages that begin with it."""
        return tuple(span.passage for span in self.spans if span.first)

    @property
    def grounds(self) -> bool:
        """Whether a record rests on these words."""
        return any(passage.records() for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source that is not blank, with the passages that begin on it."""

    segments: tuple[Segment, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole text ready to be shown, and how much of it supports a record."""

    lines: tuple[Line, ...]
    covered: int
    total: int


def read_passages(rows: Iterable[Row]) -> list[Passage]:
    """Return the passages of the rows of `document/passages`, in the order of the text."""
    return [
        Passage(
            int(group.rows[0]["start"].value),
            int(group.rows[0]["end"].value),
            group.rows[0]["passage"].value,
            group,
        )
        for group in group_rows(rows, "passage")
    ]


def read_document(
    text: str, passages: Sequence[Passage], quotations: Sequence[tuple[int, int]]
) -> Reading:
    """Return a text cut into lines and segments; passages beyond its end are cut short."""
    lines = []
    offset = 0
    for line in text.split("\n"):
        end = offset + len(line)
        if line.strip():
            lines.append(_cut_line(text, (offset, end), passages, quotations))
        offset = end + 1
    return Reading(tuple(lines), *_coverage(text, passages))


def _cut_line(
    text: str,
    span: tuple[int, int],
    passages: Sequence[Passage],
    quotations: Sequence[tuple[int, int]],
) -> Line:
    """Return one line, cut at all boundaries that fall inside it."""
    first, last = span
    touching = [p for p in passages if p.start < last and p.end > first]
    bounds = [(p.start, p.end) for p in touching] + list(quotations)
    cuts = sorted({first, last, *(cut for pair in bounds for cut in pair if first < cut < last)})
    segments = []
    open_spans: list[Span] = []
    for start, end in pairwise(cuts):
        over = [p for p in touching if p.start <= start and end <= p.end]
        spans = _open_spans(open_spans, over, start, last)
        closing = sum(1 for span in open_spans if span.end == end)
        segments.append(
            Segment(
                text[start:end],
                tuple(sorted(over, key=lambda p: (p.end - p.start, p.start))),
                tuple(spans),
                closing,
                any(low <= start and end <= high for low, high in quotations),
            )
        )
        del open_spans[len(open_spans) - closing :]
    return Line(tuple(segments), tuple(p for p in touching if p.start >= first))


def _open_spans(
    open_spans: list[Span], over: Iterable[Passage], start: int, last: int
) -> list[Span]:
    """Open a span for each passage over a segment that has none, the one that ends last first."""
    held = {span.passage.iri for span in open_spans}
    opened = []
    for passage in sorted(over, key=lambda p: (-p.end, p.start)):
        if passage.iri in held:
            continue
        limit = open_spans[-1].end if open_spans else last
        end = min(passage.end, limit)
        span = Span(passage, end, passage.start == start, min(passage.end, last) > limit)
        opened.append(span)
        open_spans.append(span)
    return opened


def _coverage(text: str, passages: Iterable[Passage]) -> tuple[int, int]:
    """Return how many characters that are not blank support a record, and how many there are."""
    supported: set[int] = set()
    for passage in passages:
        if passage.records():
            supported.update(range(passage.start, min(passage.end, len(text))))
    blank = {i for i, char in enumerate(text) if char.isspace()}
    return len(supported - blank), len(text) - len(blank)
