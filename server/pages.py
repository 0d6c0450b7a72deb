"""The pages of the site, French and English, complete without JavaScript.

One view serves them all: the catalogue says which template and which queries an address needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kb import Engine
from server.catalogue import Target, find_target
from server.details import details
from server.headers import conditional
from server.i18n import LANGUAGES
from server.kept import kept
from server.negotiate import language
from server.outside import outside_names
from server.page_view import PageView
from server.panels import Facts, run_panel
from server.schema_org import describe_page
from server.site import current_site

pages = Blueprint("pages", __name__)

DATA_SUFFIXES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}


@pages.get("/<any(fr, en):lang>/", defaults={"path": ""})
@pages.get("/<any(fr, en):lang>/<path:path>")
def show(lang: str, path: str) -> BaseResponse:
    """Return the page at an address: 404 when there is none, 410 when its record is withdrawn."""
    if path.endswith("/"):
        return redirect(f"/{lang}/{quote(path.rstrip('/'))}", 308)
    target = find_target(path)
    if target is None:
        abort(404)
    site = current_site()
    view = page_view(lang)
    panels = {name: run_panel(site.engine, name, target.iri) for name in target.page.panels}
    facts = Facts(panels["record/facts"].rows if "record/facts" in panels else ())
    if target.iri and not facts:
        abort(404)
    more, status = details(target, view, panels)
    template = "gone" if is_withdrawn(facts) else target.page.template
    context = _context(target, view, facts)
    described = describe_page(target.name, target.iri, facts, panels)
    body = render_template(
        f"{template}.html", panels=panels, facts=facts, json_ld=described, **context, **more
    )
    response = make_response(body, 410 if template == "gone" else status)
    response.headers["Content-Language"] = lang
    if response.status_code != 200 or target.name == "validation":
        response.headers["Cache-Control"] = "no-store"
        return response
    asked = request.query_string.decode("latin-1")
    # Where a page tells more than data and program do, `seed` stands for it.
    seed = str(more.get("seed", ""))
    return conditional(response, "page", lang, path, asked, request.url_root, seed)


def page_view(lang: str) -> PageView:
    """Return the view of the site in a language, the same one during a request."""
    view = g.get("view")
    if not isinstance(view, PageView) or view.lang != lang:
        site = current_site()
        languages = kept("languages", lambda: source_languages(site.engine))
        outside = kept("outside-names", lambda: outside_names(site.layout))
        view = PageView(lang, site.labels, languages, outside)
        g.view = view
    return view


def source_languages(engine: Engine) -> Mapping[str, str]:
    """Return the language of each source document."""
    rows = run_panel(engine, "documents/list").rows
    return {row["document"].value: row["language"].value for row in rows if "language" in row}


def is_withdrawn(facts: Facts) -> bool:
    """Tell whether a record is kept only as a tombstone."""
    return any(term.value == "true" for term in facts.get("owl:deprecated"))


def page_language() -> str:
    """Return the language to answer in: of its path, else as negotiated."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else language(request)


@pages.app_context_processor
def shared_context() -> dict[str, object]:
    """Return what every template needs, those of error pages and of the SPARQL form too."""
    lang = page_language()
    return {
        "v": page_view(lang),
        "lang": lang,
        "switch": _switch_urls(),
        "dataset_version": current_site().dataset.version,
    }


def _switch_urls() -> dict[str, str]:
    """Return the address of this very page in each language."""
    first, _, rest = request.path.lstrip("/").partition("/")
    query = request.query_string.decode("utf-8", "replace")
    if first in LANGUAGES:
        tail = f"?{query}" if query else ""
        return {lang: f"/{lang}/{quote(rest)}{tail}" for lang in LANGUAGES}
    others = [part for part in query.split("&") if part and not part.startswith("lang=")]
    return {
        lang: f"{quote(request.path)}?{'&'.join([*others, f'lang={lang}'])}" for lang in LANGUAGES
    }


def _context(target: Target, view: PageView, facts: Facts) -> dict[str, object]:
    """Return what the frame of a page needs: title, way back, data formats, JSON-LD."""
    return {
        "name": target.name,
        "iri": target.iri,
        "title": view.name(target.iri) if target.iri else None,
        "parent": target.page.parent,
        "formats": _formats(target),
        "kind": next(iter(facts.get("rdf:type")), None),
    }


def _formats(target: Target) -> dict[str, tuple[str, str]]:
    """Return suffix → (address, media type) of the data of a record page."""
    if not target.iri:
        return {}
    base = "voc" if target.name in ("list", "value") else target.name
    stem = f"/data/{base}/{quote(target.slug)}"
    return {suffix: (f"{stem}.{suffix}", media) for suffix, media in DATA_SUFFIXES.items()}
