"""Writing files so that a reader never sees half of one, and a failure leaves the old one."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from kb.errors import SourceError

_NEW_FILE = 0o644


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; SourceError when it cannot be written.

    A link stays a link, a file keeps its mode, and one that is write-protected is not replaced.
    What is no file, such as a device or a pipe, is written to.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(content)
            return
        _replace_file(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise SourceError(path, error.strerror or str(error), "choose another place") from error


def _replace_file(path: Path, content: bytes) -> None:
    """Put a new file in the place of an old one, or of none; OSError."""
    mode = _NEW_FILE
    if path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_folder(
    folder: Path, contents: Mapping[str, bytes], *, replaces: Collection[str] = ()
) -> None:
    """Put a folder holding `contents` (file name → bytes) at `folder`, replacing it as a whole.

    SourceError when it cannot be written, or when it holds anything but files of these names and of
    those in `replaces`: nobody else's work is thrown away. The old folder then stays as it was.
    """
    place = Path(os.path.realpath(folder))
    try:
        _refuse_strangers(folder, place, {*contents, *replaces})
        place.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    try:
        for name, content in contents.items():
            write_file(new / name, content)
        new.chmod(0o755)
        _swap(new, place)
    except OSError as error:
        raise SourceError(folder, error.strerror or str(error), "choose another place") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _refuse_strangers(folder: Path, place: Path, known: Collection[str]) -> None:
    """Raise SourceError when a folder holds what we did not write, OSError when it is none."""
    if not place.exists():
        return
    if strangers := sorted(entry.name for entry in place.iterdir() if entry.name not in known):
        message = f"the folder holds something else ({strangers[0]}), which would be lost"
        raise SourceError(folder, message, "choose a new or empty folder")


def _swap(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is; what was there is removed only once `new` is in place."""
    if not folder.exists():
        new.replace(folder)
        return
    old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old."))
    try:
        folder.replace(old / "folder")
        try:
            new.replace(folder)
        except OSError:
            (old / "folder").replace(folder)
            raise
    except OSError:
        # Only if empty: should the old folder not have come back, it is still there.
        with contextlib.suppress(OSError):
            old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)
