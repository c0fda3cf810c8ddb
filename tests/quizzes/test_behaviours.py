"""How attempts go under each rule that the author of a quiz may set."""

import uuid
from datetime import timedelta

import pytest

from quizzes import attempts, places
from quizzes.attempt_errors import NoAttemptLeftError, QuizIsNotOpenError, TimeIsUpError
from quizzes.attempts import Answered, Saved
from quizzes.judging import Given
from quizzes.models import Attempt, Quiz, Response, Review, SavedAnswer, Slot
from tests.quizzes.factories import NOW, QUESTIONS, make_course, the_quiz

SOON = NOW + timedelta(minutes=5)
RIGHT, WRONG, OTHER = {"choice": "nonlinear"}, {"choice": "linear"}, {"choice": "constant"}
FILLED = {"blanks": {"sum": "weighted-sum", "name": "forward pass"}}


def quiz_with(rules: str, slots: str = "questions: [nonlinear, output]", course: str = "small") -> Quiz:
    written = QUESTIONS.replace("questions: [nonlinear, output]", f"{slots}\n  rules: {{{rules}}}")
    return the_quiz(make_course(course, written))


def begin(user, quiz, now=NOW) -> Attempt:
    return attempts.start(user, quiz, uuid.uuid4(), now=now)[0]


def slot(slug: str) -> uuid.UUID:
    return Slot.objects.get(question__slug=slug).id


def save(attempt, slug, response, sequence=None, now=NOW, certainty=None):
    (result,) = attempts.save_all(
        attempt, [Given(slot(slug), response, sequence=sequence, certainty=certainty)], now=now
    )
    return result


@pytest.mark.django_db
class TestDeferred:
    @pytest.fixture
    def attempt(self, learner) -> Attempt:
        return begin(learner, quiz_with("behaviour: deferred"))

    def test_an_answer_is_kept_and_may_be_changed_and_nothing_is_marked(self, attempt) -> None:
        (first,) = attempts.answer_all(attempt, [Given(slot("nonlinear"), WRONG)], now=NOW)
        (second,) = attempts.answer_all(attempt, [Given(slot("nonlinear"), RIGHT)], now=SOON)
        assert isinstance(first, Saved)
        assert isinstance(second, Saved)
        assert (second.status, second.answer.answer, second.answer.sequence) == ("saved", RIGHT, 2)
        assert not Response.objects.exists()
        assert not Review.objects.exists()

    def test_submitting_marks_what_is_kept_once(self, attempt) -> None:
        save(attempt, "nonlinear", WRONG)
        save(attempt, "nonlinear", RIGHT)
        attempts.submit(attempt, now=SOON)
        attempts.submit(attempt, now=SOON + timedelta(minutes=1))
        assert (attempt.score, attempt.max_score, attempt.submitted_at) == (1.0, 2.0, SOON)
        review = Review.objects.get()
        assert (review.rating, review.occurred_at) == (3, NOW)

    def test_an_older_write_never_overwrites_a_newer_one(self, attempt) -> None:
        save(attempt, "nonlinear", RIGHT, sequence=7)
        late = save(attempt, "nonlinear", WRONG, sequence=6, now=SOON)
        again = save(attempt, "nonlinear", RIGHT, sequence=7, now=SOON)
        assert (late.status, late.answer.answer) == ("outdated", RIGHT)
        assert again.status == "saved"
        assert SavedAnswer.objects.get().saved_at == NOW

    def test_what_is_no_answer_yet_is_kept_and_counts_nothing(self, attempt) -> None:
        kept = save(attempt, "output", {"blanks": {"sum": "", "name": ""}})
        assert (kept.status, kept.refused.code) == ("saved", "empty")
        attempts.submit(attempt, now=SOON)
        assert attempt.score == 0
        assert not Review.objects.exists()

    def test_what_no_answer_can_be_as_long_as_is_refused(self, attempt) -> None:
        refused = save(attempt, "output", {"blanks": {"name": "x" * 20_000}})
        assert (refused.code, SavedAnswer.objects.count()) == ("too_long", 0)

    def test_another_device_finds_what_was_kept(self, attempt) -> None:
        save(attempt, "output", FILLED)
        elsewhere = Attempt.objects.get(pk=attempt.pk)
        assert [place.is_answered for place in places.of_attempt(elsewhere)] == [False, True]
        assert places.of_slot(elsewhere, slot("output")).saved.answer == FILLED


