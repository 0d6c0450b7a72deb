"""The machine and the programs of a run, as the page of results names them."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.fuseki import jar
from tests.bench.servers import find

_PACKAGES = ("pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint", "flask")


def describe() -> dict[str, Any]:
    """Return the date, the machine and the versions."""
    return {
        "date": date.today().isoformat(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(memory_mb() / 1024),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "versions": {name: version for name in _PACKAGES if (version := _version(name))}
        | _virtuoso()
        | _fuseki(),
    }


def memory_mb() -> int:
    """Return the memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _virtuoso() -> dict[str, str]:
    program = find("virtuoso-t")
    if program is None:
        return {}
    told = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
    found = re.search(r"Version (\S+)", told.stdout + told.stderr)
    return {"Virtuoso": found[1]} if found else {}


def _fuseki() -> dict[str, str]:
    found = jar()
    return {"Fuseki": found.stem.rpartition("-")[2]} if found else {}
