"""Reports in every form: one function a form."""

from __future__ import annotations

from collections.abc import Callable

from kb.errors import NotFound
from kb.validation.report import Report
from kb.validation.report_json import write_json
from kb.validation.report_junit import write_junit
from kb.validation.report_rdf import write_report_jsonld, write_report_turtle
from kb.validation.report_text import write_text
from kb.validation.shapes import LANGUAGES

FORMATS: dict[str, Callable[[Report, str], str]] = {
    "text": write_text,
    "ttl": write_report_turtle,
    "jsonld": write_report_jsonld,
    "json": write_json,
    "junit": write_junit,
}


def render(report: Report, format: str = "text", lang: str = "en") -> str:
    """Return a report in one form and language; NotFound for one that there is not."""
    if format not in FORMATS:
        raise NotFound(f"no report format “{format}” — choose one of {', '.join(FORMATS)}")
    if lang not in LANGUAGES:
        raise NotFound(f"no messages in “{lang}” — choose one of {', '.join(LANGUAGES)}")
    return FORMATS[format](report, lang)
