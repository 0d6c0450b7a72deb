"""A worker is held by the operating system: no network, no file, bounded memory and time.

Every case runs in a child of `confined.py`, forked and confined as a worker is.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

HERE = Path(__file__).parent
QUERIES = {path.stem: path.read_text(encoding="utf-8") for path in HERE.glob("sandbox/*.rq")}
LINUX = platform.system() == "Linux"
FILTERED = platform.machine() in {"x86_64", "aarch64"} and Path("/proc/sys/kernel/seccomp").is_dir()
ALLOCATION_FAILED = -signal.SIGABRT
STACK_EXHAUSTED = -signal.SIGSEGV
OUT_OF_TIME = -signal.SIGXCPU

needs_filter = pytest.mark.skipif(
    not FILTERED and not os.environ.get("CI"), reason="this machine filters no system calls"
)
pytestmark = pytest.mark.skipif(
    not LINUX and not os.environ.get("CI"), reason="fences of other systems than Linux are fewer"
)


class Zygote:
    """The process that forks and confines; `ask` gives it an order and returns its report."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "confined.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *sys.path])},
        )

    def __call__(self, do: str, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        report: dict[str, Any] = json.loads(self.process.stdout.readline())
        return report

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.close()


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of more tables than RocksDB opens at once (16): each load adds some.

    From the fourth of an index on, they would be merged.
    """
    folder = tmp_path_factory.mktemp("store")
    store = ox.Store(folder)
    for start in range(0, 3000, 1000):
        lines = (
            f"<http://example.org/s/{i}> <http://example.org/p/{i % 7}>"
            f" <http://example.org/o/{i % 90}> <http://example.org/g/{i % 5}> .\n"
            for i in range(start, start + 1000)
        )
        store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    assert len(list(folder.glob("*.sst"))) > 16
    return folder


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def was_called(listening: socket.socket) -> bool:
    listening.settimeout(0.2)
    try:
        connection, _ = listening.accept()
    except TimeoutError:
        return False
    connection.close()
    return True


def count_of(answer: dict[str, Any]) -> int:
    return int(answer["results"]["bindings"][0]["n"]["value"])


def attempt(zygote: Zygote, deed: str, **order: Any) -> str:
    """Return the name of the error a deed fails with, or 'done'."""
    report = zygote("try", deeds=[deed], port=9, **order)
    # Who became another program says nothing more.
    result: str = report["said"][-1][deed] if report["said"] else "done"
    return result


# ------------------------------------------------------------------------------------ no network

FENCES = {
    "descriptors alone": {"strange_machine": True},
    "the filter alone": {"files": True},
    "both": {},
}


@pytest.mark.parametrize("fence", FENCES)
@pytest.mark.parametrize("call", ["service", "service-silent"])
def test_a_call_to_another_host_reaches_nobody(
    zygote: Zygote, on_disk: Path, listener: socket.socket, fence: str, call: str
) -> None:
    options: dict[str, Any] = dict(FENCES[fence])
    if "files" in options:
        options["files"] = str(on_disk)
    text = QUERIES[call].replace("PORT", str(port_of(listener)))
    report = zygote("ask", queries=[QUERIES["count"], text, QUERIES["count"]], **options)
    fences, before, called, after = report["said"]
    assert not was_called(listener)
    assert fences["no_network"]
    assert (fences["seccomp"], fences["descriptors"]) == (
        FILTERED and fence != "descriptors alone",
        fence != "the filter alone",
    )
    # SILENT makes of the refusal an empty row (SPARQL 1.1 Federated Query §2.3).
    assert "error" in called if call == "service" else called["results"]["bindings"] == [{}]
    assert count_of(before) == count_of(after) == 3000
    assert report["code"] == 0


@pytest.mark.parametrize("call", ["service", "service-silent"])
@pytest.mark.parametrize("options", [{"confined": False}, {"network": True}])
def test_without_the_fences_the_call_is_made(
    zygote: Zygote, listener: socket.socket, call: str, options: dict[str, bool]
) -> None:
    """What the test above would see if a fence did not stand."""
    process = zygote.process
    assert process.stdin is not None and process.stdout is not None
    text = QUERIES[call].replace("PORT", str(port_of(listener)))
    process.stdin.write(json.dumps({"do": "ask", "queries": [text], **options}) + "\n")
    process.stdin.flush()
    listener.settimeout(10)
    connection, _ = listener.accept()
    connection.close()
    assert json.loads(process.stdout.readline())["code"] == 0


# --------------------------------------------------------------- no file, no program, no neighbour


@needs_filter
@pytest.mark.parametrize(
    "deed",
    [
        "open a file",
        "list a folder",
        "open a socket",
        "open a pipe",
        "copy a descriptor",
        "connect an inherited socket",
        "send to an address",
        "become a program",
        "run a program",
        "fork",
        "signal its parent",
        "lift the limit of descriptors",
        "lift the limit of memory",
        "map executable pages",
        "ask about an attribute",
    ],
)
def test_the_filter_refuses(zygote: Zygote, deed: str) -> None:
    refused = {"EPERM"}
    if deed.startswith("lift"):
        refused = {"EPERM", "ValueError"}
    assert attempt(zygote, deed) in refused
    assert attempt(zygote, deed, confined=False) not in refused | {"EMFILE"}


@needs_filter
@pytest.mark.parametrize("network", [False, True])
def test_no_other_process_is_started_or_signalled(zygote: Zygote, network: bool) -> None:
    deeds = ["become a program", "run a program", "fork", "signal its parent"]
    assert {attempt(zygote, deed, network=network) for deed in deeds} == {"EPERM"}
    assert attempt(zygote, "start a thread", network=network) == "RuntimeError"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a way into x86_64 kernels")
@pytest.mark.parametrize("network", [False, True])
def test_the_filter_is_not_passed_by_x32_numbers(zygote: Zygote, network: bool) -> None:
    assert attempt(zygote, "call by an x32 number", network=network) == "EPERM"


@pytest.mark.parametrize("deed", ["open a file", "open a socket", "open a pipe"])
def test_on_a_strange_machine_nothing_can_be_opened_either(zygote: Zygote, deed: str) -> None:
    assert attempt(zygote, deed, strange_machine=True) == "EMFILE"


def test_on_a_strange_machine_it_is_said_that_there_is_no_filter(zygote: Zygote) -> None:
    fences = zygote("ask", queries=[], strange_machine=True)["said"][0]
    assert not fences["seccomp"]
    assert fences["descriptors"] and fences["memory"] and fences["processor"] and fences["orphan"]


def test_a_worker_that_calls_an_engine_says_so(zygote: Zygote) -> None:
    fences = zygote("ask", queries=[], network=True)["said"][0]
    assert fences["calls_out"] and fences["memory"] and fences["seccomp"] == FILTERED
    assert not fences["no_network"] and not fences["no_files"]
    assert attempt(zygote, "open a socket", network=True) == "done"


# ------------------------------------------------------------------------------ an on-disk store


def test_an_on_disk_store_is_read_whole(zygote: Zygote, on_disk: Path) -> None:
    """RocksDB opens most of its tables at the first query that needs them."""
    queries = [QUERIES["count"], QUERIES["every-index"]]
    confined = zygote("ask", queries=queries, files=str(on_disk))
    free = zygote("ask", queries=queries, files=str(on_disk), confined=False)
    assert confined["said"][1:] == free["said"]
    assert count_of(free["said"][1]) > 6000


def test_beside_an_on_disk_store_no_file_is_read_and_none_written(
    zygote: Zygote, on_disk: Path
) -> None:
    files = str(on_disk)
    fences = zygote("ask", queries=[], files=files)["said"][0]
    assert fences["no_network"]
    assert attempt(zygote, "open a file of the store", files=files) == "done"
    if FILTERED:
        assert attempt(zygote, "write a file of the store", files=files) == "EPERM"
        assert attempt(zygote, "open a socket", files=files) == "EPERM"
    if not fences["landlock"] and not os.environ.get("CI"):
        pytest.skip("this kernel has no Landlock")
    assert fences["no_files"]
    assert attempt(zygote, "open a file", files=files) == "EACCES"


# ------------------------------------------------------------------------------- memory and time


@pytest.mark.parametrize("query", ["giant-sort", "giant-text", "giant-set"])
@pytest.mark.parametrize("strange_machine", [False, True])
def test_a_query_beyond_the_memory_given_ends_its_process(
    zygote: Zygote, query: str, strange_machine: bool
) -> None:
    options = {"memory": 60 << 20, "strange_machine": strange_machine}
    report = zygote("ask", queries=[QUERIES[query]], **options)
    assert report["code"] == ALLOCATION_FAILED
    assert "memory allocation of" in report["stderr"]
    assert count_of(zygote("ask", queries=[QUERIES["count"]])["said"][1]) == 3000


def test_an_answer_beyond_the_memory_given_is_an_error_in_python(zygote: Zygote) -> None:
    report = zygote("ask", queries=[QUERIES["giant-answer"], QUERIES["count"]], memory=60 << 20)
    assert report["said"][1]["error"].startswith("MemoryError")
    assert count_of(report["said"][2]) == 3000


def test_memory_counts_from_what_the_process_has(zygote: Zygote) -> None:
    assert zygote("allocate", bytes=40 << 20, memory=60 << 20)["said"][-1] == 40 << 20
    over = zygote("allocate", bytes=70 << 20, memory=60 << 20)
    assert over["said"][-1]["error"].startswith("MemoryError")


def test_parentheses_that_crash_the_parser_cost_one_process(zygote: Zygote) -> None:
    text = QUERIES["parentheses"].replace("OPEN", "(" * 50_000).replace("CLOSE", ")" * 50_000)
    assert zygote("ask", queries=[text])["code"] == STACK_EXHAUSTED
    assert count_of(zygote("ask", queries=[QUERIES["count"]])["said"][1]) == 3000


@pytest.mark.parametrize("query", ["collection", "endless-count"])
def test_a_query_without_end_runs_out_of_processor_time(zygote: Zygote, query: str) -> None:
    text = QUERIES[query].replace("OPEN", "(" * 400).replace("CLOSE", ")" * 400)
    report = zygote("ask", queries=[text], seconds=1)
    assert report["code"] == OUT_OF_TIME
    assert len(report["said"]) == 1


def test_processor_time_is_given_anew_for_each_query(zygote: Zygote) -> None:
    tenths = [8, 8, 8]
    once = zygote("burn", tenths=tenths, rearm=False, seconds=1)
    assert once["code"] == OUT_OF_TIME
    anew = zygote("burn", tenths=tenths, rearm=True, seconds=1)
    assert anew["code"] == 0
    assert anew["said"][1:] == ["burnt"] * 3


def test_a_worker_dies_with_its_parent(zygote: Zygote) -> None:
    """The report comes when the last process that holds the connection has ended."""
    report = zygote("outlive")
    assert report["said"][1:] == ["here"]
    assert report["seconds"] < 10
