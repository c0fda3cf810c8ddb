"""Challenges as they are put to one learner: targets in words, how far the tries have come. Reads only."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.db.models import CharField, OuterRef, QuerySet, Subquery, TextField, UUIDField
from django.db.models.functions import Cast

from accounts.models import User
from config.prepared import Prepared
from courses.models import Course
from quizzes import challenge_wording as wording
from quizzes import challenges
from quizzes.kinds import Texts
from quizzes.kinds.base import Html
from quizzes.kinds.challenge import PublicChallenge, PublicTarget, Value
from quizzes.models import Judgement, Question, QuestionVersion
from sandbox.models import Preset, Run
from sandbox.spec import Spec

State = Literal["new", "tried", "met"]


@dataclass(frozen=True)
class Line:
    """One target. `met` is None as long as nothing has decided it; `found` is what the run had."""

    target: PublicTarget
    met: bool | None = None
    found: str = ""

    @property
    def name(self) -> str:
        return wording.name_of(self.target.name)

    @property
    def wanted(self) -> str:
        return wording.wanted(self.target)


@dataclass(frozen=True)
class Posed:
    """A challenge in one language, with the lines of one run, of the best try, or of none.

    `run_id` is that run; `state` is the learner's, whatever this run reached. `feedback` is for who has met it.
    """

    question: Question
    version: QuestionVersion
    preset: Preset
    locale: str
    shown: PublicChallenge
    lines: Sequence[Line]
    state: State = "new"
    run_id: uuid.UUID | None = None
    feedback: Html = ""

    @property
    def preset_id(self) -> uuid.UUID:
        return self.preset.pk

    @property
    def starts_with(self) -> dict[str, Any]:
        """The spec to begin with."""
        spec: dict[str, Any] = self.preset.spec
        return spec

    @property
    def reached(self) -> int:
        return sum(line.met is True for line in self.lines)

    @property
    def is_judged(self) -> bool:
        return any(line.met is not None for line in self.lines)

    @property
    def is_met(self) -> bool:
        """Whether the run of these lines met all of it."""
        return self.reached == len(self.lines)

    @property
    def explained_in(self) -> str:
        """Where the lesson tells of it."""
        place = self.question.section or self.question.lesson
        return place.get_absolute_url() if place else ""


class Try(NamedTuple):
    """A judgement of the learner's; `run` is the id of the run that was judged."""

    score: float
    version: int
    parts: Mapping[str, bool]
    values: Mapping[str, Value]
    run: uuid.UUID


class PlacedRow(NamedTuple):
    """A published question and its current version, as they stand in the database: `body` and `rendered` are JSON."""

    id: uuid.UUID
    slug: str
    kind: str
    version: int
    number: int
    body: str
    rendered: str


def placed(course: Course, slugs: Sequence[str], learner: User | None) -> list[Question]:
    """Return the published questions of a course with these slugs, in one query, of challenges with the best try."""
    rows = placed_rows(course, slugs, learner)
    return [question_of(row, course, best) for row, best in rows.items()]


def placed_rows(course: Course, slugs: Sequence[str], learner: User | None) -> dict[PlacedRow, Try | None]:
    """Return the rows that `placed` makes its questions of, each with the learner's best try of it if it has one.

    The best is the newest of those that met most.
    """
    if learner is None:
        found = _ROWS(course=course.pk, slugs=list(slugs))
    else:
        found = _ROWS_WITH_TRIES(course=course.pk, slugs=list(slugs), learner=learner.pk)
    size = len(PlacedRow._fields)
    return {PlacedRow(*row[:size]): Try(*row[size:]) if any(row[size:]) else None for row in found}


def _write_rows(course: Any, slugs: Any, learner: Any = None) -> QuerySet[Question, tuple[Any, ...]]:
    rows = Question.objects.published().filter(course=course, slug__in=slugs)
    texts = {name: Cast(f"current__{name}", TextField()) for name in ("body", "rendered")}
    columns = ["id", "slug", "kind", "current_id", "current__number", *texts]
    if learner is None:
        return rows.annotate(**texts).values_list(*columns)
    tries = Judgement.objects.by(learner).filter(question=OuterRef("pk")).order_by("-score", "-judged_at")
    best = {f"best_{name}": Subquery(tries.values(name)[:1]) for name in ("score", "version", "parts", "values")}
    # The column of a foreign key is no UUID yet on SQLite.
    best["best_run"] = Subquery(tries.values("run")[:1], output_field=UUIDField())
    return rows.annotate(**texts, **best).values_list(*columns, *best)


