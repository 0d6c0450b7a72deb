"""Writing files so that a reader never sees half of one, and a failure leaves the old one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kb.errors import SourceError


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; SourceError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SourceError(path, error.strerror or str(error), "choose another place") from error


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put a folder holding `contents` (file name → bytes) at `folder`, replacing it as a whole.

    SourceError when it cannot be written; the old folder then stays as it was.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    try:
        for name, content in contents.items():
            write_file(new / name, content)
        new.chmod(0o755)
        _swap(new, folder)
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is; what was there is removed only once `new` is in place."""
    if not folder.exists():
        new.replace(folder)
        return
    old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old."))
    folder.replace(old / "folder")
    try:
        new.replace(folder)
    except OSError:
        (old / "folder").replace(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
