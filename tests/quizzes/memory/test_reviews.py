import hashlib
import itertools
import json
import random
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course
from quizzes.memory import fsrs, reviews
from quizzes.models import MemoryState, Question, Review
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml
from tests.quizzes.memory.samples import own_card

pytestmark = pytest.mark.django_db

SOURCE = Review.Source.FLASHCARD


@pytest.fixture
def card(course: Course) -> Question:
    return course.questions.get(slug="card-epoch")


@pytest.fixture
def choice(course: Course) -> Question:
    return course.questions.get(slug="nonlinear")


def rating(question: Question, value: int = 3, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    item = {"id": str(uuid.uuid4()), "question": str(question.pk), "rating": value, "occurred_at": at.isoformat()}
    return item | more


def undo(item: dict[str, Any], at: datetime = NOW) -> dict[str, Any]:
    parts = {"question": item["question"], "undoes": item["id"]}
    return {"id": str(uuid.uuid4()), "occurred_at": at.isoformat(), **parts}


def send(user: User, *items: Any, now: datetime = NOW) -> list[reviews.Result]:
    return reviews.record(user, reviews.read_all(items), source=SOURCE, now=now)


def statuses(results: list[reviews.Result]) -> list[str]:
    return [result.problem.code if result.problem else result.status for result in results]


def states(user: User) -> list[tuple[Any, ...]]:
    rows = MemoryState.objects.filter(user=user).order_by("question_id")
    return list(rows.values_list("question_id", *reviews.STATE_FIELDS))


def comparable(user: User) -> list[tuple[Any, ...]]:
    """All but `due`, which is fuzzed by the learner too."""
    names = [name for name in reviews.STATE_FIELDS if name != "due"]
    return list(MemoryState.objects.filter(user=user).order_by("question_id").values_list("question_id", *names))


class TestRecording:
    def test_it_keeps_a_rating_and_moves_the_memory_state(self, learner: User, card: Question) -> None:
        (result,) = send(learner, rating(card, 3))
        assert (result.status, result.rating, result.effective_at) == ("created", 3, NOW)
        state = MemoryState.objects.get(user=learner, question=card)
        assert (state.state, state.step, state.due) == (1, 1, NOW + timedelta(minutes=10))
        assert Review.objects.get().version == card.current

    def test_it_grades_a_response(self, learner: User, choice: Question) -> None:
        item = rating(choice) | {"rating": None, "response": {"choice": "linear"}}
        (result,) = send(learner, item)
        assert (result.status, result.score, result.rating) == ("created", 0.0, 1)
        assert MemoryState.objects.get().due == NOW + timedelta(minutes=1)

    def test_it_judges_by_the_version_that_was_answered(self, learner: User, course: Course, choice: Question) -> None:
        import_yaml(course, QUESTIONS.replace("key: nonlinear\n", "key: linear\n"))
        item = rating(choice) | {"rating": None, "response": {"choice": "nonlinear"}}
        old, new = send(learner, item | {"version": 1}, item | {"id": str(uuid.uuid4())})
        assert (old.score, new.score) == (1.0, 0.0)

    def test_it_answers_in_order_and_one_bad_item_blocks_no_other(self, learner: User, card: Question) -> None:
        good, other = rating(card), rating(card, 1, NOW + timedelta(days=1))
        results = send(learner, 7, good, rating(card, 9), other, now=NOW + timedelta(days=1))
        assert statuses(results) == ["model_type", "created", "less_than_equal", "created"]
        assert [str(result.id) for result in results[1::2]] == [good["id"], other["id"]]

    def test_it_keeps_the_moment_of_receipt_where_a_clock_is_ahead(self, learner: User, card: Question) -> None:
        almost, ahead = rating(card, 3, NOW + timedelta(minutes=5)), rating(card, 3, NOW + timedelta(days=400))
        results = send(learner, almost, ahead)
        assert [result.effective_at for result in results] == [NOW + timedelta(minutes=5), NOW]
        again = send(learner, ahead, now=NOW + timedelta(days=500))
        assert [(result.status, result.effective_at) for result in again] == [("duplicate", NOW)]

    def test_it_numbers_the_reviews_of_each_learner(self, learner: User, other_learner: User, card: Question) -> None:
        send(learner, rating(card), rating(card))
        send(other_learner, rating(card))
        send(learner, rating(card))
        assert list(Review.objects.filter(user=learner).values_list("sequence", flat=True)) == [1, 2, 3]
        assert list(Review.objects.filter(user=other_learner).values_list("sequence", flat=True)) == [1]

    def test_the_same_id_of_another_learner_is_another_review(
        self, learner: User, other_learner: User, card: Question
    ) -> None:
        item = rating(card)
        assert statuses(send(learner, item) + send(other_learner, item)) == ["created", "created"]

    def test_it_takes_500_with_few_queries(self, learner: User, card: Question) -> None:
        items = [rating(card, 3, NOW + timedelta(minutes=minute)) for minute in range(500)]
        with CaptureQueriesContext(connection) as queries:
            results = send(learner, *items, now=NOW + timedelta(days=1))
        assert statuses(results) == ["created"] * 500
        assert len(queries) <= 12


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "pointer", "code"),
        [
            ({"question": str(uuid.uuid4())}, "/question", "unknown_question"),
            ({"version": 7}, "/version", "unknown_version"),
            ({"rating": None}, "", "value_error"),
            ({"response": {"choice": "x"}}, "", "value_error"),
            ({"rating": True}, "/rating", "int_type"),
            ({"rating": 2.0}, "/rating", "int_type"),
            ({"rating": 0}, "/rating", "greater_than_equal"),
            ({"occurred_at": "2026-03-01T10:00:00"}, "/occurred_at", "timezone_aware"),
            ({"occurred_at": 1_700_000_000}, "/occurred_at", "value_error"),
            ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at", "value_error"),
            ({"elapsed_ms": -1}, "/elapsed_ms", "greater_than_equal"),
            ({"colour": "red"}, "/colour", "extra_forbidden"),
            ({"id": "7"}, "/id", "uuid_parsing"),
            ({"rating": None, "response": {"choice": "x"}}, "/response", "not_graded"),
        ],
    )
    def test_it_names_the_fault(
        self, learner: User, card: Question, change: dict[str, Any], pointer: str, code: str
    ) -> None:
        (result,) = send(learner, rating(card) | change)
        assert result.status == "rejected"
        assert result.problem is not None
        assert (result.problem.pointer, result.problem.code) == (pointer, code)
        assert not Review.objects.exists()
        assert not MemoryState.objects.exists()

    def test_a_graded_question_takes_no_rating(self, learner: User, choice: Question) -> None:
        assert statuses(send(learner, rating(choice))) == ["response_needed"]

    def test_a_response_of_another_shape_is_refused_at_its_place(self, learner: User, choice: Question) -> None:
        (result,) = send(learner, rating(choice) | {"rating": None, "response": {"choice": "no-such"}})
        assert result.problem is not None
        assert (result.problem.pointer, result.problem.code) == ("/response/choice", "unknown_choice")

    def test_an_archived_question_is_unknown(self, learner: User, card: Question) -> None:
        Question.objects.filter(pk=card.pk).update(archived_at=NOW)
        assert statuses(send(learner, rating(card))) == ["unknown_question"]

    def test_one_that_was_never_published_is_unknown(self, learner: User, card: Question) -> None:
        Question.objects.filter(pk=card.pk).update(current=None)
        assert statuses(send(learner, rating(card))) == ["unknown_question"]

    def test_somebody_elses_own_card_is_unknown(self, learner: User, other_learner: User, course: Course) -> None:
        card = own_card(other_learner, course)
        assert statuses(send(learner, rating(card)) + send(other_learner, rating(card))) == [
            "unknown_question",
            "created",
        ]


