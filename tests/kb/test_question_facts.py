"""What the questions must answer on the shipped base, whatever is added to it later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, find_query, load_store, shipped_layout
from kb.namespaces import DRC, PREFIXES, expand, shorten

THIEULIN = "person:benoit-thieulin"
SEED = "document:seed-000"
PROPOSALS = {
    "charter-of-fundamental-digital-rights",
    "chief-digital-officer-per-administration",
    "europe-for-digital-industrial-policy",
    "europe-must-guarantee-internet-values",
    "europe-to-promote-internet-values",
    "hybrid-state-civil-society-projects",
    "integrate-digital-in-education-policy",
    "partnership-policies",
    "promote-data-portability",
    "promote-interoperability",
    "redirect-life-insurance-to-venture-capital",
}
Rows = list[dict[str, str]]


def ask(engine: EmbeddedEngine, name: str, **values: str) -> Rows:
    """Return the rows of a question, with its example values unless told otherwise, as text."""
    query = find_query(name)
    rows = engine.select(query, **{**query.examples(), **values})
    return [{k: shorten(t.value) for k, t in row.items()} for row in rows]


def column(rows: Iterable[Mapping[str, str]], name: str) -> set[str]:
    """Return the values of a column."""
    return {row[name] for row in rows if name in row}


def test_cq01_interoperability_and_portability_are_thieulins_words(base: EmbeddedEngine) -> None:
    rows = [row for row in ask(base, "cq01") if row["passage"].startswith("passage:seed-000")]
    said = {(row["principle"], row["speaker"], row["words"]) for row in rows}
    assert {
        ("principle:interoperability", THIEULIN, "afin de promouvoir l’interopérabilité"),
        ("principle:data-portability", THIEULIN, "la portabilité des données"),
    } <= said
    assert column(rows, "form") == {"speech-form:direct-quotation"}
    never = {"principle:privacy", "principle:individual-freedoms"}
    assert not never & column(rows, "principle")


def test_cq02_every_principle_is_named_in_both_languages(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq02")
    assert len(column(rows, "principle")) >= 60
    standing = {row["principle"]: row["standing"] for row in rows}
    for name in ("interoperability", "data-portability", "privacy", "individual-freedoms"):
        assert standing[f"principle:{name}"] == "principle-standing:named"


def test_cq03_privacy_is_not_in_the_quotation(base: EmbeddedEngine) -> None:
    query = find_query("cq03")
    assert base.ask(query, **query.examples()) is False
    for name in ("interoperability", "data-portability"):
        assert base.ask(query, principle=f"principle:{name}", speaker=THIEULIN) is True


@pytest.mark.parametrize("selector", ["p", "q"])
def test_cq03_turns_true_when_the_narrators_words_enter_the_quotation(selector: str) -> None:
    store = load_store(shipped_layout())
    node = ox.NamedNode(expand(f"quotation:thieulin-charter#{selector}"))
    if selector == "p":
        replace(store, node, "oa:end", ox.Literal(4323))
    else:
        words = next(store.quads_for_pattern(node, ox.NamedNode(expand("oa:exact")), None, None))
        assert isinstance(words.object, ox.Literal)
        longer = words.object.value + " » Comme la protection de la vie privée et des libertés"
        replace(store, node, "oa:exact", ox.Literal(longer))
    query = find_query("cq03")
    assert EmbeddedEngine(store).ask(query, **query.examples()) is True


def replace(store: ox.Store, subject: ox.NamedNode, name: str, value: ox.Literal) -> None:
    """Replace the only value of a property."""
    [quad] = store.quads_for_pattern(subject, ox.NamedNode(expand(name)), None, None)
    store.remove(quad)
    store.add(ox.Quad(subject, quad.predicate, value, quad.graph_name))


def test_cq04_the_eleven_proposals_and_who_made_them(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq04")
    assert {f"proposal:{name}" for name in PROPOSALS} <= column(rows, "proposal")
    who = {row["proposal"].removeprefix("proposal:"): row.get("proposer", "") for row in rows}
    assert who["partnership-policies"] == "group:workshop-participants"
    assert who["hybrid-state-civil-society-projects"] == "group:speakers-republican-model"
    assert who["integrate-digital-in-education-policy"] == ""
    charter = [r for r in rows if r["proposal"].endswith("charter-of-fundamental-digital-rights")]
    assert column(charter, "addressee") == {"geopolitical:europe"}, "Europe is not the Union"
    assert column(charter, "mayDenote") == {"union:european-union"}
    assert column(charter, "proposer") == {THIEULIN}


def test_cq05_what_is_asked_of_nobody(base: EmbeddedEngine) -> None:
    found = column(ask(base, "cq05"), "proposal")
    assert "proposal:integrate-digital-in-education-policy" in found
    assert "proposal:charter-of-fundamental-digital-rights" not in found
    assert "proposal:chief-digital-officer-per-administration" not in found


def test_cq06_five_workshops_each_with_its_theme_and_aims(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq06")
    rows = [row for row in rows if row["event"] == "event:digital-workshops"]
    assert column(rows, "workshop") == {
        "workshop:productive-model",
        "workshop:social-model",
        "workshop:sustainability-of-growth-model",
        "workshop:republican-model",
        "workshop:european-project",
    }
    assert len(column(rows, "aim")) == 10


def test_cq07_and_cq08_problems_against_benefits(base: EmbeddedEngine) -> None:
    concerns = column(ask(base, "cq07"), "concern")
    assert {
        "concern:digital-electricity-consumption",
        "concern:digital-rare-metals-consumption",
    } <= concerns
    pairs = {(row["benefit"], row["concern"]) for row in ask(base, "cq08")}
    assert ("statement:telemedicine-helps-access", "concern:access-difficulties-ageing") in pairs


def test_cq09_and_cq10_the_narrator_speaks_of_privacy(base: EmbeddedEngine) -> None:
    narrated = column(ask(base, "cq09"), "statement")
    assert len(narrated) >= 35
    assert "statement:privacy-among-essential-principles" in narrated
    assert "proposal:promote-interoperability" not in narrated
    basis = {row["statement"]: row["basis"] for row in ask(base, "cq10")}
    assert "attribution-basis:explicit" not in basis.values()
    unstated = basis["proposal:integrate-digital-in-education-policy"]
    assert unstated == "attribution-basis:unstated"


def test_cq11_thieulin_in_the_order_of_the_text(base: EmbeddedEngine) -> None:
    rows = [row for row in ask(base, "cq11") if row["document"] == SEED]
    assert len(rows) >= 9
    starts = [int(row["start"]) for row in rows]
    assert starts == sorted(starts)
    assert "statement:privacy-among-essential-principles" not in column(rows, "statement")


def test_cq12_he_presided_over_a_public_body(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq12")
    assert {r["organisation"] for r in rows} == {"organisation:conseil-national-du-numerique"}
    assert {(r["role"], r["publicBody"]) for r in rows} == {("role:president", "true")}
    assert {r["passage"] for r in rows} == {"passage:seed-000-1553-1612"}
    assert all(r["reference"] for r in rows)
    # The press dates the beginning; no source gives the day of the end, only that of a successor.
    assert {(r["from"], r.get("until"), r["latest"]) for r in rows} == {
        ("2013-01-17", None, "2016-02-07")
    }


def test_cq15_and_cq16_cover_every_principle(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq15")
    assert column(rows, "principle") == column(ask(base, "cq02"), "principle")
    [portability] = [r for r in rows if r["principle"] == "principle:data-portability"]
    assert int(portability["proposals"]) >= 2
    articulated = {r["principle"] for r in rows if int(r["bindingProvisions"])}
    assert not articulated & column(ask(base, "cq16"), "principle")


def test_cq19_to_cq21_the_proposed_charter_is_only_proposed(base: EmbeddedEngine) -> None:
    charter = "instrument:proposed-charter-on-fundamental-digital-rights"
    for name in ("cq19", "cq20"):
        rows = ask(base, name, instrument=charter)
        assert column(rows, "status") == {"instrument-status:proposed"}
    [row] = [row for row in ask(base, "cq21") if row["instrument"] == charter]
    assert row["proposal"] == "proposal:charter-of-fundamental-digital-rights"


def test_cq24_each_tension_is_given_once_by_a_record_with_its_reference(
    base: EmbeddedEngine,
) -> None:
    rows = ask(base, "cq24")
    tense = [row for row in rows if row["relation"] == "drc:inTensionWith"]
    pairs = {(row["principle"], row["other"]) for row in tense}
    assert len(pairs) >= 5
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    for row in rows:
        slug = row["principle"].removeprefix("principle:")
        assert row["reference"].startswith(f"reference:{slug}-") and row["verification"]


def test_cq24_shows_no_reference_that_supports_something_else(base: EmbeddedEngine) -> None:
    principle = "principle:platform-interoperability"
    rows = [row for row in ask(base, "cq24") if row["principle"] == principle]
    assert {(row["other"].removeprefix("principle:"), row["locus"]) for row in rows} == {
        ("network-security", "Article 6(7), second subparagraph; Article 7(9)"),
        ("right-to-encryption", "Article 7(3)"),
        ("competition", "Recital 64"),
    }


def test_cq27_the_quotation_ends_before_the_narrators_words(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq27")
    assert column(rows, "words") and column(rows, "speaker") == {THIEULIN}
    for row in rows:
        assert (row["start"], row["end"]) == ("3956", "4253")
        assert "vie privée" not in row["words"]
        assert row["digest"].startswith("2e0afdd4")
        assert row["earliest"] <= row["latest"]


def test_cq28_and_cq29_the_document_bears_most_kinds_of_record(base: EmbeddedEngine) -> None:
    count = {row["kind"]: int(row["records"]) for row in ask(base, "cq28")}
    assert count["drc:Proposal"] >= 11
    assert (count["drc:Workshop"], count["drc:Quotation"]) == (5, 1)
    assert "drc:Statement" not in count, "only the own kind of a record counts"
    for passage in column(ask(base, "cq29"), "passage"):
        supports = base.store.quads_for_pattern(
            None, ox.NamedNode(DRC + "evidence"), ox.NamedNode(expand(passage)), None
        )
        assert not list(supports)


@pytest.mark.parametrize("word", ["télémédecine", "TELEMEDECINE", "telemedicine"])
def test_cq30_finds_a_word_whatever_its_case_and_accents(base: EmbeddedEngine, word: str) -> None:
    found = column(ask(base, "cq30", word=word), "record")
    assert {"statement:telemedicine-helps-access", "glossary:telemedicine"} <= found


def test_cq31_nothing_is_missing_until_a_text_is_taken_away(base: EmbeddedEngine) -> None:
    assert ask(base, "cq31") == []
    store = load_store(shipped_layout())
    record = ox.NamedNode(expand("theme:health"))
    label = ox.NamedNode(PREFIXES["skos"] + "prefLabel")
    [french] = [
        quad
        for quad in store.quads_for_pattern(record, label, None, None)
        if isinstance(quad.object, ox.Literal) and quad.object.language == "fr"
    ]
    store.remove(french)
    row = {"record": "theme:health", "property": "skos:prefLabel", "language": "fr"}
    assert ask(EmbeddedEngine(store), "cq31") == [row]


def test_cq32_alignments_to_the_wide_world_and_to_the_coding(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq32")
    exact = [r for r in rows if r["record"] == "union:european-union"]
    assert "http://www.wikidata.org/entity/Q458" in column(exact, "target")
    assert "coding:gill-2015" in {shorten(v) for v in column(rows, "vocabulary")}
    assert len(rows) >= 74


def test_cq33_the_date_of_the_document_is_a_draft_inference(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq33")
    [dating] = [row for row in rows if row["assertion"] == "inference:seed-000-date"]
    assert dating["about"] == SEED
    assert dating["kind"] == "drc:EditorialInference"


def test_cq35_the_open_list_is_continued_by_somebody_else(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq35")
    others = [r for r in rows if r["statement"] == "proposal:promote-other-principles"]
    assert column(others, "speaker") == {THIEULIN}
    assert "statement:privacy-among-essential-principles" in column(others, "related")
    assert THIEULIN not in column(others, "relatedSpeaker")


def test_cq36_the_charter_is_a_means_not_the_end(base: EmbeddedEngine) -> None:
    steps = {(row["step"], row["goal"]) for row in ask(base, "cq36")}
    charter = "proposal:charter-of-fundamental-digital-rights"
    guarantee = "proposal:europe-must-guarantee-internet-values"
    assert (charter, guarantee) in steps
    assert (guarantee, charter) not in steps


def test_cq37_counts_statements_of_every_kind(base: EmbeddedEngine) -> None:
    rows = ask(base, "cq37")
    assert len(column(rows, "kind")) == 6
    assert all(int(row["statements"]) >= 1 for row in rows)


def test_cq38_a_principle_comes_with_its_passages(base: EmbeddedEngine) -> None:
    query = find_query("cq38")
    triples = base.construct(query, **query.examples())
    subjects = {shorten(t.subject.value) for t in triples if isinstance(t.subject, ox.NamedNode)}
    assert {
        "principle:interoperability",
        "proposal:promote-interoperability",
        "passage:seed-000-4148-4185",
        "passage:seed-000-4148-4185#q",
    } <= subjects
