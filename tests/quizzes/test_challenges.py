"""Runs that are judged by what they reached."""

import json
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from courses.models import Lesson
from quizzes import challenges, personal_data
from quizzes.memory import reviews
from quizzes.memory.planning import queue
from quizzes.models import Judgement, MemoryState, Review
from sandbox import runs, tasks
from sandbox.models import Preset, Status
from tests.quizzes.challenge_samples import ended, pose, start_of
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import open_lesson
from tests.sandbox.samples import spec

LATER = NOW + timedelta(days=30)


@pytest.fixture
def course(db):
    return make_course()


@pytest.fixture
def question(course):
    return pose(course)


@pytest.fixture
def preset(question):
    return start_of(question)


def judge(run, now=NOW):
    return challenges.judge(run.pk, now=now)


def test_a_run_that_meets_all_is_kept_and_is_good_evidence(learner, question, preset) -> None:
    run = ended(learner, preset)
    judgement = judge(run)
    assert (judgement.score, judgement.counts, judgement.judged_at) == (1, True, NOW)
    assert judgement.values == {"val_accuracy": 0.93, "epochs": 3, "parameters": 642}
    review = Review.objects.get()
    assert (review.rating, review.source, review.response, review.version) == (3, "challenge", None, question.current)
    assert review.review_id == uuid.uuid5(question.pk, str(run.pk))
    assert MemoryState.objects.get().question == question


def test_judging_twice_changes_nothing(learner, preset) -> None:
    run = ended(learner, preset)
    assert judge(run) == judge(run, LATER)
    assert Judgement.objects.get().judged_at == NOW
    assert Review.objects.count() == 1


def test_a_run_that_misses_a_target_is_kept_and_is_no_evidence(learner, preset) -> None:
    judgement = judge(ended(learner, preset, val_accuracy=0.8))
    assert judgement.score == 2 / 3
    assert judgement.parts == {"val_accuracy": False, "epochs": True, "parameters": True}
    assert not Review.objects.exists()


def test_only_the_first_run_that_meets_all_is_evidence(learner, other_learner, preset) -> None:
    judge(ended(learner, preset, val_accuracy=0.1))
    for minute in range(1, 3):
        judge(ended(learner, preset, minutes=minute))
    assert Review.objects.by(learner.pk).count() == 1
    judge(ended(other_learner, preset, minutes=5))
    assert Review.objects.by(other_learner.pk).count() == 1


def test_a_run_that_diverged_is_judged_and_not_met(learner, preset) -> None:
    judgement = judge(ended(learner, preset, status=Status.DIVERGED, val_accuracy=None))
    assert judgement.parts["outcome"] is False
    assert judgement.values["outcome"] == "diverged"


def test_diverging_on_purpose_is_met(learner, course) -> None:
    question = pose(course, targets={"outcome": "diverged"})
    assert judge(ended(learner, start_of(question), status=Status.DIVERGED)).score == 1


def test_a_run_on_other_data_does_not_meet_it(learner, preset) -> None:
    data = {"kind": "clinical_trial", "rows": 2100, "validation": 0.1, "split": "shuffled", "seed": 1}
    judgement = judge(ended(learner, preset, changes={"data": data}))
    assert judgement.parts["data"] is False
    assert not Review.objects.exists()


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FAILED, Status.TIMED_OUT, Status.OUT_OF_MEMORY])
def test_a_run_that_broke_down_is_no_try(learner, preset, status) -> None:
    assert judge(ended(learner, preset, status=status)) is None


def test_a_run_that_is_not_of_a_challenge_is_not_judged(learner, preset) -> None:
    plain = Preset.objects.create(id=uuid.uuid4(), collection="small", slug="plain", texts={"en": {}}, spec=spec())
    assert judge(ended(learner, None)) is None
    assert judge(ended(learner, plain, minutes=1)) is None
    waiting = runs.create(learner, uuid.uuid4(), spec(), preset=preset, now=NOW)
    assert judge(waiting) is None
    assert challenges.judge(uuid.uuid4(), now=NOW) is None


def test_an_archived_challenge_judges_nothing(learner, question, preset) -> None:
    run = ended(learner, preset)
    question.archived_at = NOW
    question.save()
    assert judge(run) is None


def test_an_instructors_run_is_judged_and_counts_nowhere(other_learner, course, preset) -> None:
    other_learner.is_staff = True
    other_learner.save()
    course.instructors.add(other_learner)
    judgement = judge(ended(other_learner, preset))
    assert (judgement.score, judgement.counts) == (1, False)
    assert not Review.objects.exists()


