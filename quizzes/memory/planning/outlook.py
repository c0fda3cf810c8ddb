"""What a learner's plan leads to: the simulated workload, and what lies before each exam. Reads only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from courses.models import Course, Progress
from quizzes.memory import plans
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Phase
from quizzes.memory.planning import exams, in_line, queue
from quizzes.memory.planning.candidates import Candidate, Pace, StudyDay
from quizzes.memory.planning.exams import Outlook
from quizzes.memory.planning.workload import Kept, Unseen, Workload
from quizzes.memory.plans import DayPlan
from quizzes.models import CardMark, CoursePlan, MemoryState, Question

FEW: Final = 30
"""With fewer cards than this, all flashcards of the courses are simulated too."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CourseOutlook:
    """A course that the learner has begun. `desired` None: as everywhere. `outlook` None: no exam, or it has passed."""

    course: Course
    desired: float | None
    exam_on: date | None
    outlook: Outlook | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """`workloads`: by desired retention. `cards`: of how many; `is_own`: whether all of them are the learner's."""

    workloads: Sequence[Workload]
    cards: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class PlanOutlook:
    plan: DayPlan
    today: StudyDay
    courses: Sequence[CourseOutlook]
    simulated: Simulated


@dataclass(frozen=True, slots=True)
class _Held:
    """A memory state: as the line sees it, and its difficulty."""

    candidate: Candidate
    difficulty: float


@dataclass(frozen=True, slots=True)
class _Never:
    """How many flashcards of a course were never answered: of opened lessons (and own cards), and of all lessons."""

    opened: int
    all: int


def of_learner(user: User, now: datetime) -> PlanOutlook:
    """Return the learner's plan and what it leads to, in at most six queries, however many cards there are."""
    plan, today = plans.day_plan_of(user), queue.calendar(now, user.zone, user.day_start_hour)
    pace, held, never = in_line.pace(user, today.begin), _held(user, plan), _never(user)
    courses = [_course(course, plan, today, held, never, pace) for course in _begun(user)]
    return PlanOutlook(plan, today, courses, _simulated(user, plan, held, never, pace, now))


def _simulated(
    user: User, plan: DayPlan, held: Sequence[_Held], never: Mapping[uuid.UUID, _Never], pace: Pace, now: datetime
) -> Simulated:
    # NumPy takes 10 MB, which a web process whose learners never look at their plan does without.
    from quizzes.memory.planning.simulation import workloads

    opened = sum(one.opened for one in never.values())
    is_own = len(held) + opened >= FEW
    new = opened if is_own else sum(one.all for one in never.values())
    kept = [
        Kept(
            stability=one.candidate.stability,
            difficulty=one.difficulty,
            elapsed=max(0, (now - one.candidate.last_review) // _DAY),
            seconds=pace(one.candidate.kind),
        )
        for one in held
    ]
    met = Unseen(new, plan.wishes.new_per_day, pace("flashcard"))
    weights = plan.plan.weights or DEFAULT_WEIGHTS
    return Simulated(workloads(kept, met, weights, seed=user.pk.int), len(kept) + new, is_own)


def _course(
    course: Course,
    plan: DayPlan,
    today: StudyDay,
    held: Sequence[_Held],
    never: Mapping[uuid.UUID, _Never],
    pace: Pace,
) -> CourseOutlook:
    terms, exam_on = plan.plan.courses.get(course.pk), plan.wishes.exams.get(course.pk)
    desired = terms.desired_retention if terms else None
    days_left = (exam_on - today.date).days if exam_on else 0
    if days_left < 1:
        return CourseOutlook(course, desired, exam_on, None)
    of_course = [one.candidate for one in held if one.candidate.course == course.pk]
    elsewhere = sum(one.candidate.course != course.pk and today.day_of(one.candidate.due) < days_left for one in held)
    unseen = never[course.pk].all if course.pk in never else 0
    found = exams.outlook(of_course, unseen, elsewhere, plan.wishes, today, days_left, pace)
    return CourseOutlook(course, desired, exam_on, found)


def _begun(user: User) -> list[Course]:
    """Return the published courses that the learner reads, remembers something of, or has a plan for."""
    read = Progress.objects.by(user.pk).filter(lesson__course=OuterRef("pk"))
    remembered = MemoryState.objects.by(user.pk).filter(question__course=OuterRef("pk"))
    planned = CoursePlan.objects.filter(user=user, course=OuterRef("pk"))
    return list(Course.objects.published().with_texts().filter(Exists(read) | Exists(remembered) | Exists(planned)))


def _held(user: User, plan: DayPlan) -> list[_Held]:
    """Return all states that are asked for, without those that are suspended."""
    held = CardMark.objects.by(user.pk).filter(question=OuterRef("question"), suspended_at__isnull=False)
    rows = MemoryState.objects.by(user.pk).filter(~Exists(held), **in_line.ASKED)
    rows = rows.exclude(question__kind=in_line.NEVER_DUE).order_by("question_id")
    columns = ("question_id", "question__kind", "question__course_id", "state", "due", "last_review", "stability")
    found = []
    for question, kind, course, phase, due, last, stability, difficulty in rows.values_list(*columns, "difficulty"):
        candidate = Candidate(
            question=question,
            kind=kind,
            course=course,
            lesson=None,
            phase=Phase(phase),
            due=due,
            last_review=last,
            stability=stability,
            desired=plan.desired(course),
            weights=plan.weights_of(course),
        )
        found.append(_Held(candidate, difficulty))
    return found


def _never(user: User) -> dict[uuid.UUID, _Never]:
    """Return how many flashcards the learner has never answered, by course."""
    known = MemoryState.objects.by(user.pk).filter(question=OuterRef("pk"))
    held = CardMark.objects.by(user.pk).filter(question=OuterRef("pk"), suspended_at__isnull=False)
    opened = Progress.objects.by(user.pk).values("lesson_id")
    cards = Question.every.visible_to(user.pk).filter(
        Q(owner=None, lesson__archived_at=None) | Q(owner=user.pk), ~Exists(known), ~Exists(held), kind="flashcard"
    )
    rows = cards.filter(course__archived_at=None).order_by().values("course_id")
    counted = rows.annotate(opened=Count("pk", filter=Q(lesson__in=opened) | Q(owner=user.pk)), all=Count("pk"))
    return {course: _Never(few, every) for course, few, every in counted.values_list("course_id", "opened", "all")}
