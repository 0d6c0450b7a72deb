"""The principle scheme and the coding by Gill, Redeker and Gasser: what a reader may rely on."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.layout import shipped_layout
from kb.namespaces import ID, PREFIXES, VOC

DATA = shipped_layout().data
PRINCIPLE = ID + "principle/"
CODE = ID + "code/gill-2015-"
MAPPINGS = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
RELATIONS = ("drc:inTensionWith", "drc:reinforces")
PUBLISHED = """
multistakeholder-and-participatory-governance=16 transparency-and-openness=22 open-data=8
right-to-participation=6 digital-inclusion=7 right-to-access-the-internet=24
speed-and-affordability=10 access-and-skills-in-the-workplace=3
user-awareness-and-education=4 media-and-digital-literacy=12 security-of-the-network=13
net-neutrality=14 open-standards=14 interoperability-and-non-fragmentation=14
stability-and-reliability-of-the-network=7 free-and-open-source-software=7 device-rights=8
freedom-of-expression=27 freedom-of-religious-belief=2 freedom-of-information=22
freedom-of-association=9 democracy-and-the-rule-of-law=15 right-to-due-process=9
right-to-legal-remedies=10 right-to-personal-security-and-dignity=8
protection-of-children=7 non-discrimination=16 cultural-and-linguistic-diversity=13
privacy-rights-generalized=26 data-protection=14 control-and-self-determination=11
right-to-anonymity=9 protection-from-surveillance=17 right-to-encryption=9
right-to-be-forgotten=3 innovation=11 competition=10 economic-development=7
intellectual-property=9 intermediary-liability=9 corporate-responsibility=15
consumer-protection=10
"""
COUNTS = {slug: int(n) for slug, n in (item.split("=") for item in PUBLISHED.split())}
UMBRELLAS = {"internet-values", "digital-fundamental-rights"}
NAMED = {"interoperability", "data-portability", "privacy", "individual-freedoms"}
INTEROPERABILITIES = {
    "network-interoperability",
    "platform-interoperability",
    "public-sector-interoperability",
    "data-interoperability",
}
PORTABILITIES = {
    "personal-data-portability",
    "consumer-data-portability",
    "connected-product-data-portability",
    "cloud-switching",
    "platform-data-portability",
    "number-portability",
}


def term(name: str) -> ox.NamedNode:
    """Return the IRI of a prefixed name."""
    prefix, local = name.split(":", 1)
    return ox.NamedNode(PREFIXES[prefix] + local)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Return the principles and the coding, and nothing else."""
    found = ox.Store()
    for path in (*sorted((DATA / "principles").glob("*.ttl")), DATA / "codings/gill-2015.ttl"):
        found.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
    return found


def texts(store: ox.Store, subject: ox.NamedNode, predicate: str, lang: str) -> list[str]:
    """Return the texts of a property in one language."""
    found = (quad.object for quad in store.quads_for_pattern(subject, term(predicate), None))
    return [o.value for o in found if isinstance(o, ox.Literal) and o.language == lang]


def targets(store: ox.Store, subject: ox.NamedNode, predicate: str) -> set[str]:
    """Return the IRIs a subject is linked to."""
    found = (quad.object for quad in store.quads_for_pattern(subject, term(predicate), None))
    return {o.value for o in found if isinstance(o, ox.NamedNode)}


def instances(store: ox.Store, kind: str) -> set[ox.NamedNode]:
    """Return the subjects of a class."""
    found = store.quads_for_pattern(None, term("rdf:type"), term(kind))
    return {q.subject for q in found if isinstance(q.subject, ox.NamedNode)}


def principles(store: ox.Store) -> dict[str, ox.NamedNode]:
    """Return the principles by their slug."""
    return {s.value.removeprefix(PRINCIPLE): s for s in instances(store, "drc:Principle")}


def standing(store: ox.Store, slug: str) -> str:
    """Return the code of a principle's standing."""
    (value,) = targets(store, ox.NamedNode(PRINCIPLE + slug), "drc:principleStanding")
    return value.removeprefix(VOC + "principle-standing/")


def line_up(store: ox.Store, slug: str) -> list[str]:
    """Return a principle and what is broader than it, up to its top; fail on a fork or a cycle."""
    line = [slug]
    while above := targets(store, ox.NamedNode(PRINCIPLE + line[-1]), "skos:broader"):
        assert len(above) == 1, f"{line[-1]} has several broader principles"
        line.append(above.pop().removeprefix(PRINCIPLE))
        assert len(line) == len(set(line)), f"cycle: {line}"
    return line


