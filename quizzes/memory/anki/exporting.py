"""A learner's cards of a course as a package for Anki. Reads, and writes nothing.

Which cards: the learner's own, and of the course those that the daily review asks or may ask: whatever has a memory
state, and the flashcards of lessons that were opened. Which reviews: those that count, as the last correction has them.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import override as language
from django.utils.translation import pgettext

from accounts.models import User
from courses.models import Course, Progress
from quizzes.memory import fsrs, plans
from quizzes.memory.anki import identity, pictures
from quizzes.memory.anki.package_writing import CardOut, DeckOut, LoggedReview, Memory, write_package
from quizzes.memory.anki.question_sides import QuestionSides, Said, sides_of
from quizzes.memory.fsrs import Entry
from quizzes.memory.planning import queue
from quizzes.memory.plans import Plan
from quizzes.models import CardMark, MemoryState, Question, Review
from quizzes.regrading import standing

_DECK: Final = "Engram"


@dataclass(frozen=True)
class Exported:
    """`left_out`: kind → how many questions of it have no front and back. `reviews`: lines of the log."""

    content: bytes
    name: str
    cards: int
    reviews: int
    pictures: int
    left_out: Mapping[str, int]


def export(user: User, course: Course, *, locale: str, with_scheduling: bool, now: datetime) -> Exported:
    """Return the package. A dozen queries, whatever the number of cards."""
    questions = list(_questions(user, course))
    text = course.text(locale)
    title = text.title if text else course.slug
    names = pictures.names_of(user)
    said = words_of(locale)
    sides = {one.pk: of_question(one, course, said, names) for one in questions}
    memories = _memories(user, [one for one in questions if sides[one.pk]]) if with_scheduling else {}
    suspended = _suspended(user, questions) if with_scheduling else frozenset()
    cards = [
        _card(one, shown, memories.get(one.pk), one.pk in suspended) for one in questions if (shown := sides[one.pk])
    ]
    wanted = {picture for one in sides.values() if one for picture in one.pictures}
    used = {name: partial(pictures.content_of, picture) for picture, name in names.items() if picture in wanted}
    day_start, _ = queue.study_day(now, user.zone, user.day_start_hour)
    deck = DeckOut(identity.deck_id(course.pk), f"{_DECK}::{title.replace('::', ' ')}", cards, day_start, used)
    return Exported(
        content=write_package(deck, now=now),
        name=f"{course.slug}.apkg",
        cards=len(cards),
        reviews=sum(len(card.memory.log) for card in cards if card.memory),
        pictures=len(used),
        left_out=Counter(one.kind for one in questions if sides[one.pk] is None),
    )


def words_of(locale: str) -> Said:
    with language(locale):
        return Said(locale, pgettext("statement", "True"), pgettext("statement", "False"))


def of_question(
    question: Question, course: Course, said: Said, sources: Mapping[uuid.UUID, str]
) -> QuestionSides | None:
    """Return what a question is as a card for Anki, or None where its kind is none."""
    version = question.current
    assert version is not None
    return sides_of(version.parsed, version.texts_in(said.locale, course.fallback), said, sources)


def _questions(user: User, course: Course) -> Any:
    known = MemoryState.objects.by(user.pk).filter(question=OuterRef("pk"))
    opened = Progress.objects.by(user.pk).values("lesson_id")
    asked = Q(kind="flashcard", lesson__in=opened, lesson__archived_at=None) | Q(owner=user.pk)
    rows = Question.every.visible_to(user.pk).filter(Q(Exists(known)) | asked, course=course)
    return rows.select_related("current", "lesson").order_by("lesson__position", "position", "slug")


def _card(question: Question, sides: QuestionSides, memory: Memory | None, is_suspended: bool) -> CardOut:
    tags = ["engram", *([f"lesson::{question.lesson.slug}"] if question.lesson else [])]
    guid, version = identity.guid_of(question.pk), question.current
    assert version is not None
    return CardOut(guid, sides.front, sides.back, version.created_at, tags, memory, is_suspended)


def _suspended(user: User, questions: Sequence[Question]) -> frozenset[uuid.UUID]:
    marks = CardMark.objects.by(user.pk).filter(suspended_at__isnull=False)
    return frozenset(marks.values_list("question_id", flat=True)) & {one.pk for one in questions}


# --- memory ----------------------------------------------------------------------------------------------------------


def _memories(user: User, questions: Sequence[Question]) -> dict[uuid.UUID, Memory]:
    """Fold the learner's log of these questions again, review by review: Anki keeps the interval of each."""
    plan, logs = plans.plan_of(user), _logs(user, questions)
    found = {}
    for question in questions:
        entries = logs.get(question.pk)
        if entries and (memory := _memory(plan, question, entries)):
            found[question.pk] = memory
    return found


def _memory(plan: Plan, question: Question, entries: Mapping[Entry, int | None]) -> Memory | None:
    terms = plan.terms(question.pk, question.course_id)
    state, log = None, []
    for entry in fsrs.effective(entries):
        after = fsrs.continue_fold(state, entry, terms)
        log.append(LoggedReview(entry, state, after, entries[entry]))
        state = after
    return Memory(state, log, terms.desired_retention, terms.weights[20]) if state else None


def _logs(user: User, questions: Sequence[Question]) -> dict[uuid.UUID, dict[Entry, int | None]]:
    """Every line of the log by question, with how long it took; kept-out ones without a rating."""
    wanted = {one.pk for one in questions}
    plan, corrected = plans.plan_of(user), standing.ratings_of(user.pk)
    rows = Review.objects.by(user.pk).filter(question__course__in={one.course_id for one in questions})
    columns = ("question_id", "source", "elapsed_ms", "review_id", "rating", "effective_at", "occurred_at", "undoes")
    found: dict[uuid.UUID, dict[Entry, int | None]] = defaultdict(dict)
    for question, source, elapsed, id_, rating, *rest in rows.order_by().values_list(*columns).iterator():
        if question in wanted:
            counted = corrected.get(id_, rating) if plan.counts(source) else None
            found[question][Entry(id_, counted, *rest)] = elapsed
    return found
