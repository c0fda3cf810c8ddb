"""What is to be reviewed, and when: reads memory states and the calendar of the learner, writes nothing.

Whatever depends on the day or on other cards acts here and in `memory.planning.line` (study day, limits, even days,
order), never in the state.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, UUIDField

from accounts.models import User
from config.prepared import Prepared
from courses.models import Concept, Lesson
from quizzes.memory import fsrs, plans
from quizzes.memory.fsrs import Weights
from quizzes.memory.planning import in_line, line, next_lessons
from quizzes.memory.planning.candidates import Because, Due, LeftOut, Line, StudyDay, Why
from quizzes.memory.planning.in_line import NEVER_DUE
from quizzes.memory.planning.next_lessons import NextLesson
from quizzes.memory.plans import DayPlan, Plan
from quizzes.models import MemoryState

__all__ = ["NEVER_DUE", "Because", "Day", "Due", "LeftOut", "NextLesson", "Why"]


@dataclass(frozen=True, slots=True)
class Day:
    """The line of this moment, in the study day from `begin` to `end`.

    `ready`: to be answered now, in this order. `waiting`: learning steps that fall due later in the study day.
    `left_out`: what could be in line today and is not, each with why. `done`: how many cards were answered today.
    `seconds`: about how long all of today takes, what is done included, the lesson not. `lesson`: the next one that is
    not read to its end, where the day's minutes allow it, else `lesson_waits`; neither, where it was not asked for.
    """

    begin: datetime
    end: datetime
    ready: Sequence[Due]
    waiting: Sequence[Due]
    left_out: Sequence[LeftOut]
    done: int
    seconds: int
    plan: DayPlan
    lesson: NextLesson | None = None
    lesson_waits: NextLesson | None = None

    @property
    def minutes(self) -> int:
        """About how long the cards that are ready take, rounded up."""
        return _minutes(sum(due.seconds for due in self.ready))

    @property
    def budget(self) -> int | None:
        """The learner's minutes a day; None is no limit."""
        return self.plan.wishes.minutes_per_day

    @property
    def new(self) -> int:
        """How many of those that are ready are new to the learner."""
        return sum(due.due is None for due in self.ready)

    @property
    def left_out_by(self) -> dict[Because, int]:
        found = Counter(one.because for one in self.left_out)
        return {because: found[because] for because in Because if found[because]}


@dataclass(frozen=True, slots=True)
class LessonMemory:
    """`recall`: predicted (0…1) now, by concept id. `due`: how many questions of the lesson come up today."""

    recall: Mapping[uuid.UUID, float]
    due: int


def study_day(now: datetime, zone: ZoneInfo, day_start_hour: int) -> tuple[datetime, datetime]:
    """Return begin and end of the learner's study day that `now` lies in."""
    found = calendar(now, zone, day_start_hour)
    return found.begin, found.end


def calendar(now: datetime, zone: ZoneInfo, day_start_hour: int) -> StudyDay:
    """Return the learner's study day that `now` lies in."""
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=local.hour < day_start_hour)

    def start_of(days: int) -> datetime:
        date = day + timedelta(days=days)
        return datetime(date.year, date.month, date.day, day_start_hour, tzinfo=zone)

    return StudyDay(start_of(0), start_of(1), day)


def today(user: User, *, now: datetime) -> Day:
    """Return the cards of today, in four queries.

    Steps that are due come first, then reviews (the most urgent first), new cards, and steps that are almost due.
    """
    plan, study = plans.day_plan_of(user), calendar(now, user.zone, user.day_start_hour)
    found = _line(user, plan, study, now)
    return Day(study.begin, study.end, found.ready, found.waiting, found.left_out, found.done, found.seconds, plan)


def day(user: User, now: datetime, *, locale: str = "") -> Day:
    """As `today`, with the next lesson, in one query more."""
    found = today(user, now=now)
    lesson = next_lessons.next_lesson(user, locale)
    budget = found.budget
    if lesson is None or budget is None or found.seconds + lesson.minutes * 60 <= budget * 60:
        return replace(found, lesson=lesson)
    return replace(found, lesson_waits=lesson)


def until(user: User, found: Day, *, now: datetime, days: int, limit: int) -> list[Due]:
    """Return the cards of today (`found`), and what falls due up to `days` days after its end, with the new cards of
    all these days and what was left out today: for an app that will be offline."""
    cards = [*found.ready, *found.waiting]
    if days and len(cards) < limit:
        cards += _coming(user, found, now, days, limit, {one.question for one in cards})
    return cards[:limit]


def _coming(user: User, found: Day, now: datetime, days: int, limit: int, known: set[uuid.UUID]) -> list[Due]:
    pace = in_line.pace(user, found.begin)
    study = calendar(now, user.zone, user.day_start_hour)
    end = study.end + timedelta(days=days)
    states = in_line.states(user, found.plan, study, end, now)
    waiting = [one for one in states if one.question not in known and one.due <= end and not one.is_buried]
    later = sorted(waiting, key=lambda one: (one.due, one.question))
    due = [Due(one.question, one.kind, one.due, Why.LATER, pace(one.kind), one.lesson) for one in later]
    most = found.plan.wishes.new_per_day * days
    unseen = in_line.new(user, most + found.new, now)
    new = [one for one in unseen if one.question not in known][:most]
    fresh = [Due(one.question, one.kind, None, Why.NEW, pace(one.kind), one.lesson) for one in new]
    return [*due, *fresh]


