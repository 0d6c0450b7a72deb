"""What is wrong with the data: values to be collected, sorted and shown, never raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from kb.errors import KbError


class Severity(IntEnum):
    """How grave a problem is; a violation stops build, export and release."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """The name as users write it: info, warning or violation."""
        return self.name.lower()

    @staticmethod
    def named(name: str) -> Severity:
        """Return the severity of that name; KeyError if there is none."""
        return Severity[name.upper()]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (file, line, subject), which rule, what, and how to mend it.

    `message` and `remedy` hold one text for each of fr and en; `rule` is the IRI of the shape,
    constraint or check; `value` is the offending term as a user reads it, empty when none.
    """

    file: str
    line: int | None
    subject: str
    rule: str
    severity: Severity
    message: Mapping[str, str] = field(hash=False)
    remedy: Mapping[str, str] = field(hash=False)
    value: str = ""
    path: str = ""

    def text(self, lang: str) -> str:
        """Return `file:line: subject: message — remedy` in fr or en."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        about = f"{place}: {self.subject}" if self.subject else place
        return f"{about}: {self.message[lang]} — {self.remedy[lang]}"

    def sort_key(self) -> tuple[str, int, str, str, str]:
        """Return the order in which problems are shown: by place, then by rule."""
        return (self.file, self.line or 0, self.subject, self.rule, self.value)


class BrokenBase(KbError):
    """The base cannot be used as it is; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=Problem.sort_key)
        lines = [problem.text("en") for problem in self.problems]
        super().__init__("\n".join(lines))
