"""Challenges as they are put to one learner: targets in words, how far the tries have come. Reads only."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import OuterRef, Subquery, UUIDField

from accounts.models import User
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


def placed(course: Course, slugs: Sequence[str], learner: User | None) -> list[Question]:
    """Return the published questions of a course with these slugs, in one query, of challenges with the best try.

    The best is the newest of those that met most.
    """
    if not slugs:
        return []
    rows = Question.objects.published().filter(course=course, slug__in=slugs).select_related("current")
    if learner is not None:
        tries = Judgement.objects.by(learner.pk).filter(question=OuterRef("pk")).order_by("-score", "-judged_at")
        best = {f"best_{name}": Subquery(tries.values(name)[:1]) for name in ("score", "version", "parts", "values")}
        # The column of a foreign key is no UUID yet on SQLite.
        rows = rows.annotate(**best, best_run=Subquery(tries.values("run")[:1], output_field=UUIDField()))
    questions = list(rows)
    for question in questions:
        question.course = course
    return questions


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
    """With the annotations of `placed`. What was met once stays met, also where the targets have been changed since;
    the lines are only those of a try that had to meet what is asked now."""
    version, score = _current(question), getattr(question, "best_score", None)
    state: State = "new" if score is None else "met" if score == 1 else "tried"
    if score is None or question.best_version != version.pk:
        return _put(question, version, preset, locale, {}, {}, state=state)
    parts, values = question.best_parts, question.best_values
    return _put(question, version, preset, locale, parts, values, state=state, run_id=question.best_run)


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
