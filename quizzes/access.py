"""Who may see and do what with questions, quizzes and attempts. Strangers are told that there is nothing (404)."""

import uuid

from django.db.models import UUIDField
from django.http import Http404

from accounts.models import User
from config.prepared import Prepared
from courses.access import is_instructor
from quizzes.models import Attempt, Question, QuestionVersion, Quiz

NOTHING = "There is nothing here."


_VISIBLE_QUIZ = Prepared(
    lambda pk: (
        Quiz.objects.published()
        .filter(pk=pk, lesson__archived_at=None, lesson__course__archived_at=None)
        .select_related("lesson__course")
        .order_by()
    ),
    pk=UUIDField(),
)


def visible_quiz(quiz_id: uuid.UUID) -> Quiz:
    """Every learner may take every quiz of a published lesson."""
    quiz = _VISIBLE_QUIZ.first(pk=quiz_id)
    if quiz is None:
        raise Http404(NOTHING)
    return quiz


def teaches(user: User, quiz: Quiz) -> bool:
    return is_instructor(user, quiz.lesson.course)


def taught_quiz(user: User, quiz_id: uuid.UUID) -> Quiz:
    """What a class did in a quiz is for who teaches the course, also after the quiz was archived."""
    quiz = Quiz.objects.select_related("lesson__course").filter(id=quiz_id).first()
    if quiz is None or not teaches(user, quiz):
        raise Http404(NOTHING)
    return quiz


def own_attempt(user: User, attempt_id: uuid.UUID) -> Attempt:
    """An attempt belongs to who started it, also after its quiz was archived."""
    attempt = Attempt.objects.select_related("quiz__lesson__course").filter(id=attempt_id, user=user).first()
    if attempt is None:
        raise Http404(NOTHING)
    attempt.user = user
    return attempt


def visible_question(question_id: uuid.UUID, user: User | None = None) -> Question:
    """A review of any published question is accepted, whichever lessons the learner has opened, and of the own ones."""
    questions = Question.every.visible_to(user.pk) if user else Question.objects.published()
    question = questions.select_related("course", "current").filter(id=question_id).first()
    if question is None:
        raise Http404(NOTHING)
    return question


def version_of(question: Question, number: int | None) -> QuestionVersion:
    """The version that a form shows: the question may have been mended since."""
    found = QuestionVersion.objects.filter(question=question, number=number).first() if number is not None else None
    if found is None:
        raise Http404(NOTHING)
    return found
