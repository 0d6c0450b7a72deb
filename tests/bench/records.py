"""What the generator writes: common records first, then one instrument after the other."""

from __future__ import annotations

import random
from bisect import bisect
from itertools import accumulate

from kb.namespaces import BASE, GRAPH, PREFIXES
from tests.bench.shape import (
    CATEGORIES,
    FORCES,
    LINKS,
    MODALITIES,
    PLACES,
    STATES,
    STATUSES,
    STRENGTHS,
    THEMES,
    TYPES,
    Pair,
    Shape,
    instrument_iri,
    iri,
    principle,
    principle_of_rank,
    words,
)


def _p(prefix: str, name: str) -> str:
    return f"<{PREFIXES[prefix]}{name}>"


_A = _p("rdf", "type")
_LABEL = _p("rdfs", "label")
_PREF = _p("skos", "prefLabel")
_DATE = f"^^{_p('xsd', 'date')}"
_GRAPH_END = "> .\n"


class _Terms(dict[str, str]):
    """The terms of the ontology, written once each."""

    def __missing__(self, name: str) -> str:
        self[name] = _p("drc", name)
        return self[name]


_DRC = _Terms()
_NUMBER = _p("eli", "number")
_CITATION = _p("dcterms", "bibliographicCitation")
_EDITORS = iri("agent", "editors")
_DERIVED = f"<{GRAPH}derived{_GRAPH_END}"


def _lines(subject: str, pairs: list[Pair], graph: str) -> str:
    return "".join([f"{subject} {name} {value} {graph}" for name, value in pairs])


def commons(shape: Shape) -> tuple[str, int]:
    """Return the principles, themes, states, categories and actors, and their number of triples."""
    graph = f"<{GRAPH}commons{_GRAPH_END}"
    pieces, count = [], 0
    for subject, pairs in _common_records(shape):
        pieces.append(_lines(subject, pairs, graph))
        count += len(pairs)
    return "".join(pieces), count


