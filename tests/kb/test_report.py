"""The coverage report counts what a base holds, in both languages."""

from __future__ import annotations

import json

import pytest

from kb import EmbeddedEngine
from kb.cli import main
from kb.report import COVERAGE, Section, as_text, coverage


@pytest.fixture(scope="module")
def sections(tiny: EmbeddedEngine) -> dict[str, Section]:
    return {section.name: section for section in coverage(tiny, "en")}


def column(section: Section, head: str) -> dict[str, str]:
    """Return the cells of a column by the first cell of their row."""
    at = section.heads.index(head)
    return {row[0]: row[at] for row in section.rows}


def test_every_section_is_there_in_order(sections: dict[str, Section]) -> None:
    assert tuple(sections) == COVERAGE


def test_an_instrument_is_counted_once_in_its_region(sections: dict[str, Section]) -> None:
    found = sections["instruments-by-region"]
    assert column(found, "Instruments") == {"Europe": "5"}
    assert column(found, "Binding") == {"Europe": "1"}


def test_our_articulations_are_told_from_those_coded_by_others(
    sections: dict[str, Section],
) -> None:
    found = sections["articulations-by-principle"]
    assert column(found, "Our articulations")["Openness of boxes"] == "3"
    assert column(found, "Coded by others")["Openness of boxes"] == "1"
    assert column(found, "Absences")["Secrecy of boxes"] == "1"


def test_places_read_twice_are_counted_by_agreement(sections: dict[str, Section]) -> None:
    assert sections["agreement"].rows == (
        ("neighbouring principle", "kept", "1", "0"),
        ("not found", "withdrawn", "1", "0"),
        ("same principle", "agreed", "1", "1"),
    )


def test_what_is_unverified_is_named(sections: dict[str, Section]) -> None:
    rows = sections["unverified"].rows
    assert {row[1] for row in rows} == {"Bill on closed boxes, page"}
    assert "Bill on closed boxes" in {row[0] for row in rows}


def test_an_empty_section_says_so_in_the_language(sections: dict[str, Section]) -> None:
    assert as_text([sections["untranslated"]], "fr").endswith(" : néant\n")
    assert as_text([sections["untranslated"]], "en").endswith(": none\n")


def test_the_command_prints_the_same_report_as_text_and_as_json(
    tiny: EmbeddedEngine, tiny_layout, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--data", str(tiny_layout.data)]
    assert main([*folder, "report", "coverage", "--lang", "fr"]) == 0
    assert capsys.readouterr().out == as_text(coverage(tiny, "fr"), "fr")
    assert main([*folder, "report", "coverage", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [part["name"] for part in told] == list(COVERAGE)
