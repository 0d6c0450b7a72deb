"""What the corpus owes its readers: its size, how it was read, and the traps of time."""

from __future__ import annotations

import pytest

from kb import EmbeddedEngine, find_query, questions
from kb.namespaces import expand, shorten

CODE = "provision:code-de-la-consommation-portability"
PORTABILITIES = {"principle:consumer-data-portability", "principle:personal-data-portability"}
EMPTY_WHEN_ALL_IS_WELL = {
    "cq18",  # influences asserted without evidence: none is asserted at all
    "cq16",  # principles named by a source that no provision articulates
    "cq29",  # passages that support nothing
    "cq31",  # names that lack a translation
}


def report(base: EmbeddedEngine, name: str) -> list[dict[str, str]]:
    """Return the rows of a report as text."""
    rows = base.select(find_query(f"report/{name}"))
    return [{key: shorten(term.value) for key, term in row.items()} for row in rows]


def total(base: EmbeddedEngine, name: str, column: str) -> int:
    """Return the sum of a column of a report."""
    return sum(int(row[column]) for row in report(base, name))


def held(base: EmbeddedEngine, day: str) -> set[tuple[str, str]]:
    """Return which principle was articulated in which provision on a day."""
    query = find_query("cq40-articulations-on-a-day")
    return {
        (shorten(row["provision"].value), shorten(row["principle"].value))
        for row in base.select(query, day=day)
    }


def life(base: EmbeddedEngine, instrument: str) -> dict[str, str]:
    """Return the first day of each status of an instrument."""
    query = find_query("instrument/timeline")
    rows = base.select(query, instrument=expand(f"instrument:{instrument}"))
    return {
        shorten(row["status"].value).rpartition(":")[2]: row["from"].value
        for row in rows
        if "from" in row
    }


def test_a_hundred_instruments_from_every_region(base: EmbeddedEngine) -> None:
    assert total(base, "instruments-by-region", "instruments") >= 100
    assert len(report(base, "instruments-by-region")) == 7


def test_our_own_articulations_were_read_in_the_text(base: EmbeddedEngine) -> None:
    by_verification = {
        row["verification"]: int(row["ours"])
        for row in report(base, "articulations-by-verification")
    }
    read = sum(
        by_verification.get(f"verification:{how}", 0)
        for how in ("read-in-official-text", "read-in-copy")
    )
    assert sum(by_verification.values()) >= 600
    assert read >= 0.7 * sum(by_verification.values())
    assert "verification:unverified" not in by_verification


@pytest.mark.parametrize("query", questions(), ids=lambda query: query.name.split("-", 1)[0])
def test_a_question_finds_something(base: EmbeddedEngine, query) -> None:
    values = query.examples()
    if query.form == "ASK":
        # No is an answer: privacy stands in the narrator’s words, not in the quotation.
        assert base.ask(query, **values) is False
    elif query.form == "SELECT":
        found = base.select(query, **values)
        assert bool(found) != (query.name.split("-", 1)[0] in EMPTY_WHEN_ALL_IS_WELL)
    else:
        assert base.construct(query, **values)


def test_the_numbers_of_the_french_code_gave_portability_and_no_longer_do(
    base: EmbeddedEngine,
) -> None:
    then, now = held(base, "2020-01-01"), held(base, "2026-11-24")
    assert {p for provision, p in then if provision.startswith(f"{CODE}-art-l224-42-")} >= (
        PORTABILITIES
    )
    after = {p for provision, p in now if provision.startswith(f"{CODE}-art-l224-42-")}
    assert after & PORTABILITIES == set()
    assert "principle:number-portability" in after


def test_the_last_day_of_the_old_meaning_is_the_eve_of_the_new_one(base: EmbeddedEngine) -> None:
    number = f"{CODE}-art-l224-42-1"
    eve = {provision for provision, _ in held(base, "2021-05-27") if number in provision}
    day = {provision for provision, _ in held(base, "2021-05-28") if number in provision}
    assert eve == {f"{number}@2018-05-25"}
    assert all(provision.endswith("@2021-05-28") for provision in day)
    assert day


def test_no_provision_of_a_reused_number_is_without_its_date(base: EmbeddedEngine) -> None:
    instrument = "instrument:code-de-la-consommation-portability"
    rows = base.select(find_query("instrument/articulations"), instrument=instrument)
    numbers = {shorten(row["provision"].value) for row in rows}
    reused = {each for each in numbers if "-l224-42-" in each}
    assert reused
    assert all("@" in each for each in reused)


def test_signature_publication_effect_and_application_are_told_apart(
    base: EmbeddedEngine,
) -> None:
    declaration = life(base, "european-declaration-digital-rights")
    assert (declaration["signed"], declaration["published"]) == ("2022-12-15", "2023-01-23")
    act = life(base, "interoperable-europe-act")
    assert act["adopted"] == "2024-03-13"
    assert act["published"] == "2024-03-22"
    assert act["in-force"] == "2024-04-11"
    assert act["applicable"] == "2024-07-12"


def test_the_italian_draft_and_the_adopted_text_keep_their_own_numbers(
    base: EmbeddedEngine,
) -> None:
    instrument = "instrument:dichiarazione-diritti-internet"
    rows = base.select(find_query("instrument/articulations"), instrument=instrument)
    neutrality = {
        (shorten(row["provision"].value), shorten(row["asserter"].value))
        for row in rows
        if shorten(row["principle"].value) == "principle:net-neutrality"
    }
    text = "provision:dichiarazione-diritti-internet-art"
    assert (f"{text}-3@2014-10-13", "group:gill-redeker-gasser") in neutrality
    ours = {provision for provision, who in neutrality if who == "agent:editors"}
    assert ours
    assert all(provision.startswith(f"{text}-4") for provision in ours)


def test_the_digital_republic_act_is_cited_by_its_own_numbers(base: EmbeddedEngine) -> None:
    instrument = "instrument:loi-republique-numerique"
    rows = base.select(find_query("instrument/articulations"), instrument=instrument)
    portability = {
        shorten(row["provision"].value)
        for row in rows
        if shorten(row["principle"].value) in PORTABILITIES
    }
    assert portability
    assert all(
        provision.startswith("provision:loi-republique-numerique-art-48")
        for provision in portability
    )
