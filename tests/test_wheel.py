"""The wheel carries everything: installed apart from the checkout, it serves the full base."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from kb import EmbeddedEngine
from kb.dataset import describe

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for package in ("kb", "server", "ontology"):
        shutil.copytree(ROOT / package, source / package)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source / file)
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_resource_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "kb", "server", "ontology"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(tracked) > 300
    assert sorted(set(tracked) - packed) == []


@pytest.mark.slow
def test_the_installed_wheel_serves_the_full_base(
    wheel: Path, tmp_path: Path, base: EmbeddedEngine
) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(port)], cwd=tmp_path, env=environment
    )
    try:
        _get(f"http://127.0.0.1:{port}/ready", server)
        health = _get(f"http://127.0.0.1:{port}/health", server)
    finally:
        server.terminate()
        server.wait(10)
    assert health["triples"] == describe(base).triples


_SERVE = """
import sys
from pathlib import Path
import kb, server, ontology
for package in (kb, server, ontology):
    assert Path(package.__file__).parents[1].name == "site", package.__file__
from kb.cli import main
main(["serve", "--port", sys.argv[1]])
"""


def _get(url: str, server: subprocess.Popen[bytes]) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return dict(json.load(response))
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server installed from the wheel never answered")
