import uuid
from datetime import timedelta

import pytest

from courses.ids import content_id
from quizzes import attempts, judging, places
from quizzes.attempt_errors import (
    AttemptIdTakenError,
    QuizIsEmptyError,
    ResponseRefusedError,
    SubmittedError,
    UnknownSlotError,
)
from quizzes.judging import Given
from quizzes.models import Attempt, MemoryState, Question, Quiz, Response, Review, Slot
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml, make_course, the_quiz

LATER = NOW + timedelta(minutes=5)
RIGHT, WRONG = {"choice": "nonlinear"}, {"choice": "linear"}


@pytest.fixture
def quiz(db) -> Quiz:
    return the_quiz(make_course())


@pytest.fixture
def attempt(quiz, learner) -> Attempt:
    return attempts.start(learner, quiz, uuid.uuid4(), now=NOW)[0]


def slot(slug: str) -> uuid.UUID:
    return Slot.objects.get(question__slug=slug).id


def test_starting_twice_with_one_id_is_one_attempt(quiz, learner) -> None:
    attempt_id = uuid.uuid4()
    first, created = attempts.start(learner, quiz, attempt_id, now=NOW)
    second, created_again = attempts.start(learner, quiz, attempt_id, now=LATER)
    assert (created, created_again) == (True, False)
    assert second == first
    assert second.started_at == NOW
    assert second.max_score == 2


def test_an_id_that_is_taken_is_refused(quiz, learner, other_learner, attempt) -> None:
    with pytest.raises(AttemptIdTakenError):
        attempts.start(other_learner, quiz, attempt.id, now=NOW)


def test_a_page_goes_on_with_the_open_attempt_and_starts_anew_after_it(quiz, learner) -> None:
    first = attempts.resume_or_start(learner, quiz, now=NOW)
    assert attempts.resume_or_start(learner, quiz, now=LATER) == first
    attempts.submit(first, now=LATER)
    assert attempts.resume_or_start(learner, quiz, now=LATER) != first


def test_a_quiz_without_questions_cannot_be_started(quiz, learner) -> None:
    Slot.objects.update(archived_at=NOW)
    with pytest.raises(QuizIsEmptyError):
        attempts.start(learner, quiz, uuid.uuid4(), now=NOW)


def test_an_answer_is_marked_at_once_with_the_version_that_was_asked(attempt) -> None:
    answered = attempts.answer(attempt, slot("nonlinear"), RIGHT, now=LATER)
    assert answered.status == "created"
    assert (answered.response.score, answered.response.version.number) == (1.0, 1)
    assert answered.response.answered_at == LATER


def test_the_same_answer_again_changes_nothing(attempt) -> None:
    first = attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW)
    again = attempts.answer(attempt, slot("nonlinear"), RIGHT, now=LATER)
    assert (again.status, again.response) == ("duplicate", first.response)
    assert Response.objects.count() == Review.objects.count() == 1


def test_another_answer_does_not_replace_the_first(attempt) -> None:
    attempts.answer(attempt, slot("nonlinear"), WRONG, now=NOW)
    second = attempts.answer(attempt, slot("nonlinear"), RIGHT, now=LATER)
    assert second.status == "conflict"
    assert (second.response.score, second.response.answer) == (0.0, WRONG)
    assert Review.objects.count() == 1


def test_an_answer_is_one_review_and_moves_memory(attempt, learner) -> None:
    attempts.answer(attempt, slot("nonlinear"), WRONG, now=NOW)
    attempts.answer(attempt, slot("output"), {"blanks": {"sum": "weighted-sum", "name": "x"}}, now=NOW)
    wrong, half = Review.objects.by(learner.id).order_by("sequence")
    assert (wrong.question.slug, wrong.rating, wrong.score, wrong.source) == ("nonlinear", 1, 0.0, "quiz")
    assert (half.question.slug, half.rating, half.score) == ("output", 2, 0.5)
    assert wrong.review_id == judging.review_id(attempt.id, slot("nonlinear"))
    state = MemoryState.objects.get(question__slug="nonlinear")
    assert NOW < state.due <= NOW + timedelta(minutes=10)


def test_the_previews_of_an_instructor_count_nowhere(quiz, learner) -> None:
    learner.is_staff = True
    learner.save()
    quiz.lesson.course.instructors.add(learner)
    preview, _ = attempts.start(learner, quiz, uuid.uuid4(), now=NOW)
    answered = attempts.answer(preview, slot("nonlinear"), RIGHT, now=NOW)
    assert answered.response.score == 1
    assert not preview.counts
    assert not Review.objects.exists()
    assert not MemoryState.objects.exists()


