"""A run …"""

import uuid
from datetime import timedelta

import pytest
from django.http import Http404

from accounts.models import User
from sandbox import runs
from sandbox.models import Event, Failure, Run, Status
from sandbox.runs import Draft, Standing
from tests.sandbox.samples import NOW, OUTCOME, epoch, finished, queued, spec

pytestmark = pytest.mark.django_db


def claim(minutes: float = 0) -> Run:
    run = runs.claim(now=NOW + timedelta(minutes=minutes))
    assert run is not None
    return run


def kinds(run: Run) -> list[tuple[int, str]]:
    return list(Event.objects.filter(run=run).values_list("seq", "kind"))


class TestCreate:
    def test_it_waits_and_wakes_a_worker(self, learner: User, monkeypatch, django_capture_on_commit_callbacks) -> None:
        woken: list[bool] = []
        monkeypatch.setattr(runs, "wake_worker", lambda: woken.append(True))
        with django_capture_on_commit_callbacks(execute=True):
            run = queued(learner)
        assert run.status == Status.QUEUED
        assert woken == [True]

    def test_it_is_made_once_for_an_id(self, learner: User) -> None:
        run = queued(learner)
        again = runs.create(learner, run.pk, spec(), now=NOW + timedelta(seconds=9))
        assert again.created_at == run.created_at
        assert Run.objects.count() == 1

    def test_it_is_no_other_run_under_the_same_id(self, learner: User) -> None:
        run = queued(learner)
        with pytest.raises(runs.ConflictError):
            runs.create(learner, run.pk, spec(epochs=21), now=NOW)

    def test_it_is_hidden_from_others(self, learner: User, other_learner: User) -> None:
        run = queued(learner)
        with pytest.raises(Http404):
            runs.create(other_learner, run.pk, spec(), now=NOW)

    def test_it_is_refused_when_five_wait(self, learner: User, other_learner: User) -> None:
        for _ in range(5):
            queued(learner)
        with pytest.raises(runs.QueueFullError) as refusal:
            queued(learner)
        assert refusal.value.position == 5
        assert refusal.value.retry_after >= 1
        assert queued(other_learner).status == Status.QUEUED

    def test_it_is_refused_when_the_site_is_full(self, learner: User, other_learner: User, settings) -> None:
        settings.SANDBOX_BACKLOG = 2
        queued(learner)
        queued(learner)
        with pytest.raises(runs.BackloggedError):
            queued(other_learner)


class TestClaim:
    def test_it_is_taken_oldest_first(self, learner: User) -> None:
        younger, older = queued(learner, minutes=2), queued(learner, minutes=1)
        assert [claim().pk, claim().pk] == [older.pk, younger.pk]

    def test_it_comes_before_the_second_of_somebody_else(self, learner: User, other_learner: User) -> None:
        for minutes in range(3):
            queued(learner, minutes=minutes)
        late = queued(other_learner, minutes=10)
        claim()
        assert claim().pk == late.pk

    def test_it_waits_while_two_of_its_learner_run(self, learner: User) -> None:
        for _ in range(3):
            queued(learner)
        claim(), claim()
        assert runs.claim(now=NOW) is None

    def test_it_knows_its_place(self, learner: User, other_learner: User) -> None:
        mine = [queued(learner, minutes=minutes) for minutes in range(3)]
        theirs = queued(other_learner, minutes=5)
        place = runs.place(theirs)
        assert place is not None
        assert (place.position, place.waiting, place.seconds) == (2, 4, 0)
        last = runs.place(mine[2])
        assert last is not None
        assert last.position == 4
        assert last.seconds == 2, "two train at a time"
        assert runs.place(claim()) is None

    def test_it_is_not_held_up_by_ten_of_somebody_else_where_one_trains_at_a_time(
        self, learner: User, other_learner: User
    ) -> None:
        for _ in range(5):
            queued(learner)
        late = queued(other_learner, minutes=1)
        first = claim(2)
        runs.finish(runs.lease_of(first), Status.SUCCEEDED, now=NOW + timedelta(minutes=3))
        place = runs.place(late)
        assert place is not None
        assert place.position == 1
        assert claim(3).pk == late.pk

    def test_it_is_not_put_behind_for_turns_had_before_it_came(self, learner: User, other_learner: User) -> None:
        finished(learner)
        mine, theirs = queued(learner, minutes=5), queued(other_learner, minutes=6)
        assert [claim(7).pk, claim(7).pk] == [mine.pk, theirs.pk]


class TestExpectedStart:
    def seconds(self, run: Run) -> int:
        place = runs.place(run)
        assert place is not None
        return place.seconds

    def test_it_counts_what_is_left_of_the_running_ones(self, learner: User, other_learner: User) -> None:
        for owner in (learner, other_learner):
            queued(owner, estimated_seconds=40.0)
        waiting = queued(learner, minutes=1, estimated_seconds=40.0)
        running = [claim(), claim()]
        assert self.seconds(waiting) == 40
        runs.append(runs.lease_of(running[1]), [epoch(number) for number in range(1, 16)], now=NOW)
        assert self.seconds(waiting) == 10, "15 of 20 epochs are done"

    def test_it_learns_from_the_last_runs_how_slow_this_machine_is(self, learner: User, other_learner: User) -> None:
        for _ in range(3):
            queued(learner, estimated_seconds=2.0)
            runs.finish(runs.lease_of(claim()), Status.SUCCEEDED, now=NOW + timedelta(seconds=6))
        for owner in (learner, other_learner):
            queued(owner, estimated_seconds=40.0)
        waiting = queued(learner, minutes=1, estimated_seconds=40.0)
        claim(), claim()
        assert self.seconds(waiting) == 120
        assert waiting.estimated_seconds == 40.0, "of a processor like the one of the estimates"

    def test_it_is_asked_without_a_query_for_each_run(
        self, learner: User, other_learner: User, django_assert_max_num_queries
    ) -> None:
        waiting = [queued(owner).pk for owner in (learner, other_learner) for _ in range(4)]
        with django_assert_max_num_queries(4):
            assert len(runs.places(waiting)) == 8


