"""A question to a run's network …"""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from sandbox import probe_worker, probes, runs, uploads
from sandbox.admission import admit
from sandbox.children import Ending
from sandbox.engine.child import ProbeJob
from sandbox.models import Probe, ProbeKind, ProbeStatus, Run, Snapshot, Table
from sandbox.probe_messages import Answered, File, Prediction, Predictions
from tests.sandbox.samples import NOW, finished, spec
from tests.sandbox.tables import flowers, table_spec

pytestmark = pytest.mark.django_db

ANSWER = Answered(
    answer=Predictions(rows=(Prediction(outputs=(0.5, None), predicted=1, probability=0.5, nonfinite=1),))
)


@pytest.fixture
def run(learner: User) -> Run:
    return with_snapshots(learner)


def with_snapshots(owner: User) -> Run:
    run = finished(owner)
    for epoch in (0, 3):
        Snapshot.objects.create(run=run, attempt=run.attempt, epoch=epoch, state=f"after {epoch}".encode())
    return run


def forward(run: Run, sample: int = 0, *, seconds: float = 0) -> Probe:
    parameters = {"epoch": 3, "sample": sample, "layer": None}
    return probes.ask(run, ProbeKind.FORWARD, parameters, now=NOW + timedelta(seconds=seconds))


def claim(seconds: float = 0) -> Probe:
    probe = probes.claim(now=NOW + timedelta(seconds=seconds))
    assert probe is not None
    return probe


def finish(probe: Probe, size: int = 10) -> bool:
    return probes.finish(probe, answer={"kind": "forward"}, size=size, now=NOW)


class TestAsk:
    def test_it_waits_and_wakes_a_worker(self, run: Run, monkeypatch, django_capture_on_commit_callbacks) -> None:
        woken: list[bool] = []
        monkeypatch.setattr(probes, "wake_worker", lambda: woken.append(True))
        with django_capture_on_commit_callbacks(execute=True):
            probe = forward(run)
        assert (probe.status, probe.attempt, woken) == (ProbeStatus.QUEUED, 1, [True])

    def test_it_is_the_same_when_it_is_asked_twice(self, run: Run, django_capture_on_commit_callbacks) -> None:
        probe = forward(run)
        with django_capture_on_commit_callbacks() as callbacks:
            assert forward(run, seconds=1).pk == probe.pk
            assert finish(claim(2))
            again = forward(run, seconds=3600)
        assert (again.pk, again.status, again.answer) == (probe.pk, ProbeStatus.DONE, {"kind": "forward"})
        assert callbacks == []

    def test_it_is_another_for_other_parameters_another_kind_and_another_attempt(self, run: Run) -> None:
        asked = {forward(run).pk, forward(run, 1).pk}
        asked.add(probes.ask(run, ProbeKind.UPDATE, {"epoch": 3, "sample": 0, "layer": None}, now=NOW).pk)
        run.attempt = 2
        asked.add(forward(run).pk)
        assert len(asked) == 4

    def test_it_does_not_depend_on_the_order_of_its_parameters(self) -> None:
        assert probes.key_of(1, "update", {"a": 1, "b": 2}) == probes.key_of(1, "update", {"b": 2, "a": 1})
        assert probes.key_of(1, "update", {"a": 1}) != probes.key_of(1, "update", {"a": 1.5})

    def test_it_is_refused_while_twenty_are_open(self, run: Run, other_learner: User) -> None:
        for sample in range(20):
            forward(run, sample)
        assert forward(run, 19).status == ProbeStatus.QUEUED, "an old one is no new one"
        with pytest.raises(probes.TooManyError):
            forward(run, 20)
        forward(with_snapshots(other_learner), seconds=1)
        finish(claim())
        forward(run, 20)

    def test_it_pushes_out_the_oldest_answers_beyond_two_hundred(self, run: Run, settings) -> None:
        settings.SANDBOX_PROBES_PER_RUN = 3
        for number in range(5):
            forward(run, number, seconds=number)
            finish(claim(number))
        assert {probe.parameters["sample"] for probe in Probe.objects.all()} == {2, 3, 4}

    def test_it_pushes_out_the_oldest_answers_beyond_so_many_bytes(self, run: Run, settings) -> None:
        settings.SANDBOX_PROBE_BYTES = 25_000
        for number in range(5):
            forward(run, number, seconds=number)
            finish(claim(number), size=10_000)
        assert {probe.parameters["sample"] for probe in Probe.objects.all()} == {3, 4}

    def test_it_is_never_pushed_out_before_it_is_answered(self, run: Run, settings) -> None:
        settings.SANDBOX_PROBES_PER_RUN = 2
        for number in range(5):
            forward(run, number, seconds=number)
        assert Probe.objects.count() == 5