def seed_principles() -> dict[str, str]:
    """Return the evidence passage of each principle of the first source, by slug."""
    path = Path(__file__).with_name("seed-items.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {
        row["slug"].removeprefix("principle/"): f"{row['start']}-{row['end']}"
        for row in rows
        if row["slug"].startswith("principle/")
    }


def test_the_scheme_holds_at_least_sixty_principles_each_in_its_own_file(store: ox.Store) -> None:
    files = {path.stem for path in (DATA / "principles").glob("*.ttl")}
    assert len(files) >= 60
    assert set(principles(store)) == files


def test_every_principle_has_labels_definition_scheme_and_standing(store: ox.Store) -> None:
    for slug, principle in principles(store).items():
        for lang in ("fr", "en"):
            (label,) = texts(store, principle, "skos:prefLabel", lang)
            (definition,) = texts(store, principle, "skos:definition", lang)
            assert definition.endswith(".") and len(definition.split()) >= 8, slug
            assert definition.rstrip(".").casefold() != label.casefold(), slug
        notes = [len(texts(store, principle, "skos:scopeNote", lang)) for lang in ("fr", "en")]
        assert notes in ([0, 0], [1, 1]), slug
        assert targets(store, principle, "skos:inScheme") == {ID + "scheme/principles"}
        assert len(targets(store, principle, "drc:principleStanding")) == 1, slug


