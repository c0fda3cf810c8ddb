"""A challenge in the small course made of rows, and runs that end as the tests need them."""

import copy
import json
import uuid
from datetime import timedelta
from typing import Any

from accounts.models import User
from courses.documents import read_yaml
from courses.ids import content_id
from courses.models import Course
from quizzes.importing import LessonDraft, import_questions, read_challenges, read_questions
from quizzes.models import Question
from sandbox import runs
from sandbox.admission import admit
from sandbox.importing import import_presets, read_starts
from sandbox.models import Preset, Run, Status
from tests.quizzes.factories import NOW, QUESTIONS
from tests.sandbox.samples import OUTCOME, epoch, spec

CHALLENGE: dict[str, Any] = {
    "id": "ninety-percent",
    "section": "forward",
    "concepts": ["forward-pass"],
    "start": spec(),
    "targets": {"val_accuracy": {"at_least": 0.9}, "epochs": {"at_most": 20}, "parameters": {"at_most": 700}},
    "texts": {
        "en": {
            "title": "Ninety percent",
            "prompt": "Reach **90%** on rows it has not seen.",
            "hint": "The rate is small.",
            "feedback": "A longer step was enough.",
        },
        "zh-hans": {"title": "百分之九十", "prompt": "在没见过的数据上达到 **90%**。"},
    },
}
BODY = {
    "kind": "challenge",
    **{key: value for key, value in CHALLENGE.items() if key in {"start", "targets", "texts"}},
}


def entry(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CHALLENGE), **changes}


def pose(course: Course, **changes: Any) -> Question:
    """Import the challenge beside the questions of the course."""
    document = read_yaml(json.dumps({"challenges": [entry(**changes)]}), "experiments.yaml")
    drafts, problems = read_challenges(document)
    starts, wrong = read_starts(document.value["challenges"])
    assert (problems, wrong) == ([], [])
    questions, _ = read_questions(read_yaml(QUESTIONS, "questions.yaml"))
    lesson = LessonDraft([*questions.questions, *drafts], questions.quiz)
    import_questions(course, [("nets", lesson)], now=NOW)
    presets = [(content_id(course.slug, "preset", start.slug), start.slug, start) for start in starts]
    import_presets(course.slug, presets, now=NOW)
    return course.questions.get(kind="challenge")


def start_of(question: Question) -> Preset:
    return Preset.objects.get(collection=question.course.slug, slug=question.slug)


def ended(
    owner: User,
    preset: Preset | None,
    *,
    status: Status = Status.SUCCEEDED,
    epochs: int = 3,
    minutes: int = 0,
    changes: dict[str, Any] | None = None,
    **last: Any,
) -> Run:
    """A run that has ended with these values in its last epoch: one that meets all targets, if nothing is said."""
    trained = admit(spec(**(changes or {}))).as_json()
    now = NOW + timedelta(minutes=minutes)
    run = runs.create(owner, uuid.uuid4(), trained, preset=preset, now=now)
    claimed = runs.claim(now=now)
    assert claimed is not None
    assert claimed.pk == run.pk, "other runs wait before this one"
    lease = runs.lease_of(claimed)
    drafts = [epoch(number) for number in range(1, epochs)] + [epoch(epochs, **{"val_accuracy": 0.93, **last})]
    runs.append(lease, drafts, now=now)
    runs.finish(lease, status, outcome=OUTCOME, now=now)
    run.refresh_from_db()
    return run
