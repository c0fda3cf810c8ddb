"""Training children seen from outside: start, listen, cancel, tell how they ended. TensorFlow-free.

`start_forkserver` pays for `import keras` once; every run is then a fork of it, ready in hundredths of a second,
under limits, in a session of its own, with no secret in its environment. A child never outlives this process: the
kernel kills the forkserver with its parent and the children with the forkserver.
"""

import functools
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sandbox.engine.child import ChildLimits, train_in_child
from sandbox.messages import MAX_MESSAGE_BYTES, AnyMessage, EpochEnded, Failed, Finished, read_message
from sandbox.spec import Spec

logger = logging.getLogger(__name__)

Outcome = Literal["succeeded", "diverged", "cancelled", "timed_out", "out_of_memory", "failed"]

COOPERATIVE_SECONDS = 0.3
TERMINATE_SECONDS = 0.5
PROJECT = Path(__file__).resolve().parent.parent

_context = multiprocessing.get_context("forkserver")
_starting = threading.Lock()
_launching = threading.Lock()


@dataclass(frozen=True)
class Ending:
    """How a child ended; `detail` is for the log and the owner, English, without paths or stack frames."""

    outcome: Outcome
    detail: str = ""


# --- the forkserver -------------------------------------------------------------------------------------------------


def start_forkserver() -> None:
    """Start the process all children are forked from; returns at once, Keras loads meanwhile. Repeating it is free.

    Call it from the main thread before others start: the environment is swapped for a moment, and the kernel ties
    the forkserver's life to the thread that started it.
    """
    with _starting:
        if _forkserver_runs():
            return
        _context.set_forkserver_preload(["sandbox.engine.preload"])
        with _reduced_environment():
            forkserver.ensure_running()


def _forkserver_runs() -> bool:
    pid: int | None = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if pid is None:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def _wait_for_end_of_forkserver() -> None:
    """A forkserver that is dying no longer answers, but is still there while the kernel takes back its memory."""
    for _ in range(100):
        if not _forkserver_runs():
            return
        time.sleep(0.02)


