"""The command `charterkb`: what it prints, what it exits with, what it leaves behind."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from kb import questions
from kb.cli import main
from kb.commands import COMMANDS

Capture = pytest.CaptureFixture[str]
TINY = Path(__file__).parents[1] / "tiny" / "data"
SECRECY = Path("principles") / "box-secrecy.ttl"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the invented records, to be spoilt."""
    return Path(shutil.copytree(TINY, tmp_path / "data"))


def spoil(data: Path, new: str) -> None:
    """Give a principle of the invented records another English label."""
    path, old = data / SECRECY, '"Secrecy of boxes"@en'
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


def test_a_base_that_is_valid_exits_with_0(data: Path, capsys: Capture) -> None:
    assert main(["--data", str(data), "validate", "--severity", "violation"]) == 0
    assert main(["--data", str(data), "fmt", "--check"]) == 0


def test_violations_exit_with_1_in_both_languages(data: Path, capsys: Capture) -> None:
    spoil(data, '"Privacy "@fr')
    printed = {}
    for lang in ("fr", "en"):
        assert main(["--data", str(data), "validate", "--lang", lang]) == 1
        printed[lang] = capsys.readouterr().out
        assert "principle:box-secrecy" in printed[lang]
        assert "box-secrecy.ttl" in printed[lang]
    assert "La base" in printed["fr"]
    assert "The base" in printed["en"]


def test_a_path_limits_what_is_told(data: Path, capsys: Capture) -> None:
    spoil(data, '"Privacy"@fr')
    other = data / "principles" / "box-openness.ttl"
    assert main(["--data", str(data), "validate", str(other), "--severity", "violation"]) == 0
    assert main(["--data", str(data), "validate", str(data / "principles")]) == 1
    assert main(["--data", str(data), "validate", "nowhere.ttl"]) == 2


def test_fmt_checks_then_mends(data: Path, capsys: Capture) -> None:
    path = data / SECRECY
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
    tiny = ["--data", str(TINY), "query"]
    for name in ("table", "csv", "tsv", "json", "xml"):
        assert main([*tiny, "cq02", "--format", name]) == 0
        assert "Secrecy of boxes" in capsys.readouterr().out
    assert main([*tiny, "cq03"]) == 0
    assert capsys.readouterr().out == "false\n"
    assert main([*tiny, "cq38", "principle=principle:box-secrecy", "--format", "nt"]) == 0
    assert "/id/principle/box-secrecy>" in capsys.readouterr().out


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
    listed = [text.split()[0] for text in capsys.readouterr().out.splitlines() if text[:1] != " "]
    assert listed == [query.name.partition("-")[0] for query in questions()]
    assert main(["questions", "--lang", "fr"]) == 0
    assert "Quels principes" in capsys.readouterr().out


def test_info_counts_the_records(capsys: Capture) -> None:
    assert main(["info"]) == 0
    assert "drc:Workshop" in capsys.readouterr().out
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["classes"]["https://w3id.org/digital-rights-charter/ontology#Workshop"] == 5


def test_build_and_export_write_what_they_say(tmp_path: Path, capsys: Capture) -> None:
    tiny = ["--data", str(TINY)]
    assert main([*tiny, "build", "--output", str(tmp_path / "all")]) == 0
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_text())
    assert set(manifest["files"]) == {p.name for p in (tmp_path / "all").iterdir()} - {
        "manifest.json"
    }
    assert main([*tiny, "export", "-f", "nq", "-o", str(tmp_path / "one.nq")]) == 0
    assert (tmp_path / "one.nq").read_bytes() == (tmp_path / "all" / "charterkb.nq").read_bytes()
    graph = ["--graph", "principles/box-secrecy", "--no-derived"]
    assert main([*tiny, "export", "-f", "nt", *graph]) == 0
    assert "Secrecy of boxes" in capsys.readouterr().out
    assert main(["build", "--output", str(tmp_path / "base.docx")]) == 2


