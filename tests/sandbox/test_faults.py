"""Whatever is killed, a run ends once, in the right state, with every epoch once: on real processes and files."""

import itertools
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.queueing import TRAININGS_AT_A_TIME
from tests.sandbox.phone import Phone, is_over
from tests.sandbox.samples import spec
from tests.sandbox.test_children import eventually
from tests.servers import ROOT, Installation

pytestmark = [pytest.mark.keras, pytest.mark.slow]

EPOCHS = 8
SHORT = spec(data={"kind": "clinical_trial", "rows": 20_000}, epochs=EPOCHS)
"""Two seconds."""
LONG = {**SHORT, "epochs": 100}
SLOW_EPOCHS = spec(data={"kind": "circles", "rows": 20_000}, batch_size=1, epochs=5)
"""Seconds for each epoch."""
TINY = spec(
    data={"kind": "circles", "rows": 100},
    layers=[{"kind": "dense", "units": 2, "activation": "softmax"}],
    epochs=1,
)


@contextmanager
def installed(folder: Path, **environment: str) -> Iterator[Installation]:
    """An installation whose processes can all be told by its folder; none of them outlives it, nor a temporary file."""
    try:
        with Installation(folder, TMPDIR=str(folder), **environment) as engram:
            engram.manage("migrate", "--verbosity", "0")
            yield engram
        assert eventually(lambda: not processes_of(folder)), described(processes_of(folder))
    finally:
        for pid in processes_of(folder):
            os.kill(pid, signal.SIGKILL)
    assert {file.suffix.split("-")[0] for file in folder.iterdir()} <= {".sqlite3", ".log"}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("e")


def processes_of(folder: Path) -> list[int]:
    """Living processes that name the folder in their command, environment or working directory."""
    name, found = str(folder).encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            where = os.readlink(process / "cwd").encode()
            state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if name in told + where and state != "Z":
            found.append(int(process.name))
    return found


