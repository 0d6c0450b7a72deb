"""The report as lines for people: `file:line: subject: message — remedy`, gravest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kb.problems import Severity
from kb.validation.report import Report
from kb.validation.result import Finding

_NAMES = {
    "en": {
        Severity.VIOLATION: ("violation", "violations"),
        Severity.WARNING: ("warning", "warnings"),
        Severity.INFO: ("note", "notes"),
    },
    "fr": {
        Severity.VIOLATION: ("violation", "violations"),
        Severity.WARNING: ("avertissement", "avertissements"),
        Severity.INFO: ("remarque", "remarques"),
    },
}
_FILES = {"en": ("file", "files"), "fr": ("fichier", "fichiers")}
_VERDICT = {
    "en": {True: "The base conforms", False: "The base does not conform"},
    "fr": {True: "La base est conforme", False: "La base n’est pas conforme"},
}
_LEFT_OUT = {
    "en": "left out, because unreadable: {names}",
    "fr": "laissé de côté, car illisible : {names}",
}
_SKIPPED = {
    "en": "not carried out, because the ontology is unreadable: {names}",
    "fr": "non effectué, car l’ontologie est illisible : {names}",
}
_UNSHOWN = {"en": "; {count} less grave not shown", "fr": " ; {count} moins graves non montrés"}
_COLON = {"en": ":", "fr": " :"}
_IN = {"en": "in", "fr": "dans"}


def write_text(report: Report, lang: str) -> str:
    """Return the report as text in fr or en, closed by a line that sums it up."""
    lines: list[str] = []
    for level in sorted(Severity, reverse=True):
        found = [p for p in report.problems if p.severity is level]
        if found:
            lines.append(f"{_count(len(found), _NAMES[lang][level], lang)}{_COLON[lang]}")
            lines += [*_lines(found, lang), ""]
    for names, form in ((report.left_out, _LEFT_OUT), (report.skipped, _SKIPPED)):
        if names:
            lines.append(form[lang].format(names=", ".join(names)))
    return "\n".join([*lines, _summary(report, lang), ""])


def _lines(problems: Sequence[Finding], lang: str) -> list[str]:
    """Return one line a problem; where two would be the same, their values tell them apart."""
    texts = [problem.text(lang) for problem in problems]
    often = {text for text, count in Counter(texts).items() if count > 1}
    return [
        f"{text} [{problem.value}]" if text in often and problem.value else text
        for text, problem in zip(texts, problems, strict=True)
    ]


def _summary(report: Report, lang: str) -> str:
    """Return the verdict, the counts, and which dataset was checked."""
    counts = ", ".join(
        _count(report.counts[level.label], _NAMES[lang][level], lang)
        for level in sorted(Severity, reverse=True)
        if report.counts[level.label] or not report.unshown or level is Severity.VIOLATION
    )
    files = _count(len(report.files), _FILES[lang], lang)
    digest = f", SHA-256 {report.digest[:12]}" if report.digest else ""
    verdict = _VERDICT[lang][report.conforms]
    unshown = _UNSHOWN[lang].format(count=report.unshown) if report.unshown else ""
    return (
        f"{verdict}{_COLON[lang]} {counts} {_IN[lang]} {files}{unshown} ({report.version}{digest})."
    )


def _count(number: int, names: tuple[str, str], lang: str) -> str:
    """Return a number with its noun; French has the singular for nought too."""
    singular = number < 2 if lang == "fr" else number == 1
    return f"{number} {names[0] if singular else names[1]}"