class TestEvents:
    def test_it_numbers_its_events_without_gaps(self, learner: User) -> None:
        queued(learner)
        run = claim()
        lease = runs.lease_of(run)
        assert runs.append(lease, [Draft(Event.STARTED), epoch(1)], now=NOW)
        assert runs.append(lease, [epoch(2)], now=NOW)
        assert runs.finish(lease, Status.SUCCEEDED, outcome=OUTCOME, now=NOW)
        assert kinds(run) == [(1, "claimed"), (2, "started"), (3, "epoch"), (4, "epoch"), (5, "end")]
        run.refresh_from_db()
        assert (run.status, run.epochs_done, run.last_seq) == (Status.SUCCEEDED, 2, 5)

    def test_it_ends_once(self, learner: User) -> None:
        queued(learner)
        run = claim()
        lease = runs.lease_of(run)
        assert runs.finish(lease, Status.SUCCEEDED, now=NOW)
        assert not runs.finish(lease, Status.FAILED, now=NOW)
        assert not runs.append(lease, [epoch(1)], now=NOW)
        assert kinds(run)[-1] == (2, "end")


class TestCancel:
    def test_it_is_cancelled_at_once_while_it_waits(self, learner: User) -> None:
        run = runs.cancel(queued(learner), now=NOW)
        assert run.status == Status.CANCELLED
        assert runs.claim(now=NOW) is None
        assert kinds(run) == [(1, "end")]

    def test_it_tells_its_worker_to_stop(self, learner: User) -> None:
        queued(learner)
        run = claim()
        assert runs.standing(runs.lease_of(run)) is Standing.KEPT
        assert runs.cancel(run, now=NOW).status == Status.RUNNING
        assert runs.standing(runs.lease_of(run)) is Standing.CANCEL

    def test_it_stays_finished(self, learner: User) -> None:
        queued(learner)
        run = claim()
        runs.finish(runs.lease_of(run), Status.SUCCEEDED, now=NOW)
        assert runs.cancel(run, now=NOW).status == Status.SUCCEEDED


class TestReap:
    def test_it_is_left_alone_while_its_lease_lasts(self, learner: User) -> None:
        queued(learner)
        run = claim()
        assert runs.renew(runs.lease_of(run), now=NOW + timedelta(seconds=10))
        assert runs.reap(now=NOW + timedelta(seconds=20)) == 0

    def test_it_starts_again_when_its_worker_is_lost(self, learner: User) -> None:
        queued(learner)
        run = claim()
        dead = runs.lease_of(run)
        runs.append(dead, [epoch(1)], now=NOW)
        assert runs.reap(now=NOW + timedelta(minutes=1)) == 1
        second = claim(1)
        assert (second.pk, second.attempt, second.epochs_done) == (run.pk, 2, 0)
        assert kinds(run) == [(1, "claimed"), (2, "epoch"), (3, "reset"), (4, "claimed")]
        assert not runs.append(dead, [epoch(2)], now=NOW), "the dead worker's late write must touch no row"
        assert not runs.finish(dead, Status.SUCCEEDED, now=NOW)
        assert not runs.renew(dead, now=NOW)
        runs.append(runs.lease_of(second), [epoch(1), epoch(2)], now=NOW)
        assert list(Event.objects.epochs_of(second).values_list("number", flat=True)) == [1, 2]

    def test_it_fails_when_its_worker_is_lost_twice(self, learner: User) -> None:
        queued(learner)
        claim()
        runs.reap(now=NOW + timedelta(minutes=1))
        run = claim(1)
        runs.reap(now=NOW + timedelta(minutes=2))
        run.refresh_from_db()
        assert (run.status, run.failure) == (Status.FAILED, Failure.WORKER_LOST)
        assert runs.claim(now=NOW + timedelta(minutes=3)) is None

    def test_it_is_not_started_again_once_cancelled(self, learner: User) -> None:
        queued(learner)
        run = runs.cancel(claim(), now=NOW)
        runs.reap(now=NOW + timedelta(minutes=1))
        run.refresh_from_db()
        assert run.status == Status.CANCELLED

    def test_it_is_given_back_by_a_worker_that_stops(self, learner: User) -> None:
        queued(learner)
        for _ in range(4):
            assert runs.release(runs.lease_of(claim()), now=NOW)
        assert claim().attempt == 5, "stopping a server is nobody's failure"


def test_it_takes_any_uuid_as_its_id(learner: User) -> None:
    run_id = uuid.uuid4()
    assert runs.create(learner, run_id, spec(), now=NOW).pk == run_id
