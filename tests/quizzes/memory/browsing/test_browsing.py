import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory.browsing import finding as browsing
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.memory.browsing.schemas import Shown
from quizzes.models import CardMark, MemoryState, Question
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml
from tests.quizzes.memory.samples import open_lesson, rate, remember


def names(user: User, **wanted: object) -> list[str]:
    page = browsing.page_of(user, Shown.of(wanted), 1, now=NOW)
    return [one.asks("en").removeprefix("<p>").removesuffix("</p>") for one in page.object_list]


def own(user: User, course: Course, front: str = "mine", back: str = "back") -> Question:
    (kept,) = own_cards.keep(user, course, [OwnCard(uuid.uuid4(), front, back)], now=NOW)
    return kept.question


def test_a_learner_sees_what_was_answered_own_cards_and_the_flashcards_of_opened_lessons(
    learner: User, other_learner: User, course: Course
) -> None:
    own(other_learner, course, "theirs")
    assert names(learner) == []
    remember(learner, course.questions.get(slug="output"), NOW)
    own(learner, course)
    assert len(names(learner)) == 2
    open_lesson(learner, course)
    assert sorted(names(learner))[1:] == ["What is an epoch?", "mine"]


def test_own_cards_of_others_are_never_seen_even_with_a_state(
    learner: User, other_learner: User, course: Course
) -> None:
    remember(learner, own(other_learner, course, "theirs"), NOW)
    assert names(learner) == []


@pytest.mark.parametrize("word", ["EPOCH", "训练集", "遍历训练", "pass over", "training one"])
def test_words_are_found_in_both_sides_and_all_languages(learner: User, course: Course, word: str) -> None:
    open_lesson(learner, course)
    own(learner, course)
    assert names(learner, q=word) == ["What is an epoch?"]


def test_words_are_found_through_marks_and_in_notes(learner: User, course: Course) -> None:
    card = own(learner, course, "a ==激活**函数**== & R&D <5", "b")
    for word in ["激活函数", "R&D", "<5"]:
        assert len(names(learner, q=word)) == 1, word
    assert names(learner, q="mnemonic") == []
    CardMark.objects.create(user=learner, question=card, note="a Mnemonic 助记", updated_at=NOW)
    assert len(names(learner, q="mnemonic")) == len(names(learner, q="助记")) == 1


def test_a_search_never_tells_the_key_of_a_question(learner: User, course: Course) -> None:
    remember(learner, course.questions.get(slug="output"), NOW)
    remember(learner, course.questions.get(slug="nonlinear"), NOW)
    assert len(names(learner, q="activates")) == 1
    for of_key in ["propagation", "weighted", "key", "depth", "front", "strong"]:
        assert names(learner, q=of_key) == [], of_key


def test_filters_are_of_place_kind_state_and_marks(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    output, card = course.questions.get(slug="output"), course.questions.get(slug="card-epoch")
    mine = own(learner, course)
    remember(learner, output, NOW + timedelta(days=9))
    MemoryState.objects.filter(question=output).update(lapses=4, reps=9)
    remember(learner, mine, NOW, MemoryState.State.LEARNING)
    CardMark.objects.create(user=learner, question=mine, suspended_at=NOW, note="n", updated_at=NOW)
    CardMark.objects.create(user=learner, question=card, buried_until=NOW + timedelta(hours=1), updated_at=NOW)
    lesson = str(course.lessons.get().pk)
    expected = {
        ("kind", "cloze"): 1, ("lesson", lesson): 2, ("course", course.slug): 3, ("course", "another"): 0,
        ("state", "new"): 1, ("state", "learning"): 1, ("state", "review"): 1, ("state", "relearning"): 0,
    }  # fmt: skip
    for (name, value), count in expected.items():
        assert len(names(learner, **{name: value})) == count, (name, value)
    for only, count in {"due": 1, "suspended": 1, "buried": 1, "leech": 1, "own": 1, "note": 1, "put_away": 0}.items():
        assert len(names(learner, only=[only])) == count, only
    assert names(learner, only=["own", "suspended"]) == ["mine"]
    assert names(learner, only=["own", "buried"]) == []


def test_what_was_put_away_is_seen_only_where_it_is_asked_for(learner: User, course: Course) -> None:
    mine = own(learner, course)
    own_cards.put_away(learner, [mine.pk], now=NOW)
    assert names(learner) == []
    assert names(learner, only=["put_away"]) == ["mine"]
    found = browsing.card_of(learner, mine.pk, now=NOW)
    assert found is not None
    assert found.is_put_away


def test_changed_are_cards_with_another_text_than_at_the_last_review(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    rate(learner, course.questions.get(slug="card-epoch"))
    assert names(learner, only=["changed"]) == []
    import_yaml(course, QUESTIONS.replace("One pass over", "One full pass over"))
    assert names(learner, only=["changed"]) == ["What is an epoch?"]
    rate(learner, course.questions.get(slug="card-epoch"), at=NOW + timedelta(minutes=5))
    assert names(learner, only=["changed"]) == []


def test_orders_are_by_due_recall_difficulty_stability_and_lapses_and_what_is_new_comes_last(
    learner: User, course: Course
) -> None:
    first, second = own(learner, course, "first"), own(learner, course, "second")
    own(learner, course, "new")
    remember(learner, first, NOW + timedelta(days=1))
    remember(learner, second, NOW + timedelta(days=2))
    MemoryState.objects.filter(question=second).update(
        stability=0.5, last_review=NOW - timedelta(days=9), difficulty=9.0, lapses=3
    )
    assert names(learner) == ["first", "second", "new"]
    for sort in ["recall", "difficulty", "stability", "lapses"]:
        assert names(learner, sort=sort) == ["second", "first", "new"], sort


def test_an_address_that_somebody_wrote_does_no_harm() -> None:
    shown = Shown.of({"q": "x" * 900, "lesson": "no", "state": "odd", "only": ["own", "odd"], "sort": "due", "more": 1})
    assert shown == Shown()


def test_five_thousand_cards_take_no_more_queries_than_five(
    learner: User, course: Course, django_assert_max_num_queries
) -> None:
    many = [OwnCard(uuid.uuid4(), f"card {number} 卡片", "back **of** it") for number in range(5000)]
    own_cards.keep(learner, course, many, now=NOW)
    MemoryState.objects.bulk_create(
        MemoryState(
            user=learner, question_id=card.id, state=2, stability=3.0 + number, difficulty=5.0, due=NOW,
            last_review=NOW, reps=1, lapses=0, state_hash="",
        )
        for number, card in enumerate(many)
    )  # fmt: skip
    for wanted in [{}, {"sort": "recall"}, {"q": "卡片"}, {"q": "4321"}, {"only": ["changed", "due"]}]:
        with django_assert_max_num_queries(5):
            found = browsing.page_of(learner, Shown.of(wanted), 1, now=NOW)
        assert len(found.object_list) == min(50, found.paginator.count)
    assert browsing.page_of(learner, Shown.of({"q": "4321"}), 1, now=NOW).paginator.count == 1
