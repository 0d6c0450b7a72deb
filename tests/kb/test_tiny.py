"""The invented base is a good one: what is tried on it is tried on data that would be accepted."""

from __future__ import annotations

from kb import Layout, Severity
from kb.validation import validate


def test_the_invented_base_conforms(tiny_layout: Layout) -> None:
    report = validate(tiny_layout)
    grave = [p.text("en") for p in report.problems if p.severity is Severity.VIOLATION]
    assert grave == []
    assert report.conforms


def test_its_only_warning_is_the_proposal_that_is_addressed_to_nobody(tiny_layout: Layout) -> None:
    warnings = [p for p in validate(tiny_layout).problems if p.severity is Severity.WARNING]
    assert [p.subject for p in warnings] == ["proposal:lending-desk"]
