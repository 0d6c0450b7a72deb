"""The examples run as they are, against a live server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
CASES = {
    "client_sparqlwrapper.py": ("Thieulin", "/id/proposal/promote-interoperability"),
    "client_rdflib_store.py": ("rests on https://w3id.org/digital-rights-charter/id/passage/",),
    "client_considerate.py": ("statements target", "504 Time limit reached", "/problem/time-limit"),
    "client_curl.sh": ("principle,label", "foaf", "# size of the whole base, in bytes"),
    "notebook.py": ("rows, columns: proposal", "facts on interoperability"),
}
CLIENTS = [name for name in CASES if name.startswith("client_")]


def run(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "sh" if name.endswith(".sh") else sys.executable
    return subprocess.run(
        [program, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
    )


def test_every_example_is_tried() -> None:
    shipped = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".sh")}
    assert shipped == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_example_runs_against_the_server_it_is_given(name: str, live_server: str) -> None:
    arguments = [f"{live_server}sparql"] if name in CLIENTS else []
    done = run(name, *arguments)
    assert done.returncode == 0, done.stderr
    for expected in CASES[name]:
        assert expected in done.stdout


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_takes_its_endpoint_from_the_environment(name: str, live_server: str) -> None:
    by_argument = run(name, f"{live_server}sparql")
    by_environment = run(name, CHARTERKB_ENDPOINT=f"{live_server}sparql")
    assert by_environment.returncode == 0, by_environment.stderr
    assert by_environment.stdout == by_argument.stdout