@pytest.mark.django_db
class TestTries:
    @pytest.fixture
    def attempt(self, learner) -> Attempt:
        return begin(learner, quiz_with("behaviour: tries, tries: 3, penalty: 0.25"))

    def answer(self, attempt, response, now=NOW) -> Answered:
        return attempts.answer(attempt, slot("nonlinear"), response, now=now)

    def test_a_miss_may_be_tried_again_and_costs_its_penalty(self, attempt) -> None:
        assert self.answer(attempt, WRONG).status == "tried"
        second = self.answer(attempt, RIGHT, SOON)
        assert second.status == "created"
        assert (second.response.score, second.response.tries, second.response.mark) == (1.0, 2, 0.75)
        assert list(Review.objects.order_by("sequence").values_list("rating", flat=True)) == [1, 3]

    def test_the_last_try_stands_whatever_it_is(self, attempt) -> None:
        self.answer(attempt, WRONG)
        self.answer(attempt, OTHER)
        (third,) = attempts.answer_all(attempt, [Given(slot("nonlinear"), RIGHT)], now=SOON)
        assert third.response.mark == 0.5
        assert self.answer(attempt, WRONG, SOON).status == "conflict"

    def test_the_same_try_again_is_no_other_try(self, attempt) -> None:
        self.answer(attempt, WRONG)
        assert self.answer(attempt, WRONG, SOON).status == "duplicate"
        assert attempt.tries.count() == Review.objects.count() == 1

    def test_what_was_tried_and_left_counts_by_its_last_try(self, attempt) -> None:
        attempts.answer(attempt, slot("output"), {"blanks": {"sum": "weighted-sum", "name": "x"}}, now=NOW)
        attempts.submit(attempt, now=SOON)
        assert attempt.score == 0.5
        assert Review.objects.count() == 1


@pytest.mark.django_db
class TestCertainty:
    def test_the_mark_hangs_on_what_was_stated(self, learner) -> None:
        attempt = begin(learner, quiz_with("certainty: true"))
        sure = attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW, certainty=3)
        wrong = attempts.answer(
            attempt, slot("output"), {"blanks": {"sum": "product", "name": "x"}}, now=NOW, certainty=2
        )
        assert (sure.response.mark, wrong.response.mark) == (1.0, pytest.approx(-2 / 3))
        attempts.submit(attempt, now=SOON)
        assert attempt.score == pytest.approx(1 / 3)

    def test_a_right_guess_is_weaker_evidence_than_a_right_answer(self, learner) -> None:
        attempt = begin(learner, quiz_with("certainty: true"))
        attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW, certainty=1)
        attempts.answer(attempt, slot("output"), FILLED, now=NOW, certainty=3)
        assert list(Review.objects.order_by("sequence").values_list("rating", flat=True)) == [2, 3]


@pytest.mark.django_db
class TestTime:
    @pytest.fixture
    def attempt(self, learner) -> Attempt:
        return begin(learner, quiz_with("time_limit: 600, grace: 30"))

    def test_an_answer_in_the_grace_still_counts(self, attempt) -> None:
        assert attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW + timedelta(seconds=629)).status == "created"

    def test_after_it_the_attempt_has_ended_when_its_time_was_up(self, attempt) -> None:
        save(attempt, "nonlinear", RIGHT)
        with pytest.raises(TimeIsUpError):
            attempts.answer(attempt, slot("output"), FILLED, now=NOW + timedelta(seconds=631))
        attempt.refresh_from_db()
        assert (attempt.submitted_at, attempt.score) == (NOW + timedelta(seconds=600), 1.0)

    def test_nobody_needs_to_come_back_for_it_to_end(self, attempt, other_learner) -> None:
        running = begin(other_learner, attempt.quiz, NOW + timedelta(minutes=9))
        assert attempts.close_overdue(now=NOW + timedelta(minutes=11)) == 1
        assert list(Attempt.objects.open()) == [running]
        assert attempts.close_overdue(now=NOW + timedelta(minutes=11)) == 0

    def test_a_new_attempt_begins_after_one_that_ran_out(self, attempt, learner) -> None:
        later = NOW + timedelta(hours=1)
        fresh = attempts.resume_or_start(learner, attempt.quiz, now=later)
        assert fresh != attempt
        assert fresh.expires_at == later + timedelta(minutes=10)

    def test_an_import_in_the_middle_gives_nobody_less_time(self, attempt) -> None:
        Quiz.objects.update(rules={"time_limit": 60, "behaviour": "deferred"})
        assert attempts.answer(attempt, slot("nonlinear"), RIGHT, now=SOON).status == "created"


