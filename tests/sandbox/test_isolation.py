"""A training child that misbehaves …"""

import errno
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from sandbox import children
from sandbox.children import Child, Ending, start_forkserver
from sandbox.engine import seal
from sandbox.engine.child import ChildLimits
from sandbox.messages import AnyMessage
from sandbox.spec import parse_spec
from tests.sandbox import hostile, kinds
from tests.sandbox.samples import spec
from tests.sandbox.specs import notes_spec
from tests.sandbox.test_children import eventually, is_alive, listen

pytestmark = pytest.mark.keras

QUICK = ChildLimits(wall_seconds=1.0)
Start = Callable[..., Child]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a child that behaves as told; whatever happens, it is gone afterwards."""
    started: list[Child] = []

    def start(conduct: hostile.Conduct, limits: ChildLimits = QUICK, act: Callable[..., None] = hostile.act) -> Child:
        monkeypatch.setattr(children, "run_in_child", partial(act, conduct))
        started.append(Child.start(notes_spec(epochs=1), limits=limits))
        return started[-1]

    yield start
    for child in started:
        if child.ended is None:
            child.close()


def ending(child: Child, seconds: float = 20.0) -> tuple[Ending, list[AnyMessage]]:
    """Listen to the end; check that nothing is left of the child."""
    with child:
        pid, folder = child.pid, Path(child._folder.name)
        messages = listen(child, seconds)
    assert not is_alive(pid)
    assert not folder.exists()
    assert child.ended is not None
    return child.ended, messages


def processes_of(session: int) -> list[int]:
    """Living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, sid = stat.read_text().rsplit(")", 1)[1].split()[:4]
        except OSError:
            continue
        if int(sid) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


