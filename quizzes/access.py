"""Who may see and do what with questions, quizzes and attempts. Strangers are told that there is nothing (404)."""

import uuid

from django.http import Http404

from accounts.models import User
from quizzes.models import Attempt, Question, Quiz

NOTHING = "There is nothing here."


def visible_quiz(quiz_id: uuid.UUID) -> Quiz:
    """Every learner may take every quiz of a published lesson."""
    quizzes = Quiz.objects.published().select_related("lesson__course")
    quiz = quizzes.filter(id=quiz_id, lesson__archived_at=None, lesson__course__archived_at=None).first()
    if quiz is None:
        raise Http404(NOTHING)
    return quiz


def own_attempt(user: User, attempt_id: uuid.UUID) -> Attempt:
    """An attempt belongs to who started it, also after its quiz was archived."""
    attempt = Attempt.objects.select_related("quiz__lesson__course").filter(id=attempt_id, user=user).first()
    if attempt is None:
        raise Http404(NOTHING)
    attempt.user = user
    return attempt


def visible_question(question_id: uuid.UUID) -> Question:
    """A review of any published question is accepted, whichever lessons the learner has opened."""
    question = Question.objects.published().select_related("course", "current").filter(id=question_id).first()
    if question is None:
        raise Http404(NOTHING)
    return question