class TestClaim:
    def test_it_is_taken_once(self, run: Run) -> None:
        probe = forward(run)
        assert claim().pk == probe.pk
        assert probes.claim(now=NOW) is None

    def test_it_is_not_taken_by_two_who_saw_it_free(self, run: Run, monkeypatch) -> None:
        probe = forward(run)
        claim()
        monkeypatch.setattr(probes, "fair_order", lambda *_: [probe.pk])
        assert probes.claim(now=NOW) is None

    def test_it_is_taken_oldest_first_and_in_fair_turns(self, run: Run, other_learner: User) -> None:
        first, second = forward(run, 0), forward(run, 1, seconds=1)
        other = forward(with_snapshots(other_learner), seconds=2)
        assert [claim(3).pk for _ in range(3)] == [first.pk, other.pk, second.pk]

    def test_it_is_taken_again_when_its_worker_is_lost(self, run: Run) -> None:
        forward(run)
        lost = claim()
        assert probes.claim(now=NOW + timedelta(seconds=29)) is None
        second = claim(31)
        assert second.pk == lost.pk
        assert not probes.fail(lost, "failed", now=NOW), "the dead worker's late write must touch no row"
        assert not finish(lost)
        assert finish(second)
        assert not finish(second)

    def test_it_is_given_back_by_a_worker_that_stops(self, run: Run) -> None:
        forward(run)
        assert probes.release(claim())
        assert claim().status == ProbeStatus.RUNNING

    def test_it_is_given_up_when_nobody_took_it_for_minutes(self, run: Run, learner: User) -> None:
        probe = forward(run)
        assert probes.claim(now=NOW + timedelta(minutes=6)) is None
        probe.refresh_from_db()
        assert (probe.status, probe.problem) == (ProbeStatus.FAILED, "abandoned")

    def test_it_is_gone_with_its_run(self, run: Run) -> None:
        forward(run)
        probe = claim()
        run.delete()
        assert not finish(probe)


class TestFailure:
    def test_it_is_the_answer_for_half_a_minute_then_it_is_tried_again(self, run: Run) -> None:
        forward(run)
        assert probes.fail(claim(), "out_of_memory", now=NOW)
        assert forward(run, seconds=29).problem == "out_of_memory"
        again = forward(run, seconds=31)
        assert (again.status, again.problem, again.finished_at) == (ProbeStatus.QUEUED, "", None)
        assert finish(claim(32))


class TestWorker:
    @pytest.fixture
    def reply(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[ProbeJob]]:
        """Have every child give this reply; returns the jobs that children were given."""

        def give(reply: Any) -> list[ProbeJob]:
            given: list[ProbeJob] = []

            def ask(job: ProbeJob, **_: Any) -> Any:
                given.append(job)
                return reply

            monkeypatch.setattr(probe_worker, "ask", ask)
            monkeypatch.setattr(probe_worker, "wait_until_ready", lambda **_: True)
            return given

        return give

    @staticmethod
    def work() -> int:
        return probe_worker.work(lambda: NOW)

    def test_it_answers_whatever_waits(self, run: Run, reply) -> None:
        jobs = reply(ANSWER)
        update, later = {"epoch": 0, "step": 1, "layer": None}, NOW + timedelta(seconds=1)
        asked = [forward(run), probes.ask(run, ProbeKind.UPDATE, update, now=later)]
        assert self.work() == 2
        for probe in asked:
            probe.refresh_from_db()
            assert probe.status == ProbeStatus.DONE
            assert probe.answer == json.loads(ANSWER.answer.model_dump_json())
        assert [job.state for job in jobs] == [b"after 3", b"after 0"]
        assert [json.loads(job.question) for job in jobs] == [
            {"kind": "forward", "sample": 0, "layer": None},
            {"kind": "update", "epoch": 0, "step": 1, "layer": None},
        ]

    def test_it_keeps_a_file(self, run: Run, reply) -> None:
        reply(File(content=b"UEs="))
        probe = probes.ask(run, ProbeKind.MODEL, {"epoch": 3}, now=NOW)
        self.work()
        probe.refresh_from_db()
        assert (probe.status, bytes(probe.file or b""), probe.answer) == (ProbeStatus.DONE, b"PK", None)

    def test_it_keeps_why_there_is_no_answer(self, run: Run, reply) -> None:
        reply(Ending("timed_out", "no end after 20 seconds"))
        probe = forward(run)
        self.work()
        probe.refresh_from_db()
        assert (probe.status, probe.problem) == (ProbeStatus.FAILED, "timed_out")

    def test_it_gives_the_question_back_when_it_stops(self, run: Run, reply, monkeypatch) -> None:
        reply(Ending("cancelled"))
        probe = forward(run)
        monkeypatch.setattr(probe_worker.stopping, "is_set", lambda: True)
        probe_worker.answer(claim(), lambda: NOW)
        probe.refresh_from_db()
        assert probe.status == ProbeStatus.QUEUED

    @pytest.mark.parametrize(
        ("spoil", "problem"),
        [
            (lambda run: Snapshot.objects.all().delete(), "snapshot_gone"),
            (lambda run: Run.objects.update(spec={"schema": 0}), "outdated_spec"),
            (lambda run: Table.objects.all().delete(), "table_gone"),
        ],
    )
    def test_it_says_what_is_gone(self, learner: User, reply, spoil: Callable[[Run], Any], problem: str) -> None:
        reply(ANSWER)
        table = uploads.upload(learner, "flowers", flowers(), now=NOW)
        run = with_snapshots(learner)
        run.spec = admit(table_spec(table.pk), Table.objects.all()).as_json()
        run.save()
        probe = forward(run)
        spoil(run)
        self.work()
        probe.refresh_from_db()
        assert (probe.status, probe.problem) == (ProbeStatus.FAILED, problem)


def test_the_epochs_are_those_of_the_current_attempt(learner: User) -> None:
    run = with_snapshots(learner)
    Snapshot.objects.create(run=run, attempt=2, epoch=7, state=b"")
    assert probes.snapshots_of(run) == [0, 3]
    run.attempt = 2
    assert probes.snapshots_of(run) == [7]
    assert probes.snapshots_of(runs.create(learner, uuid.uuid4(), spec(), now=NOW)) == []
