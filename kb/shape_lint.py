"""Faults of the shapes themselves, which SHACL engines pass over in silence.

A misspelt `sh:` term, a target class nobody declared, a shape without a message: an engine
ignores each of them, and the rule is never applied. Only `unreached_shapes` looks at data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rdflib import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DefinedNamespaceMeta
from rdflib.term import Node

from kb.namespaces import EXTERNAL, shorten

_VOCABULARIES: tuple[DefinedNamespaceMeta, ...] = (
    DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SKOS,
)  # fmt: skip
_EXTERNAL_TERMS = {
    EXTERNAL["eli"] + name
    for name in ("date_document", "date_publication", "id_local", "language", "number")
} | {
    EXTERNAL["oa"] + name
    for name in (
        "TextPositionSelector", "TextQuoteSelector", "end", "exact", "hasSelector", "prefix",
        "start", "suffix",
    )
}  # fmt: skip
"""Terms of vocabularies that rdflib does not list, read in ELI 1.5 and the Web Annotation model."""

_LISTS = (SH["or"], SH["and"], SH.xone)
_SHAPE_VALUES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_FORBIDDEN = re.compile(r"\b(MINUS|VALUES|SERVICE)\b", re.IGNORECASE)
_REMEDY = re.compile(r"\S — \S")
_TEXTS = ((SH.name, "name"), (SH.description, "description"), (SH.message, "message"))


def lint_shapes(shapes: Graph, ontology: Graph) -> list[str]:
    """Return what is wrong with a shapes graph, one sentence for each fault, sorted."""
    nodes = {node for node in _shapes(shapes)} | set(shapes.objects(None, SH.sparql))
    checks: list[Callable[[Graph, Node], Iterator[str]]] = [_name, _texts, _number, _query, _regex]
    found = [fault for node in nodes for check in checks for fault in check(shapes, node)]
    found += [fault for node in _shapes(shapes) for fault in _severity(shapes, node)]
    found += [*_terms(shapes), *_targets(shapes, ontology), *_paths(shapes, ontology)]
    return sorted({*found, *_unused(shapes)})


def unreached_shapes(shapes: Graph, ontology: Graph, data: Graph) -> list[str]:
    """Return the shapes whose targets are nowhere in some data, so that they were never tried."""
    used = {
        super_class
        for asserted in set(data.objects(None, RDF.type))
        for super_class in (asserted, *ontology.transitive_objects(asserted, RDFS.subClassOf))
    }
    predicates = set(data.predicates())
    faults = [
        f"{_short(shape)}: no record of the test data is a {_short(target)}"
        for shape, target in shapes.subject_objects(SH.targetClass)
        if target not in used
    ]
    faults += [
        f"{_short(shape)}: no record of the test data has {_short(target)}"
        for shape, target in shapes.subject_objects(SH.targetSubjectsOf)
        if target not in predicates
    ]
    return sorted(faults)


def _shapes(shapes: Graph) -> set[Node]:
    """Return every node that is a shape, by its type or by where it stands."""
    found = {
        s for kind in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, kind)
    }
    found |= {node for term in _SHAPE_VALUES for node in shapes.objects(None, term)}
    heads = [head for term in _LISTS for head in shapes.objects(None, term)]
    return found | {member for head in heads for member in Collection(shapes, head)}


def _name(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield a fault when a shape or constraint has no IRI: no report could name it."""
    if isinstance(node, BNode):
        kinds = ", ".join(sorted(_short(p) for p in set(shapes.predicates(node))))
        yield f"a shape or constraint with {kinds} has no IRI"