class TestTheOddCasesOfLife:
    def test_a_review_from_before_its_question_was_archived_is_kept_however_late_it_comes(
        self, learner: User, card: Question
    ) -> None:
        before, after = rating(card, 4, NOW), rating(card, 3, NOW + timedelta(days=2))
        send(learner, rating(card, 3, NOW - timedelta(days=1)))
        Question.objects.filter(pk=card.pk).update(archived_at=NOW + timedelta(days=1))
        assert statuses(send(learner, before, after, now=NOW + timedelta(days=9))) == ["created", "unknown_question"]
        assert MemoryState.objects.get().reps == 2

    def test_a_review_of_an_archived_question_can_be_taken_back(self, learner: User, card: Question) -> None:
        item = rating(card)
        send(learner, item)
        Question.objects.filter(pk=card.pk).update(archived_at=NOW + timedelta(days=1))
        late = NOW + timedelta(days=2)
        assert statuses(send(learner, undo(item, late), now=late)) == ["created"]
        assert not MemoryState.objects.exists()

    def test_a_clock_that_jumps_back_and_forward_loses_nothing(
        self, learner: User, other_learner: User, card: Question
    ) -> None:
        """What the phone says is believed, up to now; the order of the fold is that of its own times."""
        times = [NOW, NOW - timedelta(days=400), NOW + timedelta(days=1), NOW - timedelta(hours=3)]
        log = [rating(card, 1 + place % 4, at) for place, at in enumerate(times)]
        for item in log:
            send(learner, item, now=NOW + timedelta(days=2))
        send(other_learner, *sorted(log, key=lambda item: item["occurred_at"]), now=NOW + timedelta(days=2))
        assert comparable(learner) == comparable(other_learner)
        assert MemoryState.objects.get(user=learner).reps == 4
        assert MemoryState.objects.get(user=learner).last_review == NOW + timedelta(days=1)

    def test_a_phone_in_another_time_zone_remembers_the_same(
        self, learner: User, other_learner: User, card: Question
    ) -> None:
        """Across a midnight of theirs that is none of ours, and the end of a summer time."""
        times = [NOW + timedelta(hours=hours) for hours in (0, 3, 30, 40 * 24)]
        log = [rating(card, 3, at) for at in times]
        far = [
            item | {"occurred_at": at.astimezone(ZoneInfo("Pacific/Auckland")).isoformat()}
            for item, at in zip(log, times, strict=True)
        ]
        send(learner, *log, now=times[-1])
        send(other_learner, *far, now=times[-1])
        assert comparable(learner) == comparable(other_learner)

    def test_reviews_from_before_the_account_count(self, learner: User, card: Question) -> None:
        early = learner.date_joined - timedelta(days=900)
        now = learner.date_joined + timedelta(days=1)
        (result,) = send(learner, rating(card, 4, early), now=now)
        assert (result.status, result.effective_at) == ("created", early)
        assert MemoryState.objects.get().last_review == early

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_two_reviews_of_the_same_instant_are_folded_in_the_order_of_their_ids(
        self, learner: User, card: Question, order: tuple[int, int]
    ) -> None:
        log = [rating(card, value, id=str(uuid.UUID(int=value))) for value in (1, 4)]
        for place in order:
            send(learner, log[place])
        state = MemoryState.objects.get()
        assert (state.state, state.reps) == (MemoryState.State.REVIEW, 2)


