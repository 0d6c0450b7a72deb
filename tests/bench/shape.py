"""What a dump is made of: its common records, how they are named, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.namespaces import PREFIXES

STATES = 40
THEMES = 24
CATEGORIES = 14
TYPES = ("charter", "regulation", "directive", "declaration", "convention", "recommendation")
STATUSES = ("proposed", "adopted", "in-force", "amended", "superseded", "repealed")
MODALITIES = ("right", "duty", "liberty", "prohibition", "objective", "guarantee")
STRENGTHS = ("full", "conditional", "partial", "indirect")
FORCES = ("binding", "soft-law", "political", "self-regulatory")
LINKS = ("cites", "implements", "based-on", "amends", "inspired-by")
PLACES = ("article", "article", "article", "paragraph", "principle", "recital")

_STRIDE = 31
"""A prime that no number of principles is a multiple of, so that each has one rank."""

Pair = tuple[str, str]


@cache
def words() -> tuple[Pair, ...]:
    """Return the English and French words that labels are made of."""
    lines = Path(__file__).with_name("words.tsv").read_text(encoding="utf-8").splitlines()
    return tuple((en, fr) for en, fr in (line.split("\t") for line in lines))


@dataclass(frozen=True, slots=True)
class Shape:
    """How many common records a dump of a size has."""

    seed: int
    principles: int
    actors: int

    @classmethod
    def of(cls, triples: int, seed: int) -> Shape:
        """Return the shape of a size: principles grow slowly with it, actors faster."""
        scale = triples / 10_000
        principles = int(60 * scale**0.37)
        return cls(seed, principles + (principles % _STRIDE == 0), int(12 * scale**0.6))


def iri(kind: str, slug: str) -> str:
    """Return the IRI of a record, in angle brackets."""
    return f"<{PREFIXES[kind]}{slug}>"


def principle_of_rank(shape: Shape, rank: int) -> str:
    """Return the principle of a rank in frequency (0: the most frequent)."""
    # Spread over the hierarchy, so that neither the top nor the leaves have all the frequent ones.
    return principle((rank * _STRIDE + 17) % shape.principles)


def principle(number: int) -> str:
    """Return the IRI of a principle."""
    return iri("principle", f"{words()[number % len(words())][0]}-{number}")


def instrument_iri(number: int) -> str:
    """Return the IRI of an instrument."""
    return iri("instrument", f"{TYPES[number % len(TYPES)]}-{number:06}")
