"""The documents are true: links lead somewhere, commands exist, examples run, versions agree."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import kb
import kb.validation
from kb.commands import COMMANDS
from kb.dataset import describe
from kb.embedded import EmbeddedEngine
from kb.export import FORMATS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "kb/data/*.md",
        "ontology/*.md",
        "ontology/shapes/*.md",
        "examples/**/*.md",
        "docs/*.md",
    )
    for path in ROOT.glob(pattern)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def test_there_are_documents() -> None:
    assert len(DOCUMENTS) >= 8


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_named_is_one(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:\.venv/bin/)?charterkb ([a-z]+)", text))
    assert named <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets


def test_the_readme_shows_the_two_commands_first() -> None:
    first_block = README.split("```")[1]
    assert "make serve" in first_block
    assert "make test" in first_block


def test_the_readme_names_every_command_and_every_dump() -> None:
    for command in COMMANDS:
        assert f"`charterkb {command}" in README
    for form in FORMATS.values():
        assert f".{form.suffix}`" in README


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "Portabilité des données / Data portability" in capsys.readouterr().out


@pytest.mark.parametrize("module", [kb, kb.validation], ids=lambda module: module.__name__)
def test_the_examples_in_docstrings_run(module: object) -> None:
    outcome = doctest.testmod(module)  # type: ignore[arg-type]
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_version_is_the_same_everywhere(base: EmbeddedEngine) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == project
    assert describe(base).version == project
    assert f'owl:versionInfo "{project}"' in (ROOT / "ontology" / "drc.ttl").read_text()
    assert f": {project}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
