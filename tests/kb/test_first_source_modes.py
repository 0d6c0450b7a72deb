"""How strongly the first source says each thing: the mode recorded agrees with its own words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.namespaces import expand, shorten

DATA = Path(__file__).parents[2] / "kb" / "data"
KINDS = ("Aim", "Concern", "Expectation", "Observation", "Opportunity", "Proposal")


def read_modes() -> dict[str, tuple[str, str]]:
    """Return, for each statement, the words of its sentence that carry its mode, and the mode."""
    with Path(__file__).with_name("seed-modes.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["statement"]: (row["words"], row["mode"]) for row in rows}


MODES = read_modes()


@pytest.fixture(scope="module")
def text() -> str:
    """The source, decoded from its exact bytes, line ends untouched."""
    return (DATA / "texts" / "seed-000.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Every Turtle file of the data, in one graph."""
    loaded = ox.Store()
    for path in sorted(DATA.rglob("*.ttl")):
        loaded.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    return loaded


def objects(store: ox.Store, name: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    """Return what a record has for a predicate."""
    subject, relation = ox.NamedNode(expand(name)), ox.NamedNode(expand(predicate))
    found = (quad.object for quad in store.quads_for_pattern(subject, relation, None))
    return [value for value in found if isinstance(value, ox.NamedNode | ox.Literal)]


def texts(store: ox.Store, name: str, predicate: str) -> dict[str | None, str]:
    """Return the texts of a record for a predicate, by language."""
    found = objects(store, name, predicate)
    return {value.language: value.value for value in found if isinstance(value, ox.Literal)}


def sentences(store: ox.Store, text: str, statement: str) -> list[str]:
    """Return the sentences of the source in which the evidence of a statement stands."""
    found = []
    for passage in objects(store, statement, "drc:evidence"):
        (start,) = objects(store, passage.value + "#p", "oa:start")
        (end,) = objects(store, passage.value + "#p", "oa:end")
        found.append(sentence(text, int(start.value), int(end.value)))
    return found


def sentence(text: str, start: int, end: int) -> str:
    """Return the sentence of the source around a stretch."""
    before = max(text.rfind(". ", 0, start) + 2, text.rfind("\n", 0, start) + 1)
    stop = re.compile(r"\. |\n").search(text, max(start, end - 1))
    return text[before : stop.start() + 1 if stop else len(text)]


def test_the_table_holds_every_statement_of_the_source(store: ox.Store) -> None:
    subjects = {
        quad.subject
        for kind in KINDS
        for quad in store.quads_for_pattern(
            None, ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand(f"drc:{kind}"))
        )
    }
    names = {shorten(s.value) for s in subjects if isinstance(s, ox.NamedNode)}
    resting = {
        name
        for name in names
        if any("/seed-000-" in e.value for e in objects(store, name, "drc:evidence"))
    }
    assert resting == set(MODES)


def test_the_same_words_always_carry_the_same_mode() -> None:
    assert len({words for words, _ in MODES.values()}) == len(set(MODES.values()))


@pytest.mark.parametrize("statement", sorted(MODES))
def test_epistemic_mode_agrees_with_the_words_of_the_source(
    store: ox.Store, text: str, statement: str
) -> None:
    words, mode = MODES[statement]
    assert any(words in found for found in sentences(store, text, statement))
    recorded = [shorten(value.value) for value in objects(store, statement, "drc:epistemicMode")]
    assert recorded == [f"epistemic-mode:{mode}"]


@pytest.mark.parametrize("statement", sorted(MODES))
def test_label_and_paraphrase_differ_in_both_languages(store: ox.Store, statement: str) -> None:
    label = texts(store, statement, "rdfs:label")
    paraphrase = texts(store, statement, "drc:paraphrase")
    assert set(label) == set(paraphrase) == {"fr", "en"}
    for language in ("fr", "en"):
        assert 2 <= len(label[language].split()) <= 12
        assert label[language].rstrip(".") != paraphrase[language].rstrip(".")
        assert paraphrase[language].endswith(".")
