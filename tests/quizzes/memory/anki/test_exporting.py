"""Cards that go out: for the reader of packages they are the same cards with the same log, and come back as such."""

import json
import sqlite3
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.memory.anki import exporting, identity, importing, pictures, planning
from quizzes.memory.anki.exporting import Exported
from quizzes.memory.anki.package_reading import Limits, read_package
from quizzes.memory.browsing import own_cards, own_texts
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.memory.reviewing import marks
from quizzes.models import MemoryState, OwnPicture, Question, Review
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.anki.packages import MEDIA, PNG, sample
from tests.quizzes.memory.samples import open_lesson, rate


@pytest.fixture
def flashcard(course: Course, learner: User) -> Question:
    """Reviewed five times: learned, forgotten once, and learned again."""
    open_lesson(learner, course)
    card = Question.objects.get(course=course, kind="flashcard")
    rated = [(0, 3), (0.01, 3), (3, 1), (3.01, 3), (9, 4)]
    items = [
        {
            "id": str(uuid4()),
            "question": str(card.pk),
            "rating": rating,
            "occurred_at": (NOW - timedelta(days=20 - days)).isoformat(),
            "elapsed_ms": 4000,
        }
        for days, rating in rated
    ]
    reviews.record(learner, reviews.read_all(items), source=Review.Source.FLASHCARD, now=NOW)
    return card


def own_card(user: User, course: Course, front: str, back: str) -> Question:
    return own_cards.keep(user, course, [OwnCard(uuid4(), front, back)], now=NOW)[0].question


def export(user: User, course: Course, *, with_scheduling: bool = True) -> Exported:
    return exporting.export(user, course, locale="en", with_scheduling=with_scheduling, now=NOW)


