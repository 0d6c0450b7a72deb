"""The IRIs of the knowledge base: the only ones written in Python."""

from __future__ import annotations

BASE = "https://w3id.org/digital-rights-charter/"
DRC = BASE + "ontology#"
ID = BASE + "id/"
VOC = BASE + "voc/"
GRAPH = BASE + "graph/"
SHAPES = BASE + "shapes#"
ONTOLOGY = BASE + "ontology"
DATASET = BASE + "dataset"

RECORD_TYPES = (
    "agent",
    "aim",
    "articulation",
    "absence",
    "category",
    "code",
    "coding",
    "comparison",
    "concern",
    "document",
    "event",
    "expectation",
    "geopolitical",
    "glossary",
    "group",
    "inference",
    "instrument",
    "link",
    "locus-reading",
    "membership",
    "organisation",
    "passage",
    "person",
    "principle",
    "proposal",
    "provision",
    "quotation",
    "reading",
    "realisation",
    "reference",
    "scheme",
    "state",
    "statement",
    "status",
    "text",
    "theme",
    "union",
    "workshop",
)

LISTS = (
    "actor-kind",
    "agreement",
    "attribution-basis",
    "comparison-result",
    "confidence",
    "epistemic-mode",
    "influence-basis",
    "instrument-status",
    "instrument-type",
    "link-type",
    "locus-kind",
    "modality",
    "normative-force",
    "principle-standing",
    "proposal-status",
    "reading-extent",
    "reading-outcome",
    "realisation-degree",
    "region",
    "review-status",
    "role",
    "speech-form",
    "strength",
    "verification",
)

EXTERNAL = {
    "adms": "http://www.w3.org/ns/adms#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cc": "http://creativecommons.org/ns#",
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "eurovoc": "http://eurovoc.europa.eu/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "mod": "https://w3id.org/mod#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

PREFIXES: dict[str, str] = {
    "drc": DRC,
    "shapes": SHAPES,
    **EXTERNAL,
    **{record_type: f"{ID}{record_type}/" for record_type in RECORD_TYPES},
    **{list_name: f"{VOC}{list_name}/" for list_name in LISTS},
}
"""Prefix → namespace, the same in every Turtle file, query, export and page."""


def shorten(iri: str) -> str:
    """Return the CURIE of an IRI under the longest fitting prefix, else the IRI itself."""
    fitting = [(ns, p) for p, ns in PREFIXES.items() if iri.startswith(ns) and iri != ns]
    if not fitting:
        return iri
    namespace, prefix = max(fitting, key=lambda pair: len(pair[0]))
    return f"{prefix}:{iri[len(namespace) :]}"


def expand(name: str) -> str:
    """Return the IRI of a CURIE with a known prefix; anything else is returned as it is."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    return name
