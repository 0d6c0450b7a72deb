"""Linked data: the IRIs of things answer 303, the addresses of data answer with RDF.

See https://www.w3.org/TR/cooluris/ §4.2 and RFC 9110 §12 and §15.4.4.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, request

from kb.engine import GRAPH_FORMATS, Format
from kb.errors import NotFound
from kb.namespaces import BASE
from kb.query import LANGUAGES
from server.documents import (
    Document,
    about_document,
    check_present,
    contents,
    document_named,
    document_of_iri,
)
from server.headers import conditional
from server.negotiate import (
    HTML,
    HTML_TYPES,
    Choice,
    best,
    choose_rdf,
    formats_by_type,
    language,
    rdf_types,
)
from server.problem_details import refuse
from server.rdf import write_rdf
from server.refusal import Refusal
from server.site import current_site

blueprint = Blueprint("linked_data", __name__)

_BY_SUFFIX = {form.suffix: form for form in GRAPH_FORMATS}


@blueprint.get("/id/<kind>/<slug>")
@blueprint.get("/voc/<kind>")
@blueprint.get("/voc/<kind>/<slug>")
@blueprint.get("/ontology")
@blueprint.get("/ontology/<slug>")
@blueprint.get("/shapes")
@blueprint.get("/dataset")
@blueprint.get("/graph/<path:slug>")
def identify(kind: str = "", slug: str = "") -> Response:
    """Lead from the IRI of a thing to the page or the data about it; what has no wish gets HTML."""
    document = document_of_iri(request.path.removeprefix("/"))
    check_present(current_site(), document)
    by_type = formats_by_type("graph")
    wish = best(request, (*HTML_TYPES, *by_type)) or HTML
    if wish in HTML_TYPES:
        target = document.page(language(request))
    else:
        target = _data_path(document, by_type[wish])
    response = make_response(redirect(request.script_root + target, 303))
    response.headers["Link"] = ", ".join(_alternates(document))
    response.headers["Cache-Control"] = "public, max-age=300"
    response.vary.update(("Accept", "Accept-Language"))
    return response


@blueprint.get("/data/<path:name>")
def data(name: str) -> Response:
    """Return the data about a thing: in the format of the suffix, else in the one negotiated."""
    stem, dot, suffix = name.rpartition(".")
    fixed = _BY_SUFFIX.get(suffix) if dot else None
    if dot and fixed is None and not suffix.isdigit():
        raise NotFound(f"no data are served in the format .{suffix}")
    document = document_named(stem if fixed else name)
    site = current_site()
    tombstone: Refusal | None = None
    try:
        check_present(site, document)
    except Refusal as refusal:
        tombstone = refusal
    choice = Choice(fixed, fixed.media_type) if fixed else choose_rdf(request)
    if tombstone and best(request, (*rdf_types(), *HTML_TYPES)) in HTML_TYPES:
        return refuse(tombstone)
    triples = [*contents(site, document), *about_document(site, document)]
    response = make_response(write_rdf(triples, choice.format.suffix, first=document.name))
    response.headers["Content-Type"] = choice.content_type
    response.headers["Content-Location"] = request.script_root + _data_path(document, choice.format)
    response.headers["Link"] = ", ".join(_data_links(document, choice.format, site.licence))
    if not fixed:
        response.vary.add("Accept")
    if tombstone:
        response.status_code = 410
        return response
    return conditional(response, "data", document.name, choice.media_type)


def _data_path(document: Document, form: Format) -> str:
    """Return the path of a description in one format."""
    return f"/data/{quote(document.name)}.{form.suffix}"


def _alternates(document: Document) -> list[str]:
    """Return links to every representation of a description (RFC 8288)."""
    root = request.script_root
    links = [
        f'<{root}{_data_path(document, form)}>; rel="alternate"; type="{form.media_type}"'
        for form in GRAPH_FORMATS
    ]
    links += [
        f'<{root}{document.page(lang)}>; rel="alternate"; type="text/html"; hreflang="{lang}"'
        for lang in LANGUAGES
    ]
    return links


def _data_links(document: Document, form: Format, licence: str) -> list[str]:
    """Return what a description describes, where it stands for good, its licence and siblings."""
    canonical = BASE + _data_path(document, form).removeprefix("/")
    links = [f'<{document.iri}>; rel="describes"', f'<{canonical}>; rel="canonical"']
    if licence:
        links.append(f'<{licence}>; rel="license"')
    return links + _alternates(document)
