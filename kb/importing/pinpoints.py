"""The pinpoints researchers write in a cell, read into normalised loci (`kb.importing.locus`).

`9`, `a3`, `24(III, IV)`, `7(VIII) 11`, `24-28`, `6a-f`, `1.8.1`, `15b`, `6eiii`, `para. 9`,
`preamble (1)`, `scope sec.`, `[nature of law]`. What a bare number counts, and what a prefix such
as `p` stands for, only the document can tell: that is given, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product
from math import prod

from kb.errors import KbError
from kb.importing.dates import looks_like_date
from kb.importing.locus import WORDS, LocusError, parse_locus
from kb.importing.ranges import MOST, RangeError, expand

_WHOLE = re.compile(r"\[nature of [^][]+\]", re.IGNORECASE)
_PREAMBLE = re.compile(r"pr[eé]amb(?:le|ule)(?: ?\(([^()]*)\))?", re.IGNORECASE)
_TITLED = re.compile(r"([A-Za-z]+) (?:sec\.|section(?! ?\w))")
_CODE = re.compile(r"(?:art(?:icle|\.)? ?)?([LRDA])\.? ?(\d+(?:-\d+)+)")
_UNIT = re.compile(
    r"(?:(?P<word>§|[^\W\d_]+)(?P<mark>\.? ?)(?=\d)|(?P<name>[^\W\d_]{3,})(?:\. ?| ))?"
    r"(?P<number>\d+(?:\.\d+)*(?P<suffix>[a-z]{0,6})(?!\w)|[IVXLC]+(?!\w))"
    r"(?P<subs>(?: ?\([^()]+\))*)"
    r"(?P<end> ?[-–] ?(?:\d+(?:\.\d+)*[a-z]?|[a-z])(?!\w))?"
)
_SEPARATOR = re.compile(r" ?[,;] ?| (?:and|et|&) | ")
_LONGEST = 500
"""Characters; what is longer is a paragraph of text in the wrong column."""
_SUB = re.compile(r"\(([^()]+)\)")
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")


class PinpointError(KbError):
    """A pinpoint that cannot be read; `reason` is a key of the texts of problems."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: {part}")
        self.reason = reason
        self.part = part


@dataclass(frozen=True, slots=True)
class Conventions:
    """How the pinpoints of one document are to be taken.

    `unit` is what a bare number counts; `prefixes` are those of this document, by prefix;
    `readings` give the locus of a part of a pinpoint that has a sense of its own.
    """

    unit: str
    prefixes: Mapping[str, str] = field(default_factory=dict, hash=False)
    readings: Mapping[str, str] = field(default_factory=dict, hash=False)


def parse_pinpoint(text: str, conventions: Conventions) -> tuple[str, ...]:
    """Return the loci named in a cell, in its order; PinpointError when a part cannot be read."""
    text = " ".join(text.split())
    if not text:
        raise PinpointError("pinpoint-empty", "")
    if len(text) > _LONGEST:
        raise PinpointError("pinpoint-unreadable", f"{text[:40]}…")
    if text not in conventions.readings and looks_like_date(text):
        raise PinpointError("pinpoint-date", text)
    loci = list(chain.from_iterable(_parts(text, conventions)))
    for locus in loci:
        try:
            parse_locus(locus)
        except LocusError as error:
            raise PinpointError("pinpoint-unreadable", locus) from error
    if twice := [locus for i, locus in enumerate(loci) if locus in loci[:i]]:
        raise PinpointError("pinpoint-twice", twice[0])
    return tuple(loci)


def _parts(text: str, conventions: Conventions) -> Iterator[list[str]]:
    """Yield the loci of each part of a pinpoint; PinpointError where one cannot be read."""
    position, spelt, gap = 0, "", ","
    before: str | None = ""
    while True:
        loci, end, prefix = _part(text, position, conventions)
        if gap == " " and (before is not None or prefix is not None):
            # “art. 5 para. 2” is one place, and not two.
            raise PinpointError("pinpoint-unreadable", text[position:end])
        if prefix is None and spelt not in ("", conventions.unit):
            # In “art. 5, 6” of a text of principles, 6 may be either.
            raise PinpointError("pinpoint-ambiguous", text[position:end])
        spelt, before = spelt if prefix is None else prefix, prefix
        yield loci
        if end == len(text):
            return
        separator = _SEPARATOR.match(text, end)
        if not separator or separator.end() == len(text):
            raise PinpointError("pinpoint-unreadable", text[position:])
        position, gap = separator.end(), separator[0]


