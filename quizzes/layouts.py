"""Which questions an attempt asks, in which order and for which mark: drawn once, at its start.

Whatever is left to chance follows from the seed of the attempt, so that every device sees the same.
"""

import hashlib
import random
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import UUIDField

from config.prepared import Prepared
from quizzes.models import Question, Quiz, Slot
from quizzes.rules import Draw, Rules

UNMARKED = ("flashcard", "challenge")
"""Kinds that a quiz cannot ask: the learner grades the one alone, a run answers the other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a layout. `version` is the key of the question version; `mark` is the most it can give."""

    slot: uuid.UUID
    version: int
    mark: float = 1.0

    def as_json(self) -> dict[str, Any]:
        return {"slot": str(self.slot), "version": self.version, "mark": self.mark}


def read(layout: Iterable[Mapping[str, Any]]) -> list[Entry]:
    return [Entry(uuid.UUID(entry["slot"]), entry["version"], entry.get("mark", 1.0)) for entry in layout]


_SLOTS = Prepared(
    lambda quiz: Slot.objects.active().filter(quiz=quiz).select_related("question").order_by("position"),
    quiz=UUIDField(),
)


def lay_out(quiz: Quiz, rules: Rules, seed: int) -> list[Entry]:
    """Return what an attempt with this seed asks. A draw whose pool is used up is left out."""
    slots = _SLOTS(quiz=quiz.pk)
    fixed = {slot.question_id for slot in slots if slot.question_id}
    draws = [slot for slot in slots if slot.draw is not None]
    drawn = _draw(quiz, draws, fixed, _generator(seed)) if draws else {}
    versions = {slot.pk: slot.question.current_id for slot in slots if slot.question} | drawn
    entries = [Entry(slot.pk, version, slot.mark) for slot in slots if (version := versions.get(slot.pk)) is not None]
    if rules.shuffle_questions:
        _generator(seed_of(seed, quiz.pk)).shuffle(entries)
    return entries


def seed_of(seed: int, place: uuid.UUID) -> int:
    """Return the seed of one place of an attempt, 0 … 2³¹ − 1."""
    digest = hashlib.sha256(f"{seed}/{place}".encode()).digest()
    return int.from_bytes(digest[:4]) >> 1


def _generator(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311, a shuffle is no secret: the seed is


def unfilled(quiz: Quiz) -> int:
    """Return how many places of the quiz find no question: its draws ask for more than the course has."""
    return quiz.slots.active().count() - len(lay_out(quiz, quiz.parsed_rules, 0))


def _draw(
    quiz: Quiz, slots: Sequence[Slot], fixed: Collection[uuid.UUID | None], generator: random.Random
) -> dict[uuid.UUID, int]:
    """Return the version drawn for each slot. The narrowest pools draw first, so that wide ones leave them enough."""
    pool, taken, found = _Pool(quiz, fixed), set[uuid.UUID](), dict[uuid.UUID, int]()
    pools = [(slot, pool.of(Draw.model_validate(slot.draw))) for slot in slots]
    for slot, candidates in sorted(pools, key=lambda one: len(one[1])):
        left = [question for question in candidates if question not in taken]
        if left:
            chosen = generator.choice(left)
            taken.add(chosen)
            found[slot.pk] = candidates[chosen]
    return found


class _Pool:
    """The questions of the quiz's course that can be marked, in two queries."""

    def __init__(self, quiz: Quiz, without: Collection[uuid.UUID | None]) -> None:
        rows = Question.objects.published().filter(course=quiz.lesson.course_id).exclude(kind__in=UNMARKED)
        columns = rows.order_by("pk").values_list("pk", "current", "kind", "difficulty", "lesson__slug")
        self.rows = [row for row in columns if row[0] not in without]
        links = Question.concepts.through.objects.filter(question__in=rows.order_by().values("pk"))
        self.concepts: dict[str, set[uuid.UUID]] = {}
        for question, concept in links.values_list("question", "concept__slug"):
            self.concepts.setdefault(concept, set()).add(question)

    def of(self, draw: Draw) -> dict[uuid.UUID, int]:
        """The versions that may be drawn, by question."""
        about = self.concepts.get(draw.concept, set()) if draw.concept else None
        return {
            pk: current
            for pk, current, kind, difficulty, lesson in self.rows
            if current is not None
            and (about is None or pk in about)
            and draw.kind in (None, kind)
            and draw.difficulty in (None, difficulty)
            and draw.lesson in (None, lesson)
        }
