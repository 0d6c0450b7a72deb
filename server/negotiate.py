"""Content negotiation (RFC 9110 §12): which media type, which language. Werkzeug does the parsing.

Parameters of media ranges are passed over: each of our types comes in one variant only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.sansio.request import Request

from kb.engine import FORMATS, GRAPH_FORMATS, Format, Kind
from kb.query import LANGUAGES
from server.refusal import Refusal

HTML = "text/html"
HTML_TYPES = (HTML, "application/xhtml+xml")

_ALIASES = {
    "application/sparql-results+json": ("application/json",),
    "application/sparql-results+xml": ("application/xml", "text/xml"),
    "application/n-triples": ("text/plain",),
    "application/rdf+xml": ("application/xml", "text/xml"),
    "application/ld+json": ("application/json",),
}
"""Other names under which a format is asked for, and then labelled."""

_SHORT_NAMES = {
    "json": ("srj", "jsonld"),
    "xml": ("srx", "rdf"),
    "turtle": ("ttl",),
    "n3": ("ttl",),
    "ntriples": ("nt",),
    "rdfxml": ("rdf",),
    "rdf+xml": ("rdf",),
    "json-ld": ("jsonld",),
    **{form.suffix: (form.suffix,) for kind in FORMATS.values() for form in kind},
}
"""Name after `?format=` → suffixes of the formats it may mean, by kind of answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A format, and the media type it goes by in this answer."""

    format: Format
    media_type: str

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types say their encoding, CSV its heading (RFC 7111)."""
        if self.media_type == "text/csv":
            return "text/csv; charset=utf-8; header=present"
        is_text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if is_text else self.media_type


def accepted(request: Request) -> MIMEAccept:
    """Return the media ranges of a request without their parameters; none given means any."""
    ranges = [(item.split(";", 1)[0].strip(), q) for item, q in request.accept_mimetypes]
    return MIMEAccept(ranges or [("*/*", 1)])


def best(request: Request, offers: Sequence[str]) -> str | None:
    """Return the offer a request likes best, the first among equals; nothing when none will do."""
    return accepted(request).best_match(offers)


def wants_html(request: Request, machine: Sequence[str]) -> bool:
    """Tell whether a request likes HTML better than every machine format."""
    return best(request, (*machine, *HTML_TYPES)) in HTML_TYPES


def language(request: Request, default: str = LANGUAGES[0]) -> str:
    """Return the site's language for a request: of its path, its `lang` parameter, its header.

    Only primary tags count: fr-CA before en must give French, though only en matches to the letter.
    """
    for asked in (request.path.split("/", 2)[1], request.args.get("lang", "")):
        if asked in LANGUAGES:
            return asked
    primary = [(tag.split("-", 1)[0], q) for tag, q in request.accept_languages]
    return LanguageAccept(primary).best_match(LANGUAGES) or default


def choose(request: Request, kind: Kind, short_name: str | None = None) -> Choice:
    """Return the result format for a kind of answer; Refusal when none is acceptable."""
    formats = FORMATS[kind]
    if short_name:
        return _named(short_name, kind)
    by_type = formats_by_type(kind)
    media_type = best(request, list(by_type))
    if media_type is None:
        raise not_acceptable([form.media_type for form in formats])
    return Choice(by_type[media_type], media_type)


def formats_by_type(kind: Kind) -> dict[str, Format]:
    """Return the formats of a kind of answer by every media type they are asked for under."""
    formats = FORMATS[kind]
    by_type = {form.media_type: form for form in formats}
    for form in formats:
        for alias in _ALIASES.get(form.media_type, ()):
            by_type.setdefault(alias, form)
    return by_type


def check_short_name(name: str) -> None:
    """Raise Refusal when no format goes by a name, whatever the answer may turn out to hold."""
    if name != "html" and name.lower() not in _SHORT_NAMES:
        raise Refusal("unknown-format", format=name, known=sorted([*_SHORT_NAMES, "html"]))


def choose_rdf(request: Request) -> Choice:
    """Return the RDF format for a description; Refusal when none is acceptable."""
    return choose(request, "graph")


def rdf_types() -> list[str]:
    """Return the media types of descriptions, in the order in which they are offered."""
    return [form.media_type for form in GRAPH_FORMATS]


def not_acceptable(available: Sequence[str]) -> Refusal:
    """Return the refusal that lists what there is (RFC 9110 §15.5.7)."""
    return Refusal("not-acceptable", available=list(available))


def _named(name: str, kind: Kind) -> Choice:
    """Return the format that a short name means for a kind of answer."""
    check_short_name(name)
    suffixes = _SHORT_NAMES.get(name.lower(), ())
    for form in FORMATS[kind]:
        if form.suffix in suffixes:
            return Choice(form, form.media_type)
    raise not_acceptable([form.media_type for form in FORMATS[kind]])
