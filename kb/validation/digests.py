"""Texts held as evidence: each has its document, and the digest that the document states."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kb.namespaces import DRC, ID
from kb.validation.base import Base, graph_of
from kb.validation.result import Result, rule

_SHA256, _FROM = ox.NamedNode(DRC + "sha256"), ox.NamedNode(DRC + "fromDocument")
_DOCUMENT = ID + "document/"


def find_wrong_texts(base: Base) -> Iterator[Result]:
    """Yield a result for each text that was altered, is missing, or belongs to no document."""
    texts = {path.stem: path for path in base.layout.text_files()}
    stated = {
        quad.subject.value: quad.object.value
        for quad in base.store.quads_for_pattern(None, _SHA256, None, None)
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }
    for document, digest in sorted(stated.items()):
        path = texts.get(document.removeprefix(_DOCUMENT))
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path else digest
        if found != digest:
            yield Result(
                shape=rule("TextMatchesDigest"),
                focus=ox.NamedNode(document),
                value=ox.Literal(digest),
                path=_SHA256,
                values={"found": found},
            )
    quoted = base.store.quads_for_pattern(None, _FROM, None, None)
    for document in sorted({q.object.value for q in quoted if isinstance(q.object, ox.NamedNode)}):
        if document.removeprefix(_DOCUMENT) not in texts:
            yield Result(rule("TextIsHeld"), ox.NamedNode(document))
    for stem, path in texts.items():
        if _DOCUMENT + stem not in stated and not _left_out(base, stem):
            values = {"stem": stem}
            yield Result(
                rule("TextHasDocument"), graph_of(base.layout, path), file=path, values=values
            )


def _left_out(base: Base, stem: str) -> bool:
    """Tell whether the file that would describe a document could not be read."""
    return any(p.parent.name == "sources" and p.stem == stem for p in base.unread)
