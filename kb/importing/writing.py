"""Write several files or none: a failure leaves each as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from kb.errors import SourceError
from kb.files import write_file


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files, each in one step; when one cannot be written, undo the others (SourceError)."""
    before = {path: path.read_bytes() if path.is_file() else None for path in contents}
    done: list[Path] = []
    try:
        for path, content in contents.items():
            done.append(path)
            write_file(path, content)
    except BaseException:
        for path in done:
            _restore(path, before[path])
        raise


def _restore(path: Path, content: bytes | None) -> None:
    """Put back what a file held, or take it away if it was not there."""
    # The first failure is told; a second one, on the way back, must not stop the others.
    with contextlib.suppress(SourceError, OSError):
        if content is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != content:
            write_file(path, content)
