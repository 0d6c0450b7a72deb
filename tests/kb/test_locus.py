"""The normalised locus: the one way in which a place in a text is written and identified."""

from datetime import date
from importlib.resources import files
from itertools import pairwise

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.importing.locus import LocusError, parse_locus, provision_iri
from kb.layout import shipped_layout
from kb.namespaces import ID, PREFIXES, VOC
from kb.turtle import parse_turtle

_CASES = (
    ("article 20(1)(a)", "art-20 art-20-1 art-20-1-a", "article paragraph point"),
    ("article 24(III)", "art-24 art-24-iii", "article point"),
    ("article 9(§ 2)(IV)", "art-9 art-9-2 art-9-2-iv", "article paragraph point"),
    ("article 8(sole paragraph)(I)", "art-8 art-8-sole art-8-sole-i", "article paragraph point"),
    ("article 1(I)(2)", "art-1 art-1-i art-1-i-2", "article point point"),
    (
        "article L224-42-1(2°)(a)",
        "art-l224-42-1 art-l224-42-1-2 art-l224-42-1-2-a",
        "article point point",
    ),
    ("section 3¹(4)", "section-3sup1 section-3sup1-4", "section point"),
    ("article L224-42-1", "art-l224-42-1", "article"),
    ("article 5 bis(2)", "art-5-bis art-5-bis-2", "article paragraph"),
    ("article 22a", "art-22a", "article"),
    ("paragraph 9", "para-9", "paragraph"),
    ("paragraph 6(e)(iii)", "para-6 para-6-e para-6-e-iii", "paragraph point point"),
    ("point 1.8.1", "point-1-8-1", "point"),
    ("principle 3", "principle-3", "principle"),
    ("section XIII(1)", "section-xiii section-xiii-1", "section point"),
    ('section "Scope of Application"', "section-scope-of-application", "section"),
    ("recital 68", "recital-68", "recital"),
    ("chapter II", "chapter-ii", "chapter"),
    ("title X", "title-x", "title"),
    ("theme 4", "theme-4", "theme"),
    ("annex", "annex", "annex"),
    ("annex I(2)", "annex-i annex-i-2", "annex point"),
    ("recommendation 7", "recommendation-7", "recommendation"),
    ("objective 4", "objective-4", "objective"),
    ("clause 10", "clause-10", "clause"),
    ("preamble", "preamble", "preamble"),
    ("preamble(2)", "preamble preamble-2", "preamble paragraph"),
    ("whole-document", "whole", "whole-document"),
)


@pytest.mark.parametrize(("text", "slugs", "kinds"), _CASES)
def test_a_locus_is_a_chain_of_units(text: str, slugs: str, kinds: str) -> None:
    units = parse_locus(text)
    assert " ".join(unit.slug for unit in units) == slugs
    assert " ".join(unit.kind for unit in units) == kinds


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("article 20(1)", "Article 20(1)", "article 20, paragraphe 1"),
        ("article 20(1)(a)", "Article 20(1)(a)", "article 20, paragraphe 1, point a)"),
        ("article 1", "Article 1", "article 1er"),
        ("article 24(III)", "Article 24(III)", "article 24, point III"),
        ("article L1(2°)", "Article L1(2°)", "article L1, 2°"),
        ("article 9(§ 2)", "Article 9(2)", "article 9, paragraphe 2"),
        (
            "article 8(sole paragraph)",
            "Article 8, sole paragraph",
            "article 8, paragraphe unique",
        ),
        ("principle 1", "Principle 1", "principe 1"),
        ("recital 68", "Recital 68", "considérant 68"),
        ('section "Scope"', "Section “Scope”", "section « Scope »"),
        ("whole-document", "Whole document", "document entier"),
    ],
)
def test_a_unit_is_named_in_both_languages(text: str, english: str, french: str) -> None:
    assert parse_locus(text)[-1].labels == {"en": english, "fr": french}


def test_each_unit_keeps_its_own_number() -> None:
    assert [unit.number for unit in parse_locus("article 20(1)(a)")] == ["20", "1", "a"]
    assert parse_locus('section "Scope"')[-1].number == "Scope"
    assert parse_locus("preamble")[-1].number == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "art. 9",
        "Article 9",
        "§ 33",
        "article",
        "article  9",
        "article 9 ",
        "article 9()",
        "article 9(1",
        "article 9 (1)",
        "article 9, 10",
        "article 24-",
        "clause 13/11/2015",
        "preamble 1",
        "whole-document 1",
        "whole-document(1)",
        'section ""',
        'section "«»"',
        "section scope",
        "article 5(first)",
        "article 5 ladies",
        "dimension 1",
        "article ٣",
        "article 9\n",
    ],
)
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(LocusError, match=" — "):
        parse_locus(text)


def test_every_kind_is_in_the_closed_list() -> None:
    listed = {
        quad.subject.value.rsplit("/", 1)[1]
        for path in shipped_layout().voc_files()
        if path.stem == "locus-kind"
        for quad in parse_turtle(path)
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(f"{VOC}locus-kind/")
    }
    table = (files("kb.importing") / "locus_kinds.toml").read_text("utf-8")
    written = {line.strip("[]") for line in table.splitlines() if line.startswith("[")}
    assert written == listed


def test_a_provision_is_identified_by_instrument_place_and_version() -> None:
    unit = parse_locus("article 20(1)")[-1]
    assert provision_iri("gdpr", unit) == f"{ID}provision/gdpr-art-20-1"
    since = date(2016, 10, 7)
    assert provision_iri("gdpr", unit, since) == f"{PREFIXES['provision']}gdpr-art-20-1@2016-10-07"


_numbers = st.from_regex(r"[0-9]{1,3}|[IVX]{1,4}|[a-z]|[1-9]\.[1-9]", fullmatch=True)


@given(
    st.sampled_from(("article", "paragraph", "point", "principle", "clause", "section")),
    _numbers,
    st.lists(_numbers, max_size=3),
)
def test_slugs_of_a_chain_grow_from_each_other(kind: str, number: str, subs: list[str]) -> None:
    units = parse_locus(f"{kind} {number}" + "".join(f"({sub})" for sub in subs))
    assert [unit.number for unit in units] == [number, *subs]
    for outer, inner in pairwise(units):
        assert inner.slug.startswith(f"{outer.slug}-")
        assert inner.labels["en"].startswith(outer.labels["en"])
        assert inner.labels["fr"].startswith(f"{outer.labels['fr']}, ")


@given(st.text())
def test_no_text_is_more_than_refused(text: str) -> None:
    try:
        units = parse_locus(text)
    except LocusError:
        return
    assert all(unit.slug and unit.labels.keys() == {"en", "fr"} for unit in units)
