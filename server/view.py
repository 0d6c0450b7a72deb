"""What templates ask for: labels, addresses and literals in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from markupsafe import Markup

from kb import Labels, Row
from kb.namespaces import DRC, ID, PREFIXES, expand, shorten
from kb.query import Term
from server import i18n, links

_XSD = PREFIXES["xsd"]
_PASSAGE = re.compile(re.escape(ID) + r"passage/.+-(\d+)-(\d+)\Z")


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as a page shows it: text, its language if any, a link if allowed, and what it is.

    `fallback` is set when the text is not in the language of the page, `external` when the link
    leaves the site, `datetime` for dates, `code` for bare identifiers.
    """

    text: str
    lang: str = ""
    href: str | None = None
    external: bool = False
    fallback: bool = False
    datetime: str = ""
    code: bool = False


class View:
    """The page’s language and labels; every method returns what a template can print."""

    def __init__(
        self, lang: str, labels: Labels, outside: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Take the language, the labels of the base, and names of concepts outside it."""
        self.lang = lang
        self.labels = labels
        self.outside = outside or {}

    def t(self, key: str, **values: object) -> Markup:
        """Return an interface string."""
        return i18n.translate(self.lang, key, **values)

    def n(self, key: str, count: int) -> Markup:
        """Return a counted interface string."""
        return i18n.plural(self.lang, key, count)

    def number(self, value: int | Term) -> str:
        """Return a number as the language writes it."""
        return i18n.number(value if isinstance(value, int) else int(value.value), self.lang)

    def percent(self, part: int, whole: int) -> str:
        """Return a share in percent."""
        return i18n.percent(part, whole, self.lang)

    def name(self, term: Term | str) -> Shown:
        """Return the label of a resource, without a link."""
        iri = term if isinstance(term, str) else term.value
        passage = _PASSAGE.match(iri)
        if passage and iri not in self.labels:
            return Shown(str(self.t("passage.name", start=passage[1], end=passage[2])), self.lang)
        if iri not in self.labels and f"term.{shorten(iri)}" in i18n.strings(self.lang):
            return Shown(i18n.strings(self.lang)[f"term.{shorten(iri)}"], self.lang)
        if iri not in self.labels and iri in self.outside:
            texts = self.outside[iri]
            lang = self.lang if self.lang in texts else next(iter(texts))
            return Shown(i18n.typographic(texts[lang], lang), lang, fallback=lang != self.lang)
        label = self.labels.label(iri, self.lang)
        text = i18n.typographic(label.text, label.lang)
        fallback = bool(label.lang) and label.lang != self.lang
        return Shown(text, label.lang, fallback=fallback, code=not label.lang)

    def link(self, term: Term | str) -> Shown:
        """Return the label of a resource with the address it leads to."""
        iri = term if isinstance(term, str) else term.value
        shown = self.name(iri)
        address = links.href(iri, self.lang)
        return Shown(
            shown.text,
            shown.lang,
            address,
            external=bool(address) and not links.is_ours(iri),
            fallback=shown.fallback,
            code=shown.code,
        )

    def show(self, term: Term) -> Shown:
        """Return any term as a page shows it."""
        if isinstance(term, ox.NamedNode):
            return self.link(term)
        if isinstance(term, ox.BlankNode):
            return Shown(f"_:{term.value}", code=True)
        return self.literal(term)

    def literal(self, term: ox.Literal) -> Shown:
        """Return a literal: dates in words, numbers grouped, texts marked with their language."""
        datatype = term.datatype.value
        if term.language:
            text = i18n.typographic(term.value, term.language)
            return Shown(text, term.language, fallback=term.language != self.lang)
        if datatype == _XSD + "date":
            return Shown(i18n.date(term.value, self.lang), datetime=term.value)
        if datatype == _XSD + "integer":
            return Shown(i18n.number(int(term.value), self.lang))
        if datatype == _XSD + "boolean":
            return Shown(str(self.t("value.true" if term.value == "true" else "value.false")))
        if datatype == _XSD + "anyURI":
            address = links.href(term.value, self.lang)
            return Shown(term.value, href=address, external=bool(address), code=True)
        return Shown(term.value)

    def choose(self, terms: Iterable[Term | None]) -> ox.Literal | None:
        """Return the text in the page’s language, else fr, en, any; None when there is none."""
        texts = [term for term in terms if isinstance(term, ox.Literal)]
        order = (self.lang, *i18n.LANGUAGES)
        by_language = {term.language or "": term for term in reversed(texts)}
        chosen = next((by_language[lang] for lang in order if lang in by_language), None)
        return chosen or next(iter(texts), None)

    def texts(self, terms: Iterable[Term]) -> list[ox.Literal]:
        """Return the texts in the page’s language; all of them when it has none."""
        literals = [term for term in terms if isinstance(term, ox.Literal)]
        own = [term for term in literals if term.language == self.lang]
        return sorted(own or literals, key=lambda term: i18n.collation_key(term.value))

    def by_name(self, terms: Iterable[Term]) -> list[Term]:
        """Return resources in the alphabetical order of their labels."""
        return sorted(terms, key=lambda term: i18n.collation_key(self.name(term).text))

    def rows_by_name(self, rows: Iterable[Row], column: str) -> list[Row]:
        """Return rows in the alphabetical order of the labels of one column."""
        return sorted(rows, key=lambda row: i18n.collation_key(self.name(row[column]).text))

    def passage_url(self, row: Row) -> str:
        """Return where a row’s passage stands on the reading page."""
        start, end = row["start"].value, row["end"].value
        return links.passage_anchor(row["document"].value, start, end, self.lang)

    def page_url(self, iri: str) -> str:
        """Return the address of a CURIE or IRI of ours."""
        return links.href(expand(iri), self.lang) or ""

    def code(self, iri: str) -> str:
        """Return the short form of an IRI."""
        return shorten(iri)

    def local(self, iri: str) -> str:
        """Return the local name of an IRI, as used for anchors."""
        return iri.removeprefix(DRC).rsplit("#", 1)[-1].rsplit("/", 1)[-1]
