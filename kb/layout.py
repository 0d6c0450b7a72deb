"""Where the files of the base are, and which named graph each one becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kb.errors import SourceError
from kb.namespaces import GRAPH

TEXTS_GRAPH = GRAPH + "texts"
DERIVED_GRAPH = GRAPH + "derived"

_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`%#?\\\ud800-\udfff]')

FOLDERS: dict[str, tuple[str, ...]] = {
    "sources": ("document",),
    "statements": ("statement",),
    "aims": ("aim",),
    "concerns": ("concern",),
    "expectations": ("expectation",),
    "proposals": ("proposal",),
    "glossary": ("glossary",),
    "events": ("event", "workshop"),
    "actors": (
        "person",
        "organisation",
        "state",
        "union",
        "geopolitical",
        "group",
        "category",
        "agent",
    ),
    "memberships": ("membership",),
    "themes": ("theme",),
    "principles": ("principle",),
    "instruments": ("instrument",),
    "links": ("link",),
    "realisations": ("realisation",),
    "comparisons": ("comparison",),
    "inferences": ("inference",),
    "codings": ("coding",),
    "readings": ("reading",),
}
"""Data folder → the record types whose slug is the stem of a file there."""

_COMPANIONS: dict[str, tuple[str, ...]] = {
    "sources": ("passage", "quotation"),
    "instruments": ("provision", "text", "status", "articulation", "absence"),
    "codings": ("code", "articulation", "absence"),
    "readings": ("locus-reading",),
}


def companions(folder: str) -> tuple[str, ...]:
    """Return the record types that live in the file of the record they belong to.

    Source references may stand beside any record.
    """
    return (*_COMPANIONS.get(folder, ()), "reference")


@dataclass(frozen=True, slots=True)
class Layout:
    """The two folders that make up a base: the records, and the ontology they are written in."""

    data: Path
    ontology: Path

    def data_files(self) -> list[Path]:
        """Return the Turtle files of the records, sorted."""
        return sorted(self.data.rglob("*.ttl"))

    def alignment_files(self) -> list[Path]:
        """Return the SSSOM tables of external alignments, sorted."""
        return sorted((self.data / "alignments").glob("*.sssom.tsv"))

    def text_files(self) -> list[Path]:
        """Return the source texts held as evidence, sorted."""
        return sorted((self.data / "texts").glob("*.txt"))

    def ontology_files(self) -> list[Path]:
        """Return the Turtle files of the ontology proper, sorted; lists and shapes are apart."""
        return sorted(self.ontology.glob("*.ttl"))

    def voc_files(self) -> list[Path]:
        """Return the Turtle files of the closed lists, sorted."""
        return sorted((self.ontology / "voc").glob("*.ttl"))

    def shape_files(self) -> list[Path]:
        """Return the Turtle files of the SHACL shapes, sorted."""
        return sorted((self.ontology / "shapes").glob("*.ttl"))

    def rule_files(self) -> list[Path]:
        """Return the CONSTRUCT rules for derived links, in the order of their numbers."""
        return sorted((self.ontology / "rules").glob("*.rq"))

    def check_files(self) -> list[Path]:
        """Return the SPARQL checks, sorted."""
        return sorted((self.ontology / "checks").glob("*.rq"))

    def graph_iri(self, path: Path) -> str:
        """Return the named graph of a file: …/graph/{folder}/{stem}; SourceError if not ours.

        The files of the ontology proper (`drc*.ttl`) make up one graph, …/graph/ontology.
        """
        stem = path.name.split(".", 1)[0]
        for root in (self.data, self.ontology):
            if path.is_relative_to(root):
                folder = path.relative_to(root).parent.as_posix()
                if _NOT_IN_IRI.search(folder + stem):
                    message = "no identifier can be made of its name"
                    raise SourceError(path, message, "use a-z, 0-9 and hyphens for files, folders")
                if folder != ".":
                    return f"{GRAPH}{folder}/{stem}"
                is_core = root == self.ontology and stem.split("-", 1)[0] == "drc"
                return GRAPH + ("ontology" if is_core else stem)
        raise SourceError(path, "this file is not part of the base", f"move it below {self.data}")


def shipped_layout() -> Layout:
    """Return the layout of the base that comes with this package."""
    return Layout(Path(str(files("kb") / "data")), Path(str(files("ontology"))))