def test_a_failed_build_leaves_the_former_one(data: Path, tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "out"
    assert main(["--data", str(data), "build", "-o", str(output)]) == 0
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    spoil(data, '"Privacy"@fr')
    assert main(["--data", str(data), "build", "-o", str(output)]) == 2
    assert "principle:box-secrecy" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    assert main(["--data", str(data), "build", "-o", str(output), "--force"]) == 0
    assert "skipped over" in capsys.readouterr().err
    (data / SECRECY).write_text("broken")
    assert main(["--data", str(data), "build", "-o", str(output), "--force"]) == 2


def test_diff_exits_with_1_when_there_is_a_difference(data: Path, capsys: Capture) -> None:
    former = str(TINY)
    assert main(["diff", former, str(data)]) == 0
    spoil(data, '"Privacy"@en')
    assert main(["diff", former, str(data)]) == 1
    assert "~ principle:box-secrecy" in capsys.readouterr().out
    assert main(["diff", former, str(data), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changed"][0]["record"] == "principle:box-secrecy"


@pytest.mark.parametrize("arguments", [["fmt", ""], ["validate", ""], ["--data", "", "info"]])
def test_an_empty_path_is_not_taken_for_the_folder_one_stands_in(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_an_empty_or_wrong_variable_stops_only_who_reads_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CHARTERKB_DATA", "")
    monkeypatch.setenv("CHARTERKB_PORT", "http")
    assert main(["questions"]) == 0
    for wrong in (["serve"], ["serve", "--port", "8000", "--host", ""]):
        with pytest.raises(SystemExit) as stop:
            main(wrong)
        assert stop.value.code == 2
    assert "invalid int value: 'http'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty"), (b"\xe9", "UTF-8"), (b"\xef\xbb\xbfASK {}", "byte order mark")],
)
def test_a_query_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: Capture, content: bytes, told: str
) -> None:
    (tmp_path / "q.rq").write_bytes(content)
    assert main(["query", str(tmp_path / "q.rq")]) == 2
    assert told in capsys.readouterr().err


def test_the_formats_told_are_those_that_can_be_given(capsys: Capture) -> None:
    assert main(["query", "cq01", "--format", "ttl"]) == 2
    assert "json, xml, csv, tsv" in capsys.readouterr().err


def test_a_table_holds_nothing_that_a_terminal_obeys(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "q.rq").write_text('SELECT ("\\u001b[31mred\\u0007" AS ?x) WHERE {}')
    assert main(["query", str(tmp_path / "q.rq")]) == 0
    assert "\N{REPLACEMENT CHARACTER}[31mred" in capsys.readouterr().out


def test_fmt_tells_a_file_that_is_one_long_comment(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "huge.ttl").write_bytes(b"#" * (17 * 2**20))
    assert main(["fmt", str(tmp_path / "huge.ttl")]) == 2
    assert "huge.ttl" in capsys.readouterr().err


def test_an_export_takes_its_format_from_the_name_of_the_file(tmp_path: Path) -> None:
    for name in ("a.ttl", "a.nq", "a"):
        assert main(["--data", str(TINY), "export", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.ttl").read_text(encoding="utf-8").startswith("@prefix")
    assert (tmp_path / "a.nq").read_bytes() == (tmp_path / "a").read_bytes()


def run(arguments: Sequence[str], **streams: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, in the plainest of locales."""
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-m", "kb", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60, **streams)  # type: ignore[call-overload, no-any-return]


def test_texts_are_utf_8_whatever_the_locale() -> None:
    done = run(["questions", "--lang", "fr"])
    assert (done.returncode, done.stderr) == (0, b"")
    assert "nommés" in done.stdout.decode("utf-8")
    assert run(["query", "-"], input='SELECT ("é" AS ?x) WHERE {}'.encode()).returncode == 0
    wrong = run(["query", "-"], input=b"\xff")
    assert (wrong.returncode, b"UTF-8" in wrong.stderr) == (2, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_cannot_be_written_exits_with_2() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(["questions"], stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith(b"charterkb: ")
    assert b"Traceback" not in done.stderr


def test_the_verdict_stands_though_nobody_reads_the_report(data: Path) -> None:
    spoil(data, '"Privacy"@fr')
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(["--data", str(data), "validate"], stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_fmt_does_not_wait_for_a_pipe(tmp_path: Path, capsys: Capture) -> None:
    os.mkfifo(tmp_path / "pipe.ttl")
    assert main(["fmt", str(tmp_path)]) == 2
    assert "it is no file" in capsys.readouterr().err
