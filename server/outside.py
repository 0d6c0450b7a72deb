"""What the alignment tables call concepts of other vocabularies, whose labels the base lacks."""

from __future__ import annotations

from collections.abc import Mapping

from kb import Layout
from kb.alignments import read_mappings

_BETWEEN = " | "
"""Between the French and the English label, in tables of vocabularies that have both."""


def outside_names(layout: Layout) -> Mapping[str, Mapping[str, str]]:
    """Return the name of every mapped concept by language; SourceError on a broken table.

    In a table with bilingual labels a single one stands for both languages; elsewhere it is the
    English label of the vocabulary.
    """
    names: dict[str, Mapping[str, str]] = {}
    for path in layout.alignment_files():
        labels = {row.object: row.columns["object_label"] for row in read_mappings(path)}
        bilingual = any(_BETWEEN in label for label in labels.values())
        names |= {iri: _by_language(label, bilingual) for iri, label in labels.items() if label}
    return names


def _by_language(label: str, bilingual: bool) -> Mapping[str, str]:
    """Return a label of an alignment table by language."""
    french, _, english = label.partition(_BETWEEN)
    return {"fr": french, "en": english or french} if bilingual else {"en": label}
