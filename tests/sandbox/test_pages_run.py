"""The page of a run …"""

import pytest
from django.test import Client

from accounts.models import User
from sandbox import runs
from sandbox.models import Failure, Run, Status
from tests.sandbox.samples import NOW, epoch, finished, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def page(client: Client, run: Run) -> str:
    answer = client.get(f"/sandbox/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_tells_the_place_in_the_queue(signed_in: Client, learner: User, other_learner: User) -> None:
    for _ in range(2):
        queued(other_learner)
        runs.claim(now=NOW)
    queued(other_learner, minutes=1)
    html = page(signed_in, queued(learner, minutes=2))
    assert "waiting" in html
    assert "Number 1 of 2 in the queue; it starts in about 2 seconds." in html
    assert "Cancel the run" in html


def test_it_shows_the_epochs_so_far(signed_in: Client, learner: User) -> None:
    queued(learner)
    run = runs.claim(now=NOW)
    assert run
    runs.append(runs.lease_of(run), [epoch(1), epoch(2, loss=0.125)], now=NOW)
    html = page(signed_in, run)
    assert "2 of 20 epochs" in html
    assert '<progress id="progress" class="progress" max="20" value="2"' in html
    assert "0.1250" in html
    assert 'data-after="' in html
    assert 'data-active="true"' in html


def test_it_shows_the_result(signed_in: Client, learner: User) -> None:
    html = page(signed_in, finished(learner))
    for words in ("finished", "The result", "93.0 %", "198 of 210 validation rows", "Keras 3.15", "no side effects"):
        assert words in html
    assert 'class="number q9 confusion__right">98<' in html
    assert "Train again with changes" in html
    assert "Cancel the run" not in html
    assert 'style="' not in html


@pytest.mark.parametrize(
    ("status", "failure", "words"),
    [
        (Status.DIVERGED, Failure.NONFINITE, "the learning rate is too large"),
        (Status.TIMED_OUT, Failure.TIME_LIMIT, "Take fewer epochs"),
        (Status.OUT_OF_MEMORY, Failure.MEMORY_LIMIT, "more memory than allowed"),
        (Status.FAILED, Failure.CRASHED, "Nothing you did wrong"),
    ],
)
def test_it_explains_an_end(signed_in: Client, learner: User, status: Status, failure: Failure, words: str) -> None:
    queued(learner)
    run = runs.claim(now=NOW)
    assert run
    runs.append(runs.lease_of(run), [epoch(1, loss=None, val_loss=None, nonfinite={"loss": "nan"})], now=NOW)
    runs.finish(runs.lease_of(run), status, failure=failure, detail="/secret/path", now=NOW)
    html = page(signed_in, run)
    assert words in html
    assert "/secret/path" not in html


def test_it_cancels(signed_in: Client, learner: User) -> None:
    run = queued(learner)
    answer = signed_in.post(f"/sandbox/runs/{run.pk}/cancel/", follow=True)
    assert "The run is cancelled." in answer.content.decode()
    run.refresh_from_db()
    assert run.status == Status.CANCELLED


def test_it_cancels_by_post_only(signed_in: Client, learner: User) -> None:
    assert signed_in.get(f"/sandbox/runs/{queued(learner).pk}/cancel/").status_code == 405


def test_it_hides_the_run_of_somebody_else(signed_in: Client, other_learner: User) -> None:
    theirs = queued(other_learner)
    assert signed_in.get(f"/sandbox/runs/{theirs.pk}/").status_code == 404
    assert signed_in.post(f"/sandbox/runs/{theirs.pk}/cancel/").status_code == 404


def test_it_needs_few_queries(signed_in: Client, learner: User, django_assert_max_num_queries) -> None:
    run = finished(learner, epochs=20)
    with django_assert_max_num_queries(10):
        page(signed_in, run)
