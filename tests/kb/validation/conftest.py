"""Bases to be checked: the shipped one, a part of it copied and spoiled, and small ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb.layout import Layout, shipped_layout
from kb.namespaces import PREFIXES
from kb.turtle import format_turtle
from kb.validation import Report, validate
from kb.validation.base import Base, open_base
from tests.sample import in_sample

MakeBase = Callable[[Mapping[str, str | bytes]], Base]

PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
SMALL_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix shapes: <https://w3id.org/digital-rights-charter/shapes#> .
shapes:Labelled a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property shapes:Label .
shapes:Label a sh:PropertyShape ; sh:path skos:prefLabel ; sh:minCount 1 ;
  sh:message "Fewer than {$minCount} label — add one."@en ,
    "Moins de {$minCount} libellé — en ajouter un."@fr .
"""


def copy_sample(folder: Path) -> Layout:
    """Copy the sample of the shipped base below a folder, under the names it has in the package."""
    shipped = shipped_layout()
    layout = Layout(folder / "kb" / "data", folder / "ontology")
    shutil.copytree(shipped.ontology, layout.ontology)
    shutil.copytree(shipped.data, layout.data)
    for path in layout.data_files():
        if not in_sample(path.relative_to(layout.data).with_suffix("").as_posix()):
            path.unlink()
    return layout


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A copy of the sample; must not be changed."""
    return copy_sample(tmp_path_factory.mktemp("pristine"))


@pytest.fixture(scope="session")
def pristine_report(pristine: Layout) -> Report:
    """What is wrong with the sample: it refers to the instruments that it lacks."""
    return validate(pristine)


@pytest.fixture
def copied(tmp_path: Path) -> Layout:
    """A copy of the sample to be spoiled."""
    return copy_sample(tmp_path)


@pytest.fixture
def make_base(tmp_path: Path) -> MakeBase:
    """Make a small base from files of records, with one shape and no ontology."""

    def make(files: Mapping[str, str | bytes]) -> Base:
        layout = small_layout(tmp_path, files)
        return open_base(layout)

    return make


def small_layout(folder: Path, files: Mapping[str, str | bytes]) -> Layout:
    """Write a small base; Turtle is given its prefixes and canonical form, bytes stay as given."""
    layout = Layout(folder / "kb" / "data", folder / "ontology")
    contents = {"ontology/shapes/small.ttl": SMALL_SHAPES, **files}
    for name, content in contents.items():
        path = folder / name if name.startswith("ontology/") else layout.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif path.suffix == ".ttl":
            written = format_turtle((PREFIX_LINES + content).encode(), path)
            path.write_text(written, encoding="utf-8")
        else:
            path.write_text(content, encoding="utf-8")
    layout.data.mkdir(parents=True, exist_ok=True)
    return layout
