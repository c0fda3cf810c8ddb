"""Takes from this process, for good, what a training never needs: other processes, other programs, sockets.

The kernel filters the system calls (seccomp): that needs no privilege and works in containers, where namespaces are
often refused. A process group can then be killed for certain, since nothing leaves it. On a machine whose calls are not
listed here nothing is filtered.
"""

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
CLONE_THREAD = 0x10000
X32_CALLS = 0x40000000

LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Classic BPF: load a word of the call's description, compare, answer."""
CALL, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
ALLOW, ERROR = 0x7FFF0000, 0x00050000


@dataclass(frozen=True)
class Calls:
    """The kernel's numbers on one architecture. `clone` with CLONE_THREAD starts a thread, and stays; glibc falls back
    to it where `clone3`, whose flags a filter cannot see, is not there. `refused` are socket, execve, execveat, ptrace,
    io_uring_setup and, where they exist, fork and vfork."""

    architecture: int
    clone: int
    refused: tuple[int, ...]
    clone3: int = 435


CALLS = {
    "x86_64": Calls(0xC000003E, clone=56, refused=(41, 59, 322, 101, 425, 57, 58)),
    "aarch64": Calls(0xC00000B7, clone=220, refused=(198, 221, 281, 117, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def seal() -> bool:
    """Refuse these calls from now on: "Operation not permitted". Needs `no_new_privs`; whether the kernel took it."""
    calls = CALLS.get(platform.machine())
    if calls is None:
        return False
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in _filter(calls))
    program = _Program(len(code) // 8, code)
    arguments = (ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0))
    return bool(ctypes.CDLL(None).prctl(PR_SET_SECCOMP, *arguments) == 0)


def _filter(calls: Calls) -> list[tuple[int, int, int, int]]:
    """Instructions as (code, jump if true, jump if false, value); jumps count from the next instruction."""
    chosen = [
        (JUMP_IF_AT_LEAST, X32_CALLS, "refuse"),
        *((JUMP_IF_EQUAL, call, "refuse") for call in calls.refused),
        (JUMP_IF_EQUAL, calls.clone3, "missing"),
        (JUMP_IF_EQUAL, calls.clone, "clone"),
    ]
    answers = {"allow": 0, "clone": 1, "refuse": 3, "missing": 4}
    tail = [
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_ANY_BIT, 2, 0, CLONE_THREAD),
        (RETURN, 0, 0, ERROR | errno.EPERM),
        (RETURN, 0, 0, ERROR | errno.ENOSYS),
        (RETURN, 0, 0, ALLOW),
    ]
    jumps = [
        (code, len(chosen) - index - 1 + answers[answer], 0, value)
        for index, (code, value, answer) in enumerate(chosen)
    ]
    head = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 0, len(chosen) + 1 + answers["refuse"], calls.architecture),
        (LOAD, 0, 0, CALL),
    ]
    return [*head, *jumps, *tail]
