import uuid
from datetime import datetime
from typing import cast

from django.db.models import UUIDField
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.etags import conditional
from config.prepared import Prepared
from config.problems import FieldError, Problem
from quizzes import access, attempts, places, presenting, schemas
from quizzes.attempt_errors import AttemptIdTakenError, NoAttemptLeftError, QuizIsEmptyError, QuizIsNotOpenError
from quizzes.judging import Given
from quizzes.kinds.base import Strict
from quizzes.models import Attempt


class QuizView(APIView):
    @extend_schema(operation_id="quiz_read", responses=schemas.PublicQuiz)
    @conditional
    def get(self, request: Request, quiz_id: uuid.UUID) -> Response:
        """The questions of a quiz in order, without keys, in the language of the request."""
        quiz = access.visible_quiz(quiz_id)
        return _answer(presenting.quiz(quiz, get_language() or ""))


class AttemptView(APIView):
    @extend_schema(operation_id="attempt_read", responses=schemas.PublicAttempt)
    def get(self, request: Request, attempt_id: uuid.UUID) -> Response:
        """What is asked, and the marks of what has been answered so far."""
        attempt, now = access.own_attempt(_learner(request), attempt_id), timezone.now()
        attempts.close_if_over(attempt, now=now)
        return _answer(presenting.attempt(attempt, places.of_attempt(attempt), get_language() or "", now))

    @extend_schema(
        operation_id="attempt_save",
        request=schemas.AttemptBody,
        responses={200: schemas.SavedAttempt, 201: schemas.SavedAttempt},
    )
    def put(self, request: Request, attempt_id: uuid.UUID) -> Response:
        """Start the attempt if it is new, and mark or keep the given answers. Repeating a request changes nothing.

        One bad answer never blocks the others: each has a result, in the same order. Where answers are marked at once
        the first one of a slot stands; where they are kept for the end, the one with the highest sequence.
        """
        body = schemas.AttemptBody.model_validate(request.data)
        now = timezone.now()
        attempt, created = _open(_learner(request), attempt_id, body.quiz, now)
        results = [
            *attempts.answer_all(attempt, [Given(**dict(one)) for one in body.responses], now=now),
            *attempts.save_all(attempt, [Given(**dict(one)) for one in body.drafts], now=now),
        ]
        slots = [one.slot for one in (*body.responses, *body.drafts)]
        saved = presenting.saved_attempt(attempt, slots, results, get_language() or "", now)
        return _answer(saved, 201 if created else 200)


class AttemptSubmitView(APIView):
    @extend_schema(operation_id="attempt_submit", request=None, responses=schemas.AttemptState)
    def post(self, request: Request, attempt_id: uuid.UUID) -> Response:
        """Close the attempt and fix its score. What was kept is marked; what was not answered counts 0."""
        now = timezone.now()
        attempt = attempts.submit(access.own_attempt(_learner(request), attempt_id), now=now)
        return _answer(schemas.AttemptState(**presenting.attempt_state(attempt, now)))


class AttemptReviewView(APIView):
    @extend_schema(operation_id="attempt_review", responses=schemas.AttemptReview)
    def get(self, request: Request, attempt_id: uuid.UUID) -> Response:
        """The whole attempt with right answers, feedback, and where each is explained, as far as the rules of the quiz
        show them now. 409 before it is submitted."""
        attempt, now = access.own_attempt(_learner(request), attempt_id), timezone.now()
        attempts.close_if_over(attempt, now=now)
        if attempt.submitted_at is None:
            raise Problem(409, "Not submitted", "Submit the attempt first.", code="not_submitted")
        all_places = places.of_attempt(attempt)
        due = places.next_due(attempt, all_places)
        return _answer(presenting.attempt_review(attempt, all_places, due, get_language() or "", now))


def _answer(body: Strict, status: int = 200) -> Response:
    return Response(body, status=status)


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)


_ATTEMPT = Prepared(
    lambda pk: Attempt.objects.filter(pk=pk).select_related("quiz__lesson__course").order_by(), pk=UUIDField()
)


def _open(learner: User, attempt_id: uuid.UUID, quiz_id: uuid.UUID, now: datetime) -> tuple[Attempt, bool]:
    """Return the attempt, started if it is new. Someone else's is not there."""
    found = _ATTEMPT.first(pk=attempt_id)
    if found is not None and found.user_id != learner.id:
        raise Http404(access.NOTHING)
    if found is not None and found.quiz_id != quiz_id:
        errors = [FieldError("/quiz", "id_taken", "This attempt belongs to another quiz.")]
        raise Problem(409, "The attempt exists", errors=errors, code="id_taken")
    if found is not None:
        found.user = learner
        return found, False
    try:
        return attempts.start(learner, access.visible_quiz(quiz_id), attempt_id, now=now)
    except QuizIsEmptyError as error:
        raise Problem(409, "Nothing to answer", str(error), code=error.code) from error
    except (QuizIsNotOpenError, NoAttemptLeftError) as error:
        raise Problem(409, "Not to be taken now", str(error), code=error.code) from error
    except AttemptIdTakenError as error:  # someone else was quicker with the same id
        raise Http404(access.NOTHING) from error
