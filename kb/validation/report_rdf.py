"""The report as RDF: a `sh:ValidationReport` (SHACL §3.6) in Turtle or JSON-LD.

Results have IRIs made from what they say, so that the same problem has the same name in every
report. `sh:conforms` follows SHACL 1.0: false as soon as there is any result, even a warning;
select the violations first for a report that speaks of these alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from kb.namespaces import BASE, DATASET, PREFIXES
from kb.problems import Severity
from kb.turtle_writer import write_turtle
from kb.validation.report import Report
from kb.validation.result import CODE_COMPONENT, Finding, Node, Term
from kb.validation.shapes import SEPARATOR, SH

VALIDATION = BASE + "validation"
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_BOOLEAN = ox.NamedNode(PREFIXES["xsd"] + "boolean")
_SEVERITY = {
    Severity.INFO: SH + "Info",
    Severity.WARNING: SH + "Warning",
    Severity.VIOLATION: SH + "Violation",
}


def write_report_turtle(report: Report, lang: str) -> str:
    """Return the report as canonical Turtle; messages are in both languages whatever `lang` is."""
    return write_turtle(report_quads(report), Path("validation.ttl"))


def write_report_jsonld(report: Report, lang: str) -> str:
    """Return the report as JSON-LD; messages are in both languages whatever `lang` is."""
    quads = sorted(report_quads(report), key=str)
    prefixes = {name: PREFIXES[name] for name in ("sh", "shapes", "drc", "xsd", "dcterms")}
    written = ox.serialize(quads, format=ox.RdfFormat.JSON_LD, prefixes=prefixes)
    return (written or b"").decode() + "\n"


def report_quads(report: Report) -> list[ox.Quad]:
    """Return a report as quads of the default graph."""
    node = ox.NamedNode(VALIDATION)
    conforms = ox.Literal("false" if report.problems else "true", datatype=_BOOLEAN)
    quads = [
        ox.Quad(node, _TYPE, _sh("ValidationReport")),
        ox.Quad(node, _sh("conforms"), conforms),
        ox.Quad(node, ox.NamedNode(PREFIXES["dcterms"] + "subject"), ox.NamedNode(DATASET)),
        ox.Quad(node, ox.NamedNode(PREFIXES["dcat"] + "version"), ox.Literal(report.version)),
    ]
    if report.digest:
        digest = ox.Literal(f"sha256:{report.digest}")
        quads.append(ox.Quad(node, ox.NamedNode(PREFIXES["dcterms"] + "identifier"), digest))
    for number, finding in enumerate(report.problems):
        name = ox.NamedNode(f"{VALIDATION}#{_digest(finding)}")
        quads.append(ox.Quad(node, _sh("result"), name))
        quads += _result(name, finding, number)
        quads += _path(name, finding, number)
    return quads


def _result(name: ox.NamedNode, finding: Finding, number: int) -> list[ox.Quad]:
    """Return the properties that every result has (SHACL §3.6.2), and its value and constraint."""
    result = finding.result
    assert result is not None, "every finding of a validation tells of a result"
    focus, value = _own(result.focus, "f", number), _own(result.value, "v", number)
    assert not isinstance(focus, ox.Literal), "a literal is nobody's focus here"
    facts: list[tuple[ox.NamedNode, Term]] = [
        (_TYPE, _sh("ValidationResult")),
        (_sh("focusNode"), focus or name),
        (_sh("resultSeverity"), ox.NamedNode(_SEVERITY[finding.severity])),
        (_sh("sourceConstraintComponent"), ox.NamedNode(result.component or CODE_COMPONENT)),
        (_sh("sourceShape"), _named(result.shape, finding.rule)),
    ]
    if value is not None:
        facts.append((_sh("value"), value))
    if result.constraint is not None:
        facts.append((_sh("sourceConstraint"), _named(result.constraint, finding.rule)))
    for lang, message in finding.message.items():
        text = message + SEPARATOR + finding.remedy[lang]
        facts.append((_sh("resultMessage"), ox.Literal(text, language=lang)))
    return [ox.Quad(name, predicate, term) for predicate, term in facts]


def _path(name: ox.NamedNode, finding: Finding, number: int) -> list[ox.Quad]:
    """Return the path of a result; a compound one is copied, its blank nodes made its own."""
    path = finding.result.path if finding.result else None
    if path is None:
        return []
    names: dict[str, ox.BlankNode] = {}

    def own(term: Term) -> Term:
        if not isinstance(term, ox.BlankNode):
            return term
        return names.setdefault(term.value, ox.BlankNode(f"p{number}x{len(names)}"))

    head = [ox.Quad(name, _sh("resultPath"), own(path))]
    copied = []
    for subject, predicate, target in finding.path_facts:
        node = own(subject)
        assert not isinstance(node, ox.Literal), "a literal is no subject"
        copied.append(ox.Quad(node, predicate, own(target)))
    return head + copied


def _digest(finding: Finding) -> str:
    """Return a name for a result, made from what it says and where."""
    result = finding.result
    said = (finding.rule, finding.file, finding.subject, finding.path, finding.value)
    whole = "\n".join((*said, result.component if result else ""))
    return "result-" + hashlib.sha256(whole.encode()).hexdigest()[:20]


def _own(term: Term | None, mark: str, number: int) -> Term | None:
    """Return a term, a blank node under a name that does not change from reading to reading."""
    return ox.BlankNode(f"{mark}{number}") if isinstance(term, ox.BlankNode) else term


def _named(node: Node, owner: str) -> ox.NamedNode:
    """Return a shape's IRI, that of the rule which holds it when it has none."""
    return node if isinstance(node, ox.NamedNode) else ox.NamedNode(owner)


def _sh(name: str) -> ox.NamedNode:
    """Return a term of SHACL."""
    return ox.NamedNode(SH + name)
