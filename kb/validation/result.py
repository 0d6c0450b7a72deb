"""One thing a rule found, in RDF terms: what SHACL calls a validation result (SHACL §3.6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kb.namespaces import SHAPES
from kb.problems import Problem, Severity

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal

CODE_COMPONENT = SHAPES + "CodeConstraintComponent"
"""The constraint component of rules written in Python or as a query file, not in SHACL."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The message and the remedy of a rule in fr and en, placeholders such as {?value} unfilled."""

    message: Mapping[str, str] = field(hash=False)
    remedy: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Result:
    """A result: the shape or rule, the node it is about, the offending term, path and constraint.

    `file` and `line` are given where the rule knows them; `values` fill placeholders that RDF terms
    cannot; `texts` and `severity` stand in for what the shapes graph would say.
    """

    shape: Node
    focus: Node
    value: Term | None = None
    path: Node | None = None
    constraint: Node | None = None
    component: str = CODE_COMPONENT
    file: Path | None = None
    line: int | None = None
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    texts: Texts | None = None
    severity: Severity | None = None

    @property
    def rule(self) -> Node:
        """The constraint that was broken if it has a name of its own, else its shape."""
        return self.constraint if isinstance(self.constraint, ox.NamedNode) else self.shape


@dataclass(frozen=True, slots=True)
class Finding(Problem):
    """A problem together with the result it tells of, for reports in RDF.

    `path_facts` are the triples of a compound property path, which has no name of its own. Neither
    counts when findings are compared: blank nodes have other names at every reading.
    """

    result: Result | None = field(default=None, compare=False)
    path_facts: tuple[tuple[Node, ox.NamedNode, Term], ...] = field(default=(), compare=False)


def rule(name: str) -> ox.NamedNode:
    """Return the IRI of a rule of ours: the name that messages and reports go by."""
    return ox.NamedNode(SHAPES + name)
