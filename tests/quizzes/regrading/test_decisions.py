"""A wrong key is mended everywhere: marks, results, memory; and put back."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course
from courses.yaml_writing import to_yaml
from quizzes import attempts, personal_data
from quizzes.memory import states
from quizzes.models import Attempt, Correction, MemoryState, Question, Quiz, Regrade, Response, Review
from quizzes.regrading import decisions as regrading
from quizzes.regrading.presenting import key_in_words
from tests.quizzes import kind_samples
from tests.quizzes.factories import NOW, QUESTIONS, make_course, the_quiz
from tests.quizzes.regrading.samples import (
    LATER,
    WRONG_KEY,
    everything,
    exclude,
    marks,
    memory_agrees_with_the_log,
    mend,
    regrade,
    review,
    sit,
    slot_of,
    undo,
)

pytestmark = pytest.mark.django_db
THIRD_KEY = QUESTIONS.replace("key: nonlinear\n", "key: constant\n")


@pytest.fixture
def course(db: None) -> Course:
    return make_course(questions=WRONG_KEY)


@pytest.fixture
def question(course: Course) -> Question:
    return course.questions.get(slug="nonlinear")


class TestARegrade:
    def test_it_judges_every_answer_by_the_new_key(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        right, wrong = (
            sit(learner, course, "nonlinear"),
            sit(other_learner, course, "linear", at=NOW + timedelta(hours=1)),
        )
        assert marks() == [0.0, 1.0]
        regrade(question, mend(course))
        assert marks() == [1.0, 0.0]
        right.refresh_from_db()
        wrong.refresh_from_db()
        assert (right.score, wrong.score) == (1.5, 0.5)
        assert set(Response.objects.filter(version__question=question).values_list("score", flat=True)) == {0.0, 1.0}
        assert memory_agrees_with_the_log()

    def test_it_says_beforehand_exactly_what_it_will_do(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        rules = {"passing": 0.6}
        Quiz.objects.update(rules=rules)
        sit(learner, course, "nonlinear")
        sit(other_learner, course, "constant")
        found = regrading.preview(question, mend(course))
        (change,) = found.attempts
        assert (change.user, change.mark_before, change.mark_after) == (learner.pk, 0.0, 1.0)
        assert (change.score_before, change.score_after) == (0.5, 1.5)
        assert (change.passed_before, change.passed_after) == (False, True)
        assert (found.passes_gained, found.passes_lost, found.learners) == (1, 0, 1)
        assert (found.facility_before, found.facility_after) == (0.0, 0.5)
        (state,) = found.memory
        assert state.before == before_and_after(learner, question)
        assert marks() == [0.0, 0.0]
        regrading.regrade(question, question_version(question), author=None, reason="", now=LATER, expected=found.hash)
        assert state.after == before_and_after(learner, question)
        assert Attempt.objects.get(user=learner).score == change.score_after

    def test_an_answer_that_it_cannot_judge_keeps_what_it_had(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        sit(learner, course, "constant")
        sit(other_learner, course, "nonlinear")
        without = QUESTIONS.replace("choices: [nonlinear, linear, constant]", "choices: [nonlinear, linear]")
        for gone in ("          constant: {text: constant}\n", "          constant: {text: 常数}\n"):
            without = without.replace(gone, "")
        version = mend(course, without)
        found = regrading.preview(question, version)
        assert (found.judged, found.unjudged, found.responses) == (2, 1, 1)
        regrade(question, version)
        assert sorted(marks()) == [0.0, 1.0]
        assert not Correction.objects.filter(response__attempt__user=learner).exists()

    def test_it_reaches_open_attempts_and_their_result_follows(
        self, course: Course, question: Question, learner: User
    ) -> None:
        attempt = sit(learner, course, "nonlinear", submit=False)
        regrade(question, mend(course))
        assert marks() == [1.0]
        assert attempts.submit(attempt, now=LATER).score == 1.5

    def test_it_reaches_checkpoints_and_leaves_the_learners_own_ratings(
        self, course: Course, question: Question, learner: User
    ) -> None:
        card = course.questions.get(slug="card-epoch")
        review(learner, question, "nonlinear")
        review(learner, card, None, rating=1)
        card_before = MemoryState.objects.filter(question=card).values().get()
        assert MemoryState.objects.get(question=question).due == NOW + timedelta(minutes=1)
        regrade(question, mend(course))
        assert MemoryState.objects.get(question=question).due == NOW + timedelta(minutes=10)
        assert MemoryState.objects.filter(question=card).values().get() == card_before
        assert Review.objects.get(question=question).rating == 1

    def test_the_last_try_is_judged_with_what_the_tries_cost(
        self, course: Course, question: Question, learner: User
    ) -> None:
        Quiz.objects.update(rules={"behaviour": "tries", "tries": 2, "penalty": 0.25})
        sit(learner, course, "constant", "nonlinear")
        assert marks() == [0.0]
        regrade(question, mend(course))
        assert marks() == [0.75]
        assert memory_agrees_with_the_log()

    def test_the_certainty_of_the_learner_counts(self, course: Course, question: Question, learner: User) -> None:
        Quiz.objects.update(rules={"certainty": True})
        attempt, _ = attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)
        attempts.answer(attempt, slot_of(course, "nonlinear"), {"choice": "nonlinear"}, now=NOW, certainty=3)
        attempts.submit(attempt, now=NOW)
        assert (marks(), attempt.score) == ([-2.0], 0.0)
        regrade(question, mend(course))
        assert marks() == [1.0]
        assert Attempt.objects.get().score == 1.0

    def test_without_a_key_there_is_nothing_to_judge(self, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        assert card.current is not None
        with pytest.raises(regrading.NothingToJudgeError):
            regrading.preview(card, card.current)

    def test_what_has_changed_meanwhile_is_looked_at_again(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        sit(learner, course, "nonlinear")
        version = mend(course)
        seen = regrading.preview(question, version)
        review(other_learner, question, "nonlinear", version=1)
        before = everything()
        with pytest.raises(regrading.ChangedMeanwhileError) as refused:
            regrade(question, version, expected=seen.hash)
        assert refused.value.difference.learners == 2
        assert everything() == before
        assert not Regrade.objects.exists()
        regrade(question, version, expected=refused.value.difference)

    def test_an_answer_that_changes_nothing_is_no_reason_to_look_again(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        sit(learner, course, "nonlinear")
        version = mend(course)
        seen = regrading.preview(question, version)
        review(other_learner, question, "nonlinear", version=2)
        regrade(question, version, expected=seen.hash)

    def test_of_two_instructors_the_second_is_told(self, course: Course, question: Question, learner: User) -> None:
        sit(learner, course, "nonlinear")
        version = mend(course)
        seen = regrading.preview(question, version)
        regrade(question, version, expected=seen)
        with pytest.raises(regrading.ChangedMeanwhileError):
            regrade(question, version, expected=seen)

    def test_it_asks_as_many_queries_for_many_answers_as_for_few(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        asked = []
        for user in (learner, other_learner):
            for hour in range(2):
                sit(user, course, "nonlinear", at=NOW + timedelta(hours=hour))
            version = mend(course)
            with CaptureQueriesContext(connection) as queries:
                decision = regrade(question, version)
            asked.append(len(queries))
            undo(decision)
            Question.objects.filter(pk=question.pk).update(current=question.versions.get(number=1))
        assert asked[0] == asked[1] < 40

    def test_erasing_a_person_takes_their_corrections(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        sit(learner, course, "nonlinear")
        sit(other_learner, course, "nonlinear")
        regrade(question, mend(course))
        assert Correction.objects.count() == 4
        personal_data.erase(learner)
        assert not Correction.objects.filter(response__attempt__user=learner).exists()
        assert Correction.objects.count() == 2
        assert Regrade.objects.count() == 1


class TestAnExclusion:
    def test_it_leaves_the_question_out_of_memory_and_marks_stay(
        self, course: Course, question: Question, learner: User
    ) -> None:
        sit(learner, course, "nonlinear")
        found = regrading.preview(question, None)
        assert (found.responses, found.reviews, found.left_out) == (0, 1, 1)
        exclude(question)
        assert marks() == [0.0]
        assert not MemoryState.objects.filter(question=question).exists()
        assert memory_agrees_with_the_log()

    def test_reviews_that_come_later_are_kept_and_move_nothing(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        decision = exclude(question)
        review(learner, question, "linear", at=LATER)
        sit(other_learner, course, "linear", at=LATER)
        assert Review.objects.filter(question=question).count() == 2
        assert not MemoryState.objects.filter(question=question).exists()
        assert memory_agrees_with_the_log()
        undo(decision)
        assert MemoryState.objects.filter(question=question).count() == 2
        assert memory_agrees_with_the_log()

    def test_it_works_for_cards_too(self, course: Course, learner: User) -> None:
        card = course.questions.get(slug="card-epoch")
        review(learner, card, None, rating=3)
        before = everything()
        decision = exclude(card)
        assert not MemoryState.objects.exists()
        undo(decision)
        assert everything() == before

    def test_a_new_key_takes_it_into_memory_again(self, course: Course, question: Question, learner: User) -> None:
        sit(learner, course, "nonlinear")
        exclude(question)
        regrade(question, mend(course))
        assert MemoryState.objects.get(question=question).due == NOW + timedelta(minutes=10)
        assert memory_agrees_with_the_log()

    def test_twice_is_refused(self, question: Question) -> None:
        exclude(question)
        with pytest.raises(regrading.AlreadyExcludedError):
            regrading.preview(question, None)


class TestTakingBack:
    @pytest.mark.parametrize("decide", ["regrade", "exclude"])
    def test_every_byte_comes_back(
        self, course: Course, question: Question, learner: User, other_learner: User, decide: str
    ) -> None:
        sit(learner, course, "nonlinear")
        sit(other_learner, course, "linear", submit=False)
        review(learner, question, "nonlinear", at=NOW + timedelta(days=1))
        version = mend(course)
        before = everything()
        decision = regrade(question, version) if decide == "regrade" else exclude(question)
        assert everything() != before
        undo(decision)
        assert everything() == before

    @pytest.mark.parametrize("first", ["older", "newer"])
    def test_two_decisions_in_any_order(self, course: Course, question: Question, learner: User, first: str) -> None:
        sit(learner, course, "nonlinear")
        second_version, third_version = mend(course), mend(course, THIRD_KEY)
        before = everything()
        older = regrade(question, second_version)
        with_older = everything()
        newer = regrade(question, third_version)
        assert marks() == [0.0]
        with_both = everything()
        assert with_both != with_older
        undo(older if first == "older" else newer)
        assert everything() == (with_both if first == "older" else with_older)
        undo(newer if first == "older" else older)
        assert everything() == before

    def test_what_agreed_with_an_earlier_decision_outlives_it(
        self, course: Course, question: Question, learner: User
    ) -> None:
        sit(learner, course, "nonlinear")
        version = mend(course)
        older, _newer = regrade(question, version), regrade(question, version)
        undo(older)
        assert marks() == [1.0]

    def test_what_an_earlier_decision_gave_stays_where_a_later_one_cannot_judge(
        self, course: Course, question: Question, learner: User
    ) -> None:
        sit(learner, course, "constant")
        older = regrade(question, mend(course, THIRD_KEY))
        without = QUESTIONS.replace("choices: [nonlinear, linear, constant]", "choices: [nonlinear, linear]")
        for gone in ("          constant: {text: constant}\n", "          constant: {text: 常数}\n"):
            without = without.replace(gone, "")
        regrade(question, mend(course, without))
        assert marks() == [1.0]
        undo(older)
        assert marks() == [0.0]

    def test_answers_that_came_meanwhile_are_as_if_it_had_never_been(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        begun = sit(other_learner, course, submit=False)
        sit(learner, course, "nonlinear")
        decision = regrade(question, mend(course))
        result = review(learner, question, "nonlinear", at=LATER, version=1)
        assert (result.rating, result.score) == (3, 1.0)
        attempts.answer(begun, slot_of(course, "nonlinear"), {"choice": "nonlinear"}, now=LATER)
        attempts.submit(begun, now=LATER)
        assert marks() == [1.0, 1.0]
        assert memory_agrees_with_the_log()
        undo(decision)
        assert marks() == [0.0, 0.0]
        assert Attempt.objects.get(pk=begun.pk).score == 0.5
        assert memory_agrees_with_the_log()
        assert set(Review.objects.filter(question=question).values_list("rating", flat=True)) == {1}

    def test_an_answer_to_a_version_that_came_after_it_is_judged_by_its_own(
        self, course: Course, question: Question, learner: User
    ) -> None:
        regrade(question, mend(course))
        third = mend(course, THIRD_KEY)
        review(learner, question, "constant", at=LATER, version=third.number)
        assert MemoryState.objects.get().due == LATER + timedelta(minutes=10)
        assert not Correction.objects.exists()

    def test_twice_is_refused_and_taking_back_is_final(self, course: Course, question: Question) -> None:
        decision = regrade(question, mend(course))
        taken_back = undo(decision)
        with pytest.raises(regrading.AlreadyUndoneError):
            undo(decision)
        with pytest.raises(regrading.UndoOfUndoError):
            undo(taken_back)

    def test_it_can_be_looked_at_first(self, course: Course, question: Question, learner: User) -> None:
        sit(learner, course, "nonlinear")
        decision = regrade(question, mend(course))
        found = regrading.preview_undo(decision)
        assert [(one.score_before, one.score_after) for one in found.attempts] == [(1.5, 0.5)]
        assert (found.fallen, found.learners) == (1, 1)


class TestOrder:
    def test_a_review_that_is_sent_again_is_told_what_holds_by_now(
        self, course: Course, question: Question, learner: User
    ) -> None:
        again = str(uuid.uuid4())
        first = review(learner, question, "nonlinear", version=1, id=again)
        assert (first.status, first.rating, first.score) == ("created", 1, 0.0)
        regrade(question, mend(course))
        second = review(learner, question, "nonlinear", version=1, id=again)
        assert (second.status, second.rating, second.score) == ("duplicate", 3, 1.0)

    def test_it_does_not_matter_whether_the_review_or_the_decision_came_first(
        self, course: Course, question: Question, learner: User, other_learner: User
    ) -> None:
        review(learner, question, "nonlinear", at=NOW)
        decisions = [regrade(question, mend(course)), exclude(question), regrade(question, mend(course, THIRD_KEY))]
        review(other_learner, question, "nonlinear", at=NOW, version=1)
        for decision in [None, *decisions]:
            if decision is not None:
                undo(decision)
            one, other = (
                MemoryState.objects.filter(user=user).values("due", "stability", "reps", "state").first()
                for user in (learner, other_learner)
            )
            assert one == other
            assert memory_agrees_with_the_log()

    def test_a_review_that_continues_costs_one_query_more_and_no_more(
        self, course: Course, learner: User, question: Question
    ) -> None:
        card = course.questions.get(slug="card-epoch")
        review(learner, card, None, rating=3)
        with CaptureQueriesContext(connection) as queries:
            review(learner, card, None, rating=3, at=LATER)
        asked = [query["sql"] for query in queries if "quizzes_regrade" in query["sql"]]
        assert len(asked) == 1
        assert not any("quizzes_correction" in query["sql"] for query in queries)


def before_and_after(user: User, question: Question):
    return states.of_question(question.pk)[user.pk]


def question_version(question: Question):
    return question.versions.get(number=2)


class TestEveryKind:
    """A right and a wrong answer, judged by the version that they were given for, and put into words."""

    @pytest.mark.parametrize("kind", sorted(kind_samples.SAMPLES))
    def test_it_is_judged_as_before_by_its_own_version(self, kind: str, learner: User) -> None:
        entry = {"id": "asked", **kind_samples.in_two_languages(kind_samples.SAMPLES[kind])}
        course = make_course("kinds", to_yaml({"questions": [entry]}))
        asked = Question.objects.select_related("current").get(course=course, slug="asked")
        assert asked.current is not None
        right, wrong, _form = kind_samples.in_sitting(kind, 0)
        scores = [review(learner, asked, None, response=one).score for one in (right, wrong)]
        assert scores == [1.0, 0.0]
        found = regrading.preview(asked, asked.current)
        assert (found.judged, found.unjudged, found.is_empty) == (2, 0, True)
        assert all(line for line in key_in_words(asked.current, "en", "en"))
        assert key_in_words(asked.current, "en", "en")
