"""The page on engines shows the files that the tests run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.commands import publish
from tests.engines.running import HERE

PAGE = (Path(__file__).parents[2] / "docs" / "engines.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["fuseki.ttl", "virtuoso.ini", "virtuoso.sql"])
def test_the_page_shows_the_file_that_is_tried(name: str) -> None:
    assert f"\n{(HERE / name).read_text('utf-8').rstrip()}\n```" in PAGE


def test_the_page_names_only_options_that_there_are() -> None:
    source = Path(publish.__file__).read_text("utf-8")
    options = set(re.findall(r"`(--[a-z-]+)`", PAGE)) - {"--union-default-graph", "--timeout-s"}
    assert {"--dry-run", "--journal", "--patience"} <= options
    assert all(f'"{option}"' in source for option in options)


def test_every_link_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", PAGE)
    assert links
    assert all((HERE.parents[1] / "docs" / link).exists() for link in links)
