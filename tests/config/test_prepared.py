"""Queries and inserts whose SQL is written once: they find and keep what the ORM would."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CharField, F, UUIDField
from django.db.models.functions import Length
from django.utils import timezone

from accounts.models import User
from config.prepared import Prepared, PreparedInsert, PreparedRows
from courses.models import Course, LessonBody
from quizzes.models import Attempt, MemoryState, Question, Quiz, Review

BODIES = Prepared(
    lambda lesson, locales: (
        LessonBody.objects.filter(lesson=lesson, locale__in=locales).select_related("lesson__course").order_by("locale")
    ),
    lesson=UUIDField(),
    locales=CharField(),
)


def values(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_it_finds_models_with_what_is_joined_to_them(shipped_course: Course, django_assert_num_queries) -> None:
    for lesson in shipped_course.lessons.all():
        asked = LessonBody.objects.filter(lesson=lesson).select_related("lesson__course").order_by("locale")
        with django_assert_num_queries(1):
            found = BODIES(lesson=lesson.pk, locales=["en", "zh-hans"])
            courses = [body.lesson.course for body in found]
        assert [values(body) for body in found] == [values(body) for body in asked]
        assert [values(body.lesson) for body in found] == [values(body.lesson) for body in asked]
        assert [values(course) for course in courses] == [values(shipped_course)] * len(found)


def test_a_found_model_can_be_changed_and_saved(shipped_course: Course) -> None:
    lesson = shipped_course.lessons.first()
    assert lesson is not None
    body = BODIES(lesson=lesson.pk, locales=["en"])[0]
    body.title = "Another"
    body.save()
    assert LessonBody.objects.get(pk=body.pk).title == "Another"


def test_what_is_not_joined_to_it_is_none_and_what_was_left_out_is_fetched(shipped_course: Course) -> None:
    question = Question.objects.filter(section__isnull=False).select_related("section").first()
    assert question is not None
    assert question.section is not None
    find = Prepared(
        lambda pk: Question.objects.filter(pk=pk).select_related("section").defer("slug", "section__slug"),
        pk=UUIDField(),
    )
    found = find.first(pk=question.pk)
    assert found is not None
    assert found.section is not None
    assert found.section.slug == question.section.slug
    assert found.slug == question.slug
    Question.objects.filter(pk=question.pk).update(section=None)
    found = find.first(pk=question.pk)
    assert found is not None
    assert found.section is None


def test_the_first_of_none_is_none(db: None) -> None:
    assert BODIES.first(lesson=uuid.uuid4(), locales=["en"]) is None


def review(learner: User, number: int, **changed: object) -> Review:
    question, now = Question.objects.order_by("pk")[0], timezone.now()
    fields = {
        "review_id": uuid.uuid4(),
        "user": learner,
        "question": question,
        "version": question.current,
        "rating": 3,
        "response": {"choice": "非线性", "parts": [1, None]},
        "source": Review.Source.QUIZ,
        "occurred_at": now,
        "effective_at": now,
        "received_at": now,
        "body_hash": "0" * 64,
        "sequence": number,
    }
    return Review(**(fields | changed))


@pytest.mark.parametrize("how_many", [0, 1, 2, 5])
def test_it_keeps_rows_and_tells_them_their_keys(shipped_course: Course, learner: User, how_many: int) -> None:
    keep = PreparedInsert(Review)
    rows = [review(learner, number) for number in range(how_many)]
    keep(rows)
    kept = Review.objects.by(learner.pk).order_by("sequence")
    assert [values(row) for row in kept] == [values(row) for row in rows]
    assert not any(row._state.adding for row in rows)


def test_rows_one_by_one_are_kept_as_they_are(shipped_course: Course, learner: User) -> None:
    keep = PreparedInsert(Review)
    keep([review(learner, 1, response=None, score=0.5)])
    keep([review(learner, 2, undoes=uuid.uuid4(), rating=None, version=None)])
    first, second = Review.objects.by(learner.pk).order_by("sequence")
    assert (first.response, first.score, first.undoes) == (None, 0.5, None)
    assert (second.rating, second.version_id, second.response) == (None, None, {"choice": "非线性", "parts": [1, None]})


def test_a_row_with_a_key_of_its_own_keeps_it(shipped_course: Course, learner: User) -> None:
    quiz, now = Quiz.objects.order_by("pk")[0], timezone.now()
    attempt = Attempt(user=learner, quiz=quiz, started_at=now, max_score=1.0)
    PreparedInsert(Attempt)([attempt])
    assert values(Attempt.objects.get(pk=attempt.pk)) == values(attempt) | {"user_id": learner.pk, "quiz_id": quiz.pk}


@pytest.mark.django_db(transaction=True)
def test_what_is_there_already_is_refused(shipped_course: Course, learner: User) -> None:
    keep, row = PreparedInsert(Review), review(learner, 1)
    keep([row])
    with pytest.raises(IntegrityError):
        keep([review(learner, 2, review_id=row.review_id)])
    assert Review.objects.by(learner.pk).count() == 1


def test_or_brought_up_to_date(shipped_course: Course, learner: User) -> None:
    keep = PreparedInsert(MemoryState, unique=["user", "question"], update=["reps", "due"])
    question, now = Question.objects.order_by("pk")[0], timezone.now()
    fields = {"user": learner, "question": question, "state": 1, "stability": 1.0, "difficulty": 5.0, "lapses": 0}
    keep([MemoryState(**fields, reps=1, due=now, last_review=now, state_hash="a")])
    later = now + timedelta(days=1)
    keep([MemoryState(**(fields | {"lapses": 7}), reps=2, due=later, last_review=later, state_hash="b")])
    state = MemoryState.objects.get(user=learner)
    assert (state.reps, state.due, state.lapses, state.last_review) == (2, later, 0, now)


FIELDS = [field.name for field in Review._meta.concrete_fields if field.name != "id"]
PUT = PreparedRows(Review, FIELDS)


def as_tuple(row: Review) -> tuple[object, ...]:
    return tuple(getattr(row, Review._meta.get_field(name).attname) for name in FIELDS)  # type: ignore[union-attr]


@pytest.mark.parametrize("how_many", [0, 1, 700])
def test_rows_as_tuples_are_kept_as_models_would_be(shipped_course: Course, learner: User, how_many: int) -> None:
    other = {"rating": None, "undoes": uuid.uuid4(), "response": None, "score": 0.25, "elapsed_ms": 7}
    whole = {"score": 1, "response": {"choice": "b", "why": ["a", 2, None]}}
    changes = [{}, other, whole]
    rows = [review(learner, number, **changes[number % 3]) for number in range(how_many)]
    PUT([as_tuple(row) for row in rows])
    kept = Review.objects.by(learner.pk).order_by("sequence")
    assert [as_tuple(row) for row in kept] == [as_tuple(row) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_none_of_the_rows_is_kept_where_one_is_refused(shipped_course: Course, learner: User) -> None:
    first = review(learner, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PUT([as_tuple(first), as_tuple(review(learner, 2, review_id=first.review_id))])
    assert not Review.objects.by(learner.pk).exists()


def test_or_all_are_brought_up_to_date(shipped_course: Course, learner: User) -> None:
    put = PreparedRows(
        MemoryState,
        ["user", "question", "state", "stability", "difficulty", "due", "last_review", "reps", "lapses", "state_hash"],
        unique=["user", "question"],
        update=["reps", "due"],
    )
    questions, now = list(Question.objects.order_by("pk")[:3]), timezone.now()
    for turn in (1, 2):
        later = now + timedelta(days=turn)
        put([(learner.pk, one.pk, 1, 1.0 * turn, 5.0, later, now, turn, 0, "a") for one in questions])
    states = MemoryState.objects.filter(user=learner)
    assert {(one.reps, one.due, one.stability) for one in states} == {(2, now + timedelta(days=2), 1.0)}
    assert len(states) == 3


def test_models_have_what_is_annotated(shipped_course: Course) -> None:
    lengths = Prepared(
        lambda course: (
            Question.objects.filter(course=course)
            .select_related("lesson")
            .annotate(letters=Length("slug"), of=F("lesson__slug"))
        ),
        course=UUIDField(),
    )
    found = lengths(course=shipped_course.pk)
    assert len(found) == shipped_course.questions.count()
    assert all(one.letters == len(one.slug) and one.of == one.lesson.slug for one in found)  # type: ignore[attr-defined]


def test_raw_rows_are_those_of_the_driver(shipped_course: Course) -> None:
    lesson = shipped_course.lessons.all()[0]
    find = Prepared(lambda pk: LessonBody.objects.filter(lesson=pk).values_list("locale", "title"), pk=UUIDField())
    assert sorted(find.raw(pk=lesson.pk)) == sorted(find(pk=lesson.pk))
    assert list(Prepared(lambda pk: LessonBody.objects.none(), pk=UUIDField()).raw(pk=lesson.pk)) == []
