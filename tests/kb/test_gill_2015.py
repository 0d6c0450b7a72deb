"""The coding by Gill, Redeker and Gasser (2015), as it stands in the base, counts as they count."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest

from kb import shipped_layout
from kb.namespaces import expand
from kb.turtle import parse_turtle

# The counts printed in the paper: documents in which each right is found.
COUNTS = {
    "multistakeholder-and-participatory-governance": 16,
    "transparency-and-openness": 22,
    "open-data": 8,
    "right-to-participation": 6,
    "digital-inclusion": 7,
    "right-to-access-the-internet": 24,
    "speed-and-affordability": 10,
    "access-and-skills-in-the-workplace": 3,
    "user-awareness-and-education": 4,
    "media-and-digital-literacy": 12,
    "security-of-the-network": 13,
    "net-neutrality": 14,
    "open-standards": 14,
    "interoperability-and-non-fragmentation": 14,
    "stability-and-reliability-of-the-network": 7,
    "free-and-open-source-software": 7,
    "device-rights": 8,
    "freedom-of-expression": 27,
    "freedom-of-religious-belief": 2,
    "freedom-of-information": 22,
    "freedom-of-association": 9,
    "democracy-and-the-rule-of-law": 15,
    "right-to-due-process": 9,
    "right-to-legal-remedies": 10,
    "right-to-personal-security-and-dignity": 8,
    "protection-of-children": 7,
    "non-discrimination": 16,
    "cultural-and-linguistic-diversity": 13,
    "privacy-rights-generalized": 26,
    "data-protection": 14,
    "control-and-self-determination": 11,
    "right-to-anonymity": 9,
    "protection-from-surveillance": 17,
    "right-to-encryption": 9,
    "right-to-be-forgotten": 3,
    "innovation": 11,
    "competition": 10,
    "economic-development": 7,
    "intellectual-property": 9,
    "intermediary-liability": 9,
    "corporate-responsibility": 15,
    "consumer-protection": 10,
}
Facts = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def facts() -> Facts:
    """What the file of the coding says, by record and predicate."""
    found: Facts = {}
    for quad in parse_turtle(shipped_layout().data / "codings" / "gill-2015.ttl"):
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode | ox.Literal)
        record = found.setdefault(quad.subject.value, {})
        record.setdefault(quad.predicate.value, []).append(quad.object.value)
    return found


def of_type(facts: Facts, name: str) -> dict[str, dict[str, list[str]]]:
    start = expand(f"{name}:gill-2015-")
    return {iri.removeprefix(start): said for iri, said in facts.items() if iri.startswith(start)}


def right_of(name: str) -> str:
    return max((right for right in COUNTS if name.endswith(f"-{right}")), key=len)


def test_each_right_is_found_as_often_as_the_paper_says(facts: Facts) -> None:
    assert Counter(right_of(name) for name in of_type(facts, "articulation")) == COUNTS
    assert sum(COUNTS.values()) == 487


def test_a_right_stands_for_one_principle_in_all_documents(facts: Facts) -> None:
    principles: dict[str, set[str]] = {}
    for name, said in of_type(facts, "articulation").items():
        principles.setdefault(right_of(name), set()).update(said[expand("drc:articulates")])
    assert len(principles) == 42
    assert all(len(found) == 1 for found in principles.values())
    assert len(set.union(*principles.values())) == 42


def test_every_other_cell_of_the_table_is_an_absence(facts: Facts) -> None:
    absences = of_type(facts, "absence")
    assert len(absences) == 30 * 42 - 487
    assert not absences.keys() & of_type(facts, "articulation").keys()
    instruments = {iri for said in absences.values() for iri in said[expand("drc:absentFrom")]}
    assert len(instruments) == 30


def test_each_finding_is_its_authors_and_has_its_pinpoint(facts: Facts) -> None:
    authors = [expand("group:gill-redeker-gasser")]
    for said in of_type(facts, "articulation").values():
        assert said[expand("drc:assertedBy")] == authors
        assert said[expand("drc:fromCoding")] == [expand("coding:gill-2015")]
        assert said[expand("drc:reviewStatus")] == [expand("review-status:as-published")]
        assert len(said[expand("drc:articulatedIn")]) == 1
        assert said[expand("drc:locus")] != [""]


def test_the_date_made_by_a_spreadsheet_is_kept_and_explained(facts: Facts) -> None:
    name = "philippine-magna-carta-internet-freedom-open-standards"
    said = of_type(facts, "articulation")[name]
    assert said[expand("drc:locus")] == ["13/11/2015"]
    assert said[expand("drc:confidence")] == [expand("confidence:low")]
    assert all("13/11/2015" in note for note in said[expand("skos:editorialNote")])


def test_the_italian_declaration_was_coded_in_its_draft(facts: Facts) -> None:
    for name, said in of_type(facts, "articulation").items():
        if name.startswith("dichiarazione-diritti-internet-"):
            version = expand("text:dichiarazione-diritti-internet-draft-2014")
            assert said[expand("drc:inVersion")] == [version]
            assert all("@2014-10-13" in iri for iri in said[expand("drc:articulatedIn")])
