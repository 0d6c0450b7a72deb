"""The report as flat JSON: one object a problem, both languages in each."""

from __future__ import annotations

import json

from kb.validation.report import Report
from kb.validation.shapes import LANGUAGES


def write_json(report: Report, lang: str) -> str:
    """Return the report as JSON; `message` and `remedy` are in `lang`, others beside them."""
    problems = [
        {
            "file": problem.file,
            "line": problem.line,
            "subject": problem.subject,
            "rule": problem.rule,
            "severity": problem.severity.label,
            "path": problem.path,
            "value": problem.value,
            "message": problem.message[lang],
            "remedy": problem.remedy[lang],
            **{f"message_{la}": problem.message[la] for la in LANGUAGES},
            **{f"remedy_{la}": problem.remedy[la] for la in LANGUAGES},
        }
        for problem in report.problems
    ]
    whole = {
        "conforms": report.conforms,
        "counts": report.counts,
        "version": report.version,
        "digest": report.digest or None,
        "files": len(report.files),
        "unshown": report.unshown,
        "left_out": list(report.left_out),
        "skipped": list(report.skipped),
        "problems": problems,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
