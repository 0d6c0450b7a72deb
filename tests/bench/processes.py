"""Memory and processor time of a process and all that it started, from Linux's /proc."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

_PROC = Path("/proc")
_EVERY = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Return the processes of the session that a process leads, and its descendants."""
    parents: dict[int, int] = {}
    members = set()
    for entry in _PROC.glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        pid = int(entry.parent.name)
        parents[pid] = int(fields[1])
        if root in (pid, int(fields[3])):
            members.add(pid)
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in members} - members
        members |= more
        grown = bool(more)
    return sorted(members)


def memory_mb(root: int) -> float:
    """Return the memory of a tree in MB: its proportional set size, shared pages counted once."""
    total = 0
    for pid in tree(root):
        try:
            for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def processor_seconds(root: int) -> dict[int, float]:
    """Return the processor time that each process of a tree has used."""
    used = {}
    for pid in tree(root):
        try:
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
    return used


def cores_burning(root: int, seconds: float) -> float:
    """Return how many cores a tree keeps busy, measured over some seconds."""
    before = processor_seconds(root)
    begin = time.perf_counter()
    time.sleep(seconds)
    after = processor_seconds(root)
    spent = sum(value - before.get(pid, 0.0) for pid, value in after.items())
    return spent / (time.perf_counter() - begin)


def stop_tree(root: int) -> None:
    """Kill a process that we started and all that it started, and nothing else."""
    for pid in tree(root):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


class Watch(threading.Thread):
    """The peak memory of a tree: sampled when asked and, once started, every second.

    A started watch kills the tree when it grows above the limit. Sampling takes the processor some
    milliseconds for each process, so that speed is measured without a started watch.
    """

    def __init__(self, root: int, limit_mb: float) -> None:
        """Watch the tree of a process."""
        super().__init__(daemon=True)
        self.peak = 0.0
        self.killed = False
        self._root = root
        self._limit = limit_mb
        self._end = threading.Event()

    def sample(self) -> None:
        """Look at the memory now."""
        self.peak = max(self.peak, memory_mb(self._root))

    def run(self) -> None:
        """Sample until closed."""
        while not self._end.wait(_EVERY):
            self.sample()
            if self.peak > self._limit:
                self.killed = True
                stop_tree(self._root)
                return

    def close(self) -> None:
        """Stop sampling."""
        self._end.set()
        if self.is_alive():
            self.join()
