"""All cards that a learner has, or may have: what was answered, own ones, new ones of opened lessons. Reads only.

One query finds the cards with memory and marks beside them. A search looks at the texts as they are shown: of a
question that is graded it may find what is asked, never what is right.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import and_, itemgetter
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast
from django.utils.html import escape

from accounts.models import User
from courses.models import Progress
from quizzes.kinds.base import Html, plain
from quizzes.memory import fsrs, plans
from quizzes.memory.browsing.schemas import Shown, Sort, Wanted
from quizzes.memory.fsrs import Phase, State, Weights
from quizzes.memory.planning import queue
from quizzes.memory.plans import Plan
from quizzes.memory.reviewing import leeches
from quizzes.memory.states import STATE_FIELDS
from quizzes.models import MemoryState, Question, QuestionQuerySet, QuestionVersion, Review
from quizzes.searching import prompt_html

PAGE_SIZE: Final = 50
_PHASES: Final = {"learning": Phase.LEARNING, "review": Phase.REVIEW, "relearning": Phase.RELEARNING}
# What a database can look for in the texts as they are stored, and finds at least all that is meant.
_SURE: Final = re.compile(r"[A-Za-z0-9]+|[\u3400-\u9fff]")
_MOST_SURE: Final = 12
_MEMORY: Final = {f"memory_{name}": F(f"memory__{name}") for name in STATE_FIELDS}
_MARKS: Final = {f"mark_{name}": F(f"mark__{name}") for name in ("buried_until", "suspended_at", "note")}


@dataclass(frozen=True)
class Browsed:
    """One card in a list. `recall`: 0…1 now; None before the first review. `suspended_at`, `buried_until`, `note`: the
    learner's marks."""

    question: Question
    version: QuestionVersion
    state: State | None
    recall: float | None
    buried_until: datetime | None
    suspended_at: datetime | None
    note: str

    @property
    def is_own(self) -> bool:
        return self.question.owner_id is not None

    @property
    def is_put_away(self) -> bool:
        return self.question.archived_at is not None

    @property
    def is_leech(self) -> bool:
        return self.state is not None and leeches.is_leech(self.state.lapses, self.state.reps)

    def texts(self, locale: str) -> dict[str, Html]:
        return self.version.texts_in(locale, self.question.course.fallback)

    def asks(self, locale: str) -> Html:
        return prompt_html(self.texts(locale))

    def written(self) -> dict[str, str]:
        """Front and back of an own card, as they were written."""
        sides: dict[str, dict[str, str]] = self.version.body["texts"]
        return next(iter(sides.values()))


def cards_of(user: User, wanted: Wanted, *, now: datetime) -> QuestionQuerySet:
    """Return the questions that are such cards, in no order, with memory and marks joined.

    Where words are sought they are likely ones: `ids_in_order` looks closely.
    """
    rows = _within_reach(user).filter(current__isnull=False, course__archived_at=None)
    rows = rows.exclude(kind=queue.NEVER_DUE).annotate(
        memory=FilteredRelation("memory_states", condition=Q(memory_states__user=user.pk)),
        mark=FilteredRelation("card_marks", condition=Q(card_marks__user=user.pk)),
    )
    away = Q(archived_at__isnull=False) if "put_away" in wanted.only else Q(archived_at=None)
    rows = rows.filter(away, *_place(wanted), *_phase(wanted))
    for only in wanted.only:
        rows = ONLY[only](rows, user, now)
    return _likely(rows, wanted.q) if wanted.q else rows


def card_of(user: User, question_id: uuid.UUID, *, now: datetime) -> Browsed | None:
    """Return one card of the learner, also one that was put away; None if it is none."""
    for only in ([], ["put_away"]):
        rows = cards_of(user, Wanted.model_validate({"only": only}), now=now).filter(pk=question_id)
        if found := browsed(user, rows, plans.plan_of(user), now=now):
            return found[0]
    return None


def reachable(user: User, ids: Sequence[uuid.UUID], *, now: datetime) -> set[uuid.UUID]:
    """Return which of these are cards of the learner that are not put away."""
    return set(_of_ids(cards_of(user, Wanted(), now=now), ids).order_by().values_list("pk", flat=True))


