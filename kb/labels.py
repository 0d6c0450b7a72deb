"""Names for IRIs, read once: a page asks for a label without asking the engine again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kb.engine import Engine
from kb.namespaces import shorten
from kb.query import find_query

_FALLBACK = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """A name and the language it is in; no language when it is the identifier itself."""

    text: str
    lang: str = ""


class Labels:
    """The label of every labelled resource of a base, by language."""

    def __init__(self, engine: Engine) -> None:
        self._by_iri: dict[str, dict[str, str]] = {}
        for row in engine.select(find_query("site/labels")):
            resource, label = row["resource"], row["label"]
            assert isinstance(label, ox.Literal)
            self._by_iri.setdefault(resource.value, {})[label.language or ""] = label.value

    def label(self, iri: str, lang: str) -> Label:
        """Return the name of an IRI: in `lang`, else fr, en, any language, else its short form."""
        texts: Mapping[str, str] = self._by_iri.get(iri, {})
        for candidate in (lang, *_FALLBACK, *sorted(texts)):
            if candidate in texts:
                return Label(texts[candidate], candidate)
        return Label(shorten(iri))

    def __contains__(self, iri: str) -> bool:
        return iri in self._by_iri
