"""What the front knows of the data, which it never opens itself."""

from __future__ import annotations

from dataclasses import dataclass

from kb.errors import KbError


class StartError(KbError):
    """The data cannot be opened; says why."""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What the front knows of the data: enough to name them."""

    version: str
    digest: str
    triples: int
    graphs: int
