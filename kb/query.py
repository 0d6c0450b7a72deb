"""Query files: one `.rq` file is one query, described by its own header, with declared parameters.

The header is YAML behind `#+ ` (the marker of grlc, https://github.com/CLARIAH/grlc). Values are
bound by the engine, never pasted; a call gives exactly the declared parameters, each of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox
import yaml

from kb.errors import NotFound, QueryError, SourceError
from kb.namespaces import PREFIXES, expand
from kb.sparql_text import Form, insert_after_where, query_form
from kb.turtle import read_bytes

Term = ox.NamedNode | ox.BlankNode | ox.Literal

LANGUAGES = ("en", "fr")
KINDS = ("iri", "string", "date", "integer", "lang")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_BAD_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a query asks for: its variable, its kind, an example, its label in fr and en."""

    name: str
    kind: str
    example: str
    label: Mapping[str, str]

    def term(self, value: str) -> Term:
        """Return a value as a term of this kind; QueryError says what is expected instead."""
        if self.kind == "iri":
            return self._iri(expand(value), value)
        if self.kind == "date" and not _is_date(value):
            raise QueryError(f"{self.name}: “{value}” is no date — write YYYY-MM-DD")
        if self.kind == "integer" and not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            raise QueryError(f"{self.name}: “{value}” is no whole number")
        if self.kind == "lang" and not _LANGUAGE_TAG.match(value):
            raise QueryError(f"{self.name}: “{value}” is no language tag — for example fr")
        if not _is_unicode(value):
            raise QueryError(f"{self.name}: it is no Unicode text — send it as UTF-8")
        datatype = {"date": "date", "integer": "integer"}.get(self.kind, "string")
        return ox.Literal(value, datatype=ox.NamedNode(PREFIXES["xsd"] + datatype))

    def _iri(self, iri: str, value: str) -> ox.NamedNode:
        """Return an absolute IRI as a term; QueryError when it is none (RFC 3987)."""
        try:
            if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri) and not _BAD_IRI.search(iri):
                return ox.NamedNode(iri)
        except ValueError:
            pass  # told below
        raise QueryError(f"{self.name}: “{value}” is no IRI — for example {self.example}")


def _is_date(value: str) -> bool:
    """Tell whether a text is a day of the calendar, written YYYY-MM-DD."""
    try:
        return bool(_DATE.match(value) and date.fromisoformat(value))
    except ValueError:
        return False


def _is_unicode(value: str) -> bool:
    """Tell whether a text has no lone surrogate, which bytes that are not UTF-8 leave behind."""
    return not re.search("[\ud800-\udfff]", value)


@dataclass(frozen=True, slots=True)
class Query:
    """A query file: its name (page/panel or file stem), text, form and header."""

    name: str
    text: str
    form: Form
    summary: Mapping[str, str]
    description: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, Mapping[str, str]]
    tags: tuple[str, ...]
    header: Mapping[str, object]

    def bind(self, values: Mapping[str, str]) -> dict[str, Term]:
        """Return the values as terms; QueryError for a missing, unknown or ill-formed one."""
        declared = {parameter.name: parameter for parameter in self.parameters}
        faults = []
        if missing := sorted(set(declared) - set(values)):
            faults.append(f"give a value for {', '.join(missing)}")
        if unknown := sorted(set(values) - set(declared)):
            known = ", ".join(declared) or "none"
            faults.append(f"unknown parameter {', '.join(unknown)} (known: {known})")
        if faults:
            raise QueryError(f"{self.name}: {'; '.join(faults)}")
        return {name: declared[name].term(value) for name, value in values.items()}

    def examples(self) -> dict[str, str]:
        """Return the example value of each parameter."""
        return {parameter.name: parameter.example for parameter in self.parameters}

    def with_values(self, bound: Mapping[str, Term]) -> str:
        """Return the text with the bound values in a VALUES block: runnable on any endpoint."""
        if not bound:
            return self.text
        names = " ".join(f"?{name}" for name in bound)
        terms = " ".join(str(term) for term in bound.values())
        return insert_after_where(self.text, f"VALUES ({names}) {{ ({terms}) }}")

    def body(self) -> str:
        """Return the text without its header."""
        return "".join(
            line for line in self.text.splitlines(keepends=True) if not line.startswith("#+")
        )


def read_query(path: Path, name: str | None = None) -> Query:
    """Return the query of a file; SourceError when its header or its form is wanting."""
    text = read_bytes(path).decode("utf-8")
    header = _read_header(path, text)
    try:
        form = query_form(text)
    except QueryError as error:
        raise SourceError(path, str(error), "write a SELECT, ASK or CONSTRUCT query") from error
    return Query(
        name=name or path.stem,
        text=text,
        form=form,
        summary=_bilingual(path, header, "summary"),
        description=_bilingual(path, header, "description") if "description" in header else {},
        parameters=tuple(_parameters(path, header)),
        columns={str(k): v for k, v in (header.get("columns") or {}).items()},
        tags=tuple(str(tag) for tag in header.get("tags") or ()),
        header=header,
    )


def find_query(name: str) -> Query:
    """Return the query `page/panel` of kb/queries, or the question of that stem; NotFound."""
    root = Path(str(files("kb")))
    if re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", name):
        path = root / "queries" / f"{name}.rq"
        if path.is_file():
            return read_query(path, name)
    for path in sorted((root / "questions").glob("*.rq")):
        if name.lower() in (path.stem, path.stem.split("-", 1)[0]):
            return read_query(path)
    raise NotFound(f"no query or question named “{name}” — `charterkb questions` lists them")


def questions() -> list[Query]:
    """Return the competency questions, in their order."""
    return [
        read_query(path) for path in sorted((Path(str(files("kb"))) / "questions").glob("*.rq"))
    ]


def page_queries() -> list[Query]:
    """Return all queries of kb/queries, by page and panel."""
    root = Path(str(files("kb"))) / "queries"
    paths = sorted(root.glob("*/*.rq"))
    return [read_query(path, f"{path.parent.name}/{path.stem}") for path in paths]


def _read_header(path: Path, text: str) -> dict[str, dict[str, dict[str, str]]]:
    """Return the YAML header of a query file."""
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        header = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as error:
        raise SourceError(path, f"the #+ header is not YAML: {error}", "mend it", line=1) from error
    if not isinstance(header, dict):
        raise SourceError(path, "it has no #+ header", "start the file with #+ summary:", line=1)
    return header


def _bilingual(path: Path, header: Mapping[str, Mapping[str, object]], key: str) -> dict[str, str]:
    """Return a header entry in fr and en; SourceError when one is missing."""
    value = header.get(key)
    if not isinstance(value, dict) or not all(str(value.get(la) or "").strip() for la in LANGUAGES):
        raise SourceError(path, f"its header has no {key} in both fr and en", f"add {key}: fr, en")
    return {lang: " ".join(str(value[lang]).split()) for lang in LANGUAGES}


def _parameters(
    path: Path, header: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> list[Parameter]:
    """Return the parameters that a header declares; SourceError for an unknown kind."""
    parameters = []
    for name, entry in (header.get("params") or {}).items():
        kind = str(entry.get("kind"))
        if kind not in KINDS or "example" not in entry:
            raise SourceError(
                path, f"parameter {name} needs a kind and an example", f"kinds: {', '.join(KINDS)}"
            )
        label = {lang: str(entry.get(lang) or name) for lang in LANGUAGES}
        parameters.append(Parameter(str(name), kind, str(entry["example"]), label))
    return parameters
