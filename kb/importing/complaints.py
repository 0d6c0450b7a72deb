"""What is wrong with a table or its mapping, collected with its place, in both languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from kb.importing.wording import LANGUAGES, Texts, both
from kb.problems import Problem, Severity

_RULE = "import/"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: a row and a cell of a table, or a key of a mapping (`cell`)."""

    file: str
    cell: str = ""
    row: int | None = None
    heading: str = ""


@dataclass(slots=True)
class Complaints:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)
    _told: set[Problem] = field(default_factory=set)

    @property
    def are_grave(self) -> bool:
        """Tell whether anything may be written: not if there is a violation."""
        return any(problem.severity is Severity.VIOLATION for problem in self.problems)

    def add(self, name: str, place: Place, **values: str | int | Texts) -> None:
        """Add a problem, by the name of its texts, with the values they want."""
        texts = _texts()[name]
        column = both("place", column=place.heading or place.cell)
        filled = {"place": column, **values}
        value = values.get("value", "")
        problem = Problem(
            file=place.file,
            line=place.row,
            subject=place.cell,
            rule=_RULE + name,
            severity=Severity.named(texts["severity"]),
            message={lang: _fill(texts["message"][lang], lang, filled) for lang in LANGUAGES},
            remedy={lang: _fill(texts["remedy"][lang], lang, filled) for lang in LANGUAGES},
            value=value if isinstance(value, str) else "",
        )
        if problem not in self._told:
            self._told.add(problem)
            self.problems.append(problem)


def _fill(text: str, lang: str, values: dict[str, str | int | Texts]) -> str:
    """Return a text filled in, in one language."""
    chosen = {k: v if isinstance(v, str | int) else v[lang] for k, v in values.items()}
    return text.format(**chosen)


@cache
def _texts() -> dict[str, dict[str, Any]]:
    """Return severity, message and remedy of each problem by its name."""
    return tomllib.loads((files("kb.importing") / "problems.toml").read_text("utf-8"))
