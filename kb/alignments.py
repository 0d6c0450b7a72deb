"""External alignments: SSSOM tables (https://mapping-commons.github.io/sssom/) read into quads.

Each row becomes one triple; who saw identifier and label together, and where, stays in the table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import yaml

from kb.errors import SourceError
from kb.namespaces import PREFIXES, SHAPES
from kb.problems import BrokenBase, Problem, Severity
from kb.turtle import read_bytes

REQUIRED = ("subject_id", "predicate_id", "object_id", "object_label", "mapping_justification")
_RULE = SHAPES + "AlignmentTable"
_BAD_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_FIX_FR = "corriger cette ligne du tableau"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row of an alignment table: its line, the three IRIs, and all its columns as written."""

    line: int
    subject: str
    predicate: str
    object: str
    columns: dict[str, str]


def read_alignments(path: Path, graph: ox.NamedNode) -> list[ox.Quad]:
    """Return the triples of a table in `graph`; BrokenBase with every bad row, or SourceError."""
    node = ox.NamedNode
    rows = read_mappings(path)
    return [ox.Quad(node(r.subject), node(r.predicate), node(r.object), graph) for r in rows]


def read_mappings(path: Path) -> list[Mapping]:
    """Return the rows of an SSSOM table; BrokenBase holds every bad row, else SourceError."""
    lines = read_bytes(path).decode("utf-8").splitlines()
    header_size = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = {**PREFIXES, **_curie_map(path, lines[:header_size])}
    reader = csv.DictReader(lines[header_size:], delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
    if missing:
        raise SourceError(
            path,
            f"column(s) missing: {', '.join(missing)}",
            "add the column(s) to the first row after the # lines",
            line=header_size + 1,
        )
    rows, problems = [], []
    for line, row in enumerate(reader, start=header_size + 2):
        faults = list(_faults(row, prefixes))
        problems += [_problem(path, line, row, fault, fix) for fault, fix in faults]
        if not faults:
            rows.append(_mapping(line, row, prefixes))
    if problems:
        raise BrokenBase(problems)
    return rows


def _mapping(line: int, row: dict[str, str], prefixes: dict[str, str]) -> Mapping:
    """Return a row without faults as a mapping, its CURIEs expanded."""
    subject, predicate, target = (
        _expand(row[name], prefixes) for name in ("subject_id", "predicate_id", "object_id")
    )
    return Mapping(line, subject, predicate, target, row)


def _curie_map(path: Path, header: list[str]) -> dict[str, str]:
    """Return the prefixes declared in the YAML header of a table."""
    try:
        metadata = yaml.safe_load("\n".join(line.removeprefix("#") for line in header)) or {}
    except yaml.YAMLError as error:
        raise SourceError(path, "the # header is not YAML", "mend the header", line=1) from error
    declared = metadata.get("curie_map", {}) if isinstance(metadata, dict) else {}
    return {str(prefix): str(namespace) for prefix, namespace in declared.items()}


def _faults(row: dict[str, str], prefixes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a row, each with its remedy."""
    if None in row or None in row.values():
        yield "the row has another number of cells than the head", "add or remove tabs"
        return
    for name in REQUIRED:
        if not row[name].strip():
            if name != "object_label":
                yield f"{name} is empty", f"fill in {name}"
        elif name.endswith("_id"):
            iri = _expand(row[name], prefixes)
            if not _is_web_iri(iri):
                yield f"{name} “{row[name]}” is no IRI", "declare its prefix in curie_map"


def _is_web_iri(iri: str) -> bool:
    """Tell whether a text is an http or https IRI (RFC 3987) that the store takes."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return iri.startswith(("http:", "https:")) and not _BAD_IRI.search(iri)


def _expand(curie: str, prefixes: dict[str, str]) -> str:
    """Return the IRI of a CURIE, or the text itself when its prefix is unknown."""
    prefix, _, local = curie.partition(":")
    return prefixes[prefix] + local if prefix in prefixes and local[:2] != "//" else curie


def _problem(path: Path, line: int, row: dict[str, str], fault: str, fix: str) -> Problem:
    """Return the problem of one row."""
    return Problem(
        file=str(path),
        line=line,
        subject=str(row.get("subject_id") or ""),
        rule=_RULE,
        severity=Severity.VIOLATION,
        message={"en": fault, "fr": f"ligne d’alignement fautive ({fault})"},
        remedy={"en": fix, "fr": f"{_FIX_FR} ({fix})"},
    )
