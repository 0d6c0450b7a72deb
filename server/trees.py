"""Trees of concepts, built from rows that say of each concept which broader one it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kb import Row
from kb.query import Term


@dataclass(frozen=True, slots=True)
class Node:
    """A concept, the row that describes it, and the narrower concepts below it."""

    term: Term
    row: Row
    children: tuple[Node, ...]


def build_tree(rows: Iterable[Row], column: str, sort_key: Callable[[Term], object]) -> list[Node]:
    """Return the top concepts, each with those below it; a circle is cut where it closes."""
    rows_of: dict[Term, Row] = {}
    below: dict[Term | None, list[Term]] = {}
    for row in rows:
        rows_of.setdefault(row[column], row)
        below.setdefault(row.get("broader"), []).append(row[column])
    reached: set[Term] = set()

    def node(term: Term, above: frozenset[Term]) -> Node:
        reached.add(term)
        inside = above | {term}
        narrower = [x for x in dict.fromkeys(below.get(term, [])) if x not in inside]
        ordered = sorted(narrower, key=sort_key)  # type: ignore[arg-type]
        return Node(term, rows_of[term], tuple(node(x, inside) for x in ordered))

    tops = [x for x in rows_of if x in below.get(None, []) or rows_of[x]["broader"] not in rows_of]
    tree = [node(x, frozenset()) for x in sorted(tops, key=sort_key)]  # type: ignore[arg-type]
    # Concepts that only form a circle have no top: show them rather than lose them.
    for term in rows_of:
        if term not in reached:
            tree.append(node(term, frozenset()))
    return tree