@pytest.mark.django_db
class TestAdmission:
    def test_too_early_and_too_late(self, learner) -> None:
        quiz = quiz_with("opens: 2026-03-01T13:00:00+00:00, closes: 2026-03-01T14:00:00+00:00")
        for minutes in (0, 120):
            with pytest.raises(QuizIsNotOpenError):
                begin(learner, quiz, NOW + timedelta(minutes=minutes))
        assert begin(learner, quiz, NOW + timedelta(minutes=90)).expires_at == NOW + timedelta(hours=2)

    def test_as_often_as_allowed(self, learner, other_learner) -> None:
        quiz = quiz_with("attempts: 2")
        first = begin(learner, quiz)
        begin(learner, quiz)
        with pytest.raises(NoAttemptLeftError):
            begin(learner, quiz)
        assert attempts.start(learner, quiz, first.pk, now=SOON) == (first, False)
        assert begin(other_learner, quiz)

    def test_an_instructor_may_look_at_any_time(self, learner) -> None:
        quiz = quiz_with("closes: 2020-01-01T00:00:00+00:00, attempts: 1")
        learner.is_staff = True
        learner.save()
        quiz.lesson.course.instructors.add(learner)
        assert not begin(learner, quiz).counts
        assert not begin(learner, quiz).counts


DRAWN = """slots:
    - {draw: {concept: forward-pass}}
    - {question: nonlinear, mark: 2}
    - {draw: {lesson: nets}, count: 2}"""


@pytest.mark.django_db
class TestDraws:
    def test_a_draw_asks_no_question_twice_nor_one_that_nobody_marks(self, learner) -> None:
        quiz = quiz_with("behaviour: deferred", DRAWN)
        attempt = begin(learner, quiz)
        asked = [place.question.slug for place in places.of_attempt(attempt)]
        assert asked == ["output", "nonlinear"]  # the flashcard is nobody's to mark, and the pool is used up
        assert attempt.max_score == 3.0

    def test_attempts_draw_differently_and_each_stays_what_it_is(self, learner) -> None:
        extra = "".join(
            f"""
  - id: extra-{number}
    kind: true_false
    key: true
    texts: {{en: {{prompt: "{number} is a number."}}, zh-hans: {{prompt: "{number} 是数。"}}}}
"""
            for number in range(12)
        )
        written = QUESTIONS.replace("questions: [nonlinear, output]", "slots: [{draw: {kind: true_false}, count: 3}]")
        quiz = the_quiz(make_course("drawn", written + extra))
        drawn = {tuple(place.question.slug for place in places.of_attempt(begin(learner, quiz))) for _ in range(8)}
        assert len(drawn) > 1
        assert all(len(set(one)) == 3 for one in drawn)
        attempt = begin(learner, quiz)
        first = [place.version.pk for place in places.of_attempt(attempt)]
        assert [place.version.pk for place in places.of_attempt(Attempt.objects.get(pk=attempt.pk))] == first

    def test_an_answer_to_a_draw_is_judged_by_what_it_drew(self, learner) -> None:
        attempt = begin(learner, quiz_with("behaviour: immediate", DRAWN))
        drawn = places.of_attempt(attempt)[0]
        result = attempts.answer(attempt, drawn.slot_id, FILLED, now=NOW)
        assert (result.response.score, result.response.version.question.slug) == (1.0, "output")


@pytest.mark.django_db
def test_choices_stand_in_another_order_for_another_attempt_and_the_same_on_every_look(learner) -> None:
    quiz = quiz_with("shuffle_choices: true")
    orders = set()
    for _ in range(8):
        attempt = begin(learner, quiz)
        looks = [
            tuple(place.body.choices)
            for _ in range(2)
            for place in places.of_attempt(Attempt.objects.get(pk=attempt.pk))
            if place.question.slug == "nonlinear"
        ]
        assert len(set(looks)) == 1
        orders.add(looks[0])
    assert len(orders) > 1


@pytest.mark.django_db
def test_what_a_slot_is_worth_is_what_its_answer_counts(learner) -> None:
    attempt = begin(learner, quiz_with("", "slots: [{question: nonlinear, mark: 2.5}, {question: output, mark: 0.5}]"))
    attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW)
    attempts.submit(attempt, now=SOON)
    assert (attempt.score, attempt.max_score) == (2.5, 3.0)
