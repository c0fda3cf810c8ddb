"""A package that comes in: cards with their log, twice the same, killed in the middle, other people's left alone."""

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory.anki import importing, planning
from quizzes.memory.anki.importing import Applied
from quizzes.models import CardMark, MemoryState, OwnPicture, Question, Review
from tests.quizzes.factories import NOW
from tests.quizzes.memory.anki.packages import FIRST, MEDIA, sample


def bring_in(user: User, course: Course, content: bytes) -> Applied:
    package = planning.read(content)
    return importing.apply(user, package, planning.plan(user, course, package, now=NOW), now=NOW)


def cards_of(user: User) -> dict[str, str]:
    rows = Question.every.filter(owner=user).select_related("current")
    sides = [row.current.body["texts"]["und"] for row in rows if row.current]
    return {texts["front"]: texts["back"] for texts in sides}


def test_every_kind_of_note_becomes_cards_with_two_sides(learner: User, course: Course) -> None:
    applied = bring_in(learner, course, sample().package(MEDIA))
    assert (applied.created, applied.reviews, applied.pictures) == (7, 7, 1)
    picture = OwnPicture.objects.get(owner=learner)
    assert cards_of(learner) == {
        "What is an **epoch**?": "One pass over the training set.  \nNot a batch.",
        "relu": r"\(\max(0, x)\)",
        r"\(\max(0, x)\)": "relu",
        "The step size of SGD": "learning rate",
        "A **\\[…]** has weights and a bias.": "A **neuron** has weights and a bias.",
        "A neuron has **\\[numbers]** and a bias.": "A neuron has **weights** and a bias.",
        f"![net](picture:{picture.pk})": "A network",
    }


def test_the_log_becomes_reviews_at_their_moments(learner: User, course: Course) -> None:
    bring_in(learner, course, sample().package(MEDIA))
    epoch = Question.every.get(owner=learner, current__body__texts__und__front__startswith="What is")
    rows = Review.objects.by(learner.pk).filter(question=epoch).in_fold_order()
    assert [(row.rating, row.effective_at.timestamp() * 1000 - FIRST, row.elapsed_ms) for row in rows] == [
        (3, 0, 4000),
        (3, 600_000, 3000),
        (1, 172_800_000, 9000),
        (3, 173_400_000, 2000),
        (4, 518_400_000, 1500),
    ]
    assert {row.source for row in rows} == {Review.Source.IMPORT}
    state = MemoryState.objects.get(user=learner, question=epoch)
    assert (state.reps, state.lapses) == (5, 1)


def test_importing_again_changes_nothing(learner: User, course: Course) -> None:
    content = sample().package(MEDIA)
    bring_in(learner, course, content)
    before = Review.objects.count(), Question.every.count(), OwnPicture.objects.count()
    again = bring_in(learner, course, content)
    assert (again.created, again.changed, again.same, again.reviews, again.known) == (0, 0, 7, 0, 7)
    assert (Review.objects.count(), Question.every.count(), OwnPicture.objects.count()) == before


def test_a_note_that_was_changed_in_anki_is_the_same_card(learner: User, course: Course) -> None:
    collection = sample()
    bring_in(learner, course, collection.package(MEDIA))
    collection.notes[0] = ("basic-1", 1, ["What is one epoch?", "One pass."])
    collection.log.append((1, FIRST + 9 * 86_400_000, 3, 1, 2500, 800))
    again = bring_in(learner, course, collection.package(MEDIA))
    assert (again.created, again.changed, again.same, again.reviews) == (0, 1, 6, 1)
    assert cards_of(learner)["What is one epoch?"] == "One pass."


def test_an_import_that_was_killed_is_taken_up(learner: User, course: Course) -> None:
    collection = sample()
    collection.log += [(1, FIRST + 10**9 + number * 10_000, 3, 1, 2500, 100) for number in range(600)]
    package = planning.read(collection.package(MEDIA))
    plan = planning.plan(learner, course, package, now=NOW)

    def kill(cards: int, reviews: int) -> None:
        if reviews:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.apply(learner, package, plan, now=NOW, tell=kill)
    assert Review.objects.by(learner.pk).count() == 500
    applied = importing.apply(learner, package, plan, now=NOW)
    assert (applied.reviews, applied.known) == (107, 500)
    assert Review.objects.by(learner.pk).count() == 607


def test_suspended_cards_are_not_asked(learner: User, course: Course) -> None:
    bring_in(learner, course, sample().package(MEDIA))
    suspended = CardMark.objects.by(learner.pk).filter(suspended_at__isnull=False).get()
    assert suspended.question.current.body["texts"]["und"]["back"] == "learning rate"


def test_what_is_left_out_is_said(learner: User, course: Course) -> None:
    collection = sample()
    collection.notes += [
        ("sound-6", 1, ["[sound:net.mp3]", "an answer"]),
        ("vector-7", 1, ["A drawing <img src='net.svg'>", "one<script>alert(1)</script>"]),
        ("cloze-8", 4, ["No gap here", ""]),
        ("mask-9", 4, ["{{c1::image-occlusion:rect:left=.1}}", ""]),
    ]
    collection.cards += [(6, 0, 0), (7, 0, 0), (8, 0, 0), (9, 0, 0)]
    collection.log += [(8, FIRST + 7, 3, 0, 2500, 1), (99, FIRST + 8, 3, 0, 2500, 1), (1, FIRST + 9, 3, 3, 0, 1)]
    media = {**MEDIA, "net.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"}
    plan = planning.plan(learner, course, planning.read(collection.package(media)), now=NOW)
    assert plan.left_out == {
        "by_hand": 1,
        "empty_front": 1,
        "filtered": 1,
        "missing_picture": 1,
        "no_cloze": 1,
        "no_picture": 1,
        "occlusion": 1,
        "other_media": 1,
        "reviews_without_card": 1,
        "simplified": 1,
        "sounds": 1,
        "strays": 1,
    }
    assert len(plan.cards) == 8


def test_two_learners_have_cards_of_their_own(learner: User, other_learner: User, course: Course) -> None:
    content = sample().package(MEDIA)
    bring_in(learner, course, content)
    bring_in(other_learner, course, content)
    assert cards_of(learner).keys() ^ cards_of(other_learner).keys() == {
        f"![net](picture:{picture.pk})" for picture in OwnPicture.objects.all()
    }
    assert Review.objects.by(learner.pk).count() == Review.objects.by(other_learner.pk).count() == 7


def test_three_buttons_of_the_first_scheduler_while_learning(learner: User, course: Course) -> None:
    collection = sample()
    collection.scheduler, collection.log = 1, [(1, FIRST, 2, 0, 2500, 1), (1, FIRST + 10**6, 3, 0, 2500, 1)]
    collection.log.append((1, FIRST + 10**9, 3, 1, 2500, 1))
    bring_in(learner, course, collection.package(MEDIA))
    assert list(Review.objects.by(learner.pk).in_fold_order().values_list("rating", flat=True)) == [3, 4, 3]