def page_of(user: User, shown: Shown, number: int, *, now: datetime) -> "Page[Browsed]":
    """Return the `number`-th page (from 1; the last one if there are not so many), in the order that is wanted."""
    rows, plan = cards_of(user, shown, now=now), plans.plan_of(user)
    ids: Sequence[uuid.UUID] = ids_in_order(rows, shown, plan, now)
    page: Page[Any] = Paginator(ids, PAGE_SIZE).get_page(number)
    on_page: list[uuid.UUID] = list(page.object_list)
    found = {one.question.pk: one for one in browsed(user, _of_ids(rows, on_page), plan, now=now)}
    page.object_list = [found[pk] for pk in on_page if pk in found]
    return page


def all_of(user: User, shown: Shown, most: int, *, now: datetime) -> list[Browsed]:
    """Return them all in the order that is wanted, `most` at most: for a file."""
    rows, plan = cards_of(user, shown, now=now), plans.plan_of(user)
    ids = ids_in_order(rows, shown, plan, now)[:most]
    found: dict[uuid.UUID, Browsed] = {}
    for begin in range(0, len(ids), 500):
        some = browsed(user, _of_ids(rows, ids[begin : begin + 500]), plan, now=now)
        found |= {one.question.pk: one for one in some}
    return [found[pk] for pk in ids if pk in found]


def ids_in_order(rows: QuestionQuerySet, shown: Shown, plan: Plan, now: datetime) -> list[uuid.UUID]:
    """All ids: small, so that every order is one path. What is new has no memory to be ordered by, and comes last."""
    in_course = rows.order_by("course__slug", "lesson__position", "slug")
    columns = ("memory__due", "memory__stability", "memory__last_review", "memory__difficulty", "memory__lapses")
    texts = ("kind", "current__rendered", "mark__note") if shown.q else ()
    words = shown.q.casefold().split()
    known: list[tuple[Any, uuid.UUID]] = []
    new: list[uuid.UUID] = []
    for pk, course, *memory_and_texts in in_course.values_list("pk", "course_id", *columns, *texts).iterator():
        due, *memory = memory_and_texts[: len(columns)]
        if words and not _holds(words, *memory_and_texts[len(columns) :]):
            continue
        if due is None:
            new.append(pk)
        else:
            known.append((_rank(shown.sort, now, plan.weights_of(course), due, *memory), pk))
    return [*(pk for _, pk in sorted(known, key=itemgetter(0))), *new]


def ids_after(rows: QuestionQuerySet, wanted: Wanted, last: uuid.UUID | None, most: int) -> list[uuid.UUID]:
    """Return the next ids in their own order, which stays whatever is added or reviewed meanwhile."""
    rest = rows.filter(pk__gt=last) if last else rows
    if not wanted.q:
        return list(rest.order_by("pk").values_list("pk", flat=True)[:most])
    words = wanted.q.casefold().split()
    texts: Any = ("pk", "kind", "current__rendered", "mark__note")
    columns = rest.order_by("pk").values_list(*texts)
    found = (pk for pk, *texts in columns.iterator() if _holds(words, *texts))
    return list(islice(found, most))


def _rank(
    sort: Sort,
    now: datetime,
    weights: Weights,
    due: datetime,
    stability: float,
    last_review: datetime,
    difficulty: float,
    lapses: int,
) -> Any:
    """What stands first has the least: what is due or forgotten soonest, what is hardest, what lapsed most."""
    if sort == "recall":
        return fsrs.recall(stability, last_review, now, weights)
    return {"due": due, "difficulty": -difficulty, "stability": stability, "lapses": -lapses}[sort]


def browsed(user: User, rows: QuestionQuerySet, plan: Plan, *, now: datetime) -> list[Browsed]:
    """Read these rows of `cards_of`, in one query."""
    related = rows.select_related("current", "course", "section__lesson__course")
    return [_browsed(row, plan, now) for row in related.annotate(**_MEMORY, **_MARKS)]


def changed(rows: QuestionQuerySet, user: User) -> QuestionQuerySet:
    """Those whose text is another than at the last review."""
    last = Review.objects.by(user.pk).filter(question=OuterRef("pk"), undoes=None, version__isnull=False)
    shown = rows.annotate(last_version=Subquery(last.order_by("-effective_at", "-sequence").values("version")[:1]))
    return shown.filter(last_version__isnull=False).exclude(last_version=F("current"))


