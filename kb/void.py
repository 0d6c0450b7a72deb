"""The dataset described in VoID (https://www.w3.org/TR/void/): its size, its parts, its links."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kb.dataset import DatasetInfo
from kb.descriptions import Facts, recorded_facts
from kb.engine import Engine
from kb.namespaces import BASE, DATASET, PREFIXES, shorten
from kb.query import find_query

_TOTALS = ("entities", "classes", "properties", "distinctSubjects", "distinctObjects")
_EXAMPLES = 3


def describe_void(
    engine: Engine, info: DatasetInfo, root: str, dump_urls: Iterable[str]
) -> list[ox.Triple]:
    """Return the VoID description of the dataset, served below `root`."""
    facts = recorded_facts(engine)
    facts.link(DATASET, "rdf:type", PREFIXES["void"] + "Dataset")
    facts.link(DATASET, "void:sparqlEndpoint", f"{root}sparql")
    facts.value(DATASET, "void:uriSpace", ox.Literal(BASE))
    facts.link(DATASET, "void:rootResource", DATASET)
    for url in dump_urls:
        facts.link(DATASET, "void:dataDump", url)
    for row in engine.select(find_query("dataset/records"))[:_EXAMPLES]:
        facts.link(DATASET, "void:exampleResource", row["record"].value)
    totals = engine.select(find_query("dataset/totals"))[0]
    for name in _TOTALS:
        facts.value(DATASET, f"void:{name}", totals[name])
    facts.value(DATASET, "void:triples", ox.Literal(info.triples))
    facts.value(DATASET, "void:documents", ox.Literal(len(info.graphs)))
    _describe_classes(facts, info)
    _describe_properties(facts, engine)
    _describe_linksets(facts, engine)
    return facts.triples


def _describe_classes(facts: Facts, info: DatasetInfo) -> None:
    """State how many records each class has."""
    for iri, records in sorted(info.classes.items()):
        part = f"{DATASET}#class-{_fragment(iri)}"
        facts.link(DATASET, "void:classPartition", part)
        facts.link(part, "void:class", iri)
        facts.value(part, "void:entities", ox.Literal(records))


def _describe_properties(facts: Facts, engine: Engine) -> None:
    """State how often each property is used, and the vocabularies they come from."""
    for row in engine.select(find_query("dataset/properties")):
        iri = row["property"].value
        part = f"{DATASET}#property-{_fragment(iri)}"
        facts.link(DATASET, "void:propertyPartition", part)
        facts.link(part, "void:property", iri)
        facts.value(part, "void:triples", row["triples"])
        facts.link(DATASET, "void:vocabulary", iri[: max(iri.rfind("#"), iri.rfind("/")) + 1])


def _describe_linksets(facts: Facts, engine: Engine) -> None:
    """State how many links of each kind lead to which other site."""
    for number, row in enumerate(engine.select(find_query("dataset/linksets")), start=1):
        links, target = f"{DATASET}#linkset-{number}", f"{DATASET}#target-{number}"
        facts.link(links, "rdf:type", PREFIXES["void"] + "Linkset")
        facts.link(links, "void:subjectsTarget", DATASET)
        facts.link(links, "void:objectsTarget", target)
        facts.link(links, "void:linkPredicate", row["property"].value)
        facts.value(links, "void:triples", row["links"])
        facts.link(target, "rdf:type", PREFIXES["void"] + "Dataset")
        facts.value(target, "void:uriSpace", ox.Literal(row["site"].value))
        facts.link(DATASET, "void:subset", links)


def _fragment(iri: str) -> str:
    """Return a name fit for a fragment, from the short form of an IRI."""
    short = shorten(iri)
    return "".join(char if char.isalnum() or char in "-_" else "-" for char in short)