def rows_of(exported: Exported, query: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(":memory:")
    database.deserialize(zipfile.ZipFile(BytesIO(exported.content)).read("collection.anki2"))
    return database.execute(query).fetchall()


def bring_in(user: User, course: Course, content: bytes) -> importing.Applied:
    package = planning.read(content)
    return importing.apply(user, package, planning.plan(user, course, package, now=NOW), now=NOW)


def test_what_went_out_is_read_as_the_same_cards_and_log(learner: User, course: Course, flashcard: Question) -> None:
    own = own_card(learner, course, "What does $\\max(0, x)$ do?", "It is **relu**.")
    package = read_package(export(learner, course).content, Limits())
    by_guid = {card.note.guid: card for card in package.cards}
    assert by_guid.keys() == {identity.guid_of(flashcard.pk), identity.guid_of(own.pk)}
    assert by_guid[identity.guid_of(own.pk)].note.fields == [
        r"<p>What does \(\max(0, x)\) do?</p>",
        "<p>It is <strong>relu</strong>.</p>",
    ]
    log = by_guid[identity.guid_of(flashcard.pk)].log
    kept = Review.objects.by(learner.pk).in_fold_order()
    assert [(row.id, row.ease, row.milliseconds) for row in log] == [
        (int(one.effective_at.timestamp() * 1000), one.rating, 4000) for one in kept
    ]
    assert [row.kind for row in log] == [0, 0, 1, 2, 1]


def test_memory_stands_where_anki_keeps_it(learner: User, course: Course, flashcard: Question) -> None:
    exported = export(learner, course)
    state = MemoryState.objects.get(user=learner, question=flashcard)
    ((kind, queue, due, interval, reps, lapses, data, made_at),) = rows_of(
        exported, "SELECT type, queue, due, cards.ivl, reps, lapses, cards.data, col.crt FROM cards, col"
    )
    assert (kind, queue, reps, lapses) == (2, 2, 5, 1)
    assert interval == round((state.due - state.last_review) / timedelta(days=1))
    assert made_at + due * 86_400 <= state.due.timestamp() < made_at + (due + 1) * 86_400
    told = json.loads(data)
    assert (told["s"], told["d"]) == (round(state.stability, 4), round(state.difficulty, 3))
    assert (told["dr"], told["decay"], told["lrt"]) == (0.9, 0.154, int(state.last_review.timestamp()))
    assert rows_of(exported, "SELECT min(crt) < (SELECT min(id) / 1000 FROM revlog) FROM col") == [(1,)]


def test_it_comes_back_as_what_it_was(learner: User, course: Course, flashcard: Question) -> None:
    pictures.keep(learner, {"net.png": PNG}, now=NOW)
    shown = own_texts.written(identity.picture_id(learner.pk, PNG), "a network")
    own_card(learner, course, f"What is this? {shown}", "A network: $x^2$ & *more*")
    before = list(Review.objects.values()), list(MemoryState.objects.values()), Question.every.count()
    package = planning.read(export(learner, course).content)
    plan = planning.plan(learner, course, package, now=NOW)
    assert (plan.counts, plan.reviews, plan.known) == ({"created": 0, "changed": 0, "same": 1, "course": 1}, 0, 5)
    assert plan.left_out == {}
    importing.apply(learner, package, plan, now=NOW)
    assert (list(Review.objects.values()), list(MemoryState.objects.values()), Question.every.count()) == before


def test_reviews_made_in_anki_meanwhile_come_back(learner: User, course: Course, flashcard: Question) -> None:
    exported = export(learner, course)
    database = sqlite3.connect(":memory:")
    archive = zipfile.ZipFile(BytesIO(exported.content))
    database.deserialize(archive.read("collection.anki2"))
    at = int((NOW - timedelta(days=1)).timestamp() * 1000)
    database.execute("INSERT INTO revlog SELECT ?, id, -1, 2, 5, 3, 300, 2500, 1 FROM cards", (at,))
    database.execute("UPDATE notes SET flds = 'changed' || char(31) || 'in Anki'")
    database.commit()
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as changed:
        changed.writestr("collection.anki2", database.serialize())
    applied = bring_in(learner, course, sink.getvalue())
    assert (applied.reviews, applied.known, applied.changed) == (1, 5, 0)
    assert MemoryState.objects.get(user=learner, question=flashcard).reps == 6
    flashcard.refresh_from_db()
    assert flashcard.current is not None
    assert "epoch" in flashcard.current.body["texts"]["en"]["front"]


def test_an_own_card_that_was_changed_in_anki_is_changed(learner: User, course: Course) -> None:
    own = own_card(learner, course, "before", "back")
    content = export(learner, course).content
    database = sqlite3.connect(":memory:")
    database.deserialize(zipfile.ZipFile(BytesIO(content)).read("collection.anki2"))
    database.execute("UPDATE notes SET flds = 'after' || char(31) || '<b>back</b>'")
    database.commit()
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as changed:
        changed.writestr("collection.anki2", database.serialize())
    assert bring_in(learner, course, sink.getvalue()).changed == 1
    own = Question.every.get(pk=own.pk)
    assert own.current is not None
    assert own.current.body["texts"]["und"] == {"front": "after", "back": "**back**"}


def test_somebody_else_gets_cards_of_their_own(learner: User, other_learner: User, course: Course) -> None:
    pictures.keep(learner, {"net.png": PNG}, now=NOW)
    own_card(learner, course, own_texts.written(identity.picture_id(learner.pk, PNG), "net"), "back")
    applied = bring_in(other_learner, course, export(learner, course).content)
    assert (applied.created, applied.pictures) == (1, 1)
    theirs = Question.every.get(owner=other_learner)
    assert theirs.current is not None
    assert str(OwnPicture.objects.get(owner=other_learner).pk) in theirs.current.body["texts"]["und"]["front"]


def test_questions_that_are_graded_here_have_a_front_and_a_back(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    answers = {"nonlinear": {"choice": "nonlinear"}, "output": {"blanks": {"sum": "product", "name": "forward pass"}}}
    items = [
        {"id": str(uuid4()), "question": str(one.pk), "response": answers[one.slug], "occurred_at": NOW.isoformat()}
        for one in Question.objects.filter(slug__in=answers)
    ]
    reviews.record(learner, reviews.read_all(items), source=Review.Source.QUIZ, now=NOW)
    fields = dict(
        tuple(row[0].split("\x1f")) for row in rows_of(export(learner, course), "SELECT flds FROM notes ORDER BY id")
    )
    assert fields["<p>What is an epoch?</p>"] == "<p>One pass over the training set.</p>"
    choice = next(front for front in fields if "dense layer" in front)
    assert choice.endswith("<ul><li>non-linear</li><li>linear</li><li>constant</li></ul>")
    assert fields[choice] == "<p><b>non-linear</b></p><p>Depth needs non-linearity.</p>"
    cloze = next(front for front in fields if "activates" in front)
    assert "<b>[weighted sum / product]</b> of its inputs; the step is a <b>[…]</b>" in cloze
    assert "<b>weighted sum</b> of its inputs; the step is a <b>forward pass</b>" in fields[cloze]


ORDERING = """
questions:
  - id: order
    kind: ordering
    items: [second, first]
    key: [first, second]
    texts:
      en: {prompt: In which order?, items: {first: forward, second: backward}}
      zh-hans: {prompt: 顺序？, items: {first: 前向, second: 反向}}
"""


def test_a_question_that_is_no_card_is_counted(learner: User) -> None:
    course = make_course(questions=ORDERING)
    rate_as_evidence(learner, Question.objects.get())
    exported = export(learner, course)
    assert (exported.cards, dict(exported.left_out)) == (0, {"ordering": 1})


def rate_as_evidence(user: User, question: Question) -> None:
    assert question.current is not None
    reviews.record_rating(
        user,
        question.current,
        reviews.fsrs.Rating.GOOD,
        review_id=uuid4(),
        source=Review.Source.CHALLENGE,
        occurred_at=NOW,
        now=NOW,
    )


def test_undone_reviews_stay_here(learner: User, course: Course, flashcard: Question) -> None:
    last = Review.objects.by(learner.pk).in_fold_order().last()
    assert last is not None
    undo = {"id": str(uuid4()), "question": str(flashcard.pk), "undoes": str(last.review_id)}
    reviews.record(
        learner,
        reviews.read_all([undo | {"occurred_at": NOW.isoformat()}]),
        source=Review.Source.FLASHCARD,
        now=NOW,
    )
    assert rows_of(export(learner, course), "SELECT count(*) FROM revlog") == [(4,)]


def test_two_reviews_in_one_millisecond_are_two_lines(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    first, second = own_card(learner, course, "1", "1"), own_card(learner, course, "2", "2")
    rate(learner, first, second)
    exported = export(learner, course)
    assert rows_of(exported, "SELECT count(*) FROM revlog") == [(2,)]
    assert bring_in(learner, course, exported.content).reviews == 0


def test_without_scheduling_cards_are_new(learner: User, course: Course, flashcard: Question) -> None:
    exported = export(learner, course, with_scheduling=False)
    assert rows_of(exported, "SELECT type, queue, reps, data FROM cards") == [(0, 0, 0, "")]
    assert rows_of(exported, "SELECT count(*) FROM revlog") == [(0,)]


def test_a_note_is_as_old_as_its_text(learner: User, course: Course, flashcard: Question) -> None:
    assert flashcard.current is not None
    ((changed,),) = rows_of(export(learner, course), "SELECT mod FROM notes")
    assert changed == int(flashcard.current.created_at.timestamp())


def test_a_suspended_card_is_suspended_in_anki(learner: User, course: Course, flashcard: Question) -> None:
    marks.suspend(learner, [flashcard.pk], now=NOW)
    assert rows_of(export(learner, course), "SELECT type, queue FROM cards") == [(2, -1)]


def test_other_peoples_cards_stay_here(learner: User, other_learner: User, course: Course) -> None:
    own_card(other_learner, course, "secret", "card")
    assert export(learner, course).cards == 0


def test_a_dozen_queries_whatever_the_number_of_cards(
    learner: User, course: Course, django_assert_max_num_queries
) -> None:
    bring_in(learner, course, sample().package(MEDIA))
    with django_assert_max_num_queries(10):
        assert export(learner, course).cards == 7