class TestRepetition:
    def test_the_whole_batch_again_changes_nothing(self, learner: User, card: Question, choice: Question) -> None:
        batch = [rating(card), rating(card, 1), rating(choice) | {"rating": None, "response": {"choice": "linear"}}]
        batch.append(undo(batch[0]))
        send(learner, *batch)
        before = states(learner)
        assert statuses(send(learner, *batch, now=NOW + timedelta(days=3))) == ["duplicate"] * 4
        assert Review.objects.count() == 4
        assert states(learner) == before

    def test_twice_in_one_batch_is_kept_once(self, learner: User, card: Question) -> None:
        item = rating(card)
        assert statuses(send(learner, item, item)) == ["created", "duplicate"]
        assert MemoryState.objects.get().reps == 1

    def test_the_same_instant_in_another_zone_is_the_same_review(self, learner: User, card: Question) -> None:
        item = rating(card) | {"occurred_at": "2026-03-01T12:00:00+00:00"}
        send(learner, item)
        assert statuses(send(learner, item | {"occurred_at": "2026-03-01T20:00:00+08:00"})) == ["duplicate"]

    @pytest.mark.parametrize(
        "more",
        [
            {"rating": 2},
            {"rating": 4, "version": 3, "elapsed_ms": 0},
            {"response": {"parts": [1, None, 0.5], "choice": "非线性"}},
            {"undoes": str(uuid.UUID(int=5))},
        ],
    )
    def test_a_body_is_known_by_the_hash_of_its_canonical_json(self, more: dict[str, Any]) -> None:
        id_, at = str(uuid.UUID(int=1)), "2026-03-01T12:00:00.5+08:00"
        item = reviews.ReviewItem.model_validate({"id": id_, "question": id_, "occurred_at": at, **more})
        parts = [id_, item.version, item.rating, str(item.undoes or ""), item.response]
        parts += ["2026-03-01T04:00:00.500000+00:00", item.elapsed_ms]
        canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert item.body_hash() == hashlib.sha256(canonical.encode()).hexdigest()

    def test_the_same_id_with_another_body_is_a_conflict_and_the_first_stands(
        self, learner: User, card: Question
    ) -> None:
        item = rating(card, 3)
        send(learner, item)
        (result,) = send(learner, item | {"rating": 1})
        assert (result.status, result.rating) == ("conflict", 3)
        assert MemoryState.objects.get().step == 1


