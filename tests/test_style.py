"""What the style guide promises and a machine can see."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("kb", "server", "ontology")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
QUERIES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.rq"))
TEMPLATES = sorted((ROOT / "server" / "templates").glob("*.html"))
SPARQL = re.compile(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE)\b[^\"']*\{", re.DOTALL)
ALLOWED = {"kb": {"kb", "ontology"}, "server": {"kb", "server"}, "ontology": {"ontology"}}
UPWARD = {ROOT / "kb" / "commands" / name for name in ("serve.py", "reload.py")}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 60
    assert len(QUERIES) > 80
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_no_test_module_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_no_query_is_longer_than_40_lines_after_its_header(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("#+")]) <= 40


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_is_longer_than_120_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_sparql_stands_in_python(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SPARQL.search(node.value), f"line {node.lineno}"


@pytest.mark.parametrize("path", sorted(set(MODULES) - UPWARD), ids=name)
def test_dependencies_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        for module in modules:
            top = module.split(".")[0]
            assert top not in PACKAGES or top in ALLOWED[package], f"line {node.lineno}: {module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_everything_public_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
