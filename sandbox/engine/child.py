"""The training child's own side: limits on itself, the training, messages out, errors cleaned.

Imported by the parent too (for the names), so TensorFlow comes in only when the child runs.
"""

import os
import re
import resource
import signal
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from sandbox.messages import MAX_DETAIL_CHARACTERS, Failed, write_message
from sandbox.spec import Spec

PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use. `memory_bytes` is RLIMIT_DATA: TensorFlow then reports a clean out-of-memory error
    (RLIMIT_AS would abort it). `wall_seconds` is watched by the parent."""

    memory_bytes: int = 1_200_000_000
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    file_bytes: int = 64 * 1024 * 1024
    open_files: int = 64
    niceness: int = 5


def train_in_child(pipe: Connection, spec_json: str, limits: ChildLimits, folder: str) -> None:
    """Runs in the forked process and never returns: the process ends here, without TensorFlow's slow farewell."""
    code = 1
    try:
        _enter(limits, folder)
        code = _train(pipe, spec_json)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _enter(limits: ChildLimits, folder: str) -> None:
    """Session, signals, limits, folder. No handler for SIGTERM: Python's would wait for the C++ loop."""
    from sandbox.engine.preload import die_with_parent, prctl

    os.setsid()
    die_with_parent(os.getppid())
    prctl(PR_SET_NO_NEW_PRIVS, 1)
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


def _train(pipe: Connection, spec_json: str) -> int:
    # The forkserver hides an ImportError of its preload; a child that had to import Keras itself would be 3 s late.
    assert "keras" in sys.modules, "keras was not preloaded"
    try:
        from sandbox.engine.training import train

        for message in train(Spec.model_validate_json(spec_json), stop=lambda: pipe.poll(0)):
            pipe.send_bytes(write_message(message))
    except (BrokenPipeError, ConnectionError):
        return 1  # nobody listens any more
    except BaseException as error:
        code: Literal["out_of_memory", "failed"] = "out_of_memory" if _is_out_of_memory(error) else "failed"
        pipe.send_bytes(write_message(Failed(code=code, detail=clean(f"{type(error).__name__}: {error}"))))
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def clean(text: str) -> str:
    """Keras colours its messages and names files and frames; a learner needs neither."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"(/[\w.@+-]+){2,}", "…", text)
    text = "".join(character for character in text if character.isprintable() or character == "\n")
    return text[:MAX_DETAIL_CHARACTERS]
