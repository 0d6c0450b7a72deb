"""Fences around a process that runs queries of strangers, put up once and never taken down.

A query can make the engine call other hosts, eat memory without end or never return. What is put up
here is the operating system's own: it holds whatever the engine does. Each fence stands by itself;
`Confinement` says which do, as not every system has all of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from server.worker import landlock, seccomp, syscalls

# linux/prctl.h
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS = 1, 4, 38


@dataclass(frozen=True, slots=True)
class Confinement:
    """The fences that stand around this process.

    `seccomp`: the kernel refuses what `server.worker.syscalls` does not give.
    `landlock`: of the files, only those of the folder given can be opened.
    `descriptors`: no file, socket or pipe can be opened.
    `memory`, `processor`: allocations fail, and time runs out, beyond the limit.
    `orphan`: the process dies with its parent.
    `calls_out`: it was to be able to call other hosts.
    """

    seccomp: bool
    landlock: bool
    descriptors: bool
    memory: bool
    processor: bool
    orphan: bool
    calls_out: bool

    @property
    def no_network(self) -> bool:
        """Whether no host can be called."""
        return not self.calls_out and (self.seccomp or self.descriptors)

    @property
    def no_files(self) -> bool:
        """Whether no file can be opened, save those of the store."""
        return self.descriptors or self.landlock


def confine(
    *,
    memory: int,
    seconds: int,
    descriptors: Collection[int],
    network: bool = False,
    files: Path | None = None,
) -> Confinement:
    """Confine this process for good, and say which fences stand.

    It may allocate `memory` bytes more than it has, use the processor for `seconds` (see `rearm`),
    and keep `descriptors` (which must block: there is no poll) and the standard error stream. With
    `network` it may call hosts and open files, with `files` read those of an on-disk store that is
    open already. Must be called by the main thread, once all modules are imported.
    """
    _drop_descriptors({2, *descriptors}, files)
    orphan = die_with_parent()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    memory_stands = _limit_memory(memory)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    processor = rearm(seconds)
    _prctl(_DUMPABLE, 0)
    _prctl(_NO_NEW_PRIVS, 1)
    kept_to_folder = files is not None and landlock.keep_to(files)
    may_open = network or files is not None
    descriptors_stand = not may_open and _limit(resource.RLIMIT_NOFILE, 0)
    if network:
        filtered = seccomp.install(syscalls.connected(os.getpid()), default=True)
    else:
        rules = syscalls.sealed(os.getpid(), files=files is not None)
        filtered = seccomp.install(rules, default=False)
    return Confinement(
        seccomp=filtered,
        landlock=kept_to_folder,
        descriptors=descriptors_stand,
        memory=memory_stands,
        processor=processor,
        orphan=orphan,
        calls_out=network,
    )


def rearm(seconds: int) -> bool:
    """Give this process so many seconds of processor time from now on, before SIGXCPU ends it.

    The system counts in whole seconds: the end comes up to one second later. Only the soft limit is
    set, as a hard one could not be raised again for the next query.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(time.process_time()) + seconds
    if hard != resource.RLIM_INFINITY and limit > hard:
        return False
    return _set_limit(resource.RLIMIT_CPU, limit, hard)


def die_with_parent() -> bool:
    """Have the kernel kill this process when its parent ends; tell whether it will.

    The parent is the thread that forked: it must live as long as its process.
    """
    parent = os.getppid()
    armed = _prctl(_PDEATHSIG, signal.SIGKILL)
    # A parent that ended before the call sends no signal.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return armed


def _drop_descriptors(kept: Collection[int], files: Path | None) -> None:
    """Close all descriptors but those kept and those of an open store; standard input is empty."""
    listed = Path("/proc/self/fd") if Path("/proc/self/fd").is_dir() else Path("/dev/fd")
    for entry in list(listed.iterdir()):
        number = int(entry.name)
        if number in kept or (files is not None and _is_of(entry, files)):
            continue
        with contextlib.suppress(OSError):
            os.close(number)
    null = os.open(os.devnull, os.O_RDWR)
    for number in {0, 1} - {null, *kept}:
        os.dup2(null, number)
    if null > 1:
        os.close(null)


def _is_of(entry: Path, folder: Path) -> bool:
    """Tell whether a descriptor is of a file in a folder; where it cannot be known, it may be."""
    try:
        return entry.readlink().is_relative_to(folder.resolve())
    except OSError:
        return True


def _limit_memory(memory: int) -> bool:
    """Let this process allocate so many bytes more than it has now; tell whether it is held to it.

    The address space counts all that is mapped; the data segment, which is the heap and private
    pages, leaves out what threads reserve without using it.
    """
    try:
        pages = [int(field) for field in Path("/proc/self/statm").read_text().split()]
    except OSError:
        return False
    page = resource.getpagesize()
    whole, data = pages[0] * page, pages[5] * page
    return _limit(resource.RLIMIT_AS, whole + memory) and _limit(
        resource.RLIMIT_DATA, data + memory
    )


def _limit(kind: int, value: int) -> bool:
    """Set a limit for good, or keep a stricter one; tell whether it stands."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    return _set_limit(kind, value, value)


def _set_limit(kind: int, soft: int, hard: int) -> bool:
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        return False
    return True


def _prctl(option: int, value: int) -> bool:
    """Set an attribute of this process; tell whether the system has it."""
    if os.uname().sysname != "Linux":
        return False
    arguments = (ctypes.c_ulong(each) for each in (value, 0, 0, 0))
    return bool(ctypes.CDLL(None).prctl(ctypes.c_int(option), *arguments) == 0)
