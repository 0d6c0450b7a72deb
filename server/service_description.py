"""The endpoint described in RDF: SPARQL 1.1 Service Description, versions as in the 1.2 draft, and
the limits that a query meets, for which neither has terms."""

from __future__ import annotations

import pyoxigraph as ox

from kb.descriptions import Facts
from kb.engine import BINDINGS_FORMATS, GRAPH_FORMATS
from kb.namespaces import DATASET, PREFIXES
from server.limits import state_limits
from server.rdf import write_rdf
from server.site import Site
from server.sparql_request import VERSIONS

_SPARQL = "http://www.w3.org/ns/sparql#"
_SD = PREFIXES["sd"]
_VOID = PREFIXES["void"]


def describe_service(site: Site, root: str, suffix: str) -> bytes:
    """Return the description of the endpoint below `root`, in the RDF format of that suffix.

    Federation is not among the features, because SERVICE is refused; the default graph is the
    union of the named ones (§3.2.7, §3.2.10).
    """
    endpoint = f"{root}sparql"
    facts = Facts()
    service, dataset = f"{endpoint}#service", f"{endpoint}#dataset"
    facts.link(service, "rdf:type", _SD + "Service")
    facts.link(service, "sd:endpoint", endpoint)
    facts.link(service, "sd:supportedLanguage", _SD + "SPARQL11Query")
    facts.link(service, "sd:supportedLanguage", _SD + "SPARQLQuery")
    # What another engine makes of the newer syntax is not ours to promise.
    for version in VERSIONS[:1] if site.settings.is_remote else VERSIONS:
        facts.link(service, "sd:supportedVersion", f"{_SPARQL}version-{version}")
    facts.link(service, "sd:feature", _SD + "UnionDefaultGraph")
    for form in (*BINDINGS_FORMATS, *GRAPH_FORMATS):
        facts.link(service, "sd:resultFormat", form.iri)
    state_limits(facts, service, root, site.settings)
    facts.link(service, "sd:defaultDataset", dataset)
    facts.link(service, "sd:availableGraphs", dataset)
    facts.link(dataset, "rdf:type", _SD + "Dataset")
    facts.link(dataset, "rdfs:seeAlso", DATASET)
    default = f"{endpoint}#default-graph"
    facts.link(dataset, "sd:defaultGraph", default)
    _describe_graph(facts, default, site.dataset.triples)
    for position, (name, triples) in enumerate(sorted(site.dataset.graphs.items()), start=1):
        named, graph = f"{endpoint}#named-graph-{position}", f"{endpoint}#graph-{position}"
        facts.link(dataset, "sd:namedGraph", named)
        facts.link(named, "rdf:type", _SD + "NamedGraph")
        facts.link(named, "sd:name", name)
        facts.link(named, "sd:graph", graph)
        _describe_graph(facts, graph, triples)
    return write_rdf(facts.triples, suffix)


def _describe_graph(facts: Facts, graph: str, triples: int) -> None:
    """State what a graph is and how many triples it holds."""
    facts.link(graph, "rdf:type", _SD + "Graph")
    facts.link(graph, "rdf:type", _VOID + "Dataset")
    facts.value(graph, "void:triples", ox.Literal(triples))
