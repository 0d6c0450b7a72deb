"""docs/operating.md names every option, setting, metric, event and example there is."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from kb.commands import COMMANDS, serve
from server.front.events import Metrics
from server.settings import Settings, variable

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
DEPLOY = ROOT / "examples" / "deploy"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
MEGABYTES = {"memory_limit", "max_result", "cache"}


def options() -> list[str]:
    parser = argparse.ArgumentParser(add_help=False)
    serve.add_arguments(parser)
    return [name for action in parser._actions for name in action.option_strings]


def row(name: str) -> str:
    """Return the line of the table of options that tells of a variable."""
    (found,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line]
    return found


def test_every_option_has_its_line() -> None:
    assert len(options()) > 12
    for option in options():
        name = f"CHARTERKB_{option.removeprefix('--').replace('-', '_').upper()}"
        assert f"`{option}`" in row(name)


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda each: each.name)
def test_every_setting_has_its_line_with_its_default(setting: object) -> None:
    name = setting.name  # type: ignore[attr-defined]
    default = getattr(Settings(), name)
    told = row(variable(name)).split("|")[3]
    if name in MEGABYTES:
        default //= 1024 * 1024
    if isinstance(default, int | float) and not isinstance(default, bool):
        assert re.match(rf" {default:g}\b", told) or f" {default} " in told
    elif isinstance(default, str):
        assert default in told
    else:
        assert told.strip() in ("no", "the shipped records")


def test_every_metric_is_told() -> None:
    app = (ROOT / "server" / "front").rglob("*.py")
    gauges = {name for path in app for name in re.findall(r'"(charterkb_\w+)"', path.read_text())}
    counters = {family.name for family in Metrics().registry.collect()}
    ours = {name for name in counters | gauges if name.startswith("charterkb_")}
    assert len(ours) >= 10
    for name in ours:
        assert f"`{name}`" in PAGE or f"`{name}_total`" in PAGE


def test_every_event_of_the_log_is_told() -> None:
    said = set()
    for path in (ROOT / "server").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r'\b(?:log|journal\.event)\(\s*"([a-z-]+)"', text))
        said |= set(re.findall(r'"event":"([a-z-]+)"', text))
    assert {"query", "reload", "front-lost", "crash"} <= said
    assert {name for name in said if f"`{name}`" not in PAGE} == set()


def test_every_link_and_command_is_one() -> None:
    for page in (ROOT / "docs" / "operating.md", DEPLOY / "README.md"):
        text = page.read_text(encoding="utf-8")
        assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
        assert set(re.findall(r"charterkb ([a-z]+)\b", text)) <= {*COMMANDS}


def test_every_example_has_its_line() -> None:
    told = (DEPLOY / "README.md").read_text(encoding="utf-8")
    shipped = {path.name for path in DEPLOY.iterdir()} - {"README.md"}
    assert len(shipped) == 3
    assert {name for name in shipped if f"`{name}`" not in told} == set()


def test_the_examples_use_settings_that_there_are() -> None:
    known = {variable(each.name) for each in fields(Settings)}
    known |= {"CHARTERKB_HOST", "CHARTERKB_PORT", "CHARTERKB_NAME"}
    for path in DEPLOY.iterdir():
        named = set(re.findall(r"CHARTERKB_[A-Z_]+", path.read_text(encoding="utf-8")))
        assert named <= known, path.name