def _part(text: str, start: int, conventions: Conventions) -> tuple[list[str], int, str | None]:
    """Return the loci that begin at a place, where they end, and the kind a prefix spelt out.

    The kind is None for a bare number, and empty where what follows cannot depend on it.
    """
    for reading in sorted(conventions.readings, key=len, reverse=True):
        end = start + len(reading)
        if text.startswith(reading, start) and (end == len(text) or text[end] in " ,;"):
            return [conventions.readings[reading]], end, ""
    if found := _WHOLE.match(text, start):
        return ["whole-document"], found.end(), ""
    if found := _PREAMBLE.match(text, start):
        subs = _list(found[1]) if found[1] else [""]
        return [f"preamble({sub})" if sub else "preamble" for sub in subs], found.end(), ""
    if found := _TITLED.match(text, start):
        return [f'section "{found[1].capitalize()}"'], found.end(), ""
    if conventions.unit == "article" and (found := _CODE.match(text, start)):
        return [f"article {found[1]}{found[2]}"], found.end(), ""
    found = _UNIT.match(text, start)
    if not found:
        raise PinpointError("pinpoint-unreadable", text[start:])
    kind, spelt = _kind(found, conventions)
    return [f"{kind} {number}" for number in _numbers(found)], found.end(), spelt


def _kind(found: re.Match[str], conventions: Conventions) -> tuple[str, str | None]:
    """Return the kind of a unit, and the kind again if a prefix set apart from it spells it out."""
    prefix = found["word"] or found["name"]
    if not prefix:
        return conventions.unit, None
    known = {**WORDS, **conventions.prefixes}
    kind = known.get(prefix) or known.get(prefix.lower())
    if kind is None:
        raise PinpointError("pinpoint-prefix", prefix)
    is_apart = bool(found["name"] or found["mark"])
    return kind, kind if is_apart else ""


def _numbers(found: re.Match[str]) -> list[str]:
    """Return the numbers, with their sub-items, that one match names."""
    number, subs = found["number"], [_list(sub) for sub in _SUB.findall(found["subs"])]
    suffix = found["suffix"] or ""
    bare = number.removesuffix(suffix)
    if end := (found["end"] or "").strip(" -–"):
        if subs or len(suffix) > 1:
            raise PinpointError("pinpoint-unreadable", found[0])
        return _range(bare, suffix, end)
    levels = [*([letter] for letter in _suffix(suffix)), *subs]
    if prod(map(len, levels)) > MOST:
        raise PinpointError("pinpoint-range", found[0])
    return [bare + "".join(f"({sub})" for sub in way) for way in product(*levels)]


def _suffix(suffix: str) -> list[str]:
    """Return the sub-items written right behind a number: b; ii; e and iii of “6eiii”."""
    if len(suffix) < 2 or _ROMAN.fullmatch(suffix):
        return [suffix] if suffix else []
    if _ROMAN.fullmatch(suffix[1:]):
        return [suffix[0], suffix[1:]]
    raise PinpointError("pinpoint-unreadable", suffix)


def _range(number: str, letter: str, end: str) -> list[str]:
    """Return the numbers of a range: 24-28, 1.1-1.4, 6a-f, 6a-6f."""
    try:
        if letter:
            return [f"{number}({each})" for each in expand(letter, end.removeprefix(number))]
        head, _, last = number.rpartition(".")
        other, _, final = end.rpartition(".")
        if head != other:
            raise RangeError
        return [f"{head}.{each}" if head else each for each in expand(last, final)]
    except RangeError as error:
        raise PinpointError("pinpoint-range", f"{number}{letter}-{end}") from error


def _list(text: str) -> list[str]:
    """Return the sub-items of a list in brackets, ranges spelt out."""
    subs: list[str] = []
    for part in _SEPARATOR.split(text.strip()):
        first, dash, last = (end.strip() for end in part.replace("–", "-").partition("-"))
        try:
            subs += expand(first, last) if dash else [first]
        except RangeError as error:
            raise PinpointError("pinpoint-range", part) from error
    return subs