def test_mended_targets_are_a_new_version_and_judge_what_comes(learner, course, question, preset) -> None:
    first = judge(ended(learner, preset))
    pose(course, targets={"val_accuracy": {"at_least": 0.95}})
    second = judge(ended(learner, preset, minutes=1))
    assert (first.version.number, second.version.number) == (1, 2)
    assert (first.score, second.score) == (1, 0)


# --- where the queue and the worker meet it --------------------------------------------------------------------------


def test_what_was_met_moves_memory_and_never_comes_up_in_the_review(learner, course, question, preset) -> None:
    open_lesson(learner, course)
    judge(ended(learner, preset))
    days = queue.until(learner, queue.today(learner, now=LATER), now=LATER, days=3, limit=50)
    assert [due.kind for due in days] == ["flashcard"]
    assert queue.next_due(learner) is None
    concept = course.concepts.get(slug="forward-pass")
    assert 0 < queue.recall_by_concept(learner, [concept], now=LATER)[concept.pk] < 1
    lesson = queue.of_lesson(learner, Lesson.objects.get(), [concept], now=LATER)
    assert (lesson.due, list(lesson.recall)) == (0, [concept.pk])


def test_the_page_of_the_review_goes_on_without_it(client, learner, question, preset) -> None:
    judge(ended(learner, preset))
    client.force_login(learner)
    for address in ("", f"?card={question.pk}"):
        html = client.get(f"{reverse('quizzes:review')}{address}").content.decode()
        assert "Nothing to review yet" in html
    form = {"question": question.pk, "version": 1, "review": uuid.uuid4()}
    assert client.post(reverse("quizzes:review_answer"), form).status_code in {200, 422}
    assert client.post(reverse("quizzes:review_rate"), {**form, "rating": 3}).status_code == 404
    assert Review.objects.count() == 1


def test_an_app_cannot_answer_it(api, question) -> None:
    items = [
        {"id": str(uuid.uuid4()), "question": str(question.pk), "occurred_at": NOW.isoformat(), **given}
        for given in ({"rating": 3}, {"response": {"run": "x"}})
    ]
    results = api.post("/api/v1/reviews/", {"reviews": items}).json()["results"]
    assert [(one["status"], one["problem"]["code"]) for one in results] == [
        ("rejected", "response_needed"),
        ("rejected", "not_graded"),
    ]


def test_memory_is_rebuilt_from_the_log_with_it(learner, preset) -> None:
    judge(ended(learner, preset))
    assert reviews.rebuild(learner, check=True) == 0


def test_the_task_judges_and_survives_a_judge_that_fails(learner, preset, monkeypatch, caplog) -> None:
    run = ended(learner, preset)
    tasks.judge(run.pk)
    assert Judgement.objects.count() == 1

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("no verdict")

    monkeypatch.setattr(challenges, "judge", broken)
    tasks.judge(run.pk)
    assert f"run {run.pk} could not be judged" in caplog.text


def test_what_nobody_judged_is_judged_later_once(learner, preset) -> None:
    run = ended(learner, preset)
    ended(learner, None, minutes=1)
    ended(learner, preset, minutes=2, status=Status.FAILED)
    assert challenges.judge_missed(now=NOW + timedelta(minutes=5)) == 1
    assert challenges.judge_missed(now=NOW + timedelta(minutes=6)) == 0
    assert Judgement.objects.get().run == run


# --- personal data, administration -----------------------------------------------------------------------------------


def test_it_is_exported_and_erased(learner, other_learner, question, preset) -> None:
    run = ended(learner, preset, val_accuracy=0.5)
    judge(run)
    judge(ended(other_learner, preset, minutes=1))
    (kept,) = json.loads(json.dumps(personal_data.export(learner)))["challenges"]
    assert (kept["question"], kept["run"], kept["version"]) == (str(question.pk), str(run.pk), 1)
    assert kept["values"]["val_accuracy"] == 0.5
    personal_data.erase(learner)
    assert [judgement.user for judgement in Judgement.objects.all()] == [other_learner]


def test_judgements_are_read_in_the_administration_and_not_changed(client, admin_user, learner, preset) -> None:
    judgement = judge(ended(learner, preset))
    client.force_login(admin_user)
    assert client.get(reverse("admin:quizzes_judgement_changelist")).status_code == 200
    html = client.get(reverse("admin:quizzes_judgement_change", args=[judgement.pk])).content.decode()
    assert "&quot;parameters&quot;: 642" in html
    assert 'name="_save"' not in html
