"""The filter of system calls, read step by step as the kernel would, for both architectures."""

from __future__ import annotations

import fcntl
import mmap
import os
import platform
import re
import resource
import struct
from pathlib import Path

import pytest

from server.worker.seccomp import compile_filter
from server.worker.syscalls import ABSENT, NUMBERS, Rule, connected, sealed

PID = 4242
ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386, X32_BIT = 0x40000003, 0x40000000
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
DEFINITION = re.compile(r"#define __NR(?:3264)?_(\w+) (\d+)")
# The kernel's new name of a call; glibc and the filter use the old one.
RENAMED = {"newfstatat": "fstatat"}
WITHOUT_CONDITION = ("read", "write", "recvfrom", "brk", "futex", "exit_group", "getrandom")
NEVER = ("execve", "clone", "fork", "kill", "ptrace", "seccomp", "io_uring_setup", "unshare")


def decide(code: bytes, number: int, *arguments: int, architecture: int) -> int:
    """Run a filter on one call and return its verdict."""
    padded = [*arguments, *([0] * 6)][:6]
    data = struct.pack("<iIQ6Q", number, architecture, 0, *padded)
    word = place = 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("<HBBI", code, place * 8)
        place += 1
        if operation == 0x20:
            (word,) = struct.unpack_from("<I", data, value)
        elif operation == 0x54:
            word &= value
        elif operation in (0x15, 0x35):
            holds = word == value if operation == 0x15 else word >= value
            place += if_true if holds else if_false
        else:
            assert operation == 0x06
            return int(value)


class Filter:
    """A filter for a machine, to be asked by the names of calls."""

    def __init__(self, machine: str, rules: list[Rule], *, default: bool) -> None:
        self.architecture = ARCHITECTURES[machine]
        self.column = list(ARCHITECTURES).index(machine)
        self.code = compile_filter(machine, rules, default=default)

    def __call__(self, name: str, *arguments: int) -> int:
        number = NUMBERS[name][self.column]
        return decide(self.code, number, *arguments, architecture=self.architecture)


@pytest.fixture(params=list(ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_number_is_that_of_the_kernel_headers(machine: str) -> None:
    required = os.environ.get("CI") and machine == platform.machine()
    if not HEADERS[machine].exists() and not required:
        pytest.skip(f"no kernel headers in {HEADERS[machine]}")
    text = HEADERS[machine].read_text(encoding="utf-8")
    known = {name: int(number) for name, number in DEFINITION.findall(text)}
    column = list(ARCHITECTURES).index(machine)
    numbers = {name: pair[column] for name, pair in NUMBERS.items()}
    expected = {
        name: known.get(name, known.get(RENAMED.get(name, name), ABSENT)) for name in NUMBERS
    }
    assert numbers == expected
    assert len(known) > 250


def test_a_sealed_process_may_work_and_nothing_else(machine: str) -> None:
    sandbox = Filter(machine, sealed(PID, files=False), default=False)
    assert {sandbox(name) for name in WITHOUT_CONDITION} == {ALLOWED}
    column = sandbox.column
    never = [name for name in NEVER if NUMBERS[name][column] != ABSENT]
    assert {sandbox(name) for name in never} == {REFUSED}
    assert {sandbox(name) for name in ("openat", "pread64", "fcntl")} == {REFUSED}


def test_the_calls_not_named_are_refused(machine: str) -> None:
    sandbox = Filter(machine, sealed(PID, files=True), default=False)
    named = {pair[sandbox.column] for pair in NUMBERS.values()}
    others = set(range(600)) - named
    verdicts = {decide(sandbox.code, n, architecture=sandbox.architecture) for n in others}
    assert verdicts == {REFUSED}
    assert len(others) > 500


def test_arguments_decide(machine: str) -> None:
    sandbox = Filter(machine, sealed(PID, files=True), default=False)
    code, data = mmap.PROT_READ | mmap.PROT_EXEC, mmap.PROT_READ | mmap.PROT_WRITE
    for name in ("mmap", "mprotect"):
        assert (sandbox(name, 0, 4096, data), sandbox(name, 0, 4096, code)) == (ALLOWED, REFUSED)
    for name in ("tgkill", "tkill"):
        assert (sandbox(name, PID, PID, 6), sandbox(name, 1, 1, 6)) == (ALLOWED, REFUSED)
    assert sandbox("prlimit64", 0, resource.RLIMIT_CPU) == ALLOWED
    assert sandbox("prlimit64", 0, resource.RLIMIT_NOFILE) == REFUSED
    assert sandbox("prlimit64", PID, resource.RLIMIT_CPU) == REFUSED
    assert sandbox("sendto", 3, 0, 1, 0, 0) == ALLOWED
    assert sandbox("sendto", 3, 0, 1, 0, 0x1000) == REFUSED
    # An address whose low half is nought.
    assert sandbox("sendto", 3, 0, 1, 0, 0x7F00_0000_0000) == REFUSED
    assert sandbox("openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOWED
    for flag in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_APPEND):
        assert sandbox("openat", 0, 0, flag) == REFUSED
    assert sandbox("fcntl", 3, fcntl.F_GETFD) == ALLOWED
    assert sandbox("fcntl", 3, fcntl.F_SETOWN) == REFUSED


def test_a_process_that_calls_an_engine_keeps_the_rest(machine: str) -> None:
    sandbox = Filter(machine, connected(PID), default=True)
    assert {sandbox(name) for name in (*WITHOUT_CONDITION, "openat", "fcntl")} == {ALLOWED}
    assert sandbox("tgkill", PID, PID, 6) == ALLOWED
    assert sandbox("tgkill", 1, 1, 6) == REFUSED
    assert {sandbox(name) for name in ("execve", "clone", "clone3", "ptrace")} == {REFUSED}


@pytest.mark.parametrize("default", [True, False])
def test_other_ways_into_the_kernel_are_closed(machine: str, default: bool) -> None:
    rules = connected(PID) if default else sealed(PID, files=False)
    sandbox = Filter(machine, rules, default=default)
    for number in (0, 11, 102):
        assert decide(sandbox.code, number, architecture=I386) == KILLED
    x32 = decide(sandbox.code, X32_BIT | 41, architecture=sandbox.architecture)
    assert x32 == (REFUSED if machine == "x86_64" or not default else ALLOWED)


@pytest.mark.parametrize("name", ["riscv64", "i686", "armv7l", "aarch64_be", ""])
def test_there_is_no_filter_for_machines_whose_numbers_are_not_known(name: str) -> None:
    assert compile_filter(name, sealed(PID, files=False), default=False) == b""
