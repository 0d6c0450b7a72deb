"""A query worker: one process, one query at a time, no way out.

Texts of strangers are first read here, never in the front: one that stalls or kills the parser
costs this process and nothing else.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import IO, cast

from kb.engine import FORMATS, Answer, Dataset, Engine, Format, Kind
from kb.errors import EngineError, QueryError
from kb.sparql_text import bare_words
from server.engine_faults import refusal_of_fault
from server.frames import ANSWER, PIECE, PIECE_BYTES, REFUSAL, Head, receive, send
from server.guard import check_query
from server.refusal import Refusal
from server.worker.sandbox import rearm
from server.worker.xml_text import XmlWriter

_VOLATILE = {"BNODE", "NOW", "RAND", "UUID", "STRUUID"}
"""Functions that answer anew each time (SPARQL 1.1 Query §17.4)."""
_MAYBE_VOLATILE = ("BNODE", "NOW", "RAND", "UUID", "\\U")
_PLACE = re.compile(r"\bat (\d+):(\d+)\b")
_CHARACTER_RANGES = re.compile(r"(?:, )?\[(?:'[^]]*|_)\]")
_BY_SUFFIX = {form.suffix: form for kind in FORMATS.values() for form in kind}


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What a query may be, give and take: brackets nested so deep, an answer of so many bytes,
    memory; and the processor seconds after which the system ends it, should the front not have."""

    depth: int
    result: int
    time: float
    seconds: int
    memory: int = 0


def serve_queries(
    connection: socket.socket, engine: Engine, graphs: Collection[str], limits: QueryLimits
) -> None:
    """Answer queries until the front is gone."""
    while (frame := receive(connection)) is not None:
        _, head, body = frame
        rearm(limits.seconds)
        try:
            _answer(connection, engine, graphs, limits, (head, body.decode()))
        except Refusal as refusal:
            told = {"problem": refusal.kind, "members": refusal.members}
            told["headers"] = refusal.headers
            if isinstance(refusal.__cause__, EngineError):
                # The operator is to know what the client is not: which engine it was, and why.
                told["fault"] = str(refusal.__cause__)
            send(connection, REFUSAL, told, b"")


def _answer(
    connection: socket.socket,
    engine: Engine,
    graphs: Collection[str],
    limits: QueryLimits,
    asked: tuple[Head, str],
) -> None:
    """Answer one query; raise Refusal when it cannot be."""
    head, text = asked
    dataset = Dataset(tuple(head.get("default", ())), tuple(head.get("named", ())))
    checked = check_query(text, dataset, graphs, max_depth=limits.depth)
    output = AnswerWriter(connection, limits.result, head.get("rows"))
    try:
        answer = engine.answer(checked, dataset, _chooser(head["formats"]))
        # All that pyoxigraph asks of a file is `write` and `flush`.
        answer.write(_fit(answer, cast(IO[bytes], output)))
    except QueryError as error:
        raise _syntax_refusal(str(error)) from error
    except EngineError as error:
        raise refusal_of_fault(error, limits.time) from error
    except MemoryError as error:
        raise Refusal("memory-limit", limit=limits.memory) from error
    told: Head = {"kind": answer.kind, "suffix": answer.format.suffix}
    if _is_volatile(text):
        told["volatile"] = True
    output.end(told)


def _fit(answer: Answer, output: IO[bytes]) -> IO[bytes]:
    """Return where an answer is to be written, so that every reader gets back what it holds."""
    if not answer.format.media_type.endswith("xml"):
        return output
    left = [form.media_type for form in FORMATS[answer.kind] if form is not answer.format]
    return cast(IO[bytes], XmlWriter(output, left))


def _is_volatile(text: str) -> bool:
    """Tell whether a query may answer anew each time."""
    capitals = text.upper()
    maybe = any(word in capitals for word in _MAYBE_VOLATILE)
    return maybe and not _VOLATILE.isdisjoint(bare_words(text))


def _chooser(formats: Mapping[str, str]) -> Callable[[Kind], Format]:
    """Return what picks the format asked for; it raises Refusal for a kind without one."""

    def choose(kind: Kind) -> Format:
        if kind not in formats:
            available = [form.media_type for form in FORMATS[kind]]
            raise Refusal("not-acceptable", available=available)
        return _BY_SUFFIX[formats[kind]]

    return choose


class AnswerWriter:
    """Sends an answer to the front in pieces; raises Refusal when it grows beyond the limit.

    With `rows`, for formats of one row a line, only so many lines are sent, the rest counted.
    """

    def __init__(self, connection: socket.socket, limit: int, rows: int | None) -> None:
        self._connection = connection
        self._limit = limit
        self._rows = rows
        self._lines = 0
        self._pieces: list[bytes] = []
        self._size = 0
        self._total = 0

    def write(self, data: bytes) -> int:
        """Take a piece of the answer."""
        taken = len(data)
        kept = self._first_rows(data) if self._rows is not None else data
        self._total += len(kept)
        if self._total > self._limit:
            raise Refusal("result-too-large", limit=self._limit)
        self._pieces.append(kept)
        self._size += len(kept)
        if self._size >= PIECE_BYTES:
            send(self._connection, PIECE, {}, self._drained())
        return taken

    def flush(self) -> None:
        """Keep what waits, though the engine asks: it goes out with what the answer is."""

    def end(self, head: Head) -> None:
        """Send the last piece, and what the answer is."""
        if self._rows is not None:
            head["lines"] = self._lines
        send(self._connection, ANSWER, head, self._drained())

    def _drained(self) -> bytes:
        """Return what waits to be sent, which then no longer does."""
        pieces, self._pieces, self._size = self._pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _first_rows(self, data: bytes) -> bytes:
        """Return the part of some bytes that lies in the lines to be sent."""
        before = self._lines
        self._lines += data.count(b"\n")
        assert self._rows is not None
        if before >= self._rows:
            return b""
        if self._lines < self._rows:
            return data
        end = -1
        for _ in range(self._rows - before):
            end = data.index(b"\n", end + 1)
        return data[: end + 1]


def _syntax_refusal(message: str) -> Refusal:
    """Return the refusal of a malformed query, with its place where the engine knows it.

    The engine lists every character that could have stood there; ranges of Unicode are left out.
    """
    readable = _CHARACTER_RANGES.sub("", message)
    place = _PLACE.search(message)
    if place is None:
        return Refusal("query-syntax", message=readable)
    line, column = (int(number) for number in place.groups())
    return Refusal("query-syntax", message=readable, line=line, column=column)
