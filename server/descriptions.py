"""The dataset described for other machines: VoID at /.well-known/void and /void, DCAT at /dcat."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from kb.dcat import describe_dcat
from kb.engine import GRAPH_FORMATS
from kb.errors import NotFound
from kb.namespaces import DATASET
from kb.void import describe_void
from server.dumps import describe_dumps, dump_urls
from server.headers import conditional
from server.negotiate import Choice, choose_rdf
from server.rdf import write_rdf
from server.site import current_site

blueprint = Blueprint("descriptions", __name__)


@blueprint.get("/.well-known/void")
@blueprint.get("/<any(void, dcat):name>")
@blueprint.get("/<any(void, dcat):name>.<suffix>")
def describe(name: str = "void", suffix: str = "") -> Response:
    """Return one of the descriptions, in the format of the suffix or in the one negotiated."""
    fixed = {form.suffix: Choice(form, form.media_type) for form in GRAPH_FORMATS}
    if suffix and suffix not in fixed:
        raise NotFound(f"no description is served in the format .{suffix}")
    choice = fixed[suffix] if suffix else choose_rdf(request)
    site, root = current_site(), request.url_root
    if name == "void":
        triples = describe_void(site.engine, site.dataset, root, dump_urls(root))
    else:
        triples = describe_dcat(site.engine, site.dataset, root, describe_dumps(root))
    response = make_response(write_rdf(triples, choice.format.suffix, first=DATASET))
    response.headers["Content-Type"] = choice.content_type
    response.headers["Content-Location"] = f"{request.script_root}/{name}.{choice.format.suffix}"
    links = [f'<{DATASET}>; rel="describes"']
    if site.licence:
        links.append(f'<{site.licence}>; rel="license"')
    response.headers["Link"] = ", ".join(links)
    if not suffix:
        response.vary.add("Accept")
    return conditional(response, name, root, choice.media_type)
