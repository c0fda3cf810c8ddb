import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.models import MemoryState, Review
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, rate
from tests.servers import Installation


@pytest.fixture
def remembered(learner: User, other_learner: User) -> list[tuple[Any, ...]]:
    question = make_course().questions.get(slug="card-epoch")
    for user in (learner, other_learner):
        items = [
            {
                "id": str(uuid.uuid4()),
                "question": str(question.pk),
                "rating": 3,
                "occurred_at": (NOW + timedelta(days=day)).isoformat(),
            }
            for day in (0, 1, 5, 3)
        ]
        reviews.record(user, reviews.read_all(items), source=Review.Source.FLASHCARD, now=NOW + timedelta(days=9))
    return all_states()


def all_states() -> list[tuple[Any, ...]]:
    return list(MemoryState.objects.order_by("user", "question").values_list("user", "question", *reviews.STATE_FIELDS))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild_memory", *arguments, stdout=out)
    return out.getvalue()


def test_it_finds_every_state_equal_to_the_fold_of_the_log(remembered: list[tuple[Any, ...]]) -> None:
    assert "2 memory states of 2 learners: agree" in run("--check")


def test_it_restores_what_was_lost_or_spoilt(remembered: list[tuple[Any, ...]], learner: User) -> None:
    MemoryState.objects.filter(user=learner).delete()
    MemoryState.objects.exclude(user=learner).update(stability=999.0, reps=0)
    assert "2 of them changed" in run()
    assert all_states() == remembered


def test_it_removes_a_state_without_reviews(remembered: list[tuple[Any, ...]], learner: User) -> None:
    Review.objects.filter(user=learner).delete()
    run()
    assert all_states() == [row for row in remembered if row[0] != learner.pk]


def test_check_fails_and_writes_nothing(remembered: list[tuple[Any, ...]]) -> None:
    MemoryState.objects.update(reps=0)
    spoilt = all_states()
    with pytest.raises(CommandError, match="2 memory states of 2 learners differ"):
        run("--check")
    assert all_states() == spoilt


def test_it_removes_the_state_of_what_was_undone(remembered: list[tuple[Any, ...]], learner: User) -> None:
    spoilt = MemoryState.objects.get(user=learner)
    for review in Review.objects.filter(user=learner):
        undo = {"id": str(uuid.uuid4()), "question": str(review.question_id), "undoes": str(review.review_id)}
        item = undo | {"occurred_at": NOW.isoformat()}
        reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=NOW + timedelta(days=9))
    spoilt.pk = None
    spoilt.save(force_insert=True)
    assert "1 of them changed" in run()
    assert all_states() == [row for row in remembered if row[0] != learner.pk]


def test_it_asks_the_same_whatever_the_number_of_reviews_and_questions(
    remembered: list[tuple[Any, ...]], learner: User
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            reviews.rebuild(learner)
        return len(queries)

    few = asked()
    for question in more_cards(Course.objects.get(), 30):
        rate(learner, question)
    MemoryState.objects.filter(user=learner).update(reps=99)
    assert asked() == few + 1  # the one that writes


SPOILT = """
from accounts.models import User
from quizzes.models import MemoryState
from tests.quizzes.factories import make_course
from tests.quizzes.memory.samples import more_cards, rate
from tests.servers import Installation
cards = more_cards(make_course(), 3)
for number in range(20):
    user = User.objects.create_user(f"{number}@example.org")
    for card in cards:
        rate(user, card)
MemoryState.objects.filter(user__email__startswith="1").delete()
MemoryState.objects.update(stability=999.0)
"""


def test_several_learners_at_a_time(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.manage("migrate", "--verbosity=0")
    installation.manage("shell", stdin=SPOILT)
    told = installation.manage("rebuild_memory", "--jobs=3")
    assert "60 memory states of 20 learners: folded, 60 of them changed" in told
    assert "60 memory states of 20 learners: agree" in installation.manage("rebuild_memory", "--check", "--jobs=3")


def test_no_learner_at_a_time_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="--jobs must be 1 or more"):
        run("--jobs", "0")
