"""The child's own side: limits on itself, a training or one question, messages out, errors cleaned.

Imported by the parent too (for the names), so TensorFlow comes in only when the child runs.
"""

import ctypes
import os
import re
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sandbox.messages import MAX_DETAIL_CHARACTERS, Command, Failed, FailureCode, Message, write_message
from sandbox.probe_messages import read_question
from sandbox.spec import Spec, TableData

PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
MAX_COMMAND_BYTES = 1000


@dataclass(frozen=True)
class Job:
    """What a child is to train: a spec as JSON and, for a learner's own table, the bytes that were uploaded."""

    spec: str
    table: bytes | None = None


@dataclass(frozen=True)
class ProbeJob:
    """What a child is to answer: a question of `sandbox.probe_messages` as JSON, to the network of a spec in a packed
    state."""

    spec: str
    state: bytes
    question: str
    table: bytes | None = None


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use. `memory_bytes` is RLIMIT_DATA: TensorFlow then reports a clean out-of-memory error
    (RLIMIT_AS would abort it). `file_bytes` is for one file; `resident_bytes`, `stored_bytes` (all files together) and
    `wall_seconds` are watched by the parent."""

    memory_bytes: int = 1_200_000_000
    resident_bytes: int = 1_800_000_000
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    file_bytes: int = 64 * 1024 * 1024
    stored_bytes: int = 256 * 1024 * 1024
    open_files: int = 64
    niceness: int = 5


PROBE_LIMITS = ChildLimits(cpu_seconds=20, wall_seconds=20.0, file_bytes=16 * 1024 * 1024, niceness=0)
"""A learner waits for the answer, so it comes before the trainings; one step needs the memory of any other."""


def run_in_child(pipe: Connection, job: Job | ProbeJob, limits: ChildLimits, folder: str) -> None:
    """Runs in the forked process and never returns: the process ends here, without TensorFlow's slow farewell."""
    code = 1
    try:
        _enter(limits, folder)
        code = _work(pipe, job)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _enter(limits: ChildLimits, folder: str) -> None:
    """Session, signals, limits, folder. No handler for SIGTERM: Python's would wait for the C++ loop."""
    from sandbox.engine.preload import die_with_parent, prctl
    from sandbox.engine.seal import seal

    os.setsid()
    die_with_parent(os.getppid())
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _leave_the_network()
    seal()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
    ):
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    os.nice(limits.niceness)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
    os.chdir(folder)
    log = os.open(Path(folder, "stderr.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _leave_the_network() -> None:
    """A network namespace of its own, without a way out, where the kernel lets us have one; in a user namespace of its
    own, where even root has no right over anything outside. Takes half a millisecond."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWNET)


def _work(pipe: Connection, job: Job | ProbeJob) -> int:
    # The forkserver hides an ImportError of its preload; a child that had to import Keras itself would be 3 s late.
    assert "keras" in sys.modules, "keras was not preloaded"
    try:
        for message in _train(pipe, job) if isinstance(job, Job) else _answer(job):
            pipe.send_bytes(write_message(message))
    except (EOFError, ConnectionError):
        return 1  # nobody listens any more
    except BaseException as error:
        detail = clean(f"{type(error).__name__}: {error}")
        pipe.send_bytes(write_message(Failed(code=_code(error), detail=detail)))
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _train(pipe: Connection, job: Job) -> Iterator[Message]:
    from sandbox.engine.training import train

    spec = Spec.model_validate_json(job.spec)
    return train(spec, table=_table(spec, job.table), commands=partial(_next_command, pipe))


def _answer(job: ProbeJob) -> Iterator[Message]:
    from sandbox.engine.probes import reply

    spec = Spec.model_validate_json(job.spec)
    yield reply(spec, job.state, read_question(job.question), _table(spec, job.table))


def _table(spec: Spec, content: bytes | None) -> Any:
    if not isinstance(spec.data, TableData):
        return None
    from sandbox.engine.table_rows import rows_of

    if content is None:
        raise ValueError("the table of this run is not there")
    return rows_of(content, spec.data)


def _next_command(pipe: Connection, seconds: float) -> Command | None:
    if not pipe.poll(seconds):
        return None
    return Command.model_validate_json(pipe.recv_bytes(MAX_COMMAND_BYTES))


def _code(error: BaseException) -> FailureCode:
    if isinstance(error, MemoryError):
        return "out_of_memory"
    codes: dict[str, FailureCode] = {"ResourceExhaustedError": "out_of_memory", "DivergedError": "diverged"}
    return codes.get(type(error).__name__, "failed")


def clean(text: str) -> str:
    """Keras colours its messages and names files and frames; a learner needs neither."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"(/[\w.@+-]+){2,}", "…", text)
    text = "".join(character for character in text if character.isprintable() or character == "\n")
    return text[:MAX_DETAIL_CHARACTERS]
