"""The errors of the knowledge base.

KbError
├── SourceError   a file of the base cannot be read: says which, where, and how to mend it
├── QueryError    a query file, its values or a query text is wrong
├── NotFound      nothing goes by that name
└── EngineError   the query engine cannot be reached or failed

Bad *data* is not an error but a `kb.problems.Problem`: problems are collected, never raised.
"""

from __future__ import annotations

from pathlib import Path


class KbError(Exception):
    """Base of all errors of the knowledge base; its text is fit to be shown to a user."""


class SourceError(KbError):
    """A file that cannot be read, with the place and the remedy."""

    def __init__(self, path: Path, message: str, fix: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {message} — {fix}")
        self.path = path
        self.line = line
        self.message = message
        self.fix = fix


class QueryError(KbError):
    """A query, its header or its values that cannot be used."""


class NotFound(KbError):
    """Nothing goes by the name that was asked for."""


class EngineError(KbError):
    """The query engine cannot be reached, or failed while answering."""
