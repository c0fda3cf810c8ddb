"""The places of an attempt: what is asked in each slot, and what was given. Reads only."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, QuerySet

from config.prepared import Prepared
from quizzes import layouts
from quizzes.kinds import Body, Texts
from quizzes.models import Attempt, MemoryState, Question, QuestionVersion, Response, SavedAnswer, Try
from quizzes.regrading import standing
from quizzes.regrading.standing import Held


@dataclass(frozen=True)
class Place:
    """One slot of an attempt: what is asked, and what was given. `worth` is the most that it can give.

    `version` is the one that the answer is judged by; `held` is what holds of it where that was decided later.
    """

    position: int
    slot_id: uuid.UUID
    version: QuestionVersion
    response: Response | None
    held: Held | None = None
    worth: float = 1.0
    saved: SavedAnswer | None = None
    tries: Sequence[Try] = ()
    seed: int = 0
    shuffle: bool = False

    @property
    def question(self) -> Question:
        return self.version.question

    @property
    def body(self) -> Body:
        """The question as this attempt asks it."""
        return self.version.parsed.asked(self.seed, shuffle=self.shuffle)

    @property
    def score(self) -> float | None:
        """What the answer scored, 0…1, as it holds now."""
        return self.held.score if self.held else self.response.score if self.response else None

    @property
    def missed(self) -> bool:
        """Answered, and not wholly right."""
        return self.score is not None and self.score < 1

    @property
    def is_answered(self) -> bool:
        """Whether something is kept that will be marked, or has been."""
        return self.response is not None or self.saved is not None

    def texts(self, attempt: Attempt, locale: str) -> Texts:
        return self.version.texts_in(locale, attempt.quiz.lesson.course.fallback)


def of_attempt(attempt: Attempt) -> list[Place]:
    """Return the slots of the attempt in the order of its layout, in at most five queries."""
    responses = {given.slot_id: given for given in attempt.responses.all()}
    is_open = attempt.submitted_at is None
    saved = {one.slot_id: one for one in attempt.saved_answers.all()} if is_open else {}
    tries: dict[uuid.UUID, list[Try]] = {}
    if attempt.parsed_rules.behaviour == "tries":
        for one in attempt.tries.order_by("number"):
            tries.setdefault(one.slot_id, []).append(one)
    entries = layouts.read(attempt.layout)
    held = standing.held_of_attempt(attempt) if responses else {}
    judged = {
        slot: held[given.pk].version.pk if given.pk in held else given.version_id for slot, given in responses.items()
    }
    found = versions().in_bulk([judged.get(entry.slot, entry.version) for entry in entries])
    return [
        Place(
            position=position,
            slot_id=entry.slot,
            version=found[judged.get(entry.slot, entry.version)],
            response=responses.get(entry.slot),
            held=held.get(responses[entry.slot].pk) if entry.slot in responses else None,
            worth=entry.mark,
            saved=saved.get(entry.slot) if entry.slot not in responses else None,
            tries=tries.get(entry.slot, ()),
            seed=layouts.seed_of(attempt.seed, entry.slot),
            shuffle=attempt.parsed_rules.shuffle_choices,
        )
        for position, entry in enumerate(entries, start=1)
    ]


def of_slot(attempt: Attempt, slot_id: uuid.UUID) -> Place:
    """Return the place of one slot as it stands now."""
    return next(place for place in of_attempt(attempt) if place.slot_id == slot_id)


def of_response(attempt: Attempt, response: Response) -> Place:
    """Return the place of a response that `answer` gave."""
    entries = layouts.read(attempt.layout)
    position = next(number for number, entry in enumerate(entries, 1) if entry.slot == response.slot_id)
    return Place(
        position=position,
        slot_id=response.slot_id,
        version=response.version,
        response=response,
        worth=response.worth,
        seed=layouts.seed_of(attempt.seed, response.slot_id),
        shuffle=attempt.parsed_rules.shuffle_choices,
    )


def versions() -> QuerySet[QuestionVersion]:
    """With all that shows where a question is explained."""
    return QuestionVersion.objects.select_related("question__section__lesson__course").order_by()


_VERSION = Prepared(lambda pk: versions().filter(pk=pk), pk=BigIntegerField())


def version(pk: int) -> QuestionVersion:
    """Return the version with this key, as `versions` has it."""
    (found,) = _VERSION(pk=pk)
    return found


def next_due(attempt: Attempt, places: Collection[Place]) -> datetime | None:
    """Return when the first missed question comes back in the learner's review."""
    missed = [place.question.id for place in places if place.missed]
    return MemoryState.objects.by(attempt.user_id).next_due(missed) if missed and attempt.counts else None