def described(pids: list[int]) -> str:
    return subprocess.run(
        ["ps", "-o", "pid,ppid,args", "-p", ",".join(map(str, pids)) or "0"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def children_in_training(folder: Path) -> list[int]:
    found = []
    for pid in processes_of(folder):
        try:
            if Path(os.readlink(f"/proc/{pid}/cwd")).name.startswith("run-"):
                found.append(pid)
        except OSError:
            continue
    return found


def forkservers(folder: Path) -> list[int]:
    """With the helper that multiprocessing starts beside each."""
    training = children_in_training(folder)
    return [pid for pid in processes_of(folder) if pid not in training and "multiprocessing" in command(pid)]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def ended_well(phone: Phone, path: str, epochs: int = EPOCHS) -> Any:
    """Wait for the end of a run, check its whole history, and return it."""
    run = phone.wait(path, is_over, seconds=120)
    events = phone.get(f"{path}events/")["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "no gap"
    kinds = [event["kind"] for event in events]
    assert kinds.count("end") == 1
    assert kinds[-1] == "end"
    assert kinds.count("claimed") <= kinds.count("reset") + 1
    written = {attempt: epochs_of(events, attempt) for attempt in range(1, run["attempt"] + 1)}
    for numbers in written.values():
        assert numbers == list(range(1, len(numbers) + 1)), "every epoch once, from the first"
    assert [epoch["number"] for epoch in phone.get(f"{path}epochs/")["epochs"]] == written[run["attempt"]]
    assert kinds.count("reset") == run["attempt"] - 1
    if run["status"] == "succeeded":
        assert len(written[run["attempt"]]) == epochs
    return run


def epochs_of(events: list[Any], attempt: int) -> list[int]:
    chosen = (event for event in events if event["kind"] == "epoch" and event["attempt"] == attempt)
    return [event["payload"]["number"] for event in chosen]


def trains(run: Any) -> bool:
    return run["epochs_done"] >= 1


def nearly_done(run: Any) -> bool:
    return run["epochs_done"] >= EPOCHS - 1


def is_claimed(run: Any) -> bool:
    return run["status"] != "queued"


def at_once(run: Any) -> bool:
    return True


MOMENTS = [
    *itertools.product([at_once], [0.0, 0.5, 1.0, 2.0, 3.0]),
    *itertools.product([is_claimed], [0.0, 0.1, 0.2, 0.3, 0.5]),
    *itertools.product([trains], [0.0, 0.1, 0.3, 0.7]),
    *itertools.product([nearly_done], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
]
"""When a worker is killed: so many seconds after something is seen of its run."""


def test_a_run_ends_once_wherever_its_worker_is_killed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(MOMENTS) == 20
    started, waits = [], []
    with installed(folder, SANDBOX_LEASE_SECONDS="3") as engram:
        web = engram.start_web()
        for seen, delay in [*MOMENTS, (trains, None)]:
            phone = Phone(engram.url)
            path = phone.start(SHORT)
            started.append((phone, path))
            begun = time.monotonic()
            worker = engram.start_worker()
            run = phone.wait(path, seen, seconds=60)
            if trains(run):
                waits.append(time.monotonic() - begun)
            if delay is None:
                break
            time.sleep(delay)
            worker.kill()
            worker.wait()
            assert eventually(lambda: processes_of(folder) == [web.pid]), described(processes_of(folder))
        ended = [ended_well(phone, path) for phone, path in started]
    statuses = [run["status"] for run in ended]
    with capsys.disabled():
        print(f"\n20 workers killed: {statuses.count('succeeded')} succeeded, {statuses.count('failed')} lost twice;")
        print(f"first epoch after the start of a worker: {', '.join(f'{wait:.1f}' for wait in waits)} s")
    assert set(statuses) <= {"succeeded", "failed"}
    lost = [(run["failure"], run["attempt"]) for run in ended if run["status"] == "failed"]
    assert lost == [("worker_lost", 2)] * len(lost)
    assert any(run["attempt"] == 2 for run in ended)
    assert ended[-1]["attempt"] == 1


def test_a_killed_worker_does_not_hold_up_the_next(folder: Path) -> None:
    with installed(folder, SANDBOX_LEASE_SECONDS="40") as engram:
        engram.start_web()
        worker = engram.start_worker()
        phone = Phone(engram.url)
        lost = phone.start(LONG)
        phone.wait(lost, trains)
        worker.kill()
        worker.wait()
        after = phone.start(SHORT)
        begun = time.monotonic()
        engram.start_worker()
        phone.wait(after, trains, seconds=60)
        assert phone.get(lost)["attempt"] == 1, "the lease of the lost run has not ended yet"
        assert time.monotonic() - begun < 30
        assert ended_well(phone, after)["status"] == "succeeded"
        phone.http.post(f"{lost}cancel/")
        assert ended_well(phone, lost)["status"] == "cancelled"


def test_a_run_is_not_lost_while_keras_loads_slowly(folder: Path) -> None:
    with installed(folder, SANDBOX_LEASE_SECONDS="3") as engram:
        engram.start_web()
        phone = Phone(engram.url)
        path = phone.start(SHORT)
        engram.start_worker()
        assert eventually(lambda: bool(forkservers(folder)), seconds=20)
        stopped = forkservers(folder)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(10)
        assert phone.get(path)["status"] == "queued", "nobody has taken what cannot be trained yet"
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        run = ended_well(phone, path)
        assert (run["status"], run["attempt"]) == ("succeeded", 1)


def test_a_run_ends_once_when_its_training_process_is_killed(folder: Path) -> None:
    with installed(folder) as engram:
        engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        path = phone.start(LONG)
        phone.wait(path, trains)
        os.kill(children_in_training(folder)[0], signal.SIGKILL)
        run = ended_well(phone, path)
        assert (run["status"], run["failure"], run["attempt"]) == ("out_of_memory", "memory_limit", 1)
        begun = time.monotonic()
        after = phone.start(SHORT)
        phone.wait(after, trains)
        assert time.monotonic() - begun < 5
        assert ended_well(phone, after)["status"] == "succeeded"


def test_a_run_ends_once_when_the_forkserver_is_killed(folder: Path) -> None:
    with installed(folder) as engram:
        engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        path = phone.start(LONG)
        phone.wait(path, trains)
        before = forkservers(folder)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        run = ended_well(phone, path)
        assert (run["status"], run["failure"]) == ("failed", "crashed")
        after = phone.start(SHORT)
        assert ended_well(phone, after)["status"] == "succeeded"
        assert not set(before) & set(processes_of(folder))


@pytest.mark.parametrize(
    ("supervisor", "sign"), [("honcho", signal.SIGKILL), ("honcho", signal.SIGHUP), ("make", signal.SIGKILL)]
)
def test_nothing_of_it_outlives_make_run(folder: Path, supervisor: str, sign: signal.Signals) -> None:
    if not (ROOT / ".venv" / "bin" / "honcho").exists():
        pytest.skip("`make run` needs the virtual environment that `make setup` makes")
    with installed(folder) as engram:
        make = start_by_make(engram)
        (honcho,) = (pid for pid in processes_of(folder) if parent(pid) == make)
        assert "honcho" in command(honcho)
        phone = Phone(engram.url)
        path = phone.start(LONG)
        phone.wait(path, trains, seconds=60)
        os.kill({"make": make, "honcho": honcho}[supervisor], sign)
        assert eventually(lambda: not processes_of(folder), seconds=15), described(processes_of(folder))
        with closing(sqlite3.connect(folder / "engram.sqlite3")) as database:
            assert database.execute("SELECT status, losses FROM sandbox_run").fetchall() == [("queued", 0)]


def start_by_make(engram: Installation) -> int:
    """`make run` without its set-up."""
    make = subprocess.Popen(
        ["make", "--old-file=setup", "run", f"PORT={engram.port}"],
        cwd=ROOT,
        env=engram.environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    engram.processes.append(make)
    engram._wait_for_web(make)
    return make.pid


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


class LockedDatabase:
    """Somebody else writes for so many seconds."""

    def __init__(self, file: Path, seconds: float) -> None:
        self.file = file
        self.seconds = seconds

    def hold(self) -> None:
        with closing(sqlite3.connect(self.file, isolation_level=None, timeout=20)) as database:
            database.execute("BEGIN IMMEDIATE")
            time.sleep(self.seconds)
            database.execute("ROLLBACK")


def test_nothing_is_lost_while_the_database_is_locked_for_ten_seconds(folder: Path) -> None:
    with installed(folder) as engram:
        engram.start_worker()
        engram.start_web()
        phone, other = Phone(engram.url), Phone(engram.url)
        path, slow = phone.start(LONG), phone.start(SLOW_EPOCHS)
        for each in (path, slow):
            phone.wait(each, trains)
        lock = threading.Thread(target=LockedDatabase(folder / "engram.sqlite3", 10).hold)
        lock.start()
        time.sleep(0.2)
        begun = time.monotonic()
        assert phone.get(path)["status"] == "running", "reading goes on"
        assert time.monotonic() - begun < 2
        late = other.start(SHORT)  # waits for the lock
        assert time.monotonic() - begun > 8
        lock.join()
        assert shortest_lease(folder, seconds=8) > 1
        assert ended_well(other, late)["status"] == "succeeded"
        for each, epochs in ((path, 100), (slow, 5)):
            run = ended_well(phone, each, epochs)
            assert (run["status"], run["attempt"]) == ("succeeded", 1)


def shortest_lease(folder: Path, seconds: float) -> float:
    """How near to its end a running run's lease comes, in seconds, while this watches."""
    shortest, until = 60.0, time.monotonic() + seconds
    left = (
        "SELECT MIN(julianday(lease_expires_at) - julianday('now')) * 86400 FROM sandbox_run WHERE status = 'running'"
    )
    with closing(sqlite3.connect(folder / "engram.sqlite3")) as database:
        while time.monotonic() < until:
            (found,) = database.execute(left).fetchone()
            shortest = min(shortest, 60.0 if found is None else found)
            time.sleep(0.05)
    return shortest


def test_two_workers_share_the_queue_in_fair_turns(folder: Path) -> None:
    with installed(folder) as engram:
        engram.start_web()
        greedy, others = Phone(engram.url), [Phone(engram.url) for _ in range(7)]
        mine = [greedy.start(SHORT) for _ in range(5)]
        theirs = [(phone, phone.start(SHORT)) for phone in others]
        for _ in range(2):
            engram.start_worker()
        ended = [ended_well(phone, path) for phone, path in [*((greedy, path) for path in mine), *theirs]]
        assert {(run["status"], run["attempt"]) for run in ended} == {("succeeded", 1)}
        order = sorted(ended, key=lambda run: run["started_at"])
        taken = [run["id"] for run in order]
        first_of_each = [run["id"] for run in (ended[0], *ended[5:])]
        assert set(taken[:8]) == set(first_of_each), "everybody once before anybody twice"
        assert set(taken[8:]) == {run["id"] for run in ended[1:5]}
        assert most_at_a_time(ended) > TRAININGS_AT_A_TIME, "both trained"


def most_at_a_time(ended: list[Any]) -> int:
    return max(sum(run["started_at"] <= other["started_at"] < run["finished_at"] for run in ended) for other in ended)


def test_a_worker_needs_no_more_memory_after_two_hundred_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = {"SANDBOX_QUEUED_PER_LEARNER": "200", "SANDBOX_RUNNING_PER_LEARNER": "4"}
    with installed(folder, **limits) as engram:
        engram.start_web()
        worker = engram.start_worker()
        phone, begun = Phone(engram.url), time.monotonic()
        measured = []
        for runs in (20, 180):
            paths = [phone.start(TINY) for _ in range(runs)]
            for path in paths:
                assert phone.wait(path, is_over, seconds=300)["status"] == "succeeded"
            time.sleep(1)
            measured.append(memory(folder, worker.pid, forkservers(folder)))
        took = time.monotonic() - begun
    with capsys.disabled():
        print(f"\n200 runs in {took:.0f} s; megabytes after 20 and after 200 runs:")
        for (who, kind), before in measured[0].items():
            print(f"  {who}, {kind}: {before / 1000:.1f}, {measured[1][who, kind] / 1000:.1f}")
    for (who, kind), before in measured[0].items():
        # Pss of libraries falls and rises with the other processes on the machine that use them.
        assert kind == "Pss" or measured[1][who, kind] < before * 1.05, (who, kind)


def memory(folder: Path, worker: int, forkservers: list[int]) -> dict[tuple[str, str], int]:
    """Kilobytes of a worker at rest, alone and with its forkserver."""
    groups = {"worker": [worker], "worker and forkserver": [worker, *forkservers]}
    kinds = ("Rss", "Pss", "Anonymous")
    return {
        (who, kind): sum(kilobytes(folder, pid, kind) for pid in pids) for who, pids in groups.items() for kind in kinds
    }


def kilobytes(folder: Path, pid: int, kind: str) -> int:
    """Without the pages of the database file, which SQLite maps and which grows with the history."""
    total, counts = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if not (field := re.match(r"(\w+):\s+(\d+) kB", line)):
            counts = str(folder) not in line
        elif counts and field[1] == kind:
            total += int(field[2])
    return total


def test_its_training_processes_know_no_secret_and_hold_no_database(folder: Path) -> None:
    with installed(folder) as engram:
        worker = engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        path = phone.start(LONG)
        phone.wait(path, trains)
        assert open_databases(worker.pid), "the worker itself has one open"
        (child,) = children_in_training(folder)
        for pid in (child, *forkservers(folder)):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert not re.search(rb"SECRET|only-for-tests|DATABASE|QUEUE|sqlite|PASSWORD", environment)
            assert open_databases(pid) == []
        phone.http.post(f"{path}cancel/")
        assert phone.wait(path, is_over)["status"] == "cancelled"


def open_databases(pid: int) -> list[str]:
    links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return [link for link in links if "sqlite" in link]
