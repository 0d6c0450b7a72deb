"""SPARQL checks of `ontology/checks/`: a query that finds no row has passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb.errors import SourceError
from kb.namespaces import DATASET
from kb.problems import Severity
from kb.query import Query, read_query
from kb.validation.base import Base, Scope
from kb.validation.failure import CannotValidate
from kb.validation.narrowing import narrow
from kb.validation.result import Result, Texts, rule
from kb.validation.shapes import LANGUAGES


def find_failed_checks(base: Base) -> Iterator[Result]:
    """Yield a result for each row of each check; CannotValidate when a check has no answer."""
    for path in base.layout.check_files():
        yield from run_check(base.store, path, base.scope)


def run_check(store: ox.Store, path: Path, scope: Scope | None = None) -> Iterator[Result]:
    """Yield a result for each row of one check; CannotValidate when it cannot be run.

    With a scope at least those about its nodes; a row without a node is about the dataset.
    """
    query, texts, severity = _read_check(path)
    whole = scope is None or ox.NamedNode(DATASET) in scope.facts
    for text in [query.text] if scope is None or whole else narrow(query.text, "subject", scope):
        for subject, detail in _rows(store, path, text):
            yield Result(
                shape=rule(path.stem),
                focus=subject if isinstance(subject, ox.NamedNode) else ox.NamedNode(DATASET),
                value=detail if isinstance(detail, ox.NamedNode | ox.Literal) else None,
                values={} if isinstance(detail, ox.NamedNode | ox.Literal) else {"value": "…"},
                texts=texts,
                severity=severity,
            )


def _rows(store: ox.Store, path: Path, text: str) -> Iterator[tuple[object, object]]:
    """Yield subject and detail of each row of a check."""
    try:
        rows = store.query(text, use_default_graph_as_union=True)
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise CannotValidate(f"the check {path.name} cannot be evaluated: {error}") from error
    if not isinstance(rows, ox.QuerySolutions):
        raise CannotValidate(f"the check {path.name} is no SELECT query")
    names = {variable.value for variable in rows.variables}
    if not {"subject", "detail"} <= names:
        raise CannotValidate(f"the check {path.name} does not select ?subject and ?detail")
    for row in rows:
        yield row["subject"], row["detail"]


def _read_check(path: Path) -> tuple[Query, Texts, Severity]:
    """Return a check: its query, its words, its severity; CannotValidate when one is missing."""
    try:
        query = read_query(path)
    except SourceError as error:
        raise CannotValidate(str(error)) from error
    remedy = query.header.get("remedy")
    if not isinstance(remedy, dict) or not all(remedy.get(lang) for lang in LANGUAGES):
        raise CannotValidate(f"{path}: its header has no remedy in fr and en — add it")
    try:
        severity = Severity.named(str(query.header.get("severity")))
    except KeyError as error:
        known = ", ".join(level.label for level in Severity)
        raise CannotValidate(f"{path}: its header has no severity — one of {known}") from error
    separators = {"en": ": ", "fr": " : "}
    message = {
        lang: query.summary[lang].rstrip(". ") + separators[lang] + "{?value}" for lang in LANGUAGES
    }
    return (
        query,
        Texts(message, {la: " ".join(str(remedy[la]).split()) for la in LANGUAGES}),
        severity,
    )
