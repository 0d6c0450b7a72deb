"""The validation report of the site: made once, in another process, and kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.site import Site
from server.validation_report import find_report, read_report, write_report


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep reports out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "charterkb"


@pytest.mark.slow
def test_a_report_is_made_in_the_background_and_then_shown(
    site: Site, client: FlaskClient, cache: Path
) -> None:
    assert "The check is running" in client.get("/en/validation").get_data(as_text=True)
    deadline = time.monotonic() + 120
    while find_report(site).state == "running" and time.monotonic() < deadline:
        time.sleep(0.5)
    report = find_report(site)
    assert report.state == "ready"
    assert report.conforms
    assert [path.suffix for path in cache.iterdir()] == [".json"]
    html = client.get("/fr/validation").get_data(as_text=True)
    assert "La base respecte toutes ses règles." in html
    assert str(site.layout.data) not in html, "where the server keeps its files is its own affair"


def test_a_report_that_cannot_be_read_is_told_as_failed(tmp_path: Path) -> None:
    broken = tmp_path / "report.json"
    broken.write_text('{"problems": 1}', encoding="utf-8")
    assert read_report(broken).state == "failed"
    assert read_report(tmp_path / "none.json").state == "failed"


@pytest.mark.slow
def test_a_report_keeps_every_problem_with_its_remedy_in_both_languages(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "report.json"
    write_report(site.layout, path)
    report = read_report(path)
    assert report.state == "ready"
    severities = ("violation", "warning", "info")
    assert sum(report.count(name) for name in severities) == len(report.problems)
    for problem in report.problems:
        assert set(problem.message) == set(problem.remedy) == {"fr", "en"}
        assert not Path(problem.file).is_absolute()
