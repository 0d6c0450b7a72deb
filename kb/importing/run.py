"""Import a coding: table and mapping in, a plan of what to write out. Nothing is written here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.importing.assertions import Assertions
from kb.importing.checks import check_mapping
from kb.importing.complaints import Complaints
from kb.importing.findings import Finding, read_findings
from kb.importing.instruments import instrument_records, provision_records, version_record
from kb.importing.known import Known
from kb.importing.mapping import Mapping
from kb.importing.mapping_reader import read_mapping
from kb.importing.plan import Plan, Planner
from kb.importing.records import link, notes_of, shared_records
from kb.importing.tables import read_sheet
from kb.importing.wording import Texts
from kb.layout import Layout
from kb.namespaces import expand
from kb.problems import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import comes to: problems, and a plan if none of them is grave.

    `rights` counts the findings of each right, as the publication of a coding does.
    """

    coding: Texts
    findings: int
    documents: int
    rights: dict[str, int]
    problems: list[Problem]
    plan: Plan | None


def import_coding(
    table: Path, mapping_file: Path, layout: Layout, *, replace: bool = False
) -> Outcome:
    """Return what a table of a coding comes to in a base.

    SourceError when table or mapping cannot be read, BrokenBase when the base cannot.
    """
    known, complaints = Known(layout), Complaints()
    mapping = read_mapping(mapping_file, known, complaints)
    if complaints.are_grave:
        # Read under wrong rules, the table would yield problems that are none.
        return Outcome(mapping.coding.label, 0, 0, {}, complaints.problems, None)
    sheet = read_sheet(table, mapping.columns.sheet)
    findings = read_findings(sheet, mapping, known, complaints)
    check_mapping(mapping, known, complaints)
    plan = None if complaints.are_grave else _plan(mapping, findings, known, complaints, replace)
    label = mapping.coding.label
    found = Counter(finding.right for finding in findings)
    return Outcome(
        coding=label if label.get("en") else known.label(expand(f"coding:{mapping.coding.slug}")),
        findings=len(findings),
        documents=len({finding.document.key for finding in findings}),
        rights={right: found[right] for right in mapping.rights},
        problems=complaints.problems,
        plan=None if complaints.are_grave else plan,
    )


def _plan(
    mapping: Mapping, findings: list[Finding], known: Known, complaints: Complaints, replace: bool
) -> Plan:
    """Return the plan of an import whose mapping and table are sound."""
    planner = Planner(known, complaints, replace=replace)
    titles = _titles(mapping, known)
    for record in shared_records(mapping, known):
        planner.put(record)
    coding = expand(f"coding:{mapping.coding.slug}")
    planner.add_facts(coding, notes_of(mapping.coding))
    _put_texts(planner, mapping, findings, titles)
    assertions = Assertions(mapping, titles, known, _authors(mapping, known))
    for finding in findings:
        planner.put(assertions.articulation(finding))
    for record in assertions.absences(findings) if mapping.coding.complete else ():
        planner.put(record)
    path = known.layout.data / "codings" / f"{mapping.coding.slug}.ttl"
    planner.leave(_of_coding(coding, path, known), path)
    return planner.finish()


def _put_texts(
    planner: Planner, mapping: Mapping, findings: list[Finding], titles: dict[str, Texts]
) -> None:
    """Plan the instruments, their versions, and the provisions that the findings name."""
    for document in mapping.documents.values():
        for record in instrument_records(document, planner.known):
            planner.put(record)
        for record in version_record(document, titles[document.instrument]):
            planner.put(record)
            version = set(link("drc:hasTextVersion", record.iri))
            planner.add_facts(expand(f"instrument:{document.instrument}"), version)
    for finding in findings:
        for locus in finding.loci:
            title = titles[finding.document.instrument]
            for record in provision_records(finding.document, locus, title):
                planner.put(record, finding.place, locus)


def _titles(mapping: Mapping, known: Known) -> dict[str, Texts]:
    """Return the name of each instrument: that of the base, or of the mapping where it is new."""
    titles = {}
    for document in mapping.documents.values():
        iri = expand(f"instrument:{document.instrument}")
        new = document.new if iri not in known else None
        titles[document.instrument] = new.title if new else known.label(iri)
    return titles


def _authors(mapping: Mapping, known: Known) -> Texts:
    """Return the names of the authors of the coding."""
    iri = expand(mapping.coding.authors.replace("/", ":", 1))
    described = [actor.label for actor in mapping.actors if actor.path == mapping.coding.authors]
    return known.label(iri) if iri in known or not described else described[0]


def _of_coding(coding: str, path: Path, known: Known) -> list[str]:
    """Return what stands in the file of a coding as asserted by its authors."""
    fact = (expand("drc:fromCoding"), ox.NamedNode(coding))
    return [iri for iri, facts in known.facts.items() if fact in facts and known.files[iri] == path]
