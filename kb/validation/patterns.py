"""What a SELECT query joins: as much of its structure as tells what a variable must be bound to.

Reads the tokens of a query, not all of its grammar: of what it does not know, it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kb.validation.cursor import Cursor, NotUnderstoodError

Triple = tuple[str, str, str]

_IN_TRIPLES = ("", "A", "TRUE", "FALSE")
_ONE_BY_ONE = ("OPTIONAL", "MINUS", "BIND")
"""What is applied to each solution found before it, so that order counts from there on."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of a group binds in every solution; the triples and groups it joins."""

    bound: frozenset[str] = frozenset()
    triples: tuple[Triple, ...] = ()
    groups: tuple[Group, ...] = ()
    joins: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a query, or a sub-query, by the group after its WHERE.

    `offset` is right after its brace. `bound`: the variables that every solution binds; `open`:
    those that may be limited to some values at `offset`, which then leaves out the solutions with
    other values and changes nothing else. `triples` (as written) and `groups` hold for every
    solution.
    """

    offset: int
    bound: frozenset[str]
    open: frozenset[str]
    triples: tuple[Triple, ...]
    groups: tuple[Group, ...]
    selects: bool = False


def read_pattern(text: str) -> tuple[Group, dict[str, str]] | None:
    """Return the outermost group of a SELECT query and its prefixes; nothing if not understood."""
    reader = _Reader(text)
    try:
        return reader.query(), reader.prefixes
    except NotUnderstoodError:
        return None


class _Reader(Cursor):
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.prefixes: dict[str, str] = {}

    def query(self) -> Group:
        """Read prefixes and a query, to the end."""
        while self.word() == "PREFIX":
            self.next()
            name, iri = self.next(), self.next()
            self.prefixes[name] = iri[1:-1]
        group = self._select()
        if self.kind() != "end":
            raise NotUnderstoodError
        return group

    def _select(self) -> Group:
        """Read SELECT, its group, and what follows that."""
        self.take("SELECT")
        columns: set[str] = set()
        while self.word() in ("DISTINCT", "REDUCED") or self.kind() == "variable":
            kind, value = self.kind(), self.next()
            columns |= {value[1:]} if kind == "variable" else set()
        if self.word() == "WHERE":
            self.next()
        group = self._group()
        keys = self._modifiers()
        if keys is not None:
            columns &= keys
        return replace(group, bound=group.bound & columns, open=group.open & columns, selects=True)

    def _modifiers(self) -> set[str] | None:
        """Read what follows the group of a SELECT; return what its solutions are grouped by."""
        keys: set[str] | None = None
        while self.word():
            word = self.next().upper()
            if word == "GROUP":
                self.take("BY")
                keys = set()
                while self.kind() == "variable":
                    keys.add(self.next()[1:])
            elif word == "HAVING" and keys is not None:
                self.skip_brackets()
            elif word == "ORDER":
                self.take("BY")
                while self.kind() == "variable" or self.word() in ("ASC", "DESC"):
                    if self.kind() == "variable":
                        self.next()
                    else:
                        self.skip_brackets()
            else:
                raise NotUnderstoodError
        return keys

    def _group(self) -> Group:
        """Read a group, or the sub-query between its braces."""
        offset = self.offset() + 1
        self.take("{")
        if self.word() == "SELECT":
            group = self._select()
            self.take("}")
            return group
        parts = []
        while self.value() != "}":
            parts.append(self._part())
        self.take("}")
        first = next((n for n, part in enumerate(parts) if not part.joins), len(parts))
        return Group(
            offset,
            bound=frozenset(name for part in parts for name in part.bound),
            open=frozenset(name for part in parts[:first] for name in part.bound),
            triples=tuple(triple for part in parts[:first] for triple in part.triples),
            groups=tuple(group for part in parts[:first] for group in part.groups),
        )

    def _part(self) -> Part:
        """Read one part of a group."""
        word = self.word()
        if word in _IN_TRIPLES:
            return self._union() if self.value() == "{" else self._triples()
        self.next()
        if word == "GRAPH":
            self.next()
            group = self._group()
            return Part(group.bound, groups=(group,))
        if word == "VALUES":
            while self.value() != "{":
                self.next()
        elif word not in ("FILTER", *_ONE_BY_ONE):
            raise NotUnderstoodError
        self.skip_brackets()
        return Part(joins=word not in _ONE_BY_ONE)

    def _union(self) -> Part:
        """Read a group and its alternatives."""
        groups = [self._group()]
        while self.word() == "UNION":
            self.next()
            groups.append(self._group())
        bound = frozenset.intersection(*(group.bound for group in groups))
        return Part(bound, groups=tuple(groups) if len(groups) == 1 else ())

    def _triples(self) -> Part:
        """Read triples up to anything else."""
        bound: set[str] = set()
        values = []
        while self.word() in _IN_TRIPLES and self.value() not in ("{", "}"):
            kind, value = self.kind(), self.next()
            bound |= {value[1:]} if kind == "variable" else set()
            values.append(value)
        statements = _split(values, ".")
        triples = tuple(triple for statement in statements for triple in _simple(statement))
        return Part(frozenset(bound), triples)


def _split(values: list[str], mark: str) -> list[list[str]]:
    """Return the tokens between marks."""
    found: list[list[str]] = [[]]
    for value in values:
        if value == mark:
            found.append([])
        else:
            found[-1].append(value)
    return found


def _simple(statement: list[str]) -> Iterator[Triple]:
    """Yield the triples of a statement whose terms are one token each; paths are passed over."""
    if not {"[", "("}.isdisjoint(statement):
        return
    first, *others = [_split(phrase, ",") for phrase in _split(statement, ";")]
    if len(first[0]) != 3:
        return
    subject = first[0][0]
    for head, *more in ([first[0][1:], *first[1:]], *others):
        if len(head) == 2:
            for end in ([head[1]], *more):
                if len(end) == 1:
                    yield subject, head[0], end[0]