@contextmanager
def _reduced_environment() -> Iterator[None]:
    """The forkserver and so every child sees this environment and nothing else: no key, no database address."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(
            {name: before[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV") if name in before},
            PYTHONPATH=str(PROJECT),
            PYTHONHASHSEED="0",
            KERAS_HOME=_engine_folder().name,
            KERAS_BACKEND="tensorflow",
            CUDA_VISIBLE_DEVICES="-1",
            TF_CPP_MIN_LOG_LEVEL="3",
            TF_ENABLE_ONEDNN_OPTS="0",
            TF_NUM_INTRAOP_THREADS="1",
            TF_NUM_INTEROP_THREADS="1",
            OMP_NUM_THREADS="1",
            OPENBLAS_NUM_THREADS="1",
            ENGRAM_FORKSERVER_PARENT=str(os.getpid()),
        )
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@functools.cache
def _engine_folder() -> tempfile.TemporaryDirectory[str]:
    """A private folder of this process, removed when it ends: Keras' home, and the children's folders in it."""
    for left in Path(tempfile.gettempdir()).glob("engram-engine-*-*"):  # by processes that were killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"engram-engine-{os.getpid()}-", ignore_cleanup_errors=True)


# --- one child ------------------------------------------------------------------------------------------------------


class Child:
    """One training in one process. Not thread-safe: the thread that starts a child drives it.

    with Child.start(spec) as child:
        while child.ended is None:
            message = child.poll(timeout=0.25)
    """

    def __init__(self, spec: Spec, limits: ChildLimits) -> None:
        self.limits = limits
        self.ended: Ending | None = None
        self._finished: Finished | Failed | None = None
        self._cancelled = False
        self._timed_out = False
        self._epochs = 0
        self._folder = tempfile.TemporaryDirectory(prefix="run-", dir=_engine_folder().name, ignore_cleanup_errors=True)
        try:
            self._launch(spec)
        except (EOFError, OSError):
            _wait_for_end_of_forkserver()
            self._launch(spec)
        self._deadline = time.monotonic() + limits.wall_seconds

    @classmethod
    def start(cls, spec: Spec, *, limits: ChildLimits | None = None) -> Self:
        return cls(spec, limits or ChildLimits())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self, timeout: float) -> AnyMessage | None:
        """The next message; None if there was none within `timeout` seconds or the child is over (`ended` is set)."""
        if self.ended is not None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0 and not self._timed_out:
            self._timed_out = True
            self._kill()
        try:
            if not self._pipe.poll(max(0.0, min(timeout, left))):
                return None
            return self._accept(self._pipe.recv_bytes(MAX_MESSAGE_BYTES))
        except (EOFError, ConnectionError):
            self._end()
        except (OSError, ValueError) as error:
            logger.error("child %s sent what is no message: %s", self._process.pid, error)
            self._kill()
            self._end(Ending("failed", "the training process sent what is no message"))
        return None

    def cancel(self) -> None:
        """Ask the child to stop after its epoch, then make it. What it has sent can still be polled."""
        if self.ended is not None:
            return
        self._cancelled = True
        with suppress(OSError):  # already gone
            self._pipe.send_bytes(b"cancel")
        self._process.join(COOPERATIVE_SECONDS)
        self._kill()

    def close(self) -> None:
        """Leave nothing behind: no process, no folder, no open pipe."""
        self._kill()
        if self.ended is None:
            self._end(Ending("cancelled", "given up by the worker"))
        self._pipe.close()
        self._process.close()
        self._folder.cleanup()

    # ---

    def _launch(self, spec: Spec) -> None:
        """multiprocessing polls every process it knows at each start: from another thread it would take the exit code
        away from ours. So starts take turns, and it forgets the process at once."""
        self._pipe, theirs = _context.Pipe(duplex=True)
        arguments = (theirs, spec.model_dump_json(), self.limits, self._folder.name)
        self._process = _context.Process(target=train_in_child, args=arguments, daemon=True)
        try:
            with _launching:
                start_forkserver()
                self._process.start()
                multiprocessing.process._children.discard(self._process)  # type: ignore[attr-defined]
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()

    def _accept(self, frame: bytes) -> AnyMessage:
        message = read_message(frame)
        if isinstance(message, EpochEnded):
            if message.number != self._epochs + 1:
                raise ValueError(f"epoch {message.number} after epoch {self._epochs}")
            self._epochs = message.number
        elif isinstance(message, Finished | Failed):
            self._finished = message
        return message

    def _kill(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._process.exitcode is not None:
                return
            self._signal(sign)
            self._process.join(TERMINATE_SECONDS)

    def _signal(self, sign: signal.Signals) -> None:
        try:
            os.killpg(self.pid, sign)
        except ProcessLookupError:  # over, or not yet the leader of its group
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def _end(self, ending: Ending | None = None) -> None:
        self._process.join(TERMINATE_SECONDS)
        self._kill()
        self.ended = ending or self._classify()
        if self.ended.outcome == "failed":
            logger.error("child %s failed: %s\n%s", self.pid, self.ended.detail, self._last_words())

    def _classify(self) -> Ending:
        """A finished training is finished, whatever befell the process later; then what we did to it; then signals."""
        if isinstance(self._finished, Finished):
            where = self._finished.diverged
            return Ending(self._finished.outcome, where.in_words() if where else "")
        if self._timed_out:
            return Ending("timed_out", f"no end after {self.limits.wall_seconds:g} seconds")
        if self._cancelled:
            return Ending("cancelled")
        if isinstance(self._finished, Failed):
            return Ending(self._finished.code, self._finished.detail)
        return self._classify_exit(self._process.exitcode)

    def _classify_exit(self, code: int | None) -> Ending:
        if code == -signal.SIGXCPU:
            return Ending("timed_out", f"used up {self.limits.cpu_seconds} seconds of processor time")
        if code == -signal.SIGKILL:  # not ours, so the kernel's: out of memory
            return Ending("out_of_memory", "killed by the system")
        if code == -signal.SIGABRT and "bad_alloc" in self._last_words():
            return Ending("out_of_memory", "more memory than a run may use")
        if code is not None and code < 0:
            return Ending("failed", f"the training process crashed ({signal.Signals(-code).name})")
        return Ending("failed", f"the training process ended without a result (code {code})")

    def _last_words(self) -> str:
        """The end of the child's standard error: for the log, never for a page."""
        try:
            return Path(self._folder.name, "stderr.txt").read_bytes()[-2000:].decode(errors="replace")
        except OSError:
            return ""
