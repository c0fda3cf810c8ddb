"""What a class did in a quiz, read for `statistics` in five queries, however many learners and slots there are."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from quizzes.models import Attempt, Question, QuestionVersion, Quiz, Response, Slot
from quizzes.statistics import guessing, measures
from quizzes.statistics.measures import Analysis, Flag, ItemStatistics, QuizStatistics
from quizzes.statistics.responses import Part, analyse_written

Which = Literal["first", "all"]
"""The first attempt of each learner, or all of them. That no attempt builds on another, as the statistics assume, only
holds for the first ones; Moodle's report begins with these too."""


@dataclass(frozen=True)
class Item:
    """One question of the quiz: what is asked now, and what came back.

    `positions` are its places in the quiz; `drawn`: it was drawn into a place that others may take; `asked_now` is
    False for what the quiz no longer asks. `parts` are empty where nothing is marked.
    """

    question: Question
    version: QuestionVersion
    positions: tuple[int, ...]
    drawn: bool
    asked_now: bool
    statistics: ItemStatistics
    parts: list[Part]


@dataclass(frozen=True)
class Report:
    """`attempts` are all that were submitted and count, `learners` who made them; `quiz.attempts` is what was used."""

    which: Which
    attempts: int
    learners: int
    quiz: QuizStatistics
    items: list[Item]

    @property
    def flagged(self) -> list[Item]:
        return [item for item in self.items if item.statistics.flagged]


class _Cell(NamedTuple):
    """What one attempt was asked in one slot, which share of the mark it gained, and its answer as JSON, if it has
    one."""

    version: int
    share: float
    answer: str | None


@dataclass(frozen=True)
class _Class:
    """A matrix of attempts × slots; None where a slot was not asked."""

    slots: list[Slot]
    cells: list[list[_Cell | None]]
    versions: Mapping[int, QuestionVersion]
    attempts: int
    learners: int


def report(quiz: Quiz, which: Which = "first") -> Report:
    """Return everything that the answers to this quiz say, of attempts that were submitted and count as evidence."""
    found = _read(quiz, which)
    analysis = _analysis(found)
    return Report(
        which=which,
        attempts=found.attempts,
        learners=found.learners,
        quiz=analysis.quiz,
        items=_items(found, analysis),
    )


def flagged_questions(quiz: Quiz, which: Which = "first") -> dict[uuid.UUID, tuple[Flag, ...]]:
    """Return the questions of this quiz that an instructor should look at before they count as evidence of memory, with
    the reasons: those that the better learners miss."""
    flagged = measures.flagged_items(_analysis(_read(quiz, which)))
    return {item: flags for item, flags in flagged.items() if isinstance(item, uuid.UUID)}


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(quiz: Quiz, which: Which) -> _Class:
    counted = Attempt.objects.submitted().counted().filter(quiz=quiz)
    rows = list(counted.order_by("started_at", "id").values_list("id", "user_id", "layout"))
    firsts: dict[uuid.UUID, uuid.UUID] = {}
    for attempt, user, _ in rows:
        firsts.setdefault(user, attempt)
    layouts = {attempt.hex: layout for attempt, user, layout in rows if which == "all" or firsts[user] == attempt}
    asked = {place["slot"] for layout in layouts.values() for place in layout}
    slots = [slot for slot in Slot.objects.filter(quiz=quiz).order_by("position", "id") if _has_place(slot, asked)]
    places = {str(slot.id): place for place, slot in enumerate(slots)}
    given = _given(quiz, layouts.keys(), places)
    cells = [_cells(layout, given[attempt], places) for attempt, layout in layouts.items()]
    return _Class(slots, cells, _versions(slots, cells), len(rows), len(firsts))


def _has_place(slot: Slot, asked: set[str]) -> bool:
    return str(slot.id) in asked or (slot.archived_at is None and slot.question_id is not None)


