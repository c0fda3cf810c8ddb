"""Children seen from outside: start, listen, cancel, tell how they ended. TensorFlow-free.

A child trains one run or answers one question to its network. `start_forkserver` pays for `import keras` once; every
child is then a fork of it, ready in hundredths of a second, under limits, in a session of its own, with no secret in
its environment. A child never outlives this process: the kernel kills the forkserver with its parent and the children
with the forkserver.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sandbox.engine.child import ChildLimits, Job, ProbeJob, run_in_child
from sandbox.frames import FrameReader
from sandbox.messages import (
    MAX_MESSAGE_BYTES,
    AnyMessage,
    Changed,
    Command,
    EpochEnded,
    Failed,
    Finished,
    read_message,
    write_message,
)
from sandbox.probe_messages import MAX_REPLY_BYTES, Answered, File, Reply, read_reply
from sandbox.spec import Spec

logger = logging.getLogger(__name__)

Outcome = Literal["succeeded", "diverged", "cancelled", "timed_out", "out_of_memory", "failed"]

COOPERATIVE_SECONDS = 0.3
WATCH_SECONDS = 0.25
"""How often the memory and the files of a child are looked at."""
PAUSED_SECONDS = 330.0
"""A paused child cancels itself earlier than this."""
MOST_FRAMES, MOST_FRAMES_PER_EPOCH = 2_000, 5
MOST_BYTES = 32 * 1024 * 1024
"""What a whole run may say; more is a flood."""
READY_SECONDS = 120.0
MOST_SOCKET_FOLDER = 107 - len("/listener-12345678")
"""The address of a socket has room for 107 characters."""
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
        if len(_engine_folder().name) <= MOST_SOCKET_FOLDER:  # where the next start tidies up after a killed process
            multiprocessing.current_process()._config["tempdir"] = _engine_folder().name  # type: ignore[attr-defined]
        with _reduced_environment():
            forkserver.ensure_running()


def wait_until_ready(*, given_up: Callable[[], bool] = bool, seconds: float = READY_SECONDS) -> bool:
    """Wait until the forkserver, started if need be, has loaded Keras: what is claimed before that would lose its lease
    on a slow machine. False as soon as `given_up`. After `seconds` a child may try, and say what is wrong.
    """
    until = time.monotonic() + seconds
    while not given_up():
        start_forkserver()
        if Path(_engine_folder().name, f"ready-{_forkserver_pid()}").exists() or time.monotonic() > until:
            return True
        time.sleep(0.02)
    return False


def _forkserver_pid() -> int | None:
    pid: int | None = getattr(forkserver._forkserver, "_forkserver_pid", None)
    return pid


def _forkserver_runs() -> bool:
    pid = _forkserver_pid()
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


class _Allowance:
    """How much a child may still say. Raises ValueError where it says more: nothing of that is stored."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._bytes = MOST_BYTES

    def take(self, frame: bytes) -> None:
        self._frames -= 1
        self._bytes -= len(frame)
        if self._frames < 0 or self._bytes < 0:
            raise ValueError("more messages than a run may send")


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def _stored_bytes(folder: str) -> int:
    """What the files in a folder take of the disk."""
    stored = 0
    for path in Path(folder).rglob("*"):
        with suppress(OSError):  # just removed
            stored += path.lstat().st_blocks * 512
    return stored


# --- one child ------------------------------------------------------------------------------------------------------


