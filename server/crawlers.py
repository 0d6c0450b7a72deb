"""What crawlers and browsers look for at the root: home page, robots, site map, icon."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from kb.namespaces import ID
from kb.query import LANGUAGES, find_query
from server.headers import conditional
from server.links import href
from server.negotiate import language
from server.site import current_site

blueprint = Blueprint("crawlers", __name__)

_SECTIONS = (
    "",
    "principles",
    "proposals",
    "instruments",
    "actors",
    "workshops",
    "themes",
    "statements",
    "glossary",
    "questions",
    "ontology",
    "shapes",
    "data",
    "about",
    "limits",
)


@blueprint.get("/")
def home() -> Response:
    """Lead to the home page in the reader's language."""
    response = make_response(redirect(f"{request.script_root}/{language(request)}/", 302))
    response.vary.add("Accept-Language")
    links = [f'<{request.script_root}/{la}/>; rel="alternate"; hreflang="{la}"' for la in LANGUAGES]
    response.headers["Link"] = ", ".join([*links, '</dcat>; rel="describedby"'])
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let crawlers read everything but the endpoint, and tell them where the site map is."""
    lines = ["User-agent: *", "Disallow: /sparql", "", f"Sitemap: {request.url_root}sitemap.xml"]
    response = make_response("\n".join(lines) + "\n")
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return conditional(response, "robots", request.url_root)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page once for each language, with its alternates (https://www.sitemaps.org/)."""
    rows = current_site().engine.select(find_query("dataset/records"))
    pages = [{lang: f"/{lang}/{section}" for lang in LANGUAGES} for section in _SECTIONS]
    for row in rows:
        addresses = {lang: href(row["record"].value, lang) or "" for lang in LANGUAGES}
        # A passage has no page of its own: it stands on the reading page.
        if row["record"].value.startswith(ID) and not any("#" in a for a in addresses.values()):
            pages.append(addresses)
    body = render_template("sitemap.xml", pages=pages, root=request.url_root.rstrip("/"))
    response = make_response(body)
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    return conditional(response, "sitemap", request.url_root)


@blueprint.get("/favicon.ico")
@blueprint.get("/favicon.svg")
def favicon() -> Response:
    """Lead to the logo, which serves as icon."""
    return make_response(redirect(url_for("static", filename="logo.svg"), 302))