def _texts(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield a fault for each text missing in a language, and each message without remedy."""
    for term, label in _TEXTS:
        found = [text for text in shapes.objects(node, term) if isinstance(text, Literal)]
        if sorted(text.language or "" for text in found) != ["en", "fr"]:
            yield f"{_short(node)}: the {label} is not given once in fr and once in en"
        if term == SH.message and not all(_REMEDY.search(text) for text in found):
            yield f"{_short(node)}: a message has no remedy after “ — ”"


def _number(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield a fault when a shape does not say which rule of the policy it puts in force."""
    if (node, SKOS.notation, None) not in shapes:
        yield f"{_short(node)}: skos:notation does not say which rule this is"


def _severity(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield a fault when a shape has not exactly one severity (SHACL §2.1.4)."""
    if len(set(shapes.objects(node, SH.severity))) != 1:
        yield f"{_short(node)}: a shape has exactly one sh:severity"


def _query(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield the faults of a SPARQL constraint (SHACL §5.2.1, §5.3.1)."""
    if (node, RDF.type, SH.SPARQLConstraint) not in shapes:
        return
    if (node, SH.severity, None) in shapes:
        yield f"{_short(node)}: severity is read from the shape, not from the constraint"
    if (node, SH.prefixes, None) not in shapes:
        yield f"{_short(node)}: the constraint has no sh:prefixes"
    select = str(shapes.value(node, SH.select) or "")
    if not select:
        yield f"{_short(node)}: the constraint has no sh:select"
    for word in sorted({found.upper() for found in _FORBIDDEN.findall(select)}):
        yield f"{_short(node)}: {word} is not allowed in a SPARQL constraint"


def _regex(shapes: Graph, node: Node) -> Iterator[str]:
    """Yield a fault for each pattern that Python's `re` cannot read: pySHACL would raise."""
    for pattern in shapes.objects(node, SH.pattern):
        try:
            re.compile(str(pattern))
        except re.error as error:
            yield f"{_short(node)}: the pattern is not a regular expression of Python ({error})"


def _terms(shapes: Graph) -> Iterator[str]:
    """Yield a fault for each `sh:` term that SHACL does not have: engines ignore it."""
    for term in {term for triple in shapes for term in triple if isinstance(term, URIRef)}:
        if term.startswith(str(SH)) and term.removeprefix(str(SH)) not in SH:
            yield f"{_short(term)} is not a term of SHACL"


def _targets(shapes: Graph, ontology: Graph) -> Iterator[str]:
    """Yield a fault for each target or class that no vocabulary declares."""
    for target in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH["class"]):
        for shape, term in shapes.subject_objects(target):
            if not _is_known(term, ontology):
                yield f"{_short(shape)}: {_short(target)} {_short(term)} is declared nowhere"


def _paths(shapes: Graph, ontology: Graph) -> Iterator[str]:
    """Yield a fault for each property of a path, pair or closed shape that nothing declares."""
    pairs = (SH.disjoint, SH.equals, SH.lessThan, SH.lessThanOrEquals)
    used = {(node, term) for pair in pairs for node, term in shapes.subject_objects(pair)}
    used |= {(n, t) for n, path in shapes.subject_objects(SH.path) for t in _steps(shapes, path)}
    for node, head in shapes.subject_objects(SH.ignoredProperties):
        used |= {(node, term) for term in Collection(shapes, head)}
    for node, term in used:
        if not _is_known(term, ontology):
            yield f"{_short(node)}: the property {_short(term)} is declared nowhere"


def _steps(shapes: Graph, path: Node) -> Iterator[Node]:
    """Yield the properties of a path (SHACL §2.3.1)."""
    if isinstance(path, URIRef):
        yield path
    elif (path, RDF.first, None) in shapes:
        for member in Collection(shapes, path):
            yield from _steps(shapes, member)
    else:
        for inner in shapes.objects(path, None):
            yield from _steps(shapes, inner)


def _unused(shapes: Graph) -> Iterator[str]:
    """Yield a fault for each shape or constraint that nothing applies."""
    applied = {node for term in (*_SHAPE_VALUES, SH.sparql) for node in shapes.objects(None, term)}
    heads = [head for term in _LISTS for head in shapes.objects(None, term)]
    applied |= {member for head in heads for member in Collection(shapes, head)}
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
    applied |= {node for term in targets for node in shapes.subjects(term)}
    for node in _shapes(shapes) | set(shapes.subjects(RDF.type, SH.SPARQLConstraint)):
        if node not in applied:
            yield f"{_short(node)}: nothing applies this shape or constraint"


def _is_known(term: Node, ontology: Graph) -> bool:
    """Tell whether a term is declared in the ontology or in a vocabulary that we reuse."""
    if (term, RDF.type, None) in ontology or str(term) in _EXTERNAL_TERMS:
        return True
    return any(
        str(term).startswith(str(vocabulary))
        and str(term).removeprefix(str(vocabulary)) in vocabulary
        for vocabulary in _VOCABULARIES
    )


def _short(node: Node) -> str:
    """Return a node as a reader of the shapes writes it."""
    return shorten(str(node)) if isinstance(node, URIRef) else "a blank node"
