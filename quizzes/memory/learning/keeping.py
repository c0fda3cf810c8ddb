"""Fits are kept with their figures, accepted or not: one row each, never changed."""

from datetime import datetime

from accounts.models import User
from courses.models import Course
from quizzes.memory.learning.figures import FitFigures
from quizzes.memory.learning.fitting import Fit
from quizzes.models import FittedWeights


def keep(
    fit: Fit,
    figures: FitFigures,
    *,
    accepted: bool,
    now: datetime,
    user: User | None = None,
    course: Course | None = None,
) -> FittedWeights:
    """Write the fit of a learner or of a course."""
    return FittedWeights.objects.create(
        user=user,
        course=course,
        weights=list(fit.weights),
        fitted_at=now,
        reviews=fit.reviews,
        unseen=fit.unseen,
        log_loss_before=fit.before.log_loss,
        log_loss_after=fit.after.log_loss,
        calibration=figures.model_dump(mode="json"),
        accepted=accepted,
    )