def forecast(user: User, now: datetime, *, days: int = 30) -> list[tuple[date, int, int]]:
    """Return for each of the coming days, today first, how many cards fall due as things stand, and about how many
    minutes they take. What is overdue belongs to today; new cards, and what reviews lead to, are not foreseen."""
    study = calendar(now, user.zone, user.day_start_hour)
    pace = in_line.pace(user, study.begin)
    reviews, seconds = Counter[int](), Counter[int]()
    for due, kind in in_line.due_dates(user, study.end + timedelta(days=days - 1)):
        on = max(0, study.day_of(due))
        reviews[on] += 1
        seconds[on] += pace(kind)
    return [(study.date + timedelta(days=on), reviews[on], _minutes(seconds[on])) for on in range(days)]


def _line(user: User, plan: DayPlan, study: StudyDay, now: datetime) -> Line:
    states = in_line.states(user, plan, study, study.end + timedelta(days=line.HORIZON - 1), now)
    wishes = plan.wishes
    pace = in_line.pace(user, study.begin)
    return line.line(states, in_line.new(user, wishes.new_per_day, now), wishes, study, now, pace)


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def next_due(user: User) -> datetime | None:
    """Return when the first card comes back."""
    return in_line.first_due(user)


def recall_by_lesson(user: User, *, now: datetime, plan: Plan | None = None) -> dict[uuid.UUID, float]:
    """Return the mean predicted recall (0…1) now of what the learner has answered, by lesson id. `plan`: the learner's,
    where it has been read already."""
    states = MemoryState.objects.by(user.pk).filter(question__archived_at=None, question__lesson__isnull=False)
    columns = states.order_by().values_list("question__lesson_id", "question__course_id", "stability", "last_review")
    plan = plan or plans.plan_of(user)
    rows = (
        (lesson, plan.weights_of(course), stability, last) for lesson, course, stability, last in columns.iterator()
    )
    return _mean_recall(rows, now)


def recall_by_concept(user: User, concepts: Sequence[Concept], *, now: datetime) -> dict[uuid.UUID, float]:
    """Return the mean predicted recall (0…1) now of each concept that the learner has answered a question of."""
    states = MemoryState.objects.by(user.pk).filter(question__archived_at=None, question__concepts__in=concepts)
    columns = ("question__concepts", "weights", "stability", "last_review")
    found = states.order_by().annotate(weights=plans.weights_in_use()).values_list(*columns).iterator()
    rows = ((concept, plans.as_weights(weights), stability, last) for concept, weights, stability, last in found)
    return _mean_recall(rows, now)


def of_lesson(user: User, lesson: Lesson, concepts: Sequence[Concept], *, now: datetime) -> LessonMemory:
    """Return what the learner remembers of a lesson and its concepts (asked for elsewhere too), in one query."""
    _, end = study_day(now, user.zone, user.day_start_hour)
    rows = _STATES_OF_LESSON(learner=user.pk, lesson=lesson.pk, concepts=[concept.pk for concept in concepts])
    due: set[uuid.UUID] = set()
    recall: dict[tuple[uuid.UUID, uuid.UUID], tuple[uuid.UUID, Weights, float, datetime]] = {}
    wanted = {concept.pk for concept in concepts}
    for question, lesson_id, concept, stability, last_review, falls_due, asked, weights in rows:
        if asked and lesson_id == lesson.pk and falls_due < end:
            due.add(question)
        if concept in wanted:
            recall[question, concept] = (concept, plans.as_weights(weights), stability, last_review)
    return LessonMemory(_mean_recall(recall.values(), now), len(due))


def _write_states_of_lesson(learner: Any, lesson: Any, concepts: Any) -> QuerySet[MemoryState, tuple[Any, ...]]:
    own = Q(question__lesson=lesson) | Q(question__concepts__id__in=concepts)
    rows = MemoryState.objects.by(learner).filter(own, **in_line.ASKED).order_by()
    columns = ("question_id", "question__lesson_id", "question__concepts", "stability", "last_review", "due")
    rows = rows.annotate(asked=~Q(question__kind=NEVER_DUE), weights=plans.weights_in_use())
    return rows.values_list(*columns, "asked", "weights")


_STATES_OF_LESSON = Prepared(_write_states_of_lesson, learner=UUIDField(), lesson=UUIDField(), concepts=UUIDField())


def _mean_recall(rows: Iterable[tuple[Any, Weights, float, datetime]], now: datetime) -> dict[uuid.UUID, float]:
    """Rows: what to average by, the weights that say how it is forgotten, stability, last review."""
    recalls: dict[uuid.UUID, list[float]] = defaultdict(list)
    for id_, weights, stability, last_review in rows:
        recalls[id_].append(fsrs.recall(stability, last_review, now, weights))
    return {id_: sum(found) / len(found) for id_, found in recalls.items()}
