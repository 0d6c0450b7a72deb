"""The report as JUnit XML, for build servers: one test case a problem, one for each clean file.

A violation is a failure; a warning or note is a passed case with its text as output, because no
build fails on it. No times and no dates: the same base gives the same bytes.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from kb.namespaces import shorten
from kb.problems import Severity
from kb.validation.report import Report
from kb.validation.result import Finding

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CLEAN = {"en": "no problem", "fr": "aucun problème"}


def write_junit(report: Report, lang: str) -> str:
    """Return the report as JUnit XML, messages in fr or en."""
    failures = sum(1 for p in report.problems if p.severity is Severity.VIOLATION)
    clean = sorted(set(report.files) - {problem.file for problem in report.problems})
    numbers = {
        "tests": str(len(report.problems) + len(clean)),
        "failures": str(failures),
        "errors": "0",
    }
    root = Xml.Element("testsuites", {"name": "charterkb validate", **numbers})
    suite = Xml.SubElement(root, "testsuite", {"name": "charterkb", **numbers, "skipped": "0"})
    for problem in report.problems:
        _add_problem(suite, problem, lang)
    for file in clean:
        Xml.SubElement(suite, "testcase", {"classname": file, "name": _CLEAN[lang]})
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _add_problem(suite: Xml.Element, problem: Finding, lang: str) -> None:
    """Add the test case of one problem."""
    name = f"{shorten(problem.rule)} {problem.subject}".strip()
    attributes = {"classname": _plain(problem.file), "name": _plain(name)}
    case = Xml.SubElement(suite, "testcase", attributes)
    text = _plain(problem.text(lang))
    if problem.severity is Severity.VIOLATION:
        message = _plain(problem.message[lang])
        failure = Xml.SubElement(case, "failure", {"message": message, "type": problem.rule})
        failure.text = text
    else:
        Xml.SubElement(case, "system-out").text = f"{problem.severity.label}: {text}"


def _plain(text: str) -> str:
    """Return a text without the characters that XML 1.0 (§2.2) cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