class TestUndo:
    def test_it_is_as_if_the_review_had_never_been(self, learner: User, card: Question) -> None:
        first, second = rating(card, 3), rating(card, 1, NOW + timedelta(days=1))
        send(learner, first)
        before = states(learner)
        assert statuses(send(learner, second, undo(second), now=NOW + timedelta(days=1))) == ["created", "created"]
        assert states(learner) == before
        assert Review.objects.count() == 3

    def test_nothing_is_remembered_when_all_is_undone(self, learner: User, card: Question) -> None:
        item = rating(card)
        send(learner, item)
        send(learner, undo(item))
        assert not MemoryState.objects.exists()

    def test_it_waits_for_what_it_undoes(self, learner: User, card: Question) -> None:
        item = rating(card)
        assert statuses(send(learner, undo(item))) == ["created"]
        assert statuses(send(learner, item)) == ["created"]
        assert not MemoryState.objects.exists()

    def test_an_undo_of_an_undo_is_refused_and_without_effect_whichever_comes_first(
        self, learner: User, other_learner: User, card: Question
    ) -> None:
        item = rating(card)
        taken_back = undo(item)
        again = undo(taken_back)
        assert statuses(send(learner, item, taken_back, again)) == ["created", "created", "undo_of_undo"]
        assert statuses(send(other_learner, again, taken_back, item)) == ["created"] * 3
        assert not MemoryState.objects.exists()

    def test_a_review_of_another_question_cannot_be_undone(
        self, learner: User, card: Question, choice: Question
    ) -> None:
        item = rating(card)
        send(learner, item)
        assert statuses(send(learner, undo(item) | {"question": str(choice.pk)})) == ["other_question"]
        early = rating(card, 1, NOW - timedelta(days=1))
        assert statuses(send(learner, undo(early) | {"question": str(choice.pk)}, early)) == ["created", "created"]
        assert MemoryState.objects.get().reps == 2

    def test_it_does_not_undo_itself(self, learner: User, card: Question) -> None:
        item = undo(rating(card))
        assert statuses(send(learner, item | {"undoes": item["id"]})) == ["value_error"]


class TestOrder:
    def test_two_phones_offline_for_a_month_converge(
        self, learner: User, other_learner: User, card: Question, choice: Question
    ) -> None:
        """One learner gets the log in order, one shuffled, in pieces and with repetitions."""
        User.objects.filter(pk=other_learner.pk).update(desired_retention=learner.desired_retention)
        chance, end = random.Random(4), NOW + timedelta(days=40)
        log = [self.review(chance, card, choice) for _ in range(60)]
        log += [undo(item) for item in chance.sample(log, 8)]
        send(learner, *log, now=end)
        for _ in range(3):
            pieces = chance.sample(log, len(log))
            while pieces:
                send(other_learner, *pieces[:7], now=end)
                pieces = pieces[7 - chance.randint(0, 3) :] if len(pieces) > 7 else []
        assert comparable(learner) == comparable(other_learner)

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_four_reviews_in_any_order_give_one_state(
        self, learner: User, card: Question, order: tuple[int, ...]
    ) -> None:
        ids = [uuid.UUID(int=number) for number in range(4)]
        times = [NOW, NOW + timedelta(hours=5), NOW + timedelta(hours=5), NOW + timedelta(days=9)]
        log = [rating(card, 4 - n, times[n], id=str(ids[n])) for n in range(4)]
        for place in order:
            send(learner, log[place], now=times[3])
        entries = [fsrs.Entry(ids[n], 4 - n, times[n], times[n]) for n in range(4)]
        terms = fsrs.Terms(learner.pk, card.pk, learner.desired_retention)
        expected = fsrs.fold(entries, terms)
        assert expected is not None
        assert states(learner) == [(card.pk, *[getattr(expected, name) for name in reviews.STATE_FIELDS])]

    @staticmethod
    def review(chance: random.Random, card: Question, choice: Question) -> dict[str, Any]:
        at = NOW + timedelta(seconds=chance.randint(0, 30 * 86_400))
        if chance.random() < 0.5:
            return rating(card, chance.randint(1, 4), at)
        return rating(choice, at=at) | {"rating": None, "response": {"choice": chance.choice(["linear", "nonlinear"])}}


class TestResponsesOfAttempts:
    def test_a_graded_response_is_one_review_however_often_it_is_recorded(
        self, learner: User, choice: Question
    ) -> None:
        assert choice.current is not None
        review_id = uuid.uuid4()
        found = [
            reviews.record_response(
                learner,
                choice.current,
                {"choice": "linear"},
                0.0,
                review_id=review_id,
                source=Review.Source.QUIZ,
                occurred_at=NOW,
                now=NOW + timedelta(seconds=second),
            ).status
            for second in range(2)
        ]
        assert found == ["created", "duplicate"]
        assert Review.objects.get().source == "quiz"
        assert MemoryState.objects.get().state == MemoryState.State.LEARNING


def test_rebuilding_follows_a_change_of_the_desired_retention(learner: User, card: Question) -> None:
    send(learner, rating(card, 4), rating(card, 4, NOW + timedelta(days=8)), now=NOW + timedelta(days=8))
    before = MemoryState.objects.get()
    learner.desired_retention = 0.95
    learner.save()
    assert reviews.rebuild(learner) == 1
    after = MemoryState.objects.get()
    assert after.due < before.due
    assert after.state_hash == before.state_hash
