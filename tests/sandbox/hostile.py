"""Training children that misbehave: each conduct takes the place of the training, under the limits of a real child."""

import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from sandbox.engine.child import ChildLimits, Job, run_in_child
from sandbox.messages import Failed, Started, write_message

MEGABYTE = 1024 * 1024
STARTED = Started(parameters=1, steps_per_epoch=1, training_rows=1, validation_rows=0)

Conduct = Callable[[Connection], Iterator[Started | Failed]]


def act(conduct: Conduct, pipe: Connection, job: Job, limits: ChildLimits, folder: str) -> None:
    """What the child runs instead of a training; `functools.partial(act, conduct)` is the target of the process."""
    from sandbox.engine import training

    training.train = lambda *_, **__: conduct(pipe)  # type: ignore[assignment]
    run_in_child(pipe, job, limits, folder)


def act_unsealed(conduct: Conduct, pipe: Connection, job: Job, limits: ChildLimits, folder: str) -> None:
    """The same where the kernel filters no system calls."""
    from sandbox.engine import seal

    seal.seal = lambda: False
    act(conduct, pipe, job, limits, folder)


def act_as_nobody(conduct: Conduct, pipe: Connection, job: Job, limits: ChildLimits, folder: str) -> None:
    """The same where the worker is not root, as it should be."""
    become_nobody(folder)
    act(conduct, pipe, job, limits, folder)


def train_as_nobody(pipe: Connection, job: Job, limits: ChildLimits, folder: str) -> None:
    become_nobody(folder)
    run_in_child(pipe, job, limits, folder)


def become_nobody(folder: str) -> None:
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


def say(text: str) -> Failed:
    """A child's last message, read by the test as the detail of its ending."""
    return Failed(code="failed", detail=text)


def nothing(pipe: Connection) -> Iterator[Started]:
    yield from ()


def sleep(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    time.sleep(600)


def spin(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    while True:
        pass


def spin_deaf_to_signals(pipe: Connection) -> Iterator[Started]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield from spin(pipe)


def stand_still(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    os.kill(os.getpid(), signal.SIGSTOP)


def eat_memory(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    eaten = []
    while True:
        eaten.append(b"x" * (50 * MEGABYTE))


def eat_shared_memory(pipe: Connection) -> Iterator[Started]:
    """Pages that RLIMIT_DATA does not count."""
    yield STARTED
    eaten = []
    while True:
        eaten.append(mmap.mmap(-1, 20 * MEGABYTE))
        eaten[-1].write(b"x" * (20 * MEGABYTE))
        time.sleep(0.05)


def flood_with_messages(pipe: Connection) -> Iterator[Started]:
    while True:
        yield STARTED


def flood_with_bytes(pipe: Connection) -> Iterator[Started]:
    while True:
        pipe.send_bytes(write_message(STARTED).ljust(4 * MEGABYTE))
        yield STARTED


def send_too_long_a_message(pipe: Connection) -> Iterator[Started]:
    pipe.send_bytes(bytes(6 * MEGABYTE))
    yield STARTED


def send_half_a_message(pipe: Connection) -> Iterator[Started]:
    os.write(pipe.fileno(), b"\0\0\4\0{")
    time.sleep(600)
    yield STARTED


def send_a_message_in_crumbs(pipe: Connection) -> Iterator[Started]:
    frame = write_message(STARTED).ljust(1000)
    for byte in len(frame).to_bytes(4, "big") + frame:
        os.write(pipe.fileno(), bytes([byte]))
        time.sleep(0.02)
    yield STARTED


def send_rubbish(pipe: Connection) -> Iterator[Started]:
    pipe.send_bytes(b'{"kind": "epoch", "number": 1e999}')
    time.sleep(600)
    yield STARTED


def hang_up(pipe: Connection) -> Iterator[Started]:
    pipe.close()
    time.sleep(600)
    yield STARTED


def write_a_huge_file(pipe: Connection) -> Iterator[Started]:
    with open("huge", "wb") as file:
        while True:
            file.write(bytes(MEGABYTE))
    yield STARTED


def write_many_files(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    number = 0
    while True:
        Path(str(number)).mkdir()
        Path(str(number), "large").write_bytes(bytes(10 * MEGABYTE))
        number += 1
        time.sleep(0.02)


def open_many_files(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    held = []
    while True:
        held.append(os.open(os.devnull, os.O_RDONLY))


def call_out(port: int, pipe: Connection) -> Iterator[Failed]:
    """Says which of some ways out were open: to a server on this machine, to another machine."""
    found = []
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", port)),
        (socket.AF_INET6, ("::1", port)),
        (socket.AF_INET, ("192.0.2.1", 80)),
    ):
        with socket.socket(family) as caller:
            caller.settimeout(3)
            try:
                caller.connect(address)
                found.append("open")
            except OSError as error:
                found.append(os.strerror(error.errno) if error.errno else "time out")
    yield say("; ".join(found))


def try_what_is_sealed(pipe: Connection) -> Iterator[Failed]:
    """Says what came of each thing that a training never does; then that threads still start."""
    tried: dict[str, Callable[[], object]] = {
        "fork": os.fork,
        "spawn": lambda: subprocess.Popen(["/bin/true"]),
        "run": lambda: os.execv("/bin/true", ["true"]),
        "internet": lambda: socket.socket(socket.AF_INET),
        "local": lambda: socket.socket(socket.AF_UNIX),
    }
    found = []
    for name, attempt in tried.items():
        try:
            attempt()
        except PermissionError:
            found.append(f"{name} refused")
    thread = threading.Thread(target=lambda: found.append("thread ran"))
    thread.start()
    thread.join()
    yield say(", ".join(found))


def fork_and_wait(pipe: Connection) -> Iterator[Started]:
    for _ in range(10):
        if os.fork() == 0:
            time.sleep(600)
    yield STARTED
    time.sleep(600)


def fork_and_leave(pipe: Connection) -> Iterator[Started]:
    """The grandchildren hold every open file of the child, the pipe to the worker too."""
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(600)
    yield STARTED
    os._exit(3)


def crash(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    os.kill(os.getpid(), signal.SIGSEGV)


def leave_silently(pipe: Connection) -> Iterator[Started]:
    yield STARTED
    sys.stdout.write("no result")
    os._exit(0)
