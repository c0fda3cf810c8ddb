import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from courses.models import Course, Section
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import CardTextError, OwnCard, TooManyCardsError, UnknownCardError
from quizzes.models import MemoryState, Question, QuestionVersion, Review
from tests.quizzes.factories import NOW, import_yaml, make_course
from tests.quizzes.memory.samples import rate

CARD = uuid.UUID("5f0c1c1e-6a39-4a0e-9a53-4a0f6f0d1b11")


def keep(user: User, course: Course, *cards: OwnCard) -> list[str]:
    return [kept.status for kept in own_cards.keep(user, course, cards, now=NOW)]


def test_a_card_is_a_flashcard_of_its_learner_alone(learner: User, course: Course) -> None:
    section = Section.objects.select_related("lesson").get(slug="forward")
    (kept,) = own_cards.keep(learner, course, [OwnCard(CARD, "What is **SGD**?", "一种优化器", section)], now=NOW)
    assert kept.status == "created"
    card = Question.every.get(pk=CARD)
    assert (card.owner, card.kind, card.slug, card.lesson, card.section) == (
        learner, "flashcard", f"own-{CARD}", section.lesson, section,
    )  # fmt: skip
    assert card.current is not None
    for locale in ["en", "zh-hans", "fr"]:
        texts = card.current.texts_in(locale, "en")
        assert texts == {"front": "<p>What is <strong>SGD</strong>?</p>", "back": "<p>一种优化器</p>"}
    assert not Question.objects.filter(pk=CARD).exists()


def test_the_same_again_changes_nothing(learner: User, course: Course) -> None:
    card = OwnCard(CARD, "front", "back")
    assert [*keep(learner, course, card), *keep(learner, course, card)] == ["created", "same"]
    assert QuestionVersion.objects.filter(question=CARD).count() == 1


def test_another_text_is_another_version_and_the_old_one_stays(learner: User, course: Course) -> None:
    keep(learner, course, OwnCard(CARD, "front", "back"))
    assert keep(learner, course, OwnCard(CARD, "front", "other")) == ["changed"]
    versions = QuestionVersion.objects.filter(question=CARD).order_by("number")
    assert [version.body["texts"]["und"]["back"] for version in versions] == ["back", "other"]
    assert Question.every.get(pk=CARD).current == versions[1]


def test_a_card_stays_where_it_was_taken_from_when_only_its_text_is_given(learner: User, course: Course) -> None:
    section = Section.objects.select_related("lesson").get(slug="forward")
    keep(learner, course, OwnCard(CARD, "front", "back", section))
    keep(learner, make_course("another"), OwnCard(CARD, "new", "back"))
    card = Question.every.get(pk=CARD)
    assert (card.course, card.section) == (course, section)


def test_a_section_of_another_course_is_none_of_its_own(learner: User, course: Course) -> None:
    make_course("another")
    elsewhere = Section.objects.select_related("lesson").get(slug="forward", lesson__course__slug="another")
    keep(learner, course, OwnCard(CARD, "front", "back", elsewhere))
    assert Question.every.get(pk=CARD).section is None


def test_hostile_markdown_is_harmless(learner: User, course: Course) -> None:
    text = 'x <script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) <b id="own">b</b>'
    keep(learner, course, OwnCard(CARD, text, text))
    current = Question.every.get(pk=CARD).current
    assert current is not None
    html = current.texts_in("en", "en")["front"]
    assert not any(bad in html for bad in ["<script", "onerror", "javascript:", "id="])


@pytest.mark.parametrize(
    ("front", "back", "side", "code"),
    [
        ("", "back", "front", "missing"),
        ("front", "  \n ", "back", "missing"),
        ("x" * 10_001, "back", "front", "too_long"),
        ("front", "a\x00b", "back", "character"),
        ("a\ud800", "back", "front", "character"),
    ],
)
def test_a_text_that_no_card_can_have_is_refused_and_named(
    learner: User, course: Course, front: str, back: str, side: str, code: str
) -> None:
    with pytest.raises(CardTextError) as refused:
        keep(learner, course, OwnCard(uuid.uuid4(), "good", "good"), OwnCard(CARD, front, back))
    assert (refused.value.side, refused.value.code) == (side, code)
    assert not Question.every.filter(owner=learner).exists()


