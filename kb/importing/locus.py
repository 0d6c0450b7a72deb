"""A place in a text, written in one normalised way, and the chain of units it stands for.

`KIND NUMBER(sub)(sub)`: `article 20(1)(a)`, `paragraph 9`, `point 1.8.1`, `article L224-42-1`,
`section XIII(1)`, `recital 68`, `preamble`, `preamble(2)`, `whole-document`, `article 9(§ 2)(IV)`,
`article 8(sole paragraph)`. A unit that has a title but no number is quoted: `section "Scope"`.
`§ 33` is written `article 33`. The kinds are those of `ontology/voc/locus-kind.ttl`; their slugs
and names stand in `locus_kinds.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from typing import Any

from kb.errors import KbError
from kb.namespaces import PREFIXES

_KINDS: dict[str, dict[str, Any]] = tomllib.loads(
    (files("kb.importing") / "locus_kinds.toml").read_text("utf-8")
)
KINDS = tuple(_KINDS)
"""The codes of the kinds of unit."""
WORDS: Mapping[str, str] = {
    word: kind for kind, about in _KINDS.items() for word in about.get("words", ())
}
"""The words that name a kind in pinpoints, whatever the document."""
_NUMBER = (
    r"[0-9A-Za-z]+[⁰¹²³⁴-⁹]*(?:[.-][0-9A-Za-z]+)*"
    r"(?: (?:bis|ter|quater|quinquies|sexies|septies|octies|nonies|decies))?"
)
_SOLE = "sole paragraph"
_PART = rf"(?:§ )?{_NUMBER}°?|{_SOLE}"
_LOCUS = re.compile(rf'([a-z]+(?:-[a-z]+)*)(?: ({_NUMBER}|"[^"()]+"))?((?:\((?:{_PART})\))*)')
_SUB = re.compile(rf"\(({_PART})\)")
_COUNTS = re.compile(r".*[0-9].*|[IVXLCDM]+|[ivxlcdm]+|[A-Za-z]{1,2}|\".*")
"""What may stand for a number: not any word, so that a name is not taken for one."""
_SOLE_PARAGRAPH = {"en": ", sole paragraph", "fr": ", paragraphe unique"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SMALL = re.compile(r"[a-z]+")
_HAS_NUMBERED_PARAGRAPHS = ("article", "preamble")


class LocusError(KbError):
    """A locus that is not written in the normalised way; says how to write it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a text: what it is, its number, and how it is called counted from the outermost.

    `number` is the unit's own, as the text prints it: its title where it has no number, nothing for
    a preamble; `slug` and `labels` (en, fr) hold the whole way to it: `art-20-1`, “Article 20(1)”,
    « article 20, paragraphe 1 ».
    """

    kind: str
    number: str
    slug: str
    labels: Mapping[str, str] = field(hash=False)


def parse_locus(text: str) -> tuple[Unit, ...]:
    """Return the units of a normalised locus, outermost first; LocusError when it is not one."""
    found = _LOCUS.fullmatch(text)
    if not found or found[1] not in _KINDS:
        known = ", ".join(_KINDS)
        raise LocusError(
            f"“{text}” is no locus — write KIND NUMBER(sub), KIND being one of {known}"
        )
    kind, number, subs = found[1], found[2] or "", _SUB.findall(found[3])
    _check_number(kind, number, subs)
    units = [_outermost(kind, number)]
    for sub in subs:
        units.append(_below(units, sub))
    return tuple(units)


def provision_iri(instrument: str, unit: Unit, since: date | str | None = None) -> str:
    """Return the IRI of a unit of an instrument (its slug), in its version since a date if given.

    The date is a day, or YYYY-MM or YYYY where no more is known.
    """
    version = f"@{since}" if since else ""
    return f"{PREFIXES['provision']}{instrument}-{unit.slug}{version}"


def _check_number(kind: str, number: str, subs: list[str]) -> None:
    """Raise LocusError for a number where there can be none, or none where one is needed."""
    numbers = [sub.removeprefix("§ ") for sub in subs if sub != _SOLE]
    if any(not _COUNTS.fullmatch(each) for each in (number or "1", *numbers)):
        raise LocusError(f'“{number}” is no number — write {kind} 1, or {kind} "its title"')
    if number and not _KINDS[kind]["numbered"]:
        raise LocusError(f"“{kind}” takes no number — write {kind}, or {kind}(1) for a part of it")
    if kind == "whole-document" and subs:
        raise LocusError("a whole document has no parts — name the unit instead")
    if not number and _KINDS[kind]["numbered"] and kind != "annex":
        raise LocusError(f'“{kind}” lacks its number — write {kind} 1, or {kind} "its title"')


def _outermost(kind: str, number: str) -> Unit:
    """Return the unit a locus begins with."""
    words = _KINDS[kind]
    if not number:
        return Unit(kind, "", words["slug"], {lang: words[lang] for lang in ("en", "fr")})
    if number.startswith('"'):
        title = number.strip('"')
        labels = {"en": f"{words['en']} “{title}”", "fr": f"{words['fr']} « {title} »"}
        return Unit(kind, title, f"{words['slug']}-{_slug(title)}", labels)
    french = words.get("first", number) if number == "1" else number
    labels = {"en": f"{words['en']} {number}", "fr": f"{words['fr']} {french}"}
    return Unit(kind, number, f"{words['slug']}-{_slug(number)}", labels)


def _below(above: list[Unit], number: str) -> Unit:
    """Return the unit of that number within those above it.

    Digits directly below an article, or in a preamble, count paragraphs; all else counts points.
    """
    parent = above[-1]
    if number == _SOLE:
        labels = {lang: parent.labels[lang] + _SOLE_PARAGRAPH[lang] for lang in parent.labels}
        return Unit("paragraph", "sole", f"{parent.slug}-sole", labels)
    if number.startswith("§ "):
        number, parent = number.removeprefix("§ "), replace(parent, kind="article")
    is_paragraph = number.isdigit() and parent.kind in _HAS_NUMBERED_PARAGRAPHS
    kind = "paragraph" if is_paragraph else "point"
    # French closes a small letter: point a), but point 1, point III; and 1° says all by itself.
    mark = ")" if _SMALL.fullmatch(number) else ""
    shown = number if number.endswith("°") else f"{_KINDS[kind]['fr']} {number}{mark}"
    labels = {
        "en": f"{parent.labels['en']}({number})",
        "fr": f"{parent.labels['fr']}, {shown}",
    }
    return Unit(kind, number, f"{parent.slug}-{_slug(number)}", labels)


def _slug(text: str) -> str:
    """Return a number or title as part of an identifier; LocusError when nothing is left of it."""
    # § 3¹ is not § 31.
    text = re.sub("[⁰¹²³⁴-⁹]+", lambda raised: "sup" + raised[0].translate(_RAISED), text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if not slug:
        raise LocusError(f"no identifier can be made of “{text}” — use Latin letters or digits")
    return slug
