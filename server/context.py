"""The JSON-LD context: short names for the terms of the ontology (JSON-LD 1.1 §3.1)."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response

from kb.engine import Engine
from kb.errors import NotFound
from kb.namespaces import DRC, PREFIXES
from kb.query import find_query
from server.headers import conditional
from server.site import current_site

blueprint = Blueprint("context", __name__)

_MEDIA_TYPE = "application/ld+json"
_LANGUAGE_TAGGED = ("rdfs:label", "skos:prefLabel", "skos:definition", "skos:scopeNote")


@blueprint.get("/context.jsonld")
@blueprint.get("/context/<version>.jsonld")
def context(version: str = "") -> Response:
    """Return the context of the data now served, or of one named version, if it is that one."""
    site = current_site()
    if version not in ("", site.dataset.version):
        raise NotFound(f"the context of version {version} is not served here")
    terms = {"@context": context_terms(site.engine)}
    response = make_response(json.dumps(terms, indent=2, ensure_ascii=False) + "\n")
    response.headers["Content-Type"] = _MEDIA_TYPE
    return conditional(response, "context")


def context_terms(engine: Engine) -> dict[str, object]:
    """Return the definitions of a context: prefixes, then the ontology's terms by local name."""
    terms: dict[str, object] = {"@version": 1.1, **PREFIXES, "id": "@id", "type": "@type"}
    for name in _LANGUAGE_TAGGED:
        terms[name.partition(":")[2]] = {"@id": name, "@container": "@language"}
    for row in engine.select(find_query("linked-data/terms")):
        iri, kind = row["term"].value, row["kind"].value
        if not iri.startswith(DRC):
            continue
        name = iri.removeprefix(DRC)
        definition: dict[str, str] = {"@id": f"drc:{name}"}
        if kind.endswith("#ObjectProperty"):
            definition["@type"] = "@id"
        elif "range" in row and row["range"].value.endswith("#langString"):
            definition["@container"] = "@language"
        elif "range" in row and row["range"].value.startswith(PREFIXES["xsd"]):
            definition["@type"] = "xsd:" + row["range"].value.removeprefix(PREFIXES["xsd"])
        terms[name] = definition
    return terms
