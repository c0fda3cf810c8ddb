"""Training children: how they start, end, and what they leave behind (nothing)."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.children import PROJECT, Child, start_forkserver
from sandbox.engine.child import ChildLimits, clean
from sandbox.messages import AnyMessage, EpochEnded, Finished, Started
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

SHORT = notes_spec(epochs=3)
LONG = notes_spec(epochs=500, batch_size=4)
ONE_LONG_EPOCH = notes_spec(data={"kind": "circles", "rows": 20_000}, batch_size=1, epochs=5)
LARGE = notes_spec(
    data={"kind": "circles", "rows": 20_000, "validation": 0.0},
    layers=dense((390, "relu"), (390, "tanh"), (2, "softmax")),
    batch_size=20_000,
    epochs=2,
)


def listen(child: Child, seconds: float = 60.0) -> list[AnyMessage]:
    """All messages until the child is over."""
    messages, until = [], time.monotonic() + seconds
    while child.ended is None:
        assert time.monotonic() < until, "the child did not end"
        if message := child.poll(timeout=0.25):
            messages.append(message)
    return messages


def wait_for_epoch(child: Child) -> None:
    while child.ended is None:
        if isinstance(child.poll(timeout=5), EpochEnded):
            return
    pytest.fail(f"ended before its first epoch: {child.ended}")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@pytest.mark.keras
class TestChild:
    def test_it_sends_every_epoch_then_the_result(self) -> None:
        with Child.start(SHORT) as child:
            messages = listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "succeeded"
        assert isinstance(messages[0], Started)
        assert [m.number for m in messages if isinstance(m, EpochEnded)] == [1, 2, 3]
        assert isinstance(messages[-1], Finished)

    def test_it_says_diverged_when_the_loss_is_no_number_any_more(self) -> None:
        spec = notes_spec(
            layers=dense((16, "relu"), (1, "linear")),
            loss="mean_squared_error",
            optimizer={"kind": "sgd", "learning_rate": 10.0},
        )
        with Child.start(spec) as child:
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "diverged"
        assert "in epoch 1, step" in child.ended.detail

    def test_it_stops_after_its_epoch_when_cancelled(self) -> None:
        with Child.start(LONG) as child:
            wait_for_epoch(child)
            child.cancel()
            listen(child)
            assert child.ended is not None
            assert child.ended.outcome == "cancelled"

    def test_it_is_stopped_within_a_second_in_the_middle_of_a_long_epoch(self) -> None:
        with Child.start(ONE_LONG_EPOCH) as child:
            assert isinstance(child.poll(timeout=30), Started)
            time.sleep(0.5)
            begun = time.monotonic()
            child.cancel()
            assert time.monotonic() - begun < 1.0
            assert not is_alive(child.pid)
            listen(child)
            assert child.ended is not None
            assert child.ended.outcome == "cancelled"

    def test_it_is_timed_out_by_the_clock_on_the_wall(self) -> None:
        with Child.start(LONG, limits=ChildLimits(wall_seconds=1.0)) as child:
            listen(child, seconds=10)
        assert child.ended is not None
        assert child.ended.outcome == "timed_out"

    def test_it_is_timed_out_by_processor_time(self) -> None:
        with Child.start(LONG, limits=ChildLimits(cpu_seconds=1)) as child:
            listen(child, seconds=20)
        assert child.ended is not None
        assert child.ended.outcome == "timed_out"

    def test_it_says_out_of_memory_when_it_may_not_have_more(self) -> None:
        with Child.start(LARGE, limits=ChildLimits(memory_bytes=430_000_000)) as child:
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "out_of_memory"

    @pytest.mark.slow
    def test_it_trains_the_largest_batch_within_the_usual_memory(self) -> None:
        with Child.start(LARGE) as child:
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "succeeded"

    def test_it_says_failed_with_the_signal_when_it_crashes(self) -> None:
        with Child.start(LONG) as child:
            wait_for_epoch(child)
            os.kill(child.pid, signal.SIGSEGV)
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "failed"
        assert "SIGSEGV" in child.ended.detail

    def test_it_says_out_of_memory_when_the_system_kills_it(self) -> None:
        with Child.start(LONG) as child:
            wait_for_epoch(child)
            os.kill(child.pid, signal.SIGKILL)
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "out_of_memory"

    def test_it_leaves_no_process_no_folder_and_no_open_file_behind(self) -> None:
        with Child.start(SHORT) as first:
            listen(first)
        files = len(os.listdir("/proc/self/fd"))
        with Child.start(LONG) as child:
            wait_for_epoch(child)
            pid, folder = child.pid, Path(os.readlink(f"/proc/{child.pid}/cwd"))
            assert folder.name.startswith("run-")
        assert not is_alive(pid)
        assert not folder.exists()
        assert len(os.listdir("/proc/self/fd")) == files

    def test_it_can_be_closed_in_the_middle_of_an_error(self) -> None:
        child = Child.start(LONG)
        pid = child.pid
        with suppress(KeyError), child:
            raise KeyError
        assert not is_alive(pid)

    def test_it_runs_under_limits_in_a_session_of_its_own_without_secrets(self) -> None:
        with Child.start(LONG) as child:
            wait_for_epoch(child)
            proc = Path(f"/proc/{child.pid}")
            names = {
                line.split(b"=", 1)[0].decode() for line in proc.joinpath("environ").read_bytes().split(b"\0") if line
            }
            limits = proc.joinpath("limits").read_text()
            status = proc.joinpath("status").read_text()
            assert os.getsid(child.pid) == child.pid
        assert names <= {
            *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHASHSEED"),
            *("KERAS_HOME", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS"),
            *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
            *("ENGRAM_FORKSERVER_PARENT", "COLUMNS", "LINES"),  # the last two are readline's
        }
        assert "NoNewPrivs:\t1" in status
        for line in (
            "Max data size             1200000000",
            "Max core file size        0",
            "Max file size             67108864",
        ):
            assert line in limits

    def test_several_run_at_a_time_from_threads(self) -> None:
        start_forkserver()
        outcomes: list[str] = []

        def drive(spec: Spec) -> None:
            with Child.start(spec) as child:
                listen(child)
            assert child.ended is not None
            outcomes.append(child.ended.outcome)

        threads = [threading.Thread(target=drive, args=(SHORT,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == ["succeeded"] * 3

    def test_a_forkserver_that_died_is_started_anew(self) -> None:
        from multiprocessing import forkserver

        start_forkserver()
        os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        with Child.start(SHORT) as child:
            listen(child)
        assert child.ended is not None
        assert child.ended.outcome == "succeeded"

    def test_nothing_outlives_a_parent_that_is_killed(self, tmp_path: Path) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "hidden",
            "PYTHONPATH": str(PROJECT),
            "TMPDIR": str(tmp_path),
        }
        script = tmp_path / "parent.py"
        script.write_text(PARENT)
        parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment, text=True)
        assert parent.stdout is not None
        child, server = (int(number) for number in parent.stdout.readline().split())
        assert b"SECRET_KEY" not in Path(f"/proc/{child}/environ").read_bytes()
        assert is_alive(child)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        assert eventually(lambda: not is_alive(child) and not is_alive(server))


PARENT = """
import time
from multiprocessing import forkserver

from sandbox.children import Child, start_forkserver
from sandbox.messages import AnyMessage, EpochEnded
from tests.sandbox.test_children import LONG

if __name__ == "__main__":
    start_forkserver()
    child = Child.start(LONG)
    while not isinstance(child.poll(timeout=5), EpochEnded):
        pass
    print(child.pid, forkserver._forkserver._forkserver_pid, flush=True)
    time.sleep(600)
"""


def test_an_error_text_loses_colours_paths_and_its_tail() -> None:
    text = clean("\x1b[1mbad layer\x1b[0m in /usr/lib/python3/site-packages/keras/x.py" + "!" * 5000)
    assert text.startswith("bad layer in …")
    assert len(text) == 2000
