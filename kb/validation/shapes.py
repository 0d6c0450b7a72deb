"""The shapes of a base and what they say in words: messages, remedies, severities, paths.

pySHACL drops the languages of messages and does not fill the placeholders of Core constraints, so
both are looked up here, by constraint and then by shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox

from kb.errors import SourceError
from kb.layout import Layout
from kb.namespaces import PREFIXES, shorten
from kb.problems import Severity
from kb.turtle import parse_turtle
from kb.validation.facts import Facts
from kb.validation.failure import CannotValidate
from kb.validation.result import Node, Result, Term, Texts, rule

SH = PREFIXES["sh"]
LANGUAGES = ("fr", "en")
SEPARATOR = " — "
_SEVERITIES = {
    SH + "Info": Severity.INFO,
    SH + "Warning": Severity.WARNING,
    SH + "Violation": Severity.VIOLATION,
}
_MARKS = {
    "inversePath": "^{}",
    "zeroOrMorePath": "{}*",
    "oneOrMorePath": "{}+",
    "zeroOrOnePath": "{}?",
}


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes graph: its files, its quads, and the facts of it and of the rules in code."""

    quads: dict[Path, list[ox.Quad]]
    shapes: Facts
    rules: Facts

    def severity(self, shape: Node) -> Severity:
        """Return the severity of a shape (SHACL §2.1.4), a violation where none is given."""
        for facts in (self.shapes, self.rules):
            named = facts.one(shape, SH + "severity")
            if isinstance(named, ox.NamedNode) and named.value in _SEVERITIES:
                return _SEVERITIES[named.value]
        return Severity.VIOLATION

    def texts(self, result: Result) -> Texts:
        """Return what a result says: by its constraint, its shape, else in general words."""
        for facts in (self.shapes, self.rules):
            for node in (result.constraint, result.shape, facts.named_owner(result.shape)):
                messages = _messages(facts, node) if node is not None else {}
                if messages:
                    return _split(messages)
        return _split(_messages(self.rules, rule("Unexplained")))

    def parameter(self, shape: Node, name: str) -> list[Term]:
        """Return the values of a constraint parameter of a shape, such as sh:minCount."""
        values: list[Term] = []
        for value in self.shapes.objects(shape, SH + name):
            values += self.shapes.members(value) or [value]
        return values

    def path_text(self, path: Term) -> str:
        """Return a property path as SPARQL writes it (SHACL §2.3.1), its names shortened."""
        if not isinstance(path, ox.BlankNode):
            return shorten(path.value)
        for mark, form in _MARKS.items():
            inner = self.shapes.one(path, SH + mark)
            if inner is not None:
                return form.format(self.path_text(inner))
        alternatives = self.shapes.members(self.shapes.one(path, SH + "alternativePath"))
        if alternatives:
            return "|".join(self.path_text(step) for step in alternatives)
        return "/".join(self.path_text(step) for step in self.shapes.members(path))


def read_shapes(layout: Layout) -> Shapes:
    """Return the shapes of a base; CannotValidate names every shape file that cannot be read."""
    quads: dict[Path, list[ox.Quad]] = {}
    broken: list[str] = []
    for path in layout.shape_files():
        try:
            quads[path] = parse_turtle(path)
        except SourceError as error:
            broken.append(str(error))
    if broken or not quads:
        reason = "\n".join(broken) or f"no shape file in {layout.ontology / 'shapes'}"
        raise CannotValidate(f"the shapes cannot be read\n{reason}")
    return Shapes(
        quads,
        Facts(quad for part in quads.values() for quad in part),
        Facts(parse_turtle(rules_file())),
    )


def rules_file() -> Path:
    """Return the file that names and words the rules written in Python, in the manner of shapes."""
    return Path(str(files("kb") / "validation" / "rules.ttl"))


def _messages(facts: Facts, node: Node) -> dict[str, str]:
    """Return the messages of a node in fr and en; one language stands in for a missing other."""
    found = {
        literal.language or "": literal.value
        for literal in facts.objects(node, SH + "message")
        if isinstance(literal, ox.Literal)
    }
    if not found:
        return {}
    spare = next(found[lang] for lang in ("en", "fr", *sorted(found)) if lang in found)
    return {lang: found.get(lang, spare) for lang in LANGUAGES}


def _split(messages: Mapping[str, str]) -> Texts:
    """Return messages cut in two at their last dash: what is wrong, and how to mend it."""
    parts = {lang: text.rpartition(SEPARATOR) for lang, text in messages.items()}
    general = {"en": "see the description of the rule", "fr": "voir la description de la règle"}
    return Texts(
        {lang: head or tail for lang, (head, _, tail) in parts.items()},
        {lang: tail if dash else general[lang] for lang, (_, dash, tail) in parts.items()},
    )
