"""Interface strings in French and English, and the habits of each language: marks, dates, order.

Every visible word of the interface stands in `strings/{en,fr}.toml`; nothing is glued from parts.
"""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

LANGUAGES = ("fr", "en")
"""The languages of the interface, in the order in which one stands in for the other."""

_NARROW, _WIDE = "\u202f", "\u00a0"
_BEFORE_COLON = re.compile(r" (?=[:»])|(?<=«) ")
_BEFORE_HIGH = re.compile(r" (?=[;?!])")
_WORD = re.compile(r"[^\W_]+")


@cache
def strings(lang: str) -> Mapping[str, str]:
    """Return the interface strings of a language by dotted key; KeyError if it has none."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    text = (files("server") / "strings" / f"{lang}.toml").read_text(encoding="utf-8")
    return {key: typographic(value, lang) for key, value in _flatten(tomllib.loads(text))}


def translate(lang: str, key: str, **values: object) -> Markup:
    """Return an interface string as safe HTML, its `{places}` filled and escaped; KeyError."""
    return escape(strings(lang)[key]).format(**values)


def plural(lang: str, key: str, count: int, **values: object) -> Markup:
    """Return the form of a counted string (`key.one`, `key.other`) that the language wants."""
    form = Locale.parse(lang).plural_form(count)
    known = strings(lang)
    chosen = f"{key}.{form}" if f"{key}.{form}" in known else f"{key}.other"
    return translate(lang, chosen, count=number(count, lang), **values)


def typographic(text: str, lang: str) -> str:
    """Return our own French text with the no-break spaces it wants; other languages unchanged.

    Never for exact quotations: those keep the spaces of their source.
    """
    if lang != "fr":
        return text
    return _BEFORE_HIGH.sub(_NARROW, _BEFORE_COLON.sub(_WIDE, text))


def collation_key(text: str) -> tuple[str, str]:
    """Return a dictionary sort key: letters first, accents and case only to break ties.

    É sorts with E, œ as oe; blanks, hyphens, apostrophes and quotation marks do not count.
    """
    spelled = text.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("Æ", "Ae")
    decomposed = unicodedata.normalize("NFKD", spelled)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    return (" ".join(_WORD.findall(bare)), text)


def number(value: int, lang: str) -> str:
    """Return a whole number as the language writes it."""
    return str(format_decimal(value, locale=lang))


def percent(part: int, whole: int, lang: str) -> str:
    """Return a share in whole percent; zero of nothing is zero."""
    share = round(100 * part / whole) if whole else 0
    return f"{share}{_WIDE}%" if lang == "fr" else f"{share}%"


def date(value: str, lang: str) -> str:
    """Return an ISO date in words; a text that is no date is returned as it is."""
    try:
        day = datetime.date.fromisoformat(value)
    except ValueError:
        return value
    written = str(format_date(day, format="long", locale="en_GB" if lang == "en" else lang))
    # French counts the first day of a month, and only that one.
    return re.sub(r"\A1 ", "1er ", written) if lang == "fr" else written


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Return the leaves of nested tables as (dotted key, text)."""
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            found.extend(_flatten(value, f"{prefix}{key}."))
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
