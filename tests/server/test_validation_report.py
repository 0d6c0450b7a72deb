"""The validation report of the site: made once, in another process, and kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import Layout
from server.validation_report import read_report, write_report
from tests.live import serving
from tests.server.metrics import until

TINY = Path(__file__).parents[1] / "tiny" / "data"


@pytest.mark.slow
def test_a_report_is_made_in_the_background_and_then_shown(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--data", str(TINY), XDG_CACHE_HOME=str(tmp_path)) as server:
        client, kept = server.client(), tmp_path / "charterkb"
        assert "The check is running" in client.get("/en/validation").text
        until(lambda: bool(list(kept.glob("validation-*.json"))), "the check does not end")
        html = client.get("/fr/validation").text
    assert "La base respecte toutes ses règles." in html
    assert str(TINY) not in html, "where the server keeps its files is its own affair"


def test_a_report_that_cannot_be_read_is_told_as_failed(tmp_path: Path) -> None:
    broken = tmp_path / "report.json"
    broken.write_text('{"problems": 1}', encoding="utf-8")
    assert read_report(broken).state == "failed"
    assert read_report(tmp_path / "none.json").state == "failed"


@pytest.mark.slow
def test_a_report_keeps_every_problem_with_its_remedy_in_both_languages(
    shipped_layout: Layout, tmp_path: Path
) -> None:
    layout, path = Layout(tmp_path / "data", shipped_layout.ontology), tmp_path / "deep/report.json"
    shutil.copytree(TINY, layout.data)
    (layout.data / "principles" / "broken.ttl").write_text("broken", encoding="utf-8")
    (layout.data / "schemes.ttl").unlink()
    write_report(layout, path)
    report = read_report(path)
    assert report.state == "ready"
    assert len(report.problems) > 5
    severities = ("violation", "warning", "info")
    assert sum(report.count(name) for name in severities) == len(report.problems)
    for problem in report.problems:
        assert set(problem.message) == set(problem.remedy) == {"fr", "en"}
        assert not Path(problem.file).is_absolute()
