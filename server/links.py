"""Where an IRI leads: to a page of this site, to the web, or nowhere when it must not be a link."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from kb.namespaces import BASE

ALLOWED_SCHEMES = ("http", "https", "mailto")
"""RDF accepts `javascript:` IRIs; a page must not."""

_PASSAGE = re.compile(r"id/passage/(?P<doc>[a-z0-9-]+?)-(?P<start>\d+)-(?P<end>\d+)\Z")


def is_ours(iri: str) -> bool:
    """Tell whether an IRI lies under the base IRI of the knowledge base."""
    return iri.startswith(BASE)


def href(iri: str, lang: str) -> str | None:
    """Return the address to link an IRI to; None when its scheme is not allowed."""
    if is_ours(iri):
        return _page(iri.removeprefix(BASE), lang)
    try:
        scheme = urlsplit(iri).scheme.lower()
    except ValueError:
        return None
    return iri if scheme in ALLOWED_SCHEMES else None


def passage_anchor(document: str, start: str, end: str, lang: str) -> str:
    """Return the address of a passage on the reading page of its document."""
    slug = document.rsplit("/", 1)[-1]
    return f"/{lang}/document/{quote(slug)}#c{start}-{end}"


def _page(rest: str, lang: str) -> str:
    """Return the address of one of our own IRIs, given without its base."""
    if rest.startswith("id/"):
        rest = rest.partition("#")[0]
        passage = _PASSAGE.fullmatch(rest)
        if passage:
            return passage_anchor(passage["doc"], passage["start"], passage["end"], lang)
        return f"/{lang}/{quote(rest.removeprefix('id/'))}"
    if rest.startswith("voc/") or re.match(r"(ontology|shapes)(#|\Z)", rest):
        return f"/{lang}/{quote(rest, safe='/#')}"
    if rest == "dataset":
        return f"/{lang}/data"
    return f"/{quote(rest, safe='/#')}"