class TestMisconduct:
    @pytest.mark.parametrize(
        ("conduct", "limits", "outcome", "detail"),
        [
            (hostile.nothing, QUICK, "failed", "without a result"),
            (hostile.leave_silently, QUICK, "failed", "without a result"),
            (hostile.crash, QUICK, "failed", "SIGSEGV"),
            (hostile.sleep, QUICK, "timed_out", "1 seconds"),
            (hostile.spin, QUICK, "timed_out", "1 seconds"),
            (hostile.spin, ChildLimits(cpu_seconds=1), "timed_out", "processor time"),
            (hostile.spin_deaf_to_signals, QUICK, "timed_out", "1 seconds"),
            (hostile.stand_still, QUICK, "timed_out", "1 seconds"),
            (hostile.eat_memory, ChildLimits(), "out_of_memory", "MemoryError"),
            (hostile.eat_shared_memory, ChildLimits(resident_bytes=600_000_000), "out_of_memory", "more memory"),
            (hostile.flood_with_messages, ChildLimits(), "failed", "no message"),
            (hostile.flood_with_bytes, ChildLimits(), "failed", "no message"),
            (hostile.send_too_long_a_message, ChildLimits(), "failed", "no message"),
            (hostile.send_half_a_message, QUICK, "timed_out", "1 seconds"),
            (hostile.send_a_message_in_crumbs, QUICK, "timed_out", "1 seconds"),
            (hostile.send_rubbish, ChildLimits(), "failed", "no message"),
            (hostile.hang_up, QUICK, "failed", ""),
            (hostile.write_a_huge_file, ChildLimits(), "failed", "File too large"),
            (hostile.write_many_files, ChildLimits(), "failed", "bytes in files"),
            (hostile.fork_and_wait, ChildLimits(), "failed", "Operation not permitted"),
            (hostile.open_many_files, ChildLimits(), "failed", "Too many open files"),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_it_ends_in_the_right_state_and_leaves_nothing(
        self, start: Start, conduct: hostile.Conduct, limits: ChildLimits, outcome: str, detail: str
    ) -> None:
        begun = time.monotonic()
        found, _ = ending(start(conduct, limits))
        assert (found.outcome, detail in found.detail) == (outcome, True), found
        assert time.monotonic() - begun < 15

    def test_its_flood_is_cut_off(self, start: Start) -> None:
        _, messages = ending(start(hostile.flood_with_messages, ChildLimits()))
        assert len(messages) <= children.MOST_FRAMES + children.MOST_FRAMES_PER_EPOCH

    @pytest.mark.parametrize("conduct", [hostile.fork_and_wait, hostile.fork_and_leave], ids=lambda c: c.__name__)
    def test_its_own_children_go_with_it(self, start: Start, conduct: hostile.Conduct) -> None:
        begun = time.monotonic()
        child = start(conduct, act=hostile.act_unsealed)
        session = child.pid
        assert child.poll(timeout=10) is not None
        assert eventually(lambda: len(processes_of(session)) > 1)
        found, _ = ending(child)
        assert found.outcome in ("timed_out", "failed")
        assert eventually(lambda: not processes_of(session))
        assert time.monotonic() - begun < 10

    def test_it_does_not_hold_up_a_cancellation(self, start: Start) -> None:
        child = start(hostile.spin_deaf_to_signals, ChildLimits())
        assert child.poll(timeout=10) is not None
        begun = time.monotonic()
        child.cancel()
        found, _ = ending(child)
        assert found.outcome == "cancelled"
        assert time.monotonic() - begun < 2

    def test_it_does_not_hold_up_a_learner_who_steers_without_end(self, start: Start) -> None:
        child = start(hostile.stand_still)
        assert child.poll(timeout=10) is not None
        begun = time.monotonic()
        for _ in range(2000):
            child.tell(children.Command(kind="pause"))
        assert time.monotonic() - begun < 1
        assert ending(child)[0].outcome == "timed_out"

    @pytest.mark.slow
    def test_fifty_of_them_leave_nothing_open_in_the_worker(self, start: Start) -> None:
        conducts = [
            hostile.crash,
            hostile.leave_silently,
            hostile.send_rubbish,
            hostile.fork_and_leave,
            hostile.hang_up,
        ]
        ending(start(hostile.nothing))
        server = forkserver_pid()
        before = open_files(os.getpid()), open_files(server)
        for number in range(50):
            ending(start(conducts[number % len(conducts)], act=hostile.act_unsealed))
        assert open_files(os.getpid()) <= before[0]
        assert open_files(server) <= before[1]
        assert list(Path(children._engine_folder().name).glob("run-*")) == []


class TestIsolation:
    def test_it_has_no_way_to_the_network(self, start: Start) -> None:
        if not network_namespaces_are_allowed():
            pytest.skip("this kernel gives no network namespace to this user")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            socket.create_connection(("127.0.0.1", port)).close()
            found, _ = ending(start(partial(hostile.call_out, port), act=hostile.act_unsealed))
        refused = {os.strerror(errno.ENETUNREACH), os.strerror(errno.EADDRNOTAVAIL)}
        ways = found.detail.split("; ")
        assert len(ways) == 3
        assert refused.issuperset(ways)

    def test_it_can_start_no_process_and_open_no_socket(self, start: Start) -> None:
        if platform.machine() not in seal.CALLS:
            pytest.skip("no system calls are filtered on this machine")
        found, _ = ending(start(hostile.try_what_is_sealed))
        refused = [f"{name} refused" for name in ("fork", "spawn", "run", "internet", "local")]
        assert found.detail == ", ".join([*refused, "thread ran"])

    def test_it_gets_no_rights_that_its_worker_does_not_have(self, start: Start) -> None:
        child = start(hostile.sleep)
        assert child.poll(timeout=10) is not None
        status = Path(f"/proc/{child.pid}/status").read_text()
        assert "NoNewPrivs:\t1\n" in status
        if network_namespaces_are_allowed():
            for kind in ("user", "net"):
                assert os.readlink(f"/proc/{child.pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")

    def test_it_knows_no_secret(self, start: Start) -> None:
        assert "SECRET_KEY" in os.environ
        child = start(hostile.sleep)
        for pid in (child.pid, forkserver_pid()):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"KERAS_HOME" in environment
            assert not re.search(rb"SECRET|DATABASE|QUEUE|REDIS|PASSWORD", environment)

    def test_it_holds_nothing_but_its_pipes_and_its_log(self, start: Start, tmp_path: Path) -> None:
        with (tmp_path / "engram.sqlite3").open("w"), socket.create_server(("127.0.0.1", 0)):
            child = start(hostile.sleep)
            assert child.poll(timeout=10) is not None
            held = [os.readlink(file) for file in Path(f"/proc/{child.pid}/fd").iterdir()]
        files = {held_file for held_file in held if held_file.startswith("/")}
        assert files <= {os.devnull, f"{child._folder.name}/stderr.txt"}
        assert sum(name.startswith("socket:") for name in held) == 1, "the pipe to its worker"

    def test_they_die_with_the_forkserver(self, start: Start) -> None:
        """Asleep or spinning, as root or as nobody: four children of one forkserver."""
        start_forkserver()
        os.chmod(children._engine_folder().name, 0o711)
        begun = [
            start(conduct, ChildLimits(), act=act)
            for act in (hostile.act, hostile.act_as_nobody)
            for conduct in (hostile.sleep, hostile.spin_deaf_to_signals)
        ]
        for child in begun:
            assert child.poll(timeout=10) is not None
        os.kill(forkserver_pid(), signal.SIGKILL)
        for child in begun:
            with child:
                assert eventually(lambda pid=child.pid: not is_alive(pid), seconds=2)
                listen(child)
                assert child.ended is not None
                assert child.ended.outcome == "failed"

    def test_a_worker_that_is_not_root_trains_as_well(self, monkeypatch: pytest.MonkeyPatch) -> None:
        start_forkserver()
        os.chmod(children._engine_folder().name, 0o711)
        monkeypatch.setattr(children, "run_in_child", hostile.train_as_nobody)
        with Child.start(notes_spec(epochs=2)) as child:
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "succeeded"

    @pytest.mark.slow
    @pytest.mark.parametrize("name", [*kinds.NETWORKS, "by_xla"])
    def test_every_kind_of_network_trains_in_it(self, name: str) -> None:
        wanted = SWITCHED if name == "by_xla" else spec(data=kinds.DIGITS, layers=kinds.NETWORKS[name], epochs=2)
        with Child.start(parse_spec(wanted)) as child:
            messages = listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "succeeded", child.ended
        assert (messages[0].switch_after is not None) == (name == "by_xla")


SWITCHED = spec(data={"kind": "circles", "rows": 2000}, epochs=150)
"""Compiled while it trains, by threads of its own."""


def forkserver_pid() -> int:
    pid = children._forkserver_pid()
    assert pid is not None
    return pid


def network_namespaces_are_allowed() -> bool:
    script = "import ctypes; unshare = ctypes.CDLL(None).unshare; exit(unshare(0x50000000) and unshare(0x40000000))"
    return subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
