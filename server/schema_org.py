"""schema.org descriptions that pages carry for search engines and reference managers."""

from __future__ import annotations

from collections.abc import Mapping

from kb.namespaces import DATASET
from kb.query import Term
from server.panels import Facts, Panel

_LAW = ("treaty", "constitution", "regulation", "directive", "statute", "decree", "code")


def describe_page(
    record_type: str, iri: str, facts: Facts, panels: Mapping[str, Panel]
) -> dict[str, object] | None:
    """Return the JSON-LD of a principle, proposal or instrument page; None for other pages."""
    if record_type == "principle":
        return _principle(iri, facts)
    if record_type == "proposal":
        return _proposal(iri, facts, panels["record/evidence"])
    if record_type == "instrument":
        return _instrument(iri, facts)
    return None


def _principle(iri: str, facts: Facts) -> dict[str, object]:
    """Return a principle as a defined term."""
    return {
        **_head(iri, "DefinedTerm"),
        "name": _texts(facts, "skos:prefLabel"),
        "alternateName": _texts(facts, "skos:altLabel"),
        "description": _texts(facts, "skos:definition"),
        "inDefinedTermSet": [term.value for term in facts.get("skos:inScheme")],
    }


def _proposal(iri: str, facts: Facts, evidence: Panel) -> dict[str, object]:
    """Return a proposal as a claim: who makes it, and in which words."""
    return {
        **_head(iri, "Claim"),
        "name": _texts(facts, "rdfs:label"),
        "abstract": _texts(facts, "drc:paraphrase"),
        "claimInterpreter": [{"@id": term.value} for term in facts.get("drc:statedBy")],
        "appearance": [
            {
                "@type": "Quotation",
                "@id": row["passage"].value,
                "text": row["exact"].value,
                "isPartOf": {"@id": row["document"].value},
            }
            for row in evidence.rows
        ],
    }


def _instrument(iri: str, facts: Facts) -> dict[str, object]:
    """Return an instrument: legislation when its type is one of law, else a creative work."""
    kinds = {term.value.rsplit("/", 1)[-1] for term in facts.get("drc:instrumentType")}
    name = "Legislation" if kinds.intersection(_LAW) else "CreativeWork"
    return {
        **_head(iri, name),
        "name": _texts(facts, "rdfs:label"),
        "about": [{"@id": term.value} for term in facts.get("drc:hasTheme")],
        "creator": [{"@id": term.value} for term in facts.get("drc:adoptedBy")],
    }


def _head(iri: str, name: str) -> dict[str, object]:
    """Return what every description begins with."""
    return {
        "@context": "https://schema.org",
        "@type": name,
        "@id": iri,
        "isPartOf": {"@type": "Dataset", "@id": DATASET},
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }


def _texts(facts: Facts, name: str) -> list[dict[str, str]]:
    """Return the texts of a property as JSON-LD values, each with its language."""
    return [_text(term) for term in facts.get(name)]


def _text(term: Term) -> dict[str, str]:
    """Return one text as a JSON-LD value."""
    language = getattr(term, "language", None)
    return {"@value": term.value, **({"@language": language} if language else {})}