class Child:
    """One job in one process. Not thread-safe: the thread that starts a child drives it.

    with Child.start(spec) as child:
        while child.ended is None:
            message = child.poll(timeout=0.25)
    """

    def __init__(self, job: Job | ProbeJob, limits: ChildLimits, epochs: int) -> None:
        self.limits = limits
        self.ended: Ending | None = None
        self._trains = isinstance(job, Job)
        self._finished: Finished | Reply | None = None
        self._cancelled = False
        self._timed_out = False
        self._exceeded: Ending | None = None
        self._epochs = 0
        self._allowance = _Allowance(MOST_FRAMES + MOST_FRAMES_PER_EPOCH * epochs)
        self._folder = tempfile.TemporaryDirectory(prefix="run-", dir=_engine_folder().name, ignore_cleanup_errors=True)
        try:
            self._launch(job)
        except (EOFError, OSError):
            _wait_for_end_of_forkserver()
            self._launch(job)
        self._deadline = time.monotonic() + limits.wall_seconds
        self._left_when_paused: float | None = None
        self._watch_at = 0.0

    @classmethod
    def start(cls, spec: Spec, *, table: bytes | None = None, limits: ChildLimits | None = None) -> Self:
        return cls(Job(spec.model_dump_json(), table), limits or ChildLimits(), spec.epochs)

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

    def poll(self, timeout: float) -> AnyMessage | Reply | None:
        """The next message; None if there was none within `timeout` seconds or the child is over (`ended` is set)."""
        if self.ended is not None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0 and not self._timed_out:
            self._timed_out = True
            self._kill()
        self._watch()
        over = self._process.exitcode is not None  # what it has sent by now is all
        try:
            frame = self._frames.next(min(timeout, left) if left > 0 else timeout)
            if frame is not None:
                return self._accept(frame)
            if over:
                self._end()
        except (EOFError, ConnectionError):
            self._end()
        except (OSError, ValueError) as error:
            logger.error("child %s sent what is no message: %s", self._process.pid, error)
            self._kill()
            self._end(Ending("failed", "the process sent what is no message"))
        return None

    def cancel(self) -> None:
        """Ask the child to stop after its epoch, then make it. What it has sent can still be polled."""
        if self.ended is not None:
            return
        self._cancelled = True
        self.tell(Command(kind="cancel"))
        self._process.join(COOPERATIVE_SECONDS)
        self._kill()

    def tell(self, command: Command) -> None:
        """Send a command; the child obeys between two chunks and answers with a Changed.

        Never waits: what a child that listens no more has no room for is lost.
        """
        with suppress(OSError):  # already gone, or no room
            self._pipe.send_bytes(write_message(command))

    def close(self) -> None:
        """Leave nothing behind: no process, no folder, no open pipe."""
        self._kill()
        if self.ended is None:
            self._end(Ending("cancelled", "given up by the worker"))
        self._pipe.close()
        self._process.close()
        self._folder.cleanup()

    # ---

    def _launch(self, job: Job | ProbeJob) -> None:
        """multiprocessing polls every process it knows at each start: from another thread it would take the exit code
        away from ours. So starts take turns, and it forgets the process at once."""
        self._pipe, theirs = _context.Pipe(duplex=True)
        self._frames = FrameReader(self._pipe, MAX_MESSAGE_BYTES if self._trains else MAX_REPLY_BYTES)
        arguments = (theirs, job, self.limits, self._folder.name)
        self._process = _context.Process(target=run_in_child, args=arguments, daemon=True)
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

    def _accept(self, frame: bytes) -> AnyMessage | Reply:
        self._allowance.take(frame)
        message = read_message(frame) if self._trains else read_reply(frame)
        if self._finished is not None:
            raise ValueError("a message after the last one")
        if isinstance(message, Changed):
            self._pause(message.state == "paused")
        elif isinstance(message, EpochEnded):
            if message.number != self._epochs + 1:
                raise ValueError(f"epoch {message.number} after epoch {self._epochs}")
            self._epochs = message.number
        elif isinstance(message, Finished | Answered | File | Failed):
            self._finished = message
        return message

    def _pause(self, paused: bool) -> None:
        """The time limit is one of training: it stands still in a pause."""
        now = time.monotonic()
        if paused and self._left_when_paused is None:
            self._left_when_paused, self._deadline = self._deadline - now, now + PAUSED_SECONDS
        elif not paused and self._left_when_paused is not None:
            self._deadline, self._left_when_paused = now + self._left_when_paused, None

    def _watch(self) -> None:
        """The kernel's limits give clean errors; this is for what they do not count: shared memory, many files."""
        now = time.monotonic()
        if now < self._watch_at:
            return
        self._watch_at = now + WATCH_SECONDS
        if _resident_bytes(self.pid) > self.limits.resident_bytes:
            self._exceeded = Ending("out_of_memory", "more memory than a run may use")
        elif _stored_bytes(self._folder.name) > self.limits.stored_bytes:
            self._exceeded = Ending("failed", "more bytes in files than a run may write")
        if self._exceeded:
            self._kill()

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
        with suppress(ProcessLookupError):  # nothing that it started stays
            os.killpg(self.pid, signal.SIGKILL)
        self.ended = ending or self._classify()
        if self.ended.outcome == "failed":
            logger.error("child %s failed: %s\n%s", self.pid, self.ended.detail, self._last_words())

    def _classify(self) -> Ending:
        """A finished training is finished, whatever befell the process later; then what we did to it; then signals."""
        if isinstance(self._finished, Finished):
            where = self._finished.diverged
            return Ending(self._finished.outcome, where.in_words() if where else "")
        if self._exceeded:
            return self._exceeded
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
            return Ending("failed", f"the process crashed ({signal.Signals(-code).name})")
        return Ending("failed", f"the process ended without a result (code {code})")

    def _last_words(self) -> str:
        """The end of the child's standard error: for the log, never for a page."""
        try:
            return Path(self._folder.name, "stderr.txt").read_bytes()[-2000:].decode(errors="replace")
        except OSError:
            return ""
