"""Turtle in one canonical layout: a difference between two files is a difference in meaning.

Prefixes sorted and only those used; the main subject first, then the others in natural order
(art-2 before art-10); predicates in a fixed order; one object a line. Comments do not survive:
notes belong in `skos:editorialNote`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kb.errors import SourceError
from kb.namespaces import PREFIXES

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal

_RDF = PREFIXES["rdf"]
_XSD = PREFIXES["xsd"]
_LEADING = (
    "a",
    "rdfs:label",
    "skos:prefLabel",
    "skos:altLabel",
    "dcterms:title",
    "skos:notation",
    "skos:definition",
    "drc:paraphrase",
    "skos:scopeNote",
    "skos:example",
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "rdfs:domain",
    "rdfs:range",
)
_TRAILING = (
    "drc:evidence",
    "drc:reference",
    "drc:assertedBy",
    "drc:confidence",
    "drc:reviewStatus",
    "drc:rationale",
    "skos:historyNote",
    "skos:changeNote",
    "skos:editorialNote",
    "rdfs:seeAlso",
    "rdfs:isDefinedBy",
)
_RANK = {
    **{_name: _i for _i, _name in enumerate(_LEADING)},
    **{_name: 1000 + _i for _i, _name in enumerate(_TRAILING)},
}
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")
_NUMBER = re.compile(r"([0-9]{1,4000})")
"""A run of digits; Python refuses to read a number of more than 4300."""
_BY_NAMESPACE = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ONTOLOGY = f"<{PREFIXES['owl']}Ontology>"
_LONG = 120
"""A text with line breaks and more characters than this is written between triple quotes."""


def write_turtle(quads: Iterable[ox.Quad], path: Path) -> str:
    """Return triples as canonical Turtle; the subject named like the stem of `path` comes first."""
    return _Writer(quads, path).document()


def write_trig(quads: Iterable[ox.Quad], path: Path) -> str:
    """Return quads as TriG: the prefixes, then each named graph in the layout of its Turtle."""
    graphs: dict[str, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        graphs[str(quad.graph_name)].append(quad)
    used: set[str] = set()
    blocks = []
    for name in sorted(graphs):
        writer = _Writer(graphs[name], path)
        blocks.append(f"{name} {{\n\n{writer.body()}\n\n}}")
        used |= writer.used
    return "\n".join([*_prefix_lines(used), "", "\n\n".join(blocks), ""])


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key under which art-2 comes before art-10."""
    return [
        (1, int(part), part) if _NUMBER.fullmatch(part) else (0, 0, part)
        for part in _NUMBER.split(text)
    ]


