"""The table of pages: for each address its template and the query files of its panels.

Adding a page is adding a line here, a template and the queries it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.namespaces import ID, LISTS, RECORD_TYPES, VOC

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@~-]*\Z")
_RECORD = ("record/facts", "record/evidence", "record/references", "record/uses")


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: its template, its panels, and the page above it."""

    template: str
    panels: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address asks for: a page, the name of its kind, and the IRI it is about, if any."""

    name: str
    page: Page
    iri: str = ""
    slug: str = ""


PAGES: dict[str, Page] = {
    "": Page("home", ("home/counts", "home/charter", "home/named", "home/narrated")),
    "principles": Page("principles", ("principles/tree",)),
    "proposals": Page("proposals", ("proposals/list",)),
    "actors": Page("actors", ("actors/list",)),
    "workshops": Page("workshops", ("workshops/list", "workshops/events")),
    "themes": Page("themes", ("themes/tree",)),
    "instruments": Page("instruments", ("instruments/list",)),
    "statements": Page("statements", ("statements/list",)),
    "glossary": Page("glossary", ("glossary/list",)),
    "documents": Page("documents", ("documents/list",)),
    "references": Page("references", ("references/list",)),
    "codings": Page("codings", ("codings/categories",), "principles"),
    "questions": Page("questions"),
    "ontology": Page(
        "ontology",
        ("ontology/header", "ontology/classes", "ontology/properties", "ontology/notes"),
    ),
    "voc": Page("lists", ("voc/lists",), "ontology"),
    "shapes": Page("shapes", (), "ontology"),
    "validation": Page("validation", (), "data"),
    "data": Page(
        "data",
        (
            "report/instruments-by-region",
            "report/instruments-by-force",
            "report/instruments-by-reading",
            "report/articulations-by-verification",
            "report/articulations-by-review",
            "report/agreement",
        ),
    ),
    "about": Page("about"),
    "limits": Page("limits"),
}

_STATEMENT = ("record/facts", "record/evidence", "record/references", "statement/neighbours")
_ACTOR = Page(
    "actor",
    (*_RECORD[:3], "actor/statements", "actor/memberships", "actor/mentions"),
    "actors",
)
_EVENT = Page(
    "workshop",
    (*_RECORD[:3], "workshop/aims", "workshop/proposals", "workshop/parts", "record/inferences"),
    "workshops",
)

RECORDS: dict[str, Page] = {
    "principle": Page(
        "principle",
        (
            *_RECORD[:3],
            "principle/neighbours",
            "principle/statements",
            "principle/proposals",
            "principle/articulations",
            "principle/mappings",
        ),
        "principles",
    ),
    "proposal": Page("statement", (*_STATEMENT, "proposal/realisations"), "proposals"),
    **dict.fromkeys(
        ("aim", "concern", "expectation", "statement"), Page("statement", _STATEMENT, "statements")
    ),
    **dict.fromkeys(
        ("person", "organisation", "state", "union", "geopolitical", "group", "category", "agent"),
        _ACTOR,
    ),
    "workshop": _EVENT,
    "event": _EVENT,
    "theme": Page(
        "theme",
        (*_RECORD[:3], "theme/neighbours", "theme/statements", "theme/events"),
        "themes",
    ),
    "instrument": Page(
        "instrument",
        (
            *_RECORD[:3],
            "instrument/timeline",
            "instrument/proposals",
            "instrument/articulations",
            "instrument/links",
        ),
        "instruments",
    ),
    "reading": Page(
        "reading", ("record/facts", "record/references", "reading/places"), "instruments"
    ),
    "document": Page(
        "document",
        (*_RECORD[:3], "document/passages", "document/quotations", "record/inferences"),
        "documents",
    ),
}
"""Record types with a page of their own design; all others share the generic record page."""

_PARENTS = {
    "glossary": "glossary",
    "passage": "documents",
    "quotation": "documents",
    "inference": "documents",
    "reference": "references",
    "coding": "codings",
    "code": "codings",
    "membership": "actors",
    "scheme": "voc",
}

_QUESTION = Page("question", (), "questions")
_LIST = Page("list", ("record/facts", "voc/values"), "voc")
_VALUE = Page("value", ("record/facts", "record/uses"), "voc")


def find_target(path: str) -> Target | None:
    """Return what an address below `/{lang}/` asks for; None when there is no such page."""
    if path in PAGES:
        return Target(path or "home", PAGES[path])
    first, *rest = path.split("/")
    if not rest or not all(_SLUG.match(part) for part in rest):
        return None
    if first == "voc" and rest[0] in LISTS and len(rest) <= 2:
        page = _LIST if len(rest) == 1 else _VALUE
        return Target(page.template, page, VOC + "/".join(rest), "/".join(rest))
    if len(rest) > 1:
        return None
    if first == "questions":
        return Target("question", _QUESTION, slug=rest[0])
    if first in RECORD_TYPES:
        page = RECORDS.get(first) or Page("record", _RECORD, _PARENTS.get(first, "instruments"))
        return Target(first, page, f"{ID}{first}/{rest[0]}", rest[0])
    return None


def all_pages() -> list[Page]:
    """Return every kind of page there is."""
    generic = Page("record", _RECORD)
    return [*PAGES.values(), *RECORDS.values(), generic, _QUESTION, _LIST, _VALUE]
