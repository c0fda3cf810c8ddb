"""Challenges: a run that was started from one is judged by what it reached, once, when it has ended.

    run ends ──▶ judge ──▶ Judgement (one for each run) ──▶ the first time that all is met: a review with rating Good

A run that misses a target is kept as a judgement and is no evidence: experimenting must not be punished. A challenge is
never due (`quizzes.memory.planning`), for no card can ask it; what was met still moves the memory of its concepts.
Instructors' runs are judged and count nowhere.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from pydantic import ValidationError

from accounts.models import User
from courses.access import is_instructor
from quizzes.kinds.challenge import Challenge, Ended, Judged
from quizzes.memory import reviews
from quizzes.memory.fsrs import Rating
from quizzes.models import Judgement, Question, QuestionVersion, Review
from sandbox.models import Event, Preset, Run, Status
from sandbox.spec import parse_spec

JUDGED: Final[Collection[str]] = (Status.SUCCEEDED, Status.DIVERGED)
"""How a run ends that has shown something. What was cancelled or broke down is no try."""
LOOK_BACK: Final = timedelta(days=1)


def judge(run_id: uuid.UUID, *, now: datetime) -> Judgement | None:
    """Judge a run that has ended; return what stands, or None where there is nothing to judge.

    Judging again changes nothing, whoever does it at the same time.
    """
    run = Run.objects.select_related("owner", "preset").filter(pk=run_id, status__in=JUDGED).first()
    question = of_preset(run.preset) if run else None
    ended = ended_as(run) if run and question else None
    if run is None or question is None or ended is None:
        return None
    version = question.current
    assert version is not None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=run.owner_id)
        standing = Judgement.objects.filter(question=question, run=run).first()
        return standing or _keep(run, question, version, body_of(version).judge(ended), now)


def judge_missed(*, now: datetime) -> int:
    """Judge what a worker that was killed or broke down has left; return how many runs."""
    judged = Judgement.objects.filter(run=OuterRef("pk"))
    rows = Run.objects.filter(preset__isnull=False, finished_at__isnull=False, finished_at__gte=now - LOOK_BACK)
    left = rows.filter(~Exists(judged), preset__is_challenge=True, status__in=JUDGED).order_by()
    return sum(judge(run_id, now=now) is not None for run_id in left.values_list("pk", flat=True))


def of_preset(preset: Preset | None) -> Question | None:
    """Return the challenge that starts here, with its course and where it is explained."""
    if preset is None or not preset.is_challenge:
        return None
    return published().filter(course__slug=preset.collection, slug=preset.slug).first()


def published() -> QuerySet[Question]:
    challenges = Question.objects.published().filter(kind="challenge")
    return challenges.select_related("current", "course", "lesson__course", "section__lesson__course").order_by("slug")


def body_of(version: QuestionVersion) -> Challenge:
    return cast("Challenge", version.parsed)


def ended_as(run: Run) -> Ended | None:
    """Return what a run has shown so far, the measures of its last epoch; None where its spec is of an older schema."""
    try:
        spec = parse_spec(run.spec)
    except ValidationError:
        return None
    last = Event.objects.epochs_of(run).order_by("-number").values_list("payload", flat=True).first() or {}
    measures = {name: value for name, value in last.items() if value is None or isinstance(value, int | float)}
    return Ended(outcome=run.status, spec=spec, epochs=run.epochs_done, measures=measures)


def _keep(run: Run, question: Question, version: QuestionVersion, judged: Judged, now: datetime) -> Judgement:
    earlier = Judgement.objects.by(run.owner_id).filter(question=question, counts=True)
    is_first = judged.met and not earlier.met().exists()
    judgement = Judgement.objects.create(
        user_id=run.owner_id,
        question=question,
        version=version,
        run=run,
        score=judged.score,
        parts=dict(judged.parts),
        values=dict(judged.values),
        judged_at=now,
        counts=not is_instructor(run.owner, question.course),
    )
    if is_first and judgement.counts:
        reviews.record_rating(
            run.owner,
            version,
            Rating.GOOD,
            review_id=review_id(question.pk, run.pk),
            source=Review.Source.CHALLENGE,
            occurred_at=run.finished_at or now,
            now=now,
        )
    return judgement


def review_id(question_id: uuid.UUID, run_id: uuid.UUID) -> uuid.UUID:
    """Return the id of the one review that a run can be."""
    return uuid.uuid5(question_id, str(run_id))
