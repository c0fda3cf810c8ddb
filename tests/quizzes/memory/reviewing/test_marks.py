from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError

from accounts.models import User
from courses.models import Course
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import marks
from quizzes.memory.reviewing.marks import MAX_NOTE, NoteChangedError
from quizzes.models import CardMark, Question
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import more_cards, remember

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def card(learner: User, course: Course) -> Question:
    (card,) = more_cards(course, 1)
    remember(learner, card, NOW)
    return card


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def ready(learner: User, at: Any = NOW) -> list[Any]:
    return [due.question for due in queue.today(learner, now=at).ready]


def the_mark(learner: User, card: Question) -> CardMark:
    return marks.of(learner, [card.pk])[card.pk]


class TestLayingAside:
    def test_a_suspended_card_is_not_asked_until_it_is_taken_up_again(self, learner: User, card: Question) -> None:
        marks.suspend(learner, [card.pk], now=NOW)
        assert ready(learner) == []
        assert marks.is_laid_aside(the_mark(learner, card), NOW)
        marks.take_up(learner, [card.pk], now=NOW)
        assert ready(learner) == [card.pk]

    def test_a_buried_card_comes_back_by_itself(self, learner: User, card: Question) -> None:
        marks.bury(learner, [card.pk], until=TOMORROW, now=NOW)
        assert ready(learner) == []
        assert ready(learner, TOMORROW) == [card.pk]
        assert not marks.is_laid_aside(the_mark(learner, card), TOMORROW)

    def test_twice_is_once(self, learner: User, card: Question) -> None:
        for _ in range(2):
            marks.suspend(learner, [card.pk, card.pk], now=NOW)
        assert CardMark.objects.count() == 1

    def test_one_verb_leaves_what_another_has_written(self, learner: User, card: Question) -> None:
        marks.note(learner, card.pk, "mine", now=NOW)
        marks.suspend(learner, [card.pk], now=NOW)
        marks.bury(learner, [card.pk], until=TOMORROW, now=NOW)
        marks.tell_leech(learner, card.pk, 4, now=NOW)
        mark = the_mark(learner, card)
        assert (mark.note, mark.suspended_at, mark.buried_until, mark.leech_seen) == ("mine", NOW, TOMORROW, 4)

    def test_it_is_nobody_elses(self, learner: User, other_learner: User, card: Question) -> None:
        marks.suspend(learner, [card.pk], now=NOW)
        assert marks.of(other_learner, [card.pk]) == {}

    def test_a_card_that_is_not_there_writes_nothing(self, learner: User, card: Question) -> None:
        marks.suspend(learner, [], now=NOW)
        assert not CardMark.objects.exists()


class TestANote:
    def test_it_is_kept_and_can_be_emptied(self, learner: User, card: Question) -> None:
        assert marks.note(learner, card.pk, "  my words \n", now=NOW).note == "my words"
        assert marks.note(learner, card.pk, "", now=NOW).note == ""

    def test_another_note_that_came_between_stands(self, learner: User, card: Question) -> None:
        marks.note(learner, card.pk, "from the phone", now=NOW, instead_of="")
        with pytest.raises(NoteChangedError) as caught:
            marks.note(learner, card.pk, "from the desk", now=NOW, instead_of="")
        assert caught.value.mark.note == "from the phone"
        assert the_mark(learner, card).note == "from the phone"

    def test_the_same_sent_twice_is_no_conflict(self, learner: User, card: Question) -> None:
        for _ in range(2):
            marks.note(learner, card.pk, "my words", now=NOW, instead_of="")
        assert the_mark(learner, card).note == "my words"

    def test_it_has_an_end(self, learner: User, card: Question) -> None:
        assert len(marks.note(learner, card.pk, "x" * 3000, now=NOW).note) == MAX_NOTE


class TestAWholeMark:
    def test_it_is_brought_to_what_is_wanted(self, learner: User, card: Question) -> None:
        marks.keep(learner, card.pk, buried_until=TOMORROW, suspended=True, note="a", now=NOW)
        later = NOW + timedelta(hours=1)
        marks.keep(learner, card.pk, buried_until=None, suspended=True, note="b", now=later)
        mark = the_mark(learner, card)
        assert (mark.buried_until, mark.suspended_at, mark.note) == (None, NOW, "b")
        marks.keep(learner, card.pk, buried_until=None, suspended=False, note="b", now=later)
        assert the_mark(learner, card).suspended_at is None


def test_what_a_leech_was_told_at_never_falls(learner: User, card: Question) -> None:
    marks.tell_leech(learner, card.pk, 6, now=NOW)
    marks.tell_leech(learner, card.pk, 4, now=NOW)
    assert the_mark(learner, card).leech_seen == 6


def test_there_is_one_mark_of_a_card(learner: User, card: Question) -> None:
    marks.suspend(learner, [card.pk], now=NOW)
    with pytest.raises(IntegrityError):
        CardMark.objects.create(user=learner, question=card, updated_at=NOW)
