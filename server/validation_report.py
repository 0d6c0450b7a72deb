"""The validation report as a page shows it: made once per state of the base, in another process.

Checking everything takes seconds of work, more than a request may; the report is kept in the
user's cache folder under the digest of what was checked.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from kb.layout import Layout
from server.cache_folder import cache_folder
from server.site import Site

State = Literal["ready", "running", "failed"]


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A problem as the report keeps it."""

    severity: str
    subject: str
    rule: str
    file: str
    line: int | None
    message: Mapping[str, str]
    remedy: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What validation found, or how far it has come."""

    state: State
    digest: str = ""
    conforms: bool = False
    problems: tuple[ReportedProblem, ...] = ()

    def count(self, severity: str) -> int:
        """Return how many problems are of a severity."""
        return sum(problem.severity == severity for problem in self.problems)


_running: dict[Path, subprocess.Popen[bytes]] = {}
_lock = Lock()


def find_report(site: Site) -> ValidationReport:
    """Return the report on a base; when there is none yet, have it made and say that it runs."""
    path = cache_folder() / f"validation-{_digest(site)}.json"
    if path.is_file():
        return read_report(path)
    with _lock:
        process = _running.get(path)
        if process is None:
            _running[path] = _start(site.layout, path)
            return ValidationReport("running")
        state: State = "running" if process.poll() is None else "failed"
        return ValidationReport(state)


def read_report(path: Path) -> ValidationReport:
    """Return the report kept in a file; one that cannot be read counts as failed."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        problems = tuple(ReportedProblem(**problem) for problem in kept["problems"])
        return ValidationReport("ready", kept["digest"], kept["conforms"], problems)
    except (OSError, ValueError, KeyError, TypeError):
        return ValidationReport("failed")


def write_report(layout: Layout, path: Path) -> None:
    """Check a base and keep the report in a file, whole or not at all."""
    # Read only here: starting the server is not to wait for what checks the base.
    from kb.validation import validate

    report = validate(layout)
    kept = {
        "digest": report.digest,
        "conforms": report.conforms,
        "problems": [
            {
                "severity": problem.severity.label,
                "subject": problem.subject,
                "rule": problem.rule,
                "file": _shown_file(layout, problem.file),
                "line": problem.line,
                "message": dict(problem.message),
                "remedy": dict(problem.remedy),
            }
            for problem in report.problems
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def _start(layout: Layout, path: Path) -> subprocess.Popen[bytes]:
    """Start the process that writes a report."""
    command = [sys.executable, "-m", "server.validation_report"]
    process = subprocess.Popen(
        [*command, str(layout.data), str(layout.ontology), str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still at work when the server ends."""
    process.terminate()
    process.wait()


def _digest(site: Site) -> str:
    """Return a digest of all that a report depends on: data, shapes, program."""
    shapes = sorted(str(triple) for triple in site.shapes)
    seed = "\n".join((site.dataset.digest, site.version, *shapes))
    return hashlib.sha256(seed.encode()).hexdigest()[:24]


def _shown_file(layout: Layout, file: str) -> str:
    """Return a file name without the folders above the base, which are nobody’s business."""
    path = Path(file).absolute()
    for root in (layout.data, layout.ontology):
        if path.is_relative_to(root.absolute()):
            return path.relative_to(root.absolute().parent).as_posix()
    return path.name


if __name__ == "__main__":
    write_report(Layout(Path(sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[3]))
