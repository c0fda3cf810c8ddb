import math
from typing import cast

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.problems import Problem
from quizzes.memory.learning import own_weights, presenting, requests
from quizzes.memory.learning.presenting import Learning, Predicted, ShownFit
from quizzes.memory.learning.schemas import (
    CalibrationBin,
    FitAsked,
    FitOutcome,
    LearningChange,
    LearningState,
    PredictedReviews,
    QuizEvidence,
)


class LearningView(APIView):
    @extend_schema(operation_id="memory_learning", responses=LearningState)
    def get(self, request: Request) -> Response:
        """How well the learner is predicted, by which weights, and what became of the latest fits."""
        return _state(_learner(request))

    @extend_schema(operation_id="memory_learning_update", request=LearningChange, responses=LearningState)
    def patch(self, request: Request) -> Response:
        """Decide about sharing reviews, about quizzes as evidence, and about the weights in use; all or nothing.

        `quiz_evidence` true is the learner's decision, and never switched off by the check. 404 for a fit that is not
        the learner's own or was not accepted.
        """
        learner = _learner(request)
        change = LearningChange.model_validate(request.data)
        with transaction.atomic():
            if change.weights == "published":
                own_weights.use_published(learner)
            elif change.weights is not None:
                own_weights.use_again(learner, change.weights)
            if change.quiz_evidence is not None:
                own_weights.count_quizzes(learner, change.quiz_evidence)
            if change.shares_reviews is not None:
                own_weights.share(learner, change.shares_reviews)
        return _state(learner)


class FitView(APIView):
    @extend_schema(operation_id="memory_learning_fit", request=None, responses={202: FitAsked})
    def post(self, request: Request) -> Response:
        """Ask for a fit; it is done within seconds, unless other work comes first.

        409 with too few reviews to judge it by; 429 with `Retry-After` within five minutes of the last one.
        """
        now = timezone.now()
        refused = requests.ask(_learner(request), now=now)
        if refused is None:
            return Response(FitAsked(asked_at=now).model_dump(mode="json"), status=202)
        if refused.missing:
            detail = f"It takes {refused.missing} more reviews on later days before a fit can be judged."
            raise Problem(409, "Too few reviews", detail, code="too_few_reviews")
        seconds = max(1, math.ceil(refused.wait.total_seconds()))
        detail = f"The reviews were fitted a moment ago. Ask again in {seconds} seconds."
        raise Problem(429, "Too many fits", detail, headers={"Retry-After": str(seconds)}, code="fitted_just_now")


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)


def _state(learner: User) -> Response:
    shown = presenting.of_learner(learner, now=timezone.now())
    body = LearningState(
        in_use=shown.in_use,
        needed=shown.needed,
        missing=None if shown.outcomes is None else shown.missing,
        predicted=_predicted(shown.predicted) if shown.predicted else None,
        quiz_evidence=_quiz_evidence(shown),
        shares_reviews=shown.shares_reviews,
        fits=[_fit(fit) for fit in shown.fits],
        next_fit_after_seconds=math.ceil(shown.pause.total_seconds()),
    )
    return Response(body.model_dump(mode="json"))


def _predicted(predicted: Predicted) -> PredictedReviews:
    return PredictedReviews(
        log_loss=predicted.log_loss,
        reviews=predicted.count,
        expected=predicted.expected,
        recalled=predicted.recalled,
        since=predicted.since,
        calibration=[
            CalibrationBin(predicted=one.predicted, actual=one.actual, count=one.count) for one in predicted.bins
        ],
    )


def _quiz_evidence(shown: Learning) -> QuizEvidence:
    found = shown.evidence
    return QuizEvidence(
        counts=shown.quizzes_count,
        decided=shown.quizzes_decided,
        reviews=found.outcomes if found else 0,
        log_loss_with=found.log_loss_with if found else None,
        log_loss_without=found.log_loss_without if found else None,
        hurts=found.hurts if found else False,
        helps=found.helps if found else False,
    )


def _fit(fit: ShownFit) -> FitOutcome:
    row = fit.row
    return FitOutcome(
        id=row.pk,
        fitted_at=row.fitted_at,
        reviews=row.reviews,
        unseen=row.unseen,
        log_loss_before=row.log_loss_before,
        log_loss_after=row.log_loss_after,
        log_loss_published=fit.figures.log_loss_published,
        accepted=row.accepted,
        reason=fit.figures.reason,
        in_use=fit.is_in_use,
    )
