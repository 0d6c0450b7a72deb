"""The words of the interface: the same in both languages, typeset as each language wants."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import i18n

TEMPLATES = Path(i18n.__file__).parent / "templates"
PLACE = re.compile(r"\{(\w+)\}")


def test_both_languages_have_the_same_keys_and_places() -> None:
    french, english = i18n.strings("fr"), i18n.strings("en")
    assert set(french) == set(english)
    assert len(french) > 300
    for key, text in french.items():
        assert set(PLACE.findall(text)) == set(PLACE.findall(english[key])), key
        assert text.strip() or key == "punctuation.colon", key


def test_french_strings_are_written_in_french_typography() -> None:
    for key, text in i18n.strings("fr").items():
        assert "'" not in text, key
        assert not re.search(r"[^\s\u00a0\u202f][;?!»](?!\S*/)", text), f"{key}: {text}"
        assert not re.search(r"(?<! )(?<!\u00a0)(?<!https):(?!/)", text) or "://" in text, key


def test_every_key_a_template_names_exists() -> None:
    known = i18n.strings("en")
    named = set()
    for path in sorted(TEMPLATES.glob("*.html")):
        source = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""v\.t\(\s*["']([^"']+)["']\s*[,)]""", source))
        named |= {f"{key}.other" for key in re.findall(r'v\.n\("([^"]+)"', source)}
    assert len(named) > 120
    assert sorted(named - set(known)) == []


def test_no_template_holds_words_of_its_own() -> None:
    allowed = {"SPARQL", "CSV", "CC", "BY", "curl", "H", "L", "Accept", "text", "turtle", "id"}
    allowed |= {"principle", "interoperability", "lang", "gz"}
    for path in sorted(TEMPLATES.glob("*.html")):
        source = path.read_text(encoding="utf-8")
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.S)
        bare = re.sub(r"<[^>]*>|&\w+;", " ", bare)
        words = set(re.findall(r"[^\W\d_]+", bare))
        assert words <= allowed, f"{path.name}: {words - allowed}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qui ? Moi !", "Qui\u202f? Moi\u202f!"),
        ("le statut : « proposé »", "le statut\u00a0: «\u00a0proposé\u00a0»"),
        ("un ; deux", "un\u202f; deux"),
        ("https://example.org", "https://example.org"),
    ],
)
def test_french_text_of_ours_gets_its_no_break_spaces(text: str, expected: str) -> None:
    assert i18n.typographic(text, "fr") == expected
    assert i18n.typographic(text, "en") == text


@given(st.text())
def test_typography_changes_blanks_only_and_is_stable(text: str) -> None:
    once = i18n.typographic(text, "fr")
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    assert once.replace("\u00a0", " ").replace("\u202f", " ") == plain
    assert i18n.typographic(once, "fr") == once


def test_words_are_sorted_as_a_dictionary_sorts_them() -> None:
    words = ["zèle", "œuvre", "été", "État", "étang", "« ébauche »", "Odeur", "eau"]
    assert sorted(words, key=i18n.collation_key) == [
        "eau",
        "« ébauche »",
        "étang",
        "État",
        "été",
        "Odeur",
        "œuvre",
        "zèle",
    ]


@given(st.text(), st.text())
def test_sorting_tells_different_words_apart(one: str, other: str) -> None:
    assert (i18n.collation_key(one) == i18n.collation_key(other)) == (one == other)


def test_counted_words_take_the_form_their_language_wants() -> None:
    key = "principles.statements"
    assert [str(i18n.plural("en", key, n)) for n in (0, 1, 2)] == [
        "0 statements",
        "1 statement",
        "2 statements",
    ]
    assert [str(i18n.plural("fr", key, n)) for n in (0, 1, 2)] == [
        "0 énoncé",
        "1 énoncé",
        "2 énoncés",
    ]


def test_dates_and_numbers_are_written_as_each_language_does() -> None:
    assert i18n.date("2014-06-25", "fr") == "25 juin 2014"
    assert i18n.date("2014-06-25", "en") == "25 June 2014"
    assert i18n.date("2002-01-01", "fr") == "1er janvier 2002"
    assert i18n.date("2014?", "fr") == "2014?"
    assert i18n.number(12345, "en") == "12,345"
    assert i18n.number(12345, "fr") == "12\u202f345"
    assert i18n.percent(1, 3, "fr") == "33\u00a0%"
    assert i18n.percent(0, 0, "en") == "0%"


def test_values_put_into_a_string_are_escaped() -> None:
    shown = i18n.translate("en", "site.version", version="<b>")
    assert str(shown) == "Version &lt;b&gt; of the data."


def test_an_unknown_key_or_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        i18n.translate("en", "no.such.key")
    with pytest.raises(KeyError):
        i18n.strings("de")