class _Writer:
    """Writes one graph; keeps which prefixes were used and which blank nodes are nested where."""

    def __init__(self, quads: Iterable[ox.Quad], path: Path) -> None:
        self.path = path
        self.used: set[str] = set()
        self.facts: dict[Node, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        uses: dict[ox.BlankNode, int] = defaultdict(int)
        for triple in {q.triple for q in quads}:
            subject, obj = triple.subject, triple.object
            if isinstance(subject, ox.Triple) or isinstance(obj, ox.Triple):
                raise SourceError(path, "it holds an RDF 1.2 triple term", "write RDF 1.1 only")
            if isinstance(obj, ox.Literal) and obj.direction:
                raise SourceError(path, "a text has an RDF 1.2 direction", "write RDF 1.1 only")
            self.facts[subject][triple.predicate.value].append(obj)
            if isinstance(obj, ox.BlankNode):
                uses[obj] += 1
        if shared := [node for node, count in uses.items() if count > 1]:
            raise SourceError(path, f"{len(shared)} blank node(s) used twice", "give them IRIs")
        self.nested = set(uses)

    def document(self) -> str:
        """Return the whole document, prefixes first."""
        body = self.body()
        head = _prefix_lines(self.used)
        return "\n".join([*head, *([""] if head else []), body, ""])

    def body(self) -> str:
        """Return the statements, one block a subject."""
        named = [node for node in self.facts if isinstance(node, ox.NamedNode)]
        blocks = [self.block(node) for node in sorted(named, key=self.subject_key)]
        roots = [n for n in self.facts if isinstance(n, ox.BlankNode) and n not in self.nested]
        blocks += sorted(self.block(node) for node in roots)
        if len(blocks) < len(named) + len(roots) or self.has_cycle(named, roots):
            raise SourceError(self.path, "blank nodes form a circle", "give them IRIs")
        return "\n\n".join(blocks)

    def has_cycle(self, named: list[ox.NamedNode], roots: list[ox.BlankNode]) -> bool:
        """Tell whether some blank node is reachable from no subject that is written out."""
        pending: list[Node] = [*named, *roots]
        seen: set[Node] = set(pending)
        while pending:
            for objects in self.facts.get(pending.pop(), {}).values():
                new = [o for o in objects if isinstance(o, ox.BlankNode) and o not in seen]
                seen.update(new)
                pending.extend(new)
        return not set(self.facts) <= seen

    def subject_key(self, node: ox.NamedNode) -> tuple[int, list[tuple[int, int, str]]]:
        """Return the sort key of a subject: the ontology or the file's own record first."""
        stem = self.path.name.split(".", 1)[0]
        types = {str(term) for term in self.facts[node].get(_RDF + "type", [])}
        first = node.value.endswith("/" + stem) or _ONTOLOGY in types
        return (0 if first else 1, natural_key(node.value))

    def block(self, node: Node) -> str:
        """Return one subject with all its predicates."""
        subject = "[]" if isinstance(node, ox.BlankNode) else self.term(node)
        return f"{subject} {self.predicates(node, 1)} ."

    def predicates(self, node: Node, depth: int) -> str:
        """Return the predicate–object lines of a subject, indented for its depth."""
        indent = "\n" + "    " * depth
        lines = []
        names = {p: "a" if p == _RDF + "type" else self.name(p) for p in self.facts[node]}
        ordered = sorted(names.items(), key=lambda item: (_RANK.get(item[1], 500), item[1]))
        for predicate, name in ordered:
            written = self.objects(self.facts[node][predicate], depth)
            lines.append(f"{name} " + f" ,{indent}    ".join(written))
        return f" ;{indent}".join(lines)

    def objects(self, terms: list[Term], depth: int) -> list[str]:
        """Return the objects of one predicate, written and in a fixed order."""
        keyed = []
        for term in terms:
            text = self.term(term, depth + 1)
            language = term.language or "" if isinstance(term, ox.Literal) else ""
            kind = 2 if isinstance(term, ox.BlankNode) else int(isinstance(term, ox.Literal))
            keyed.append(((kind, language, natural_key(text)), text))
        return [text for _, text in sorted(keyed)]

    def term(self, term: Term, depth: int = 1) -> str:
        """Return one term as Turtle."""
        if isinstance(term, ox.NamedNode):
            return self.name(term.value)
        if isinstance(term, ox.Literal):
            return self.literal(term)
        members = self.list_members(term)
        if members is not None:
            return f"( {' '.join(self.term(m, depth) for m in members)} )" if members else "()"
        if not self.facts.get(term):
            return "[]"
        indent = "\n" + "    " * depth
        return f"[{indent}{self.predicates(term, depth)}\n{'    ' * (depth - 1)}]"

    def list_members(self, node: ox.BlankNode) -> list[Term] | None:
        """Return the members when a blank node is a well-formed RDF list, else nothing."""
        members: list[Term] = []
        current: Term = node
        while isinstance(current, ox.BlankNode):
            facts = self.facts.get(current, {})
            first, rest = facts.get(_RDF + "first", []), facts.get(_RDF + "rest", [])
            if set(facts) != {_RDF + "first", _RDF + "rest"} or len(first) != 1 or len(rest) != 1:
                return None
            members.append(first[0])
            current = rest[0]
        is_nil = isinstance(current, ox.NamedNode) and current.value == _RDF + "nil"
        return members if is_nil else None

    def name(self, iri: str) -> str:
        """Return an IRI as a prefixed name where one of our prefixes fits, else in brackets."""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = _BY_NAMESPACE.get(iri[:cut])
        if prefix is None or not _LOCAL.match(iri[cut:]):
            return f"<{iri}>"
        self.used.add(prefix)
        return f"{prefix}:{iri[cut:]}"

    def literal(self, literal: ox.Literal) -> str:
        """Return a literal; booleans and integers in Turtle's short form."""
        value, datatype = literal.value, literal.datatype.value
        if datatype == _XSD + "boolean" and value in ("true", "false"):
            return value
        if datatype == _XSD + "integer" and re.fullmatch(r"[+-]?[0-9]+", value):
            return value
        if literal.language:
            return f"{_quoted(value)}@{literal.language}"
        return _quoted(value) + ("" if datatype == _XSD + "string" else f"^^{self.name(datatype)}")


def _prefix_lines(used: Iterable[str]) -> list[str]:
    """Return the @prefix lines for some of our prefixes, sorted."""
    return [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(used)]


def _quoted(value: str) -> str:
    """Return a text between quotes, escaped as Turtle wants it (§2.5.1, §6.4)."""
    if "\n" in value and len(value) > _LONG:
        escaped = "".join(_escape(char) if char not in '\n"' else char for char in value)
        # No quote may touch another or the end: it would close the text.
        escaped = re.sub(r'(")"|"\Z', r'\1\\"', escaped)
        return f'"""{escaped}"""'
    return '"' + "".join(_escape(char) for char in value) + '"'


def _escape(char: str) -> str:
    """Return a character, escaped where Turtle demands it or where it cannot be seen."""
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\u{ord(char):04X}" if ord(char) < 0x20 or ord(char) in (0x7F, 0xFEFF) else char
