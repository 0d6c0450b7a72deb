"""The invented base is a good one: what is tried on it is tried on data that would be accepted."""

from __future__ import annotations

from kb import Layout, Severity
from kb.validation import validate


def test_the_invented_base_conforms_without_a_warning(tiny_layout: Layout) -> None:
    report = validate(tiny_layout)
    told = [p.text("en") for p in report.problems if p.severity >= Severity.WARNING]
    assert told == []
    assert report.conforms
