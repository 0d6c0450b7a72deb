"""What the authors of a coding assert: an articulation for a finding, an absence for a blank."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from kb.importing.findings import Finding
from kb.importing.instruments import provision
from kb.importing.known import Known, Term
from kb.importing.locus import parse_locus
from kb.importing.mapping import Coding, Document
from kb.importing.mapping import Mapping as Plan
from kb.importing.records import Record, both_texts, link, record, text, version_iri
from kb.importing.wording import Texts, both, in_sentence, name_places
from kb.namespaces import expand

_NOWHERE = {"en": "", "fr": ""}


def right_slug(right: str) -> str:
    """Return the name of a right as part of an identifier, as its category has it."""
    plain = unicodedata.normalize("NFKD", right.replace("&", " and ").replace("’", ""))
    return "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower()))


class Assertions:
    """Makes the assertions of one coding."""

    def __init__(self, plan: Plan, titles: Mapping[str, Texts], known: Known, authors: Texts):
        self.plan = plan
        self.coding = plan.coding
        self.titles = titles
        self.known = known
        self.authors = authors

    def articulation(self, finding: Finding) -> Record:
        """Return the articulation of a finding: one for a cell, however many places it names."""
        document, loci = finding.document, finding.loci
        places = [provision(document, parse_locus(locus)[-1]) for locus in loci]
        name = self._name("articulation", document, finding.right)
        principle = self.plan.rights[finding.right]
        shown = name_places(loci, document.conventions.unit)

        def facts() -> Iterator[tuple[str, Term]]:
            yield from link("rdf:type", "drc:Articulation")
            yield from both_texts(
                "rdfs:label", self._label("articulation", document, principle, shown)
            )
            yield from link("drc:articulatedIn", places[0])
            yield from link("drc:alsoArticulatedIn", *places[1:])
            yield from link("drc:articulates", f"principle:{principle}")
            yield from link("drc:modality", "modality:unspecified")
            yield from link("drc:strength", f"strength:{finding.strength or 'unspecified'}")
            yield from text("drc:locus", finding.pinpoint)
            if document.version:
                yield from link("drc:inVersion", version_iri(document.instrument, document.version))
            yield from self._attribution(_confidence(finding, self.coding))
            why = both("articulation-rationale", right=finding.right)
            yield from both_texts("drc:rationale", why)
            if correction := finding.correction:
                note = both("correction", value=correction.value, reason=correction.reason)
                yield from both_texts("skos:editorialNote", note)

        return record(name, f"codings/{self.coding.slug}", facts(), own=True)

    def absences(self, findings: Sequence[Finding]) -> Iterator[Record]:
        """Yield an absence for each blank of a complete coding."""
        filled = {(each.document.key, each.right) for each in findings}
        found = {(each.document.key, self.plan.rights[each.right]) for each in findings}
        for document in self.plan.documents.values():
            for right, principle in self.plan.rights.items():
                # Two rights may stand for one principle: found under one, it is not absent.
                if (document.key, right) not in filled and (document.key, principle) not in found:
                    yield self._absence(document, right, principle)

    def _absence(self, document: Document, right: str, principle: str) -> Record:
        """Return one absence."""

        def facts() -> Iterator[tuple[str, Term]]:
            yield from link("rdf:type", "drc:AbsenceFinding")
            yield from both_texts(
                "rdfs:label", self._label("absence", document, principle, _NOWHERE)
            )
            yield from link("drc:absentFrom", f"instrument:{document.instrument}")
            yield from link("drc:absentPrinciple", f"principle:{principle}")
            yield from self._attribution(self.coding.confidence)
            yield from both_texts("drc:rationale", self._blank(document, right))

        name = self._name("absence", document, right)
        return record(name, f"codings/{self.coding.slug}", facts(), own=True)

    def _blank(self, document: Document, right: str) -> Texts:
        """Return why something is said to be absent."""
        rights = len(self.plan.rights)
        if not document.version:
            return both("absence-rationale", right=right, rights=rights)
        iri = version_iri(document.instrument, document.version)
        version = self.known.label(iri)
        if iri not in self.known:
            title = self.titles[document.instrument]
            version = both("text", instrument=title, version=document.version.label)
        return both("absence-rationale-in-version", right=right, rights=rights, version=version)

    def _attribution(self, confidence: str) -> Iterator[tuple[str, Term]]:
        """Yield who says so, on what ground."""
        yield from link("drc:fromCoding", f"coding:{self.coding.slug}")
        yield from link("drc:reference", f"reference:{self.coding.reference.slug}")
        yield from link("drc:assertedBy", self.coding.authors.replace("/", ":", 1))
        yield from link("drc:confidence", f"confidence:{confidence}")
        yield from link("drc:reviewStatus", "review-status:as-published")

    def _label(self, name: str, document: Document, principle: str, places: Texts) -> Texts:
        """Return the label of an assertion."""
        return both(
            name,
            instrument=self.titles[document.instrument],
            places=places,
            principle=in_sentence(self.known.label(expand(f"principle:{principle}"))),
            authors=self.authors,
        )

    def _name(self, kind: str, document: Document, right: str) -> str:
        """Return the CURIE of an assertion."""
        return f"{kind}:{self.coding.slug}-{document.instrument}-{right_slug(right)}"


def _confidence(finding: Finding, coding: Coding) -> str:
    """Return the confidence of a finding: the correction's, the row's, or that of the coding."""
    corrected = finding.correction.confidence if finding.correction else ""
    return corrected or finding.confidence or coding.confidence
