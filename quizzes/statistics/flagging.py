"""Questions that those who know more answer worse are kept out of memory until an instructor has looked at them.

An instructor has looked who has decided anything about the question since its current version was made: taking the
exclusion back is such a decision, and the question is then left alone.
"""

from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from quizzes.models import Question, Quiz, Regrade
from quizzes.regrading import decisions
from quizzes.statistics import gathering

REASON: Final = "negative_discrimination"
"""Stands as the reason of a decision that nobody made."""


def keep_out_flagged(*, now: datetime) -> list[Question]:
    """Exclude what the statistics of the quizzes flag and nobody has looked at; return those questions."""
    flagged = {question for quiz in Quiz.objects.published() for question in gathering.flagged_questions(quiz)}
    looked = Regrade.objects.filter(
        question=OuterRef("pk"), author__isnull=False, made_at__gte=OuterRef("current__created_at")
    )
    excluded = Regrade.objects.standing().filter(question=OuterRef("pk"), version=None)
    unseen = Question.objects.published().filter(~Exists(looked), ~Exists(excluded), pk__in=flagged)
    return [question for question in unseen.order_by("slug") if _keep_out(question, now)]


def _keep_out(question: Question, now: datetime) -> bool:
    """What changes between looking and deciding is looked at again the next time."""
    try:
        seen = decisions.preview(question, None)
        decisions.exclude(question, author=None, reason=REASON, now=now, expected=seen)
    except decisions.RegradeError:
        return False
    return True