_ROWS = Prepared(_write_rows, course=UUIDField(), slugs=CharField())
_ROWS_WITH_TRIES = Prepared(_write_rows, course=UUIDField(), slugs=CharField(), learner=UUIDField())


def question_of(row: PlacedRow, course: Course, best: Try | None) -> Question:
    """Return the question that this row is, with its current version, its course, and the best try for `in_text`."""
    question: Any = Question(id=row.id, course=course, slug=row.slug, kind=row.kind)
    version = QuestionVersion(id=row.version, question=question, number=row.number)
    version.body, version.rendered = json.loads(row.body), json.loads(row.rendered)
    question.current = version
    question.best = best
    placed_: Question = question
    return placed_


def in_text(questions: Iterable[Any], presets: Mapping[str, Preset], locale: str) -> dict[str, Posed]:
    """Of what `placed` gave, the challenges that can be taken, by slug."""
    taken = [one for one in questions if one.kind == "challenge" and one.slug in presets]
    return {one.slug: _posed(one, presets[one.slug], locale) for one in taken}


def of_preset(preset: Preset | None, locale: str, recipe: Spec | None = None) -> Posed | None:
    """Return the challenge that starts here. With a recipe, its lines say what that alone decides."""
    question = challenges.of_preset(preset)
    if preset is None or question is None:
        return None
    version = _current(question)
    foreseen = challenges.body_of(version).foresee(recipe) if recipe else {}
    return _put(question, version, preset, locale, foreseen, {})


def of_run(run: Run, locale: str) -> Posed | None:
    """Return the challenge that a run was started from, and once it has ended what it reached.

    Before it is judged (that takes a moment after its end) the same verdict is worked out here.
    """
    question = challenges.of_preset(run.preset)
    if question is None or run.preset is None:
        return None
    judgement = Judgement.objects.filter(question=question, run=run).select_related("version").first()
    version = judgement.version if judgement else _current(question)
    parts: Mapping[str, bool] = judgement.parts if judgement else {}
    values: Mapping[str, Value] = judgement.values if judgement else {}
    if judgement is None and run.status in challenges.JUDGED and (ended := challenges.ended_as(run)):
        judged = challenges.body_of(version).judge(ended)
        parts, values = judged.parts, judged.values
    return _put(question, version, run.preset, locale, parts, values, run_id=run.pk)


def _posed(question: Any, preset: Preset, locale: str) -> Posed:
    """With the best try of `placed`, if there is one. What was met once stays met, also where the targets have been
    changed since; the lines are only those of a try that had to meet what is asked now."""
    version, best = _current(question), getattr(question, "best", None)
    state: State = "new" if best is None else "met" if best.score == 1 else "tried"
    if best is None or best.version != version.pk:
        return _put(question, version, preset, locale, {}, {}, state=state)
    return _put(question, version, preset, locale, best.parts, best.values, state=state, run_id=best.run)


def _put(
    question: Question,
    version: QuestionVersion,
    preset: Preset,
    locale: str,
    parts: Mapping[str, bool],
    values: Mapping[str, Value],
    *,
    state: State = "new",
    run_id: uuid.UUID | None = None,
) -> Posed:
    fallback = question.course.fallback
    texts: Texts = version.texts_in(locale, fallback)
    shown = challenges.body_of(version).public(texts)
    lines = [
        Line(target, met, wording.found(target, values[target.name], met) if values else "")
        for target in [*shown.targets, *_missed_besides(shown, parts)]
        for met in [parts.get(target.name)]
    ]
    is_met = state == "met" or (bool(lines) and all(line.met for line in lines) and bool(values))
    return Posed(
        question=question,
        version=version,
        preset=preset,
        locale=locale if locale in version.rendered else fallback,
        shown=shown,
        lines=lines,
        state=state,
        run_id=run_id,
        feedback=texts.get("feedback", "") if is_met else "",
    )


def _missed_besides(shown: PublicChallenge, parts: Mapping[str, bool]) -> list[PublicTarget]:
    """The targets that every challenge has and that are named only where they were missed."""
    named = {target.name for target in shown.targets}
    missed = [name for name in ("outcome", "data") if name in parts and name not in named]
    return [PublicTarget(name=name, allowed=["succeeded"] if name == "outcome" else []) for name in missed]


def _current(question: Question) -> QuestionVersion:
    assert question.current is not None
    return question.current
