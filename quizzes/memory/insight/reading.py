"""Reads a learner's log and states for the page Statistics, as small tuples: what they add up to says `sums`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from accounts.models import User
from courses.models import Course, CourseText, in_locale
from quizzes.memory import plans
from quizzes.memory.insight.sums import Activity, Calendar, Line, load
from quizzes.memory.models import CardMark
from quizzes.memory.planning import in_line
from quizzes.memory.plans import EVIDENCE, Plan
from quizzes.models import MemoryState, Review
from quizzes.regrading import standing

FORECAST_DAYS: Final = 30


class Seconds(Func):
    """Whole seconds since 1970 of a moment: a number of the database's own, several times faster to read than a
    datetime."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint")


@dataclass(frozen=True, slots=True)
class Shown:
    """A course that the learner remembers something of."""

    id: uuid.UUID
    slug: str
    title: str
    locale: str


@dataclass(frozen=True, slots=True)
class History:
    """`activity` of all time. `stabilities` (days) and `difficulties` of the cards that are still asked and not
    suspended; `upcoming`:
    how many of them come back on each of the next days, today with all that is overdue first."""

    activity: Activity
    stabilities: Sequence[float]
    difficulties: Sequence[float]
    upcoming: Sequence[int]
    desired_retention: float


def courses_of(user: User, locale: str) -> list[Shown]:
    """The courses that the learner has memory states in, by title. One query."""
    texts: dict[Course, list[CourseText]] = {}
    known = MemoryState.objects.by(user.pk).order_by().values("question__course")
    for text in CourseText.objects.filter(course__in=known).select_related("course"):
        texts.setdefault(text.course, []).append(text)
    found = [(course, in_locale(spoken, locale, course.fallback)) for course, spoken in texts.items()]
    shown = [Shown(course.pk, course.slug, text.title, text.locale) for course, text in found if text]
    return sorted(shown, key=lambda one: one.title)


def history_of(user: User, *, now: datetime, course: Shown | None = None) -> History:
    """What the statistics are made of, in four queries; of one course, if it is given."""
    plan, calendar = plans.plan_of(user), Calendar(user.zone, user.day_start_hour)
    special = plan.courses.get(course.id) if course else None
    stabilities, difficulties, dues = _cards(user, course)
    today = calendar.day_of(int(now.timestamp()))
    return History(
        activity=Activity.of(_lines(user, plan, course), calendar),
        stabilities=stabilities,
        difficulties=difficulties,
        upcoming=load(dues, calendar, today, FORECAST_DAYS),
        desired_retention=(special.desired_retention if special else None) or plan.desired_retention,
    )


def _lines(user: User, plan: Plan, course: Shown | None) -> list[Line]:
    """The ratings that stand, each as the last correction has it."""
    corrected = standing.ratings_of(user.pk)
    kept_out = [id_ for id_, rating in corrected.items() if rating is None]
    rows: Any = _standing_reviews(user, course).annotate(
        asked=Cast("question_id", TextField()), at=Seconds("effective_at"), counts=_counts(plan, kept_out)
    )
    columns = ("asked", "at", "rating", "elapsed_ms", "counts")
    if not corrected:
        return list(rows.values_list(*columns))
    rated = rows.values_list("review_id", *columns)
    return [
        (asked, at, corrected.get(id_) or rating, milliseconds, counts)
        for id_, asked, at, rating, milliseconds, counts in rated
    ]


def _standing_reviews(user: User, course: Shown | None) -> "QuerySet[Review]":
    of_learner = Review.objects.by(user.pk)
    undone = of_learner.filter(undoes__isnull=False).values("undoes")
    rows = of_learner.filter(rating__isnull=False).exclude(review_id__in=undone).order_by()
    return rows.filter(question__course=course.id) if course else rows


def _counts(plan: Plan, kept_out: Sequence[uuid.UUID]) -> Value | Case:
    """Whether memory counts a review, 1 or 0: decisions of instructors and the learner's own plan keep some out."""
    out = [When(review_id__in=kept_out, then=Value(0))] if kept_out else []
    if not plan.quiz_evidence:
        out.append(When(source__in=sorted(EVIDENCE), then=Value(0)))
    return Case(*out, default=Value(1), output_field=IntegerField()) if out else Value(1)


def _cards(user: User, course: Shown | None) -> tuple[list[float], list[float], list[int]]:
    """Stability, difficulty and due of what is still asked."""
    suspended = CardMark.objects.by(user.pk).filter(question=OuterRef("question"), suspended_at__isnull=False)
    rows = (
        MemoryState.objects.by(user.pk)
        .filter(~Exists(suspended), **in_line.ASKED)
        .exclude(question__kind=in_line.NEVER_DUE)
    )
    if course:
        rows = rows.filter(question__course=course.id)
    found = list(rows.order_by().annotate(at=Seconds("due")).values_list("stability", "difficulty", "at"))
    return [one for one, _, _ in found], [one for _, one, _ in found], [one for _, _, one in found]