def _within_reach(user: User) -> QuestionQuerySet:
    """By three lists of ids: each of them is short and has an index, and the table of questions is everybody's."""
    answered = MemoryState.objects.by(user.pk).filter(question__owner=None).order_by().values("question_id")
    own = Question.every.filter(owner=user.pk).order_by().values("pk")
    opened = Progress.objects.by(user.pk).order_by().values("lesson_id")
    new = Question.objects.filter(kind="flashcard", lesson__in=opened, lesson__archived_at=None).order_by().values("pk")
    return Question.every.filter(pk__in=answered.union(own, new, all=True))


def _place(wanted: Wanted) -> list[Q]:
    course = [Q(course__slug=wanted.course)] if wanted.course else []
    lesson = [Q(lesson=wanted.lesson)] if wanted.lesson else []
    return [*course, *lesson, *([Q(kind=wanted.kind)] if wanted.kind else [])]


def _phase(wanted: Wanted) -> list[Q]:
    if wanted.state is None:
        return []
    return [Q(memory=None) if wanted.state == "new" else Q(memory__state=_PHASES[wanted.state])]


def _due(rows: QuestionQuerySet, user: User, now: datetime) -> QuestionQuerySet:
    _, end = queue.study_day(now, user.zone, user.day_start_hour)
    return rows.filter(Q(memory__due__lt=end))


_FORGOTTEN: Final = Q(memory__lapses__gte=leeches.LAPSES) | Q(
    memory__lapses__gte=leeches.FEW_LAPSES, memory__reps__lte=F("memory__lapses") * leeches.SHARE
)
_Narrow = Callable[[QuestionQuerySet, User, datetime], QuestionQuerySet]
ONLY: Final[Mapping[str, _Narrow]] = {
    "due": _due,
    "suspended": lambda rows, user, now: rows.filter(Q(mark__suspended_at__isnull=False)),
    "buried": lambda rows, user, now: rows.filter(Q(mark__buried_until__gt=now)),
    "leech": lambda rows, user, now: rows.filter(_FORGOTTEN),
    "changed": lambda rows, user, now: changed(rows, user),
    "own": lambda rows, user, now: rows.filter(owner=user.pk),
    "note": lambda rows, user, now: rows.filter(Q(mark__isnull=False), ~Q(mark__note="")),
    "put_away": lambda rows, user, now: rows.filter(owner=user.pk),
}


# --- searching -------------------------------------------------------------------------------------------------------


def _likely(rows: QuestionQuerySet, text: str) -> QuestionQuerySet:
    """Leave out what cannot hold these words, by what a database can be sure of; `_holds` has the last word."""
    sure = list(dict.fromkeys(_SURE.findall(text)))[:_MOST_SURE]
    stored = rows.annotate(stored=Cast("current__rendered", TextField()))
    return stored.filter(reduce(and_, map(_stands, sure))) if sure else stored


def _stands(sign: str) -> Q:
    """JSON is stored with every letter beyond ASCII escaped, or not, as the database has it."""
    escaped = json.dumps(escape(sign))[1:-1]
    return Q(stored__icontains=sign) | Q(stored__icontains=escaped) | Q(mark__note__icontains=sign)


def _holds(words: Sequence[str], kind: str, rendered: Mapping[str, Mapping[str, Html]], note: str | None) -> bool:
    """Whether every word stands in one language's texts, or in the note."""
    for texts in rendered.values():
        shown = [prompt_html(dict(texts)), texts.get("back", "") if kind == "flashcard" else ""]
        found = f"{plain(' '.join(shown))} {note or ''}".casefold()
        if all(word in found for word in words):
            return True
    return False


def _of_ids(rows: QuestionQuerySet, ids: Sequence[uuid.UUID]) -> QuestionQuerySet:
    return rows.filter(pk__in=list(ids))


def _browsed(row: Any, plan: Plan, now: datetime) -> Browsed:
    values = {name: getattr(row, f"memory_{name}") for name in STATE_FIELDS}
    state = State(**values | {"state": Phase(values["state"])}) if values["due"] is not None else None
    weights = plan.weights_of(row.course_id)
    return Browsed(
        question=row,
        version=row.current,
        state=state,
        recall=fsrs.retrievability(state, now, weights) if state else None,
        buried_until=row.mark_buried_until if row.mark_buried_until and row.mark_buried_until > now else None,
        suspended_at=row.mark_suspended_at,
        note=row.mark_note or "",
    )
