"""Who may decide about a question: who teaches its course. Strangers are told that there is nothing (404)."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from courses.access import is_instructor
from quizzes.access import NOTHING
from quizzes.models import Question, Regrade


def taught_question(user: User | AnonymousUser, question_id: uuid.UUID) -> Question:
    """Also one that is not asked any more: what was answered to it may still be judged anew."""
    found = Question.objects.select_related("course", "current", "lesson", "section").filter(id=question_id).first()
    if found is None or found.current is None or not is_instructor(user, found.course):
        raise Http404(NOTHING)
    return found


def decision_of(question: Question, regrade_id: int) -> Regrade:
    found = question.regrades.select_related("version", "author").filter(pk=regrade_id).first()
    if found is None:
        raise Http404(NOTHING)
    found.question = question
    return found
