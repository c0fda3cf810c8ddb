"""The worker, as a process of its own, with the real Keras …"""

import io
import os
import signal
import subprocess
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.sandbox.phone import Phone, is_over
from tests.sandbox.samples import spec
from tests.servers import Installation

pytestmark = pytest.mark.keras

LONG = spec(data={"kind": "clinical_trial", "rows": 20_000}, epochs=100)
"""About twenty seconds."""


@pytest.fixture(scope="module")
def engram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("worker")) as installation:
        installation.manage("migrate", "--verbosity", "0")
        installation.start_worker()
        installation.start_web()
        yield installation


@pytest.fixture
def phone(engram: Installation) -> Phone:
    return Phone(engram.url)


def numbers(phone: Phone, path: str) -> list[int]:
    return [epoch["number"] for epoch in phone.get(f"{path}epochs/")["epochs"]]


def has_epochs(run: Any) -> bool:
    return run["epochs_done"] >= 2


def descendants(pid: int) -> list[int]:
    """The processes below a process: the forkserver, its helper, and the training children."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def survivors(pids: list[int]) -> list[int]:
    """Which of these processes are still there after a moment to end in."""
    deadline = time.monotonic() + 5
    while (alive := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def test_it_trains_a_run_to_its_end(phone: Phone) -> None:
    path = phone.start(spec())
    run = phone.wait(path, is_over)
    assert run["status"] == "succeeded"
    assert numbers(phone, path) == list(range(1, 21))
    assert run["outcome"]["metrics"]["loss"] == phone.get(f"{path}epochs/")["epochs"][-1]["loss"]
    assert sum(sum(row) for row in run["outcome"]["confusion"]["counts"]) == 210
    assert run["outcome"]["versions"]["keras"]


def test_it_streams_every_event_once(phone: Phone) -> None:
    path = phone.start(spec())
    events = [(kind, event) for kind, event in phone.events(path) if kind != "place"]
    assert [event["seq"] for _, event in events] == list(range(1, len(events) + 1))
    kinds = [kind for kind, _ in events]
    assert [kind for kind in kinds if kind != "layers"] == ["claimed", "started", *["epoch"] * 20, "end"]
    assert kinds.count("layers") == 5
    middle = events[7][1]["seq"]
    rest = [event["seq"] for _, event in phone.events(path, after=middle)]
    assert rest == list(range(middle + 1, len(events) + 1))
    again = phone.http.get(f"{path}events/?after={len(events)}", headers={"Accept": "text/event-stream"})
    assert again.status_code == 204


def test_it_gives_the_same_numbers_for_the_same_seed(phone: Phone) -> None:
    losses = []
    for _ in range(2):
        path = phone.start(spec(epochs=3))
        phone.wait(path, is_over)
        losses.append([epoch["loss"] for epoch in phone.get(f"{path}epochs/")["epochs"]])
    assert losses[0] == losses[1]


def test_it_stops_a_cancelled_run_quickly(phone: Phone) -> None:
    path = phone.start(LONG)
    phone.wait(path, has_epochs)
    phone.http.post(f"{path}cancel/")
    run = phone.wait(path, is_over, seconds=3)
    assert run["status"] == "cancelled"
    assert 2 <= run["epochs_done"] < 100


def test_it_tells_a_divergence_from_a_failure(phone: Phone) -> None:
    wild = spec(optimizer={"kind": "sgd", "learning_rate": 10.0}, loss="mean_squared_error", epochs=50)
    wild["layers"] = [{"kind": "dense", "units": 64, "activation": "linear"} for _ in range(3)]
    wild["layers"].append({"kind": "dense", "units": 2, "activation": "linear"})
    path = phone.start(wild)
    run = phone.wait(path, is_over)
    assert (run["status"], run["failure"]) == ("diverged", "nonfinite")
    assert b"NaN" not in phone.http.get(f"{path}epochs/").content
    assert run["outcome"]["diverged"]["value"] in ("nan", "inf", "-inf")


def test_it_trains_two_runs_of_one_learner_side_by_side(phone: Phone) -> None:
    paths = [phone.start(LONG) for _ in range(2)]
    for path in paths:
        phone.wait(path, has_epochs)
    assert {phone.get(path)["status"] for path in paths} == {"running"}
    for path in paths:
        phone.http.post(f"{path}cancel/")
        phone.wait(path, is_over, seconds=5)


def test_it_pauses_steps_and_goes_on_when_it_is_told_to(phone: Phone) -> None:
    path = phone.start(LONG)
    phone.wait(path, has_epochs)

    def say(kind: str) -> None:
        answer = phone.http.post(f"{path}commands/", json={"id": str(uuid.uuid4()), "kind": kind})
        assert answer.status_code == 202, answer.text

    def changes() -> list[Any]:
        return [event["payload"] for event in phone.get(f"{path}events/")["events"] if event["kind"] == "changed"]

    say("pause")
    phone.wait(path, lambda _: len(changes()) == 1)
    say("step_batch")
    phone.wait(path, lambda _: len(changes()) == 2)
    epoch, step = changes()[1]["epoch"], changes()[1]["step"]
    say("step_epoch")
    phone.wait(path, lambda _: len(changes()) == 3)
    assert (changes()[2]["epoch"], changes()[2]["step"]) == (epoch, step + 1)
    phone.wait(path, lambda run: run["epochs_done"] == epoch)
    say("resume")
    phone.wait(path, lambda run: run["epochs_done"] > epoch)
    assert [change["state"] for change in changes()] == ["paused", "paused", "paused", "training"]
    phone.http.post(f"{path}cancel/")
    phone.wait(path, is_over)
    assert numbers(phone, path) == list(range(1, len(numbers(phone, path)) + 1))


@pytest.mark.slow
def test_it_finishes_a_run_once_after_being_killed_in_the_middle(tmp_path) -> None:
    with Installation(tmp_path) as engram:
        engram.manage("migrate", "--verbosity", "0")
        worker = engram.start_worker()
        engram.start_web()
        phone = Phone(engram.url)
        path = phone.start({**LONG, "epochs": 40})
        phone.wait(path, has_epochs)
        below = descendants(worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        engram.start_worker()
        kinds = [kind for kind, _ in phone.events(path) if kind != "place"]
        assert kinds.count("reset") == 1
        assert kinds.count("end") == 1
        assert kinds.count("claimed") == 2
        run = phone.get(path)
        assert (run["status"], run["attempt"]) == ("succeeded", 2)
        assert numbers(phone, path) == list(range(1, 41)), "every epoch once"
        assert survivors(below) == [], "no child outlives its worker"


# --- answers about a run ----------------------------------------------------------------------------------------------


def answer(phone: Phone, method: str, path: str, **options: Any) -> Any:
    """Ask until there is an answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = phone.http.request(method, path, **options)
        if found.status_code != 202:
            assert found.status_code == 200, found.text
            return found
        time.sleep(float(found.headers["Retry-After"]))
    raise TimeoutError(path)


