"""Pinpoints as researchers write them: what is read, and what is refused rather than guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.importing.dates import bounds, looks_like_date
from kb.importing.locus import parse_locus
from kb.importing.pinpoints import Conventions, PinpointError, parse_pinpoint
from kb.importing.ranges import RangeError, draw_together, expand
from kb.importing.wording import name_places

_ARTICLES = Conventions("article")
_AFRICAN = Conventions(
    "principle", {"p": "section", "r": "recommendation", "rec": "recommendation"}
)
_PRINCIPLES = Conventions("principle", {"p": "principle"})


@pytest.mark.parametrize(
    ("text", "loci"),
    [
        ("9", "article 9"),
        ("a3", "article 3"),
        ("preamble, a3", "preamble | article 3"),
        ("24(I)", "article 24(I)"),
        ("24(III, IV)", "article 24(III) | article 24(IV)"),
        ("4(IV), 24(III, IV)", "article 4(IV) | article 24(III) | article 24(IV)"),
        (
            "7(VII, IX, X) 16",
            "article 7(VII) | article 7(IX) | article 7(X) | article 16",
        ),
        ("3(II), 7(VIII) 11", "article 3(II) | article 7(VIII) | article 11"),
        ("35, 38 39", "article 35 | article 38 | article 39"),
        ("24-28", "article 24 | article 25 | article 26 | article 27 | article 28"),
        ("35–37", "article 35 | article 36 | article 37"),
        ("6a-c", "article 6(a) | article 6(b) | article 6(c)"),
        ("6a-6c", "article 6(a) | article 6(b) | article 6(c)"),
        ("9(a-c)", "article 9(a) | article 9(b) | article 9(c)"),
        ("1.8.1", "article 1.8.1"),
        ("1.1-1.3", "article 1.1 | article 1.2 | article 1.3"),
        ("15b", "article 15(b)"),
        ("18c,10b", "article 18(c) | article 10(b)"),
        ("11a,11b,11c, 19", "article 11(a) | article 11(b) | article 11(c) | article 19"),
        ("6eiii,3a,preamble", "article 6(e)(iii) | article 3(a) | preamble"),
        ("6ii", "article 6(ii)"),
        ("para. 9", "paragraph 9"),
        ("para 10", "paragraph 10"),
        ("dimension1,dimension4", "point 1 | point 4"),
        ("preamble (1), 4", "preamble(1) | article 4"),
        ("préambule, 4", "preamble | article 4"),
        ("Preamble (1, 3-4)", "preamble(1) | preamble(3) | preamble(4)"),
        ("scope sec.", 'section "Scope"'),
        ("[nature of the document]", "whole-document"),
        ("19, [nature of law]", "article 19 | whole-document"),
        ("XIII", "article XIII"),
        ("IV(2)", "article IV(2)"),
        ("chapter II, art. 5", "chapter II | article 5"),
        ("title X", "title X"),
        ("§ 33", "article 33"),
        ("L224-42-1", "article L224-42-1"),
        ("art. L. 224-42-1", "article L224-42-1"),
        ("articles 5 and 6", "article 5 | article 6"),
        ("considérant 68", "recital 68"),
        ("9 (1)(a)", "article 9(1)(a)"),
        ("9; 10", "article 9 | article 10"),
        ("\u00a09 ,  10 ", "article 9 | article 10"),
    ],
)
def test_the_grammars_found_in_the_wild_are_read(text: str, loci: str) -> None:
    assert " | ".join(parse_pinpoint(text, _ARTICLES)) == loci


@pytest.mark.parametrize(
    ("text", "conventions", "loci"),
    [
        ("princ.1, 7", _PRINCIPLES, "principle 1 | principle 7"),
        ("princ. 5", _PRINCIPLES, "principle 5"),
        ("preamble, princ.1-3", _PRINCIPLES, "preamble | principle 1 | principle 2 | principle 3"),
        ("preamble,p2,5", _PRINCIPLES, "preamble | principle 2 | principle 5"),
        ("12,p12", _AFRICAN, "principle 12 | section 12"),
        ("3,p3,4,p4", _AFRICAN, "principle 3 | section 3 | principle 4 | section 4"),
        (
            "6,p6,r3,r6",
            _AFRICAN,
            "principle 6 | section 6 | recommendation 3 | recommendation 6",
        ),
        ("rec.7", _AFRICAN, "recommendation 7"),
        ("para. 3, 9", Conventions("paragraph"), "paragraph 3 | paragraph 9"),
    ],
)
def test_prefixes_stand_for_what_their_document_says(
    text: str, conventions: Conventions, loci: str
) -> None:
    assert " | ".join(parse_pinpoint(text, conventions)) == loci


def test_a_part_with_a_meaning_of_its_own_is_given_one() -> None:
    themes = Conventions("point", readings={"1": "theme 1", "scope, 2nd": "section 4"})
    assert parse_pinpoint("1, 1.1, 11", themes) == ("theme 1", "point 1.1", "point 11")
    assert parse_pinpoint("scope, 2nd; 3", themes) == ("section 4", "point 3")


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("", "pinpoint-empty", ""),
        ("  ", "pinpoint-empty", ""),
        ("13/11/2015", "pinpoint-date", "13/11/2015"),
        ("2015-11-13", "pinpoint-date", "2015-11-13"),
        ("13.11.2015", "pinpoint-date", "13.11.2015"),
        ("nov.-15", "pinpoint-date", "nov.-15"),
        ("passim", "pinpoint-unreadable", "passim"),
        ("9,", "pinpoint-unreadable", "9,"),
        (",9", "pinpoint-unreadable", ",9"),
        ("9,,10", "pinpoint-unreadable", ",10"),
        ("9(1", "pinpoint-unreadable", "9(1"),
        ("9(a)-(c)", "pinpoint-unreadable", "9(a)-(c)"),
        ("9abc", "pinpoint-unreadable", "abc"),
        ("9 " * 300, "pinpoint-unreadable", "9 " * 20 + "…"),
        ("9/10", "pinpoint-unreadable", "9/10"),
        ("art. 5 para. 2", "pinpoint-unreadable", "para. 2"),
        ("preamble 3", "pinpoint-unreadable", "3"),
        ("p12", "pinpoint-prefix", "p"),
        ("rec.7", "pinpoint-prefix", "rec"),
        ("para. 5, 6", "pinpoint-ambiguous", "6"),
        ("28-24", "pinpoint-range", "28-24"),
        ("6c-a", "pinpoint-range", "6c-a"),
        ("1-4000", "pinpoint-range", "1-4000"),
        ("1.1-2.3", "pinpoint-range", "1.1-2.3"),
        ("9(1-100)(1-100)", "pinpoint-range", "9(1-100)(1-100)"),
        ("9(c-a)", "pinpoint-range", "c-a"),
        ("9, 10, 9", "pinpoint-twice", "article 9"),
        ("24-26, 25", "pinpoint-twice", "article 25"),
        ("٣", "pinpoint-unreadable", "article ٣"),
        ("9(first)", "pinpoint-unreadable", "article 9(first)"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_part(text: str, reason: str, part: str) -> None:
    with pytest.raises(PinpointError) as refusal:
        parse_pinpoint(text, _ARTICLES)
    assert (refusal.value.reason, refusal.value.part) == (reason, part)


_numbers = st.integers(1, 150).map(str)
_units = st.one_of(
    _numbers,
    st.tuples(_numbers, st.sampled_from("abcdefgh")).map("".join),
    st.tuples(_numbers, st.sampled_from(["I", "IV", "XIII", "2", "a"])).map(
        lambda pair: f"{pair[0]}({pair[1]})"
    ),
    st.lists(st.integers(1, 9).map(str), min_size=2, max_size=3).map(".".join),
)


@given(st.lists(_units, min_size=1, max_size=6), st.sampled_from([", ", ",", "; ", " and "]))
def test_a_list_is_read_part_by_part(parts: list[str], separator: str) -> None:
    alone = [parse_pinpoint(part, _ARTICLES) for part in parts]
    loci = [locus for each in alone for locus in each]
    if len(set(loci)) < len(loci):
        with pytest.raises(PinpointError):
            parse_pinpoint(separator.join(parts), _ARTICLES)
    else:
        assert parse_pinpoint(separator.join(parts), _ARTICLES) == tuple(loci)


@given(st.integers(1, 400), st.integers(1, 150))
def test_a_range_names_each_of_its_places(first: int, length: int) -> None:
    loci = parse_pinpoint(f"{first}-{first + length}", _ARTICLES)
    assert loci == tuple(f"article {number}" for number in range(first, first + length + 1))


@given(st.text(alphabet="0123456789abcivxIVX().,;-–§ prt/[]", max_size=20))
def test_whatever_is_written_is_read_as_places_or_refused(text: str) -> None:
    try:
        loci = parse_pinpoint(text, _AFRICAN)
    except PinpointError as error:
        assert error.reason.startswith("pinpoint-")
    else:
        assert all(parse_locus(locus) for locus in loci)


def test_places_are_shown_in_short() -> None:
    shown = name_places(
        ["preamble", "principle 1", "principle 2", "principle 3", "article 5(a)", "whole-document"],
        "principle",
    )
    assert shown["en"] == "preamble, 1–3, article 5(a), whole document"
    assert shown["fr"] == "préambule, 1–3, article 5, point a), document entier"


@pytest.mark.parametrize("pair", [("", "3"), ("a", "3"), ("aa", "b"), ("3", "3"), ("1", "999999")])
def test_unlike_ends_make_no_range(pair: tuple[str, str]) -> None:
    with pytest.raises(RangeError):
        expand(*pair)


def test_runs_are_drawn_together() -> None:
    assert draw_together(["1", "2", "4", "5", "6", "a", "8"]) == ["1", "2", "4–6", "a", "8"]


@pytest.mark.parametrize("text", ["1.8.1", "3-4", "1.10.2015a", "9", "may", "5-7, 9"])
def test_numbers_are_no_dates(text: str) -> None:
    assert not looks_like_date(text)


def test_a_month_or_a_year_has_bounds() -> None:
    assert bounds("2016-02") == ("2016-02-01", "2016-02-29")
    assert bounds("2015") == ("2015-01-01", "2015-12-31")
    assert bounds("2015-13") is None
    assert bounds("2015-01-02") is None
