"""The Digital Rights Charter Knowledge Base as a library.

>>> from kb import open_base, find_query
>>> base = open_base()
>>> len(base.select(find_query("cq02"))) >= 60
True
"""

from kb.embedded import EmbeddedEngine
from kb.engine import Answer, Dataset, Engine, Format, Row
from kb.errors import EngineError, KbError, NotFound, QueryError, SourceError
from kb.labels import Label, Labels
from kb.layout import Layout, shipped_layout
from kb.problems import BrokenBase, Problem, Severity
from kb.query import Query, find_query, page_queries, questions, read_query
from kb.remote import RemoteEngine
from kb.store import load_store

__all__ = [
    "Answer",
    "BrokenBase",
    "Dataset",
    "EmbeddedEngine",
    "Engine",
    "EngineError",
    "Format",
    "KbError",
    "Label",
    "Labels",
    "Layout",
    "NotFound",
    "Problem",
    "Query",
    "QueryError",
    "RemoteEngine",
    "Row",
    "Severity",
    "SourceError",
    "find_query",
    "load_store",
    "open_base",
    "page_queries",
    "questions",
    "read_query",
    "shipped_layout",
]


def open_base(layout: Layout | None = None) -> EmbeddedEngine:
    """Return an engine over a base, the shipped one unless told otherwise; BrokenBase if unread."""
    return EmbeddedEngine(load_store(layout or shipped_layout()))
