"""The kernel's filter of system calls, put on through ctypes: Linux, x86_64 and aarch64.

A classic BPF program looks at the number and the arguments of every call (seccomp(2)). It cannot
be taken off again, and holds in all threads of the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable, Sequence

from server.worker.syscalls import ABSENT, NUMBERS, Condition, Rule

# linux/audit.h: AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64.
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000

# linux/bpf_common.h: load a word; jump if equal, if not below; and with a constant; return.
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
# linux/seccomp.h
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_MODE_FILTER = 1
_ALL_THREADS = 1 << 0
# Else kernels before 5.16 slow the whole process down, against code that it cannot come to run.
_NO_SPECULATION_FENCE = 1 << 2
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(rules: Sequence[Rule], *, default: bool) -> bool:
    """Put the filter on this process; tell whether it stands.

    It needs PR_SET_NO_NEW_PRIVS, or the rights of root.
    """
    system, machine = os.uname().sysname, os.uname().machine
    code = compile_filter(machine, rules, default=default)
    # A Python of 32 bits on a machine of 64 makes calls by other numbers.
    if not code or system != "Linux" or sys.maxsize < 2**32:
        return False
    program = _Program(len(code) // 8, code)
    number = NUMBERS["seccomp"][_ARCHITECTURES[machine][0]]
    flags = _ALL_THREADS | _NO_SPECULATION_FENCE
    call = ctypes.CDLL(None, use_errno=True).syscall
    arguments = (ctypes.c_long(value) for value in (number, _SET_MODE_FILTER, flags))
    # Positive is the number of a thread that could not be brought under the filter.
    return bool(call(*arguments, ctypes.byref(program)) == 0)


def compile_filter(machine: str, rules: Sequence[Rule], *, default: bool) -> bytes:
    """Return the program for a machine; empty for one whose numbers are not known."""
    if machine not in _ARCHITECTURES:
        return b""
    column, architecture = _ARCHITECTURES[machine]
    code = [
        # Numbers mean other calls in the other ways into the kernel: 32 bits, and x32 below.
        *(_step(_LOAD, _ARCHITECTURE_AT), _step(_EQUAL, architecture, 1, 0)),
        *(_step(_RETURN, _KILL), _step(_LOAD, _NUMBER_AT)),
    ]
    if machine == "x86_64":
        code += [_step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _verdict(False))]
    for rule in rules:
        number = NUMBERS[rule.name][column]
        if number != ABSENT:
            code += _compile_rule(number, rule)
    code.append(_step(_RETURN, _verdict(default)))
    return b"".join(code)


def _compile_rule(number: int, rule: Rule) -> list[bytes]:
    """Return the steps of a rule; those after it find the number loaded again."""
    body = list(_compile_conditions(rule.conditions))
    reload = [_step(_LOAD, _NUMBER_AT)] if body else []
    skip = len(body) + 1 + len(reload)
    verdict = _step(_RETURN, _verdict(rule.allow))
    return [_step(_EQUAL, number, 0, skip), *body, verdict, *reload]


def _compile_conditions(conditions: Sequence[Condition]) -> Iterable[bytes]:
    left = len(conditions)
    for condition in conditions:
        left -= 1
        # Both architectures are little-endian: the high half of an argument comes second.
        word = _ARGUMENTS_AT + 8 * condition.argument + 4 * condition.high
        yield _step(_LOAD, word)
        yield _step(_AND, condition.mask)
        # If it fails: over the remaining conditions (three steps each) and the verdict.
        yield _step(_EQUAL, condition.value, 0, 3 * left + 1)


def _verdict(allow: bool) -> int:
    return _ALLOW if allow else _ERROR | errno.EPERM


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return a `struct sock_filter`."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
