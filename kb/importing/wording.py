"""The words of imported records and of what is said about them, out of `words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from kb.importing.locus import Unit, parse_locus
from kb.importing.ranges import draw_together

LANGUAGES = ("en", "fr")
Texts = Mapping[str, str]
"""One text for each language."""


def both(name: str, **values: str | int | Texts) -> dict[str, str]:
    """Return a text in each language, filled in; a value may differ from one to the other."""
    return {lang: say(name, lang, **values) for lang in LANGUAGES}


def say(name: str, lang: str, **values: str | int | Texts) -> str:
    """Return a text in one language, filled in."""
    chosen = {k: v if isinstance(v, str | int) else v[lang] for k, v in values.items()}
    return str(_words()[name][lang]).format(**chosen)


def in_sentence(label: Texts) -> dict[str, str]:
    """Return a label as it stands within a sentence: small first letter, but for proper names."""
    return {lang: _small(label[lang], _words()["capitals"][lang]) for lang in LANGUAGES}


def name_places(loci: Sequence[str], unit: str) -> dict[str, str]:
    """Return the places of a finding in short: bare numbers for the document's own unit."""
    return {
        lang: ", ".join(draw_together([_place(parse_locus(locus), unit, lang) for locus in loci]))
        for lang in LANGUAGES
    }


def nearest(text: str, names: Sequence[str]) -> dict[str, str]:
    """Return the words that point to the names nearest to a text; nothing if none is near."""
    close = get_close_matches(text, names, n=3, cutoff=0.6)
    return both("nearest", names=", ".join(close)) if close else dict.fromkeys(LANGUAGES, "")


def _place(units: tuple[Unit, ...], unit: str, lang: str) -> str:
    """Return one place in short, in one language."""
    if units[0].kind != unit or not units[0].number:
        label = units[-1].labels[lang]
        return label[0].lower() + label[1:]
    return units[0].number + "".join(f"({each.number})" for each in units[1:])


def _small(text: str, capitals: Sequence[str]) -> str:
    """Return a text with a small first letter, unless its first word is one of these."""
    first = text.split(" ", 1)[0].split("’", 1)[-1]
    keeps = first in capitals or text[1:2].isupper()
    return text if keeps else text[:1].lower() + text[1:]


@cache
def _words() -> dict[str, dict[str, Any]]:
    """Return the texts by name and language."""
    return tomllib.loads((files("kb.importing") / "words.toml").read_text("utf-8"))