def test_what_is_somebody_elses_is_unknown(learner: User, other_learner: User, course: Course) -> None:
    keep(other_learner, course, OwnCard(CARD, "theirs", "theirs"))
    of_course = course.questions.get(slug="card-epoch").pk
    for id_ in [CARD, of_course]:
        with pytest.raises(UnknownCardError):
            keep(learner, course, OwnCard(uuid.uuid4(), "mine", "mine"), OwnCard(id_, "mine", "mine"))
        with pytest.raises(UnknownCardError):
            own_cards.put_away(learner, [id_], now=NOW)
        with pytest.raises(UnknownCardError):
            own_cards.take_up_again(learner, [id_])
    assert not Question.every.filter(owner=learner).exists()
    theirs = Question.every.get(pk=CARD)
    assert theirs.archived_at is None
    assert theirs.current is not None
    assert theirs.current.body["texts"]["und"]["front"] == "theirs"


def test_a_card_that_is_put_away_keeps_its_history_and_comes_back(learner: User, course: Course) -> None:
    keep(learner, course, OwnCard(CARD, "front", "back"))
    rate(learner, Question.every.get(pk=CARD))
    assert own_cards.put_away(learner, [CARD], now=NOW) == 1
    assert own_cards.put_away(learner, [CARD], now=NOW + timedelta(days=1)) == 0
    assert Question.every.get(pk=CARD).archived_at == NOW
    assert Review.objects.by(learner.pk).count() == MemoryState.objects.by(learner.pk).count() == 1
    assert own_cards.take_up_again(learner, [CARD]) == 1
    assert own_cards.take_up_again(learner, [CARD]) == 0
    assert Question.every.visible_to(learner.pk).filter(pk=CARD).exists()


def test_to_keep_a_card_that_was_put_away_brings_it_back(learner: User, course: Course) -> None:
    keep(learner, course, OwnCard(CARD, "front", "back"))
    own_cards.put_away(learner, [CARD], now=NOW)
    assert keep(learner, course, OwnCard(CARD, "front", "back")) == ["changed"]
    assert Question.every.get(pk=CARD).archived_at is None


def test_an_id_that_stands_twice_is_one_card(learner: User, course: Course) -> None:
    assert keep(learner, course, OwnCard(CARD, "a", "a"), OwnCard(CARD, "b", "b")) == ["created", "created"]
    (version,) = QuestionVersion.objects.filter(question=CARD)
    assert version.body["texts"]["und"]["front"] == "b"


def test_more_than_a_learner_may_keep_is_refused_whole(learner: User, course: Course, settings) -> None:
    settings.OWN_CARDS_PER_LEARNER = 2
    keep(learner, course, OwnCard(CARD, "a", "a"))
    own_cards.put_away(learner, [CARD], now=NOW)
    with pytest.raises(TooManyCardsError) as refused:
        keep(learner, course, OwnCard(uuid.uuid4(), "b", "b"), OwnCard(uuid.uuid4(), "c", "c"))
    assert (refused.value.most, refused.value.count) == (2, 3)
    assert keep(learner, course, OwnCard(uuid.uuid4(), "b", "b"), OwnCard(CARD, "new", "a")) == ["created", "changed"]


def test_many_cards_take_few_queries(learner: User, course: Course, django_assert_max_num_queries) -> None:
    cards = [OwnCard(uuid.uuid5(CARD, str(number)), f"front {number}", "back") for number in range(1200)]
    with django_assert_max_num_queries(60):
        assert set(keep(learner, course, *cards)) == {"created"}
    with django_assert_max_num_queries(15):
        assert set(keep(learner, course, *cards)) == {"same"}


def test_an_import_of_the_course_leaves_own_cards_alone(learner: User, course: Course) -> None:
    keep(learner, course, OwnCard(CARD, "front", "back"))
    assert import_yaml(course, "questions: []").archived == 3
    assert Question.every.get(pk=CARD).archived_at is None


def test_what_breaks_in_the_middle_leaves_nothing(learner: User, course: Course, monkeypatch) -> None:
    def broken(*arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(own_cards, "_bring_to", broken)
    with pytest.raises(OSError, match="full"):
        keep(learner, course, OwnCard(CARD, "front", "back"))
    assert not QuestionVersion.objects.filter(question=CARD).exists()
    assert not Question.every.filter(pk=CARD).exists()


def test_a_comparison_says_what_would_be_done_and_does_nothing(learner: User, course: Course) -> None:
    ids = [uuid.uuid4() for _ in range(4)]
    keep(learner, course, *(OwnCard(id_, "front", "back") for id_ in ids[:3]))
    own_cards.put_away(learner, [ids[2]], now=NOW)
    wanted = [OwnCard(ids[0], "front", "back"), OwnCard(ids[1], "new", "back"), OwnCard(ids[2], "front", "back")]
    told = own_cards.compare(learner, [*wanted, OwnCard(ids[3], "front", "back")])
    assert [told[id_] for id_ in ids] == ["same", "changed", "changed", "created"]
    assert keep(learner, course, *wanted, OwnCard(ids[3], "front", "back")) == [told[id_] for id_ in ids]
