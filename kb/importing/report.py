"""Tell what an import comes to: its counts, and record by record what would change."""

from __future__ import annotations

from pathlib import Path

from kb.importing.plan import Change, Plan
from kb.importing.run import Outcome
from kb.importing.wording import say
from kb.layout import Layout
from kb.turtle_writer import natural_key

_SIGNS = ("+", "=", "~", "-")


def summary(outcome: Outcome, plan: Plan, lang: str) -> str:
    """Return what was found, right by right, and the records by type: new, kept, changed, gone."""
    lines = [
        say(
            "report-findings",
            lang,
            coding=outcome.coding,
            findings=outcome.findings,
            documents=outcome.documents,
        )
    ]
    lines += [f"  {count:5}  {right}" for right, count in outcome.rights.items()]
    columns = say("report-columns", lang).split(",")
    types = list(dict.fromkeys(record_type for record_type, _ in plan.counts))
    names = {each: say(f"type-{each}", lang) for each in types}
    width = max(map(len, names.values()), default=0)
    lines.append(" " * (width + 2) + "".join(f"  {column:>14}" for column in columns))
    for each in types:
        counts = "".join(f"  {plan.counts[each, sign]:14}" for sign in _SIGNS)
        lines.append(f"  {names[each]:{width}}{counts}")
    return "\n".join(lines)


def difference(plan: Plan, layout: Layout, lang: str) -> str:
    """Return what would change, file by file and record by record."""
    lines: list[str] = []
    for path, changes in sorted(plan.changes.items()):
        lines.append(_shown(path, layout))
        for change in sorted(changes, key=lambda change: natural_key(change.record)):
            lines += _change(change, lang)
    return "\n".join(lines)


def _change(change: Change, lang: str) -> list[str]:
    """Return the lines of one change."""
    label = change.label[lang]
    head = f"  {change.sign} {change.record}" + (f"  {label}" if label else "")
    return [head, *(f"      {detail}" for detail in change.details)]


def _shown(path: Path, layout: Layout) -> str:
    """Return a file as its folder and name within the data."""
    return (
        path.relative_to(layout.data).as_posix() if path.is_relative_to(layout.data) else str(path)
    )
