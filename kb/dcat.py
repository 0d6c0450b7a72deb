"""The dataset described in DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), as a catalogue of one."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import pyoxigraph as ox

from kb.dataset import DatasetInfo
from kb.descriptions import Dump, Facts, recorded_facts
from kb.engine import Engine
from kb.namespaces import DATASET, PREFIXES

CATALOGUE = DATASET + "#catalogue"
SERVICE = DATASET + "#sparql"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_SPDX = "http://spdx.org/rdf/terms#"
_OF_CATALOGUE = ("title", "description", "publisher", "license", "issued", "modified", "language")
_OF_PARTS = ("license", "publisher")


def describe_dcat(
    engine: Engine, info: DatasetInfo, root: str, dumps: Iterable[Dump]
) -> list[ox.Triple]:
    """Return the DCAT description of the dataset, served below `root`, with all its dumps."""
    facts = recorded_facts(engine)
    static = files("kb").joinpath("dcat.ttl").read_bytes()
    facts.triples += [q.triple for q in ox.parse(input=static, format=ox.RdfFormat.TURTLE)]
    _copy(facts, CATALOGUE, _OF_CATALOGUE)
    _copy(facts, SERVICE, _OF_PARTS)
    _name_agents(facts)
    facts.link(SERVICE, "dcat:endpointURL", f"{root}sparql")
    facts.link(SERVICE, "dcat:endpointDescription", f"{root}sparql")
    facts.link(DATASET, "dcat:landingPage", root)
    for dump in dumps:
        _describe_distribution(facts, dump, info.version)
    return facts.triples


def _copy(facts: Facts, subject: str, names: Iterable[str]) -> None:
    """Give a part of the catalogue what holds of the dataset."""
    for name in names:
        for term in facts.values(f"dcterms:{name}"):
            facts.value(subject, f"dcterms:{name}", term)


def _name_agents(facts: Facts) -> None:
    """Name the publisher as DCAT wants it: a foaf:Agent with a foaf:name for each language."""
    publishers = {term.value for term in facts.values("dcterms:publisher")}
    for triple in list(facts.triples):
        subject, label = triple.subject, triple.object
        is_label = triple.predicate.value == PREFIXES["rdfs"] + "label"
        if not isinstance(subject, ox.NamedNode) or not isinstance(label, ox.Literal):
            continue
        if is_label and subject.value in publishers:
            facts.link(subject.value, "rdf:type", PREFIXES["foaf"] + "Agent")
            facts.value(subject.value, "foaf:name", label)


def _describe_distribution(facts: Facts, dump: Dump, version: str) -> None:
    """State how one dump is had, and how to tell that it came whole."""
    name = f"{DATASET}#{dump.name}"
    checksum = f"{name}-checksum"
    facts.link(DATASET, "dcat:distribution", name)
    facts.link(name, "rdf:type", PREFIXES["dcat"] + "Distribution")
    facts.value(name, "dcterms:title", ox.Literal(dump.name))
    facts.link(name, "dcat:accessURL", dump.url)
    facts.link(name, "dcat:downloadURL", dump.url)
    facts.link(name, "dcat:accessService", SERVICE)
    facts.link(name, "dcat:mediaType", _MEDIA_TYPES + dump.media_type)
    if dump.compression:
        facts.link(name, "dcat:compressFormat", _MEDIA_TYPES + dump.compression)
    facts.typed(name, "dcat:byteSize", str(dump.size), "nonNegativeInteger")
    facts.value(name, "dcat:version", ox.Literal(version))
    _copy(facts, name, ("license",))
    facts.link(name, _SPDX + "checksum", checksum)
    facts.link(checksum, "rdf:type", _SPDX + "Checksum")
    facts.link(checksum, _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
    facts.typed(checksum, _SPDX + "checksumValue", dump.sha256, "hexBinary")