def array(numbers: Any) -> Any:
    return np.array(numbers["values"], np.float32).reshape(numbers["shape"])


class TestAnswers:
    @pytest.fixture(scope="class")
    @classmethod
    def phone(cls, engram: Installation) -> Phone:
        return Phone(engram.url)

    @pytest.fixture(scope="class")
    @classmethod
    def path(cls, phone: Phone) -> str:
        """A run of three epochs with momentum that has ended."""
        optimizer = {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9}
        path = phone.start(spec(epochs=3, optimizer=optimizer))
        phone.wait(path, is_over)
        return path

    def test_it_follows_a_sample_through_the_network(self, phone: Phone, path: str) -> None:
        assert phone.get(f"{path}snapshots/")["epochs"] == [0, 1, 2, 3]
        passed = answer(phone, "GET", f"{path}forward/?sample=2099").json()
        assert (passed["epoch"], passed["part"], passed["sample"]) == (3, "validation", 2099)
        assert [layer["name"] for layer in passed["layers"]] == ["dense_1", "dense_2", "dense_3"]
        assert passed["layers"][-1]["outputs"] == passed["outputs"]
        assert sum(passed["outputs"]["values"]) == pytest.approx(1)
        begun = time.monotonic()
        again = phone.http.get(f"{path}forward/?sample=2099")
        assert (again.status_code, again.json()) == (200, passed)
        assert time.monotonic() - begun < 0.5, "an answer is kept"

    def test_it_updates_the_weights_once(self, phone: Phone, path: str) -> None:
        update = answer(phone, "GET", f"{path}update/?step=5&epoch=1").json()
        assert (update["epoch"], update["iteration"]) == (1, 189 + 5)
        rate, momentum = np.float32(update["learning_rate"]), np.float32(update["constants"]["momentum"])
        for weight in update["weights"]:
            (velocity,) = weight["memory"]
            step = momentum * array(velocity["before"]) - rate * array(weight["gradient"])
            assert np.array_equal(step, array(velocity["after"]))
            assert np.array_equal(array(weight["old"]) + step, array(weight["new"]))

    def test_it_ends_where_the_run_did(self, phone: Phone, path: str) -> None:
        """The last step of the third epoch gives the weights of the snapshot after it."""
        update = answer(phone, "GET", f"{path}update/?step=188&epoch=2").json()
        passed = answer(phone, "GET", f"{path}forward/?epoch=3").json()
        kernels = {layer["name"]: layer["kernel"] for layer in passed["layers"]}
        for weight in update["weights"]:
            if weight["name"] == "kernel":
                assert weight["new"] == kernels[weight["layer"]]

    def test_it_predicts_rows_of_your_own(self, phone: Phone, path: str) -> None:
        predicted = answer(phone, "POST", f"{path}predict/", json={"inputs": [[20], [64.5], [99]]}).json()
        assert [row["predicted"] for row in predicted["rows"]][::2] == [0, 1]
        assert all(row["probability"] == max(row["outputs"]) for row in predicted["rows"])

    def test_it_gives_the_network_as_a_file(self, phone: Phone, path: str) -> None:
        file = answer(phone, "GET", f"{path}model/?epoch=2", headers={"Accept": "application/zip"})
        assert file.headers["Content-Disposition"].startswith("attachment; filename")
        assert "-2.keras" in file.headers["Content-Disposition"]
        assert "model.weights.h5" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()

    def test_it_answers_while_as_many_runs_train_as_may(self, engram: Installation, phone: Phone, path: str) -> None:
        long = [phone.start(LONG) for _ in range(2)]
        for each in long:
            phone.wait(each, lambda run: run["epochs_done"] >= 2)
        other = Phone(engram.url)
        third = other.start(spec(epochs=2))
        begun = time.monotonic()
        answer(phone, "GET", f"{path}forward/?sample=11")
        seconds = time.monotonic() - begun
        own = answer(phone, "GET", f"{long[0]}update/?epoch=0").json()
        assert {phone.get(each)["status"] for each in long} == {"running"}
        assert other.get(third)["status"] == "queued"
        assert seconds < 5
        assert own["iteration"] == 0
        for each in long:
            phone.http.post(f"{each}cancel/")
        assert other.wait(third, is_over)["status"] == "succeeded", "it is taken by the first to be free"
        for each in long:
            phone.wait(each, is_over, seconds=5)


# --- its end ----------------------------------------------------------------------------------------------------------


def test_it_gives_runs_back_when_it_is_stopped(engram: Installation, phone: Phone) -> None:
    """The last test of the file: nobody waits for the worker that takes its place."""
    path = phone.start(LONG)
    phone.wait(path, has_epochs)
    worker = engram.worker
    below = descendants(worker.pid)
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=10)
    assert phone.get(path)["status"] == "queued"
    assert survivors(below) == []
    phone.http.post(f"{path}cancel/")
    engram.start_worker()
