"""Files out of reach by Landlock, where the kernel has it (Linux 5.13 and later).

The filter of system calls sees that a file is opened, not which. This says which.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

# asm-generic/unistd.h: the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
# linux/landlock.h: all rights of the first version of the interface; those given to the folder.
_ALL_RIGHTS = (1 << 13) - 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_PATH_BENEATH = 1


def keep_to(folder: Path) -> bool:
    """Let this thread open files in the folder alone, to read; tell whether the kernel agreed.

    It needs PR_SET_NO_NEW_PRIVS, and room for two descriptors.
    """
    if os.uname().sysname != "Linux":
        return False
    handled = struct.pack("=Q", _ALL_RIGHTS)
    ruleset = _call(_CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        return False
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, opened)
            added = _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
            return added == 0 and _call(_RESTRICT_SELF, ruleset, 0) == 0
        finally:
            os.close(opened)
    finally:
        os.close(ruleset)


def _call(number: int, *arguments: int | bytes) -> int:
    given = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *given))