def _common_records(shape: Shape) -> list[tuple[str, list[Pair]]]:
    records = []
    for number in range(shape.principles):
        pairs = [(_A, _DRC["Principle"]), *_labels(_PREF, number, "Right to", "Droit à")]
        pairs.append((_p("skos", "inScheme"), iri("scheme", "principles")))
        if number >= 4:
            pairs.append((_p("skos", "broader"), principle(number // 4 - 1)))
        records.append((principle(number), pairs))
    for kind, type_, count in (
        ("theme", "Theme", THEMES),
        ("state", "State", STATES),
        ("category", "ActorCategory", CATEGORIES),
        ("organisation", "Organisation", shape.actors),
    ):
        name = _PREF if kind in ("theme", "category") else _LABEL
        for number in range(count):
            pairs = [(_A, _DRC[type_]), *_labels(name, number, type_, type_)]
            records.append((iri(kind, str(number)), pairs))
    return records


def _labels(name: str, number: int, en: str, fr: str) -> list[Pair]:
    english, french = words()[number % len(words())]
    return [(name, f'"{en} {english} {number}"@en'), (name, f'"{fr} {french} {number}"@fr')]


class Writer:
    """Draws for one dump: the random numbers and the frequencies of its principles."""

    def __init__(self, shape: Shape) -> None:
        """Start from the seed of the shape."""
        self.shape = shape
        self.random = random.Random(shape.seed)
        weights = accumulate(1 / (rank + 1) ** 0.9 for rank in range(shape.principles))
        self._weights = list(weights)
        self._principles = [principle_of_rank(shape, rank) for rank in range(shape.principles)]

    def below(self, count: int) -> int:
        """Return a number from 0 to count - 1."""
        return int(self.random.random() * count)

    def one(self, values: tuple[str, ...]) -> str:
        """Return one of some values."""
        return values[int(self.random.random() * len(values))]

    def chance(self, share: float) -> bool:
        """Return true in this share of cases."""
        return self.random.random() < share

    def principle(self) -> str:
        """Return a principle, after its frequency."""
        return self._principles[bisect(self._weights, self.random.random() * self._weights[-1])]

    def word(self) -> Pair:
        """Return an English and a French word."""
        all_words = words()
        return all_words[int(self.random.random() * len(all_words))]


def instrument(writer: Writer, number: int) -> tuple[str, int]:
    """Return an instrument with all that hangs on it, and its number of triples."""
    self_iri = instrument_iri(number)
    slug = self_iri.rpartition("/")[2][:-1]
    graph = f"<{BASE}graph/instruments/{slug}{_GRAPH_END}"
    derived: dict[tuple[str, str, str], None] = {}
    records = [(self_iri, _head(writer, number, slug)), *_periods(writer, slug)]
    for place in range(1, 5 + writer.below(12)):
        records += _provision(writer, self_iri, f"{slug}-{place}", derived)
    if number:
        records += [_link(writer, number, slug, turn) for turn in range(writer.below(4))]
    records.append(_reference(slug))
    for subject, pairs in records:
        if subject == self_iri:
            pairs += _periods_of(records)
    count = sum(len(pairs) for _, pairs in records) + len(derived)
    text = "".join([_lines(subject, pairs, graph) for subject, pairs in records])
    return text + "".join([f"{s} {p} {o} {_DERIVED}" for s, p, o in derived]), count


def _periods_of(records: list[tuple[str, list[Pair]]]) -> list[Pair]:
    period = (_A, _DRC["StatusPeriod"])
    return [(_DRC["hasStatusPeriod"], subject) for subject, pairs in records if period in pairs]


def _head(writer: Writer, number: int, slug: str) -> list[Pair]:
    (en, fr), (en2, fr2) = writer.word(), writer.word()
    kind = TYPES[number % len(TYPES)]
    pairs = [
        (_A, _DRC["Charter" if kind == "charter" else "Instrument"]),
        (_LABEL, f'"{kind.capitalize()} {number} on {en} and {en2}"@en'),
        (_DRC["instrumentType"], iri("instrument-type", kind)),
        (_DRC["normativeForce"], iri("normative-force", writer.one(FORCES))),
        (_DRC["inJurisdiction"], iri("state", str(writer.below(STATES)))),
        (_DRC["adoptedBy"], iri("organisation", str(writer.below(writer.shape.actors)))),
        (_DRC["hasTheme"], iri("theme", str(writer.below(THEMES)))),
        (_DRC["reference"], iri("reference", slug)),
    ]
    if writer.chance(0.7):
        pairs.append((_LABEL, f'"Texte {number} sur {fr} et {fr2}"@fr'))
    return pairs


def _periods(writer: Writer, slug: str) -> list[tuple[str, list[Pair]]]:
    first = writer.below(4)
    year = 1990 + writer.below(30)
    records = []
    for status in STATUSES[first : first + 1 + writer.below(3)]:
        until = year + 1 + writer.below(4)
        pairs = [
            (_A, _DRC["StatusPeriod"]),
            (_LABEL, f'"{slug}: {status}"@en'),
            (_DRC["status"], iri("instrument-status", status)),
            (_DRC["validFrom"], f'"{year}-{1 + writer.below(12):02}-01"{_DATE}'),
            (_DRC["validUntil"], f'"{until}-{1 + writer.below(12):02}-28"{_DATE}'),
        ]
        records.append((iri("status", f"{slug}-{status}"), pairs))
        year = until
    return records


def _provision(
    writer: Writer, owner: str, slug: str, derived: dict[tuple[str, str, str], None]
) -> list[tuple[str, list[Pair]]]:
    subject = iri("provision", slug)
    en, fr = writer.word()
    place = slug.rpartition("-")[2]
    pairs = [
        (_A, _DRC["Provision"]),
        (_LABEL, f'"Article {place} on {en}, {slug}"@en'),
        (_DRC["provisionOf"], owner),
        (_DRC["locus"], f'"Art. {place}"'),
        (_NUMBER, f'"{place}"'),
        (_DRC["locusKind"], iri("locus-kind", writer.one(PLACES))),
    ]
    if writer.chance(0.6):
        pairs.append((_LABEL, f'"Article {place} sur {fr}, {slug}"@fr'))
    derived[owner, _DRC["contains"], subject] = None
    records = [(subject, pairs)]
    for turn in range(1 + writer.chance(0.3)):
        chosen = writer.principle()
        records.append(_articulation(writer, subject, chosen, f"{slug}-{turn}"))
        derived[subject, _DRC["hasArticulation"], records[-1][0]] = None
        derived[subject, _DRC["expressesPrinciple"], chosen] = None
        derived[owner, _DRC["recognisesPrinciple"], chosen] = None
    return records


def _articulation(writer: Writer, owner: str, chosen: str, slug: str) -> tuple[str, list[Pair]]:
    en, fr = writer.word()
    pairs = [
        (_A, _DRC["Articulation"]),
        (_LABEL, f'"Reading of {en}, {slug}"@en'),
        (_LABEL, f'"Lecture de {fr}, {slug}"@fr'),
        (_DRC["articulatedIn"], owner),
        (_DRC["articulates"], chosen),
        (_DRC["modality"], iri("modality", writer.one(MODALITIES))),
        (_DRC["strength"], iri("strength", writer.one(STRENGTHS))),
        (_DRC["bearer"], iri("category", str(writer.below(CATEGORIES)))),
        (_DRC["assertedBy"], _EDITORS),
        (_DRC["reviewStatus"], iri("review-status", "draft")),
    ]
    if writer.chance(0.5):
        pairs.append((_DRC["dutyHolder"], iri("category", str(writer.below(CATEGORIES)))))
    if writer.chance(0.3):
        pairs.append((_DRC["condition"], f'"Only where {en} is at stake."@en'))
    return iri("articulation", slug), pairs


def _link(writer: Writer, number: int, slug: str, turn: int) -> tuple[str, list[Pair]]:
    # Drawn twice, the smaller kept: older instruments are cited more.
    older = min(writer.below(number), writer.below(number))
    pairs = [
        (_A, _DRC["InstrumentLink"]),
        (_DRC["linkFrom"], instrument_iri(number)),
        (_DRC["linkTo"], instrument_iri(older)),
        (_DRC["linkType"], iri("link-type", writer.one(LINKS))),
        (_DRC["assertedBy"], _EDITORS),
        (_DRC["confidence"], iri("confidence", "medium")),
    ]
    return iri("link", f"{slug}-{turn}"), pairs


def _reference(slug: str) -> tuple[str, list[Pair]]:
    pairs = [
        (_A, _DRC["SourceReference"]),
        (_LABEL, f'"Official text of {slug}"@en'),
        (_LABEL, f'"Texte officiel de {slug}"@fr'),
        (_CITATION, f'"{slug}, official journal"@en'),
        (_DRC["sourceUrl"], f'"https://example.org/{slug}"^^{_p("xsd", "anyURI")}'),
        (_DRC["accessed"], f'"2026-11-23"{_DATE}'),
        (_DRC["verification"], iri("verification", "unverified")),
    ]
    return iri("reference", slug), pairs
