"""What a validation found, as a value: the same base gives an equal report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kb.problems import Severity
from kb.validation.result import Finding


@dataclass(frozen=True, slots=True)
class Report:
    """All problems, sorted; the dataset's version and digest; what was and was not checked.

    `digest` is empty when only some files were asked for; `files` are all files checked, `left_out`
    those that could not be read, `skipped` the steps that could not be taken, `unshown` the number
    of problems that `at_least` has set aside; `timings` are seconds by step, and no part of the
    report's identity.
    """

    problems: tuple[Finding, ...]
    version: str
    digest: str
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unshown: int = 0
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def conforms(self) -> bool:
        """Tell whether there is no violation; warnings and editorial notes do not count."""
        return not any(p.severity is Severity.VIOLATION for p in self.problems)

    @property
    def counts(self) -> dict[str, int]:
        """The number of problems by severity, the gravest first, zeros included."""
        return {
            level.label: sum(1 for p in self.problems if p.severity is level)
            for level in sorted(Severity, reverse=True)
        }

    def at_least(self, severity: Severity) -> Report:
        """Return the report of the problems at least this grave."""
        kept = tuple(p for p in self.problems if p.severity >= severity)
        unshown = self.unshown + len(self.problems) - len(kept)
        return replace(self, problems=kept, unshown=unshown)