@pytest.mark.parametrize("response", [None, {}, {"choice": "z"}, [], "linear"])
def test_what_is_no_answer_is_refused_and_leaves_no_trace(attempt, response) -> None:
    with pytest.raises(ResponseRefusedError):
        attempts.answer(attempt, slot("nonlinear"), response, now=NOW)
    assert not Response.objects.exists()
    assert not Review.objects.exists()


def test_a_slot_of_another_quiz_is_unknown(attempt) -> None:
    make_course("other")
    foreign = Slot.objects.exclude(quiz=attempt.quiz).first()
    with pytest.raises(UnknownSlotError):
        attempts.answer(attempt, foreign.id, RIGHT, now=NOW)
    with pytest.raises(UnknownSlotError):
        attempts.answer(attempt, uuid.uuid4(), RIGHT, now=NOW)


def test_submitting_sums_the_marks_and_what_is_unanswered_counts_0_without_evidence(attempt) -> None:
    attempts.answer(attempt, slot("output"), {"blanks": {"sum": "weighted-sum", "name": ""}}, now=NOW)
    attempts.submit(attempt, now=LATER)
    assert (attempt.score, attempt.max_score, attempt.submitted_at) == (0.5, 2, LATER)
    assert Review.objects.count() == 1


def test_submitting_twice_keeps_the_first_result(attempt) -> None:
    attempts.submit(attempt, now=NOW)
    attempts.submit(attempt, now=LATER)
    assert (attempt.submitted_at, attempt.score) == (NOW, 0.0)


def test_after_submission_nothing_new_is_marked_but_what_stands_is_repeated(attempt) -> None:
    attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW)
    attempts.submit(attempt, now=NOW)
    assert attempts.answer(attempt, slot("nonlinear"), RIGHT, now=LATER).status == "duplicate"
    with pytest.raises(SubmittedError):
        attempts.answer(attempt, slot("output"), {"blanks": {"sum": "product"}}, now=LATER)


def test_an_import_in_the_middle_changes_nothing_for_who_has_started(attempt, quiz) -> None:
    import_yaml(quiz.lesson.course, QUESTIONS.replace("key: nonlinear", "key: linear"), LATER)
    assert attempts.answer(attempt, slot("nonlinear"), RIGHT, now=LATER).response.score == 1
    assert Question.objects.get(slug="nonlinear").current.number == 2


def test_an_offline_answer_is_judged_by_the_version_it_was_given_for(quiz, learner) -> None:
    import_yaml(quiz.lesson.course, QUESTIONS.replace("key: nonlinear", "key: linear"), NOW)
    attempt, _ = attempts.start(learner, quiz, uuid.uuid4(), now=LATER)
    yesterday = NOW - timedelta(days=1)
    offline = Given(slot("nonlinear"), RIGHT, version=1, answered_at=yesterday)
    unknown = Given(slot("output"), {"blanks": {"sum": "product"}}, version=7)
    given, refused = attempts.answer_all(attempt, [offline, unknown], now=LATER)
    assert isinstance(given, attempts.Answered)
    assert (given.response.score, given.response.version.number) == (1.0, 1)
    assert given.response.answered_at == Review.objects.get().occurred_at == yesterday
    assert isinstance(refused, UnknownSlotError)


def test_an_offline_answer_to_a_slot_the_quiz_has_lost_is_kept(quiz, learner) -> None:
    lost = slot("output")
    only = QUESTIONS[: QUESTIONS.index("  - id: output")].replace("[nonlinear, output]", "[nonlinear]")
    import_yaml(quiz.lesson.course, only, NOW)
    attempt, _ = attempts.start(learner, quiz, uuid.uuid4(), now=LATER)
    assert attempt.max_score == 1
    attempts.answer(attempt, lost, {"blanks": {"sum": "weighted-sum", "name": "forward pass"}}, now=LATER)
    attempts.submit(attempt, now=LATER)
    assert (attempt.score, attempt.max_score) == (1.0, 2)
    assert [place.question.slug for place in places.of_attempt(attempt)] == ["nonlinear", "output"]


def test_the_missed_questions_know_when_they_come_back(attempt) -> None:
    attempts.answer(attempt, slot("nonlinear"), WRONG, now=NOW)
    found = places.of_attempt(attempt)
    assert [place.question.slug for place in found if place.missed] == ["nonlinear"]
    assert places.next_due(attempt, found) == MemoryState.objects.get(question__slug="nonlinear").due


def test_the_review_id_hangs_on_attempt_and_slot_alone() -> None:
    attempt_id, slot_id = uuid.uuid4(), content_id("small", "slot", "first-steps/nonlinear")
    assert judging.review_id(attempt_id, slot_id) == judging.review_id(attempt_id, slot_id)
    assert judging.review_id(uuid.uuid4(), slot_id) != judging.review_id(attempt_id, slot_id)
