"""The command `charterkb`: what it prints, what it exits with, what it leaves behind."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from kb import shipped_layout
from kb.cli import main
from kb.commands import COMMANDS

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the shipped records, to be spoilt."""
    return Path(shutil.copytree(shipped_layout().data, tmp_path / "data"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert "exit status: 0 fine" in printed
    assert len(printed.splitlines()) > 5


def test_wrong_use_exits_with_2() -> None:
    for arguments in ([], ["frobnicate"], ["query"], ["export", "--format", "docx"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def test_a_folder_that_is_not_there_exits_with_2(capsys: Capture) -> None:
    assert main(["--data", "no-such-folder", "info"]) == 2
    assert "there is no folder no-such-folder" in capsys.readouterr().err


def test_the_shipped_base_is_valid(capsys: Capture) -> None:
    assert main(["validate", "--severity", "violation"]) == 0
    assert main(["fmt", "--check"]) == 0


def test_violations_exit_with_1_in_both_languages(data: Path, capsys: Capture) -> None:
    spoil(data / "principles" / "privacy.ttl", '"Protection of privacy"@en', '"Privacy "@fr')
    printed = {}
    for lang in ("fr", "en"):
        assert main(["--data", str(data), "validate", "--lang", lang]) == 1
        printed[lang] = capsys.readouterr().out
        assert "principle:privacy" in printed[lang]
        assert "privacy.ttl" in printed[lang]
    assert "La base" in printed["fr"]
    assert "The base" in printed["en"]


def test_a_path_limits_what_is_told(data: Path, capsys: Capture) -> None:
    spoil(data / "principles" / "privacy.ttl", '"Protection of privacy"@en', '"Privacy"@fr')
    other = data / "principles" / "open-data.ttl"
    assert main(["--data", str(data), "validate", str(other), "--severity", "violation"]) == 0
    assert main(["--data", str(data), "validate", str(data / "principles")]) == 1
    assert main(["--data", str(data), "validate", "nowhere.ttl"]) == 2


def test_fmt_checks_then_mends(data: Path, capsys: Capture) -> None:
    path = data / "principles" / "privacy.ttl"
    wanted = path.read_text(encoding="utf-8")
    path.write_text(f"# a remark\n{wanted}\n", encoding="utf-8")
    assert main(["fmt", "--check", str(path)]) == 1
    assert main(["fmt", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == wanted


def test_fmt_tells_every_broken_file_and_mends_the_others(data: Path, capsys: Capture) -> None:
    folder = data / "principles"
    (folder / "one.ttl").write_text("<a> <b> .\n")
    (folder / "two.ttl").write_bytes(b"<a> <b> '\xe9' .\n")
    (folder / "fine.ttl").write_text("<http://a/>  <http://b/>  'x' .\n")
    assert main(["fmt", str(folder)]) == 2
    told = capsys.readouterr().err
    assert "one.ttl:1" in told
    assert "two.ttl:1" in told and "UTF-8" in told
    assert (folder / "fine.ttl").read_text() == '<http://a/> <http://b/> "x" .\n'


def test_a_question_is_answered_in_every_format(capsys: Capture) -> None:
    for name in ("table", "csv", "tsv", "json", "xml"):
        assert main(["query", "cq01", "--format", name]) == 0
        assert "interop" in capsys.readouterr().out
    assert main(["query", "cq03"]) == 0
    assert capsys.readouterr().out == "false\n"
    assert main(["query", "cq38", "principle=principle:privacy", "--format", "nt"]) == 0
    assert "/id/principle/privacy>" in capsys.readouterr().out


def test_a_format_that_does_not_fit_the_answer_is_refused(capsys: Capture) -> None:
    assert main(["query", "cq03", "--format", "csv"]) == 2
    assert "boolean" in capsys.readouterr().err


def test_values_are_checked(capsys: Capture) -> None:
    for values in (["principle"], ["principle=a b"], ["nothing=x"]):
        assert main(["query", "cq13", *values]) == 2
    assert "unknown parameter" in capsys.readouterr().err


def test_a_value_cannot_change_the_query(capsys: Capture) -> None:
    attack = "principle=https://example.org/x> ?p ?o } #"
    assert main(["query", "cq13", attack]) == 2
    assert "is no IRI" in capsys.readouterr().err


def test_a_query_comes_from_a_file_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    text = "ASK { ?s ?p ?o }"
    (tmp_path / "mine.rq").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    for source in (str(tmp_path / "mine.rq"), "-"):
        assert main(["query", source]) == 0
        assert capsys.readouterr().out == "true\n"
    assert main(["query", str(tmp_path / "mine.rq"), "a=b"]) == 2
    assert main(["query", "no-such.rq"]) == 2
    assert main(["query", "no-such-question"]) == 2


def test_questions_are_listed_in_both_languages(capsys: Capture) -> None:
    assert main(["questions"]) == 0
    assert capsys.readouterr().out.count("\ncq") == 39
    assert main(["questions", "--lang", "fr"]) == 0
    assert "Quels principes" in capsys.readouterr().out


def test_info_counts_the_records(capsys: Capture) -> None:
    assert main(["info"]) == 0
    assert "drc:Workshop" in capsys.readouterr().out
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["classes"]["https://w3id.org/digital-rights-charter/ontology#Workshop"] == 5


def test_build_and_export_write_what_they_say(tmp_path: Path, capsys: Capture) -> None:
    assert main(["build", "--output", str(tmp_path / "all")]) == 0
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_text())
    assert set(manifest["files"]) == {p.name for p in (tmp_path / "all").iterdir()} - {
        "manifest.json"
    }
    assert main(["export", "-f", "nq", "-o", str(tmp_path / "one.nq")]) == 0
    assert (tmp_path / "one.nq").read_bytes() == (tmp_path / "all" / "charterkb.nq").read_bytes()
    assert main(["export", "-f", "nt", "--graph", "principles/privacy", "--no-derived"]) == 0
    assert "Protection of privacy" in capsys.readouterr().out
    assert main(["build", "--output", str(tmp_path / "base.docx")]) == 2


def test_a_failed_build_leaves_the_former_one(data: Path, tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out"
    assert main(["--data", str(data), "build", "-o", str(output)]) == 0
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    spoil(data / "principles" / "privacy.ttl", '"Protection of privacy"@en', '"Privacy"@fr')
    assert main(["--data", str(data), "build", "-o", str(output)]) == 2
    assert "principle:privacy" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    assert main(["--data", str(data), "build", "-o", str(output), "--force"]) == 0
    assert "skipped over" in capsys.readouterr().err
    (data / "principles" / "privacy.ttl").write_text("broken")
    assert main(["--data", str(data), "build", "-o", str(output), "--force"]) == 2


def test_diff_exits_with_1_when_there_is_a_difference(data: Path, capsys: Capture) -> None:
    shipped = str(shipped_layout().data)
    assert main(["diff", shipped, str(data)]) == 0
    spoil(data / "principles" / "privacy.ttl", '"Protection of privacy"@en', '"Privacy"@en')
    assert main(["diff", shipped, str(data)]) == 1
    assert "~ principle:privacy" in capsys.readouterr().out
    assert main(["diff", shipped, str(data), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changed"][0]["record"] == "principle:privacy"
