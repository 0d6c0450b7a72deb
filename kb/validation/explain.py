"""From a result to a problem: place, words in French and English, remedy.

Placeholders ({?value}, {$this}, {?path}, {$minCount}…) are filled with labels, not with IRIs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kb.embedded import EmbeddedEngine
from kb.labels import Labels
from kb.namespaces import shorten
from kb.problems import Problem
from kb.validation.base import Base, graph_of
from kb.validation.places import Places
from kb.validation.result import Finding, Node, Result, Term, rule
from kb.validation.shapes import LANGUAGES, SH

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_SPARQL = SH + "SPARQLConstraintComponent"
_LONGEST = 160
_UNKNOWN = "…"


class Explainer:
    """Words the results of one base."""

    def __init__(self, base: Base, places: Places) -> None:
        self._base = base
        self._places = places

    @cached_property
    def _labels(self) -> Labels:
        """The labels of the base: read when there is something to word."""
        return Labels(EmbeddedEngine(self._base.store))

    def file(self, result: Result) -> Path | None:
        """Return the file that a problem is told of; nothing when no file describes its subject."""
        places = self._places
        return result.file or places.file(_subject(result)) or places.file(result.focus)

    def finding(self, result: Result) -> Finding:
        """Return the problem that a result tells of."""
        subject = _subject(result)
        path = self.file(result)
        line = result.line
        if path and line is None:
            line = self._places.line(path, subject)
        texts = result.texts or self._base.shapes.texts(result)
        is_file = path is not None and subject == graph_of(self._base.layout, path)
        return Finding(
            file=self._places.display(path or self._base.layout.data),
            line=line,
            subject="" if is_file else _short(subject),
            rule=self._rule(result),
            severity=result.severity or self._base.shapes.severity(result.shape),
            message={la: self._fill(texts.message[la], result, la) for la in LANGUAGES},
            remedy={la: self._fill(texts.remedy[la], result, la) for la in LANGUAGES},
            value=self._value(result, subject),
            path=self._base.shapes.path_text(result.path) if result.path else "",
            result=result,
            path_facts=self._path_facts(result),
        )

    def read_problem(self, problem: Problem) -> Finding:
        """Return a problem met while reading files as one among the others."""
        path = Path(problem.file)
        node = graph_of(self._base.layout, path)
        result = Result(rule(problem.rule.rpartition("#")[2]), node, file=path, line=problem.line)
        return Finding(
            file=self._places.display(path),
            line=problem.line,
            subject=problem.subject,
            rule=problem.rule,
            severity=problem.severity,
            message=problem.message,
            remedy=problem.remedy,
            value=problem.value,
            path=problem.path,
            result=replace(result, severity=problem.severity),
        )

    def _rule(self, result: Result) -> str:
        """Return the IRI of the rule, the nearest named one for an anonymous shape."""
        return self._base.shapes.shapes.named_owner(result.rule).value

    def _path_facts(self, result: Result) -> tuple[tuple[Node, ox.NamedNode, Term], ...]:
        """Return the triples of a compound path."""
        if not isinstance(result.path, ox.BlankNode):
            return ()
        return tuple(self._base.shapes.shapes.below(result.path))

    def _value(self, result: Result, subject: Node) -> str:
        """Return the offending value as a user reads it.

        A dataset-level result has the record for its value; what that record has there is shown.
        """
        if result.value is None:
            return ""
        if result.value != subject:
            return _short(result.value)
        if not isinstance(result.path, ox.NamedNode):
            return ""
        quads = self._base.store.quads_for_pattern(subject, result.path, None, None)
        return ", ".join(sorted({_short(q.object) for q in quads if _is_term(q.object)}))

    def _fill(self, text: str, result: Result, lang: str) -> str:
        """Return a text with its placeholders filled in one language."""

        def value(match: re.Match[str]) -> str:
            return self._placeholder(match.group(1), result, lang)

        return _PLACEHOLDER.sub(value, text)

    def _placeholder(self, name: str, result: Result, lang: str) -> str:
        """Return what stands for one placeholder."""
        if name in result.values:
            return _cut(_in_language(result.values, name, lang))
        terms: Mapping[str, Term | None] = {
            "this": result.focus,
            "value": result.value,
            "path": result.path,
            "PATH": result.path,
            "rule": result.rule,
        }
        term = terms.get(name)
        if term is not None:
            return self._label(term, lang)
        listed = [self._label(v, lang) for v in self._base.shapes.parameter(result.shape, name)]
        return ", ".join(listed) or _UNKNOWN

    def _label(self, term: Term, lang: str) -> str:
        """Return a term in the words of a language: label, short name, path, or literal."""
        if isinstance(term, ox.NamedNode):
            return self._labels.label(term.value, lang).text
        if isinstance(term, ox.BlankNode):
            return self._base.shapes.path_text(term) or _UNKNOWN
        return _cut(term.value)


def _subject(result: Result) -> Node:
    """Return what a problem is about: the offender, where the dataset is only the focus."""
    if result.component == _SPARQL and isinstance(result.value, ox.NamedNode):
        return result.value
    return result.focus


def _in_language(values: Mapping[str, str], name: str, lang: str) -> str:
    """Return a value, its French or English form where it has one."""
    return values.get(f"{name}_{lang}", values[name])


def _short(term: object) -> str:
    """Return a term as reports show it: a short name, or the text of a literal."""
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    return _cut(term.value) if isinstance(term, ox.Literal) else "[]"


def _cut(text: str) -> str:
    """Return a text on one line, shortened when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + _UNKNOWN


def _is_term(term: object) -> bool:
    """Tell whether an object is an RDF 1.1 term."""
    return isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)