@pytest.mark.parametrize("predicate", ["skos:prefLabel", "skos:definition"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_two_principles_share_a_label_or_a_definition(
    store: ox.Store, predicate: str, lang: str
) -> None:
    found = Counter(
        text.casefold()
        for p in principles(store).values()
        for text in texts(store, p, predicate, lang)
    )
    assert [text for text, times in found.items() if times > 1] == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_alternative_label_is_never_the_preferred_label_of_a_principle(
    store: ox.Store, lang: str
) -> None:
    found = principles(store).values()
    preferred = {t.casefold() for p in found for t in texts(store, p, "skos:prefLabel", lang)}
    alternative = [t.casefold() for p in found for t in texts(store, p, "skos:altLabel", lang)]
    assert preferred.isdisjoint(alternative)
    assert [text for text, times in Counter(alternative).items() if times > 1] == []


def test_the_tree_has_three_levels_at_most_and_every_line_ends_at_a_top(store: ox.Store) -> None:
    for slug in principles(store):
        line = line_up(store, slug)
        assert len(line) <= 3, line
        tops = [
            step
            for step in line
            if targets(store, ox.NamedNode(PRINCIPLE + step), "skos:topConceptOf")
        ]
        assert tops == [line[-1]]


def test_tensions_and_reinforcements_never_link_a_principle_to_its_own_line(
    store: ox.Store,
) -> None:
    lines = {slug: set(line_up(store, slug)) for slug in principles(store)}
    for slug, principle in principles(store).items():
        for predicate in ("skos:related", "drc:inTensionWith", "drc:reinforces"):
            for iri in targets(store, principle, predicate):
                other = iri.removeprefix(PRINCIPLE)
                assert other in lines, f"{slug} points to {iri}"
                assert other not in lines[slug] and slug not in lines[other], (slug, other)


def test_each_tension_and_reinforcement_has_a_reference_that_bears_on_it_and_on_nothing_else(
    store: ox.Store,
) -> None:
    for slug, principle in principles(store).items():
        linked = [t for n in RELATIONS for t in targets(store, principle, n)]
        references = targets(store, principle, "drc:reference")
        borne = {t for r in references for t in targets(store, ox.NamedNode(r), "drc:bearsOn")}
        assert borne == set(linked) and len(linked) == len(borne), slug


def test_tensions_are_written_once(store: ox.Store) -> None:
    pairs = []
    for slug, principle in principles(store).items():
        linked = targets(store, principle, "drc:inTensionWith")
        pairs += [frozenset((slug, iri.removeprefix(PRINCIPLE))) for iri in linked]
    assert len(pairs) == len(set(pairs)) >= 8
    assert len(list(store.quads_for_pattern(None, term("drc:reinforces"), None))) >= 8


def test_every_principle_rests_on_a_passage_or_on_references_described_with_it(
    store: ox.Store,
) -> None:
    described = {s.value for s in instances(store, "drc:SourceReference")}
    cited: set[str] = set()
    for slug, principle in principles(store).items():
        references = targets(store, principle, "drc:reference")
        assert references or targets(store, principle, "drc:evidence"), slug
        assert all(r.startswith(f"{ID}reference/{slug}-") for r in references), slug
        cited |= references
    cited |= targets(store, ox.NamedNode(ID + "coding/gill-2015"), "drc:reference")
    assert cited == described


def test_every_reference_says_where_when_and_how_it_was_verified(store: ox.Store) -> None:
    unverified = VOC + "verification/unverified"
    for reference in instances(store, "drc:SourceReference"):
        for name in ("drc:sourceUrl", "drc:locus", "drc:accessed"):
            assert len(list(store.quads_for_pattern(reference, term(name), None))) == 1, name
        (verification,) = targets(store, reference, "drc:verification")
        assert verification.startswith(VOC + "verification/") and verification != unverified


def test_the_sixteen_principles_of_the_first_source_keep_their_passage_and_standing(
    store: ox.Store,
) -> None:
    seeds = seed_principles()
    assert len(seeds) == 16 and set(seeds) >= UMBRELLAS | NAMED
    for slug, offsets in seeds.items():
        principle = ox.NamedNode(PRINCIPLE + slug)
        code = "umbrella" if slug in UMBRELLAS else "named" if slug in NAMED else "candidate"
        assert targets(store, principle, "drc:evidence") == {f"{ID}passage/seed-000-{offsets}"}
        assert standing(store, slug) == code


def test_no_principle_outside_the_first_source_claims_its_standing(store: ox.Store) -> None:
    for slug in set(principles(store)) - set(seed_principles()):
        assert standing(store, slug) in {"coded", "proclaimed"}, slug


@pytest.mark.parametrize(
    ("parent", "children"),
    [("interoperability", INTEROPERABILITIES), ("data-portability", PORTABILITIES)],
)
def test_interoperabilities_and_portabilities_are_narrower_principles(
    store: ox.Store, parent: str, children: set[str]
) -> None:
    below = store.quads_for_pattern(None, term("skos:broader"), ox.NamedNode(PRINCIPLE + parent))
    found = {q.subject.value for q in below if isinstance(q.subject, ox.NamedNode)}
    assert found == {PRINCIPLE + child for child in children}


def test_the_coding_keeps_its_six_groups_and_forty_two_categories(store: ox.Store) -> None:
    categories = instances(store, "drc:CodingCategory")
    groups = {c for c in categories if targets(store, c, "skos:topConceptOf")}
    assert len(groups) == 6
    assert {c.value.removeprefix(CODE) for c in categories - groups} == set(COUNTS)
    for category in categories - groups:
        assert targets(store, category, "skos:broader") <= {g.value for g in groups}
        assert len(targets(store, category, "skos:broader")) == 1


@pytest.mark.parametrize(
    ("lang", "pattern"), [("fr", r"dans (\d+) des 30 documents"), ("en", r"in (\d+) of the 30 doc")]
)
def test_each_category_gives_the_number_of_documents_counted_by_its_authors(
    store: ox.Store, lang: str, pattern: str
) -> None:
    found = {}
    for slug in COUNTS:
        (definition,) = texts(store, ox.NamedNode(CODE + slug), "skos:definition", lang)
        match = re.search(pattern, definition)
        found[slug] = int(match[1]) if match else None
    assert found == COUNTS
    assert sum(COUNTS.values()) == 487


def test_each_category_has_one_principle_that_takes_it_over(store: ox.Store) -> None:
    taken: dict[str, list[str]] = {slug: [] for slug in COUNTS}
    for slug, principle in principles(store).items():
        for predicate in ("skos:exactMatch", "skos:closeMatch"):
            for code in targets(store, principle, predicate):
                taken[code.removeprefix(CODE)].append(slug)
    assert {code: slugs for code, slugs in taken.items() if len(slugs) != 1} == {}


def test_a_principle_is_mapped_to_a_category_in_one_way_only_and_to_nothing_else(
    store: ox.Store,
) -> None:
    for slug, principle in principles(store).items():
        found = [c for m in MAPPINGS for c in targets(store, principle, f"skos:{m}")]
        assert len(found) == len(set(found)), slug
        assert {c.removeprefix(CODE) for c in found} <= set(COUNTS), slug


def test_the_coding_does_not_pretend_that_interoperability_is_one_thing(store: ox.Store) -> None:
    code = CODE + "interoperability-and-non-fragmentation"
    for slug in INTEROPERABILITIES | {"interoperability", "network-non-fragmentation"}:
        principle = ox.NamedNode(PRINCIPLE + slug)
        assert code not in targets(store, principle, "skos:exactMatch"), slug
        assert code not in targets(store, principle, "skos:closeMatch"), slug