def _given(quiz: Quiz, used: Collection[str], places: Mapping[str, int]) -> dict[str, dict[int, _Cell]]:
    """Return what was answered, by the hexadecimal id of the attempt and the place of the slot.

    Answers and ids stay the text that the database has: to make ten thousand of them anew would take longer than all
    the rest.
    """
    rows = (
        Response.objects.filter(attempt__quiz=quiz, attempt__counts=True, attempt__submitted_at__isnull=False)
        .order_by()
        .annotate(sitting=Cast("attempt_id", TextField()), place=Cast("slot_id", TextField()))
        .annotate(written=Cast("answer", TextField()))
        .values_list("sitting", "place", "version_id", "mark", "worth", "written")
    )
    by_text = {slot.replace("-", ""): place for slot, place in places.items()}
    given: dict[str, dict[int, _Cell]] = defaultdict(dict)
    for sitting, slot, version, mark, worth, written in rows:
        attempt, place = sitting.replace("-", ""), by_text.get(slot.replace("-", ""))
        if attempt in used and place is not None:
            given[attempt][place] = _Cell(version, mark / worth if worth else 0.0, written)
    return given


def _cells(
    layout: Sequence[Mapping[str, Any]], given: Mapping[int, _Cell], places: Mapping[str, int]
) -> list[_Cell | None]:
    """What was asked and not answered counts 0, as in the score of the attempt."""
    row: list[_Cell | None] = [None] * len(places)
    for asked in layout:
        place = places.get(asked["slot"])
        if place is not None:
            row[place] = given.get(place) or _Cell(asked["version"], 0.0, None)
    return row


def _versions(slots: Iterable[Slot], cells: Iterable[Sequence[_Cell | None]]) -> dict[int, QuestionVersion]:
    """Return every version that was asked, and the current ones of these questions, by primary key."""
    asked = {cell.version for row in cells for cell in row if cell}
    own = Q(slots__in=[slot.id for slot in slots if slot.question_id])
    questions = Question.objects.filter(Q(versions__in=asked) | own).order_by().values("current")
    rows = QuestionVersion.objects.filter(Q(pk__in=asked) | Q(pk__in=questions))
    return {
        version.pk: version for version in rows.order_by("number").select_related("question__section__lesson__course")
    }


# --- making something of it ------------------------------------------------------------------------------------------


def _analysis(found: _Class) -> Analysis:
    """A slot may have been worth another mark in earlier attempts: what counts is the share of it that was gained."""
    maxima = [slot.mark for slot in found.slots]
    marks = [
        [cell.share * maximum if cell else None for cell, maximum in zip(row, maxima, strict=True)]
        for row in found.cells
    ]
    items = [[found.versions[cell.version].question_id if cell else None for cell in row] for row in found.cells]
    guesses = {question: guessing.guess_score(version.parsed) for question, version in _asked_now(found).items()}
    return measures.analyse(marks, maxima, guesses, items)


def _asked_now(found: _Class) -> dict[uuid.UUID, QuestionVersion]:
    """Return the wording by which all answers to a question are read: the current one, else the last that was asked."""
    latest = {version.question_id: version for version in found.versions.values()}
    return {
        question: found.versions.get(version.question.current_id or version.pk, version)
        for question, version in latest.items()
    }


def _items(found: _Class, analysis: Analysis) -> list[Item]:
    places: dict[uuid.UUID, set[int]] = defaultdict(set)
    answers: dict[uuid.UUID, list[str | None]] = defaultdict(list)
    for place, slot in enumerate(found.slots):
        if slot.question_id is not None:
            places[slot.question_id].add(place)
    for row in found.cells:
        for place, cell in enumerate(row):
            if cell:
                question = found.versions[cell.version].question_id
                places[question].add(place)
                answers[question].append(cell.answer)
    items = [
        _item(found, version, sorted(places[question]), answers[question], analysis.items[question])
        for question, version in _asked_now(found).items()
        if question in places
    ]
    return sorted(items, key=lambda item: (not item.asked_now, item.positions, item.question.slug))


def _item(
    found: _Class,
    version: QuestionVersion,
    places: Sequence[int],
    answers: Sequence[str | None],
    numbers: ItemStatistics,
) -> Item:
    slots, body, question = [found.slots[place] for place in places], version.parsed, version.question
    return Item(
        question=question,
        version=version,
        positions=tuple(slot.position for slot in slots),
        drawn=any(slot.question_id is None for slot in slots),
        asked_now=question.archived_at is None and any(slot.archived_at is None for slot in slots),
        statistics=numbers,
        parts=analyse_written(body, [written or "null" for written in answers]) if body.Response else [],
    )
