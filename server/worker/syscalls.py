"""System calls by number, and which of them a query worker may make.

Numbers are those of the kernel's headers (`asm/unistd_64.h`, `asm-generic/unistd.h`); a test
compares them. Everything a worker is not given here is refused with EPERM, not punished by death:
the engine then reports an error instead of vanishing.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass

ABSENT = -1
"""Stands for the number of a call that an architecture does not have."""

NUMBERS = {  # name: (x86_64, aarch64)
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close": (3, 57),
    "execve": (59, 221),
    "execveat": (322, 281),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "fadvise64": (221, 223),
    "fcntl": (72, 25),
    "fork": (57, ABSENT),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "io_uring_setup": (425, 425),
    "kill": (62, 129),
    "lseek": (8, 62),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "newfstatat": (262, 79),
    "openat": (257, 56),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "pread64": (17, 67),
    "prlimit64": (302, 261),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "read": (0, 63),
    "readahead": (187, 213),
    "readv": (19, 65),
    "recvfrom": (45, 207),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigqueueinfo": (129, 138),
    "rt_sigreturn": (15, 139),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "seccomp": (317, 277),
    "sendto": (44, 206),
    "setns": (308, 268),
    "shutdown": (48, 210),
    "sigaltstack": (131, 132),
    "statx": (332, 291),
    "tgkill": (234, 131),
    "time": (201, ABSENT),
    "tkill": (200, 130),
    "unshare": (272, 97),
    "vfork": (58, ABSENT),
    "write": (1, 64),
    "writev": (20, 66),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Of an argument's low or high 32 bits, those under `mask` must equal `value`."""

    argument: int
    mask: int
    value: int
    high: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of a call when all conditions hold; the first rule that fits decides."""

    name: str
    allow: bool
    conditions: Sequence[Condition] = ()


_WHOLE = 0xFFFFFFFF

_ALWAYS = (
    # Talk over the descriptors left open, and give them up. Without sendmsg and recvmsg: they pass
    # descriptors on, and the address they carry cannot be looked at.
    *("read", "write", "readv", "writev", "recvfrom", "shutdown", "close", "lseek"),
    # Look at an open descriptor: Python does before it reads or writes one.
    "fstat",
    # Memory; what asks for executable pages is sorted out below.
    *("brk", "munmap", "mremap", "madvise"),
    # Locks of the runtime and of the storage engine's threads.
    *("futex", "membarrier", "rseq", "sched_yield", "sched_getaffinity"),
    # Signals to itself: handlers, the return from them, calls resumed after a stop.
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    # NOW(), RAND(), UUID(), hash tables, and the worker's own accounts.
    *("clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday", "time"),
    *("getrandom", "getrusage", "getpid", "getppid", "gettid"),
    # The end.
    *("exit", "exit_group"),
)
_PAGES_OF_DATA = (Condition(2, mmap.PROT_EXEC, 0),)
_LIMIT_OF_PROCESSOR = (
    Condition(0, _WHOLE, 0),
    Condition(1, _WHOLE, resource.RLIMIT_CPU),
)
_NO_ADDRESS = (Condition(4, _WHOLE, 0), Condition(4, _WHOLE, 0, high=True))

_ON_DISK = ("pread64", "readahead", "fadvise64", "newfstatat", "statx")
"""How RocksDB reads its tables."""

_TO_OTHERS = (
    # Other programs, other processes, other threads.
    *("execve", "execveat", "fork", "vfork", "clone", "clone3"),
    # A hand on other processes.
    *("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"),
    # Ways round this very filter, or to privileges.
    *("io_uring_setup", "unshare", "setns"),
)


def sealed(pid: int, *, files: bool) -> list[Rule]:
    """Return what a process without network may do, all else being refused.

    With `files` it may open files to read.
    """
    rules = [Rule(name, True) for name in _ALWAYS]
    rules += [Rule(name, True, _PAGES_OF_DATA) for name in ("mmap", "mprotect")]
    # abort() raises a signal in its own thread; no other process may be reached.
    rules += [Rule(name, True, (Condition(0, _WHOLE, pid),)) for name in ("tgkill", "tkill")]
    # The limit of processor time is set anew before each query; no other limit may be lifted.
    rules.append(Rule("prlimit64", True, _LIMIT_OF_PROCESSOR))
    rules.append(Rule("sendto", True, _NO_ADDRESS))
    if files:
        rules += [Rule(name, True) for name in _ON_DISK]
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        rules.append(Rule("openat", True, (Condition(2, writing, 0),)))
        commands = (fcntl.F_GETFD, fcntl.F_SETFD)
        rules += [Rule("fcntl", True, (Condition(1, _WHOLE, each),)) for each in commands]
    return rules


def connected(pid: int) -> list[Rule]:
    """Return what a process that calls another engine may not do, all else being allowed."""
    own = [Rule(name, True, (Condition(0, _WHOLE, pid),)) for name in ("tgkill", "tkill")]
    return [*own, *(Rule(name, False) for name in _TO_OTHERS)]
