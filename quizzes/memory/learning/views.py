"""The page "Predictions": how well Engram predicts a learner, and what the learner decides about it."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from quizzes.form_fields import htmx, number_in
from quizzes.memory.learning import chart, own_weights, presenting, requests, wording
from quizzes.memory.learning.presenting import Learning, Predicted
from quizzes.memory.learning.requests import Refused

PATIENCE = timedelta(minutes=2)
"""After this long a page no longer waits by itself for the fit that was asked for."""


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_GET
def show(request: LearnerRequest) -> HttpResponse:
    """The page; for htmx the part that a fit changes, until the fit that was asked for is there."""
    now = timezone.now()
    shown = presenting.of_learner(request.user, now=now)
    asked = _asked_at(request)
    is_waiting = asked is not None and now - asked < PATIENCE and not _is_answered(shown, asked)
    context = {
        "shown": shown,
        "asked": number_in(request.GET, "asked", most=2**40),
        "is_waiting": is_waiting,
        "has_given_up": asked is not None and not is_waiting and not _is_answered(shown, asked),
        "in_use": wording.in_use(shown),
        "chart": _chart(shown.predicted) if shown.predicted else None,
        "evidence": wording.evidence(shown),
        "fits": [_fit(fit) for fit in shown.fits],
        "latest": _fit(shown.fits[0]) if shown.fits else None,
        "pause_minutes": math.ceil(shown.pause.total_seconds() / 60),
        "now": now,
    }
    template = "quizzes/memory_learning_part.html" if htmx(request) else "quizzes/memory_learning.html"
    return render(request, template, context)


def _asked_at(request: HttpRequest) -> datetime | None:
    seconds = number_in(request.GET, "asked", most=2**33)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _is_answered(shown: Learning, asked: datetime) -> bool:
    return bool(shown.fits) and shown.fits[0].row.fitted_at >= asked


def _chart(predicted: Predicted) -> dict[str, Any]:
    words = chart.Words(_("predicted recall"), _("really recalled"), _("exactly as predicted"))
    return {
        "title": wording.finding(predicted),
        # Made of numbers and of our own words, escaped there.
        "marks": SafeString(chart.calibration_svg(predicted.bins, words)),
        "width": chart.WIDTH,
        "height": chart.HEIGHT,
        "chance": wording.chance_given(predicted.log_loss),
        "loss": wording.loss(predicted.log_loss),
        "in_a_point": round(predicted.count / len(predicted.bins)),
        "rows": [
            {
                "predicted": wording.percent(one.predicted),
                "actual": wording.percent(one.actual),
                "likely": [wording.percent(share) for share in chart.likely_range(one.actual, one.count)],
                "count": one.count,
            }
            for one in predicted.bins
        ],
    }


def _fit(fit: presenting.ShownFit) -> dict[str, Any]:
    row = fit.row
    return {
        "id": row.pk,
        "fitted_at": row.fitted_at,
        "reviews": row.reviews,
        "unseen": row.unseen,
        "loss_before": wording.loss(row.log_loss_before),
        "loss_after": wording.loss(row.log_loss_after),
        "chance_before": wording.chance_given(row.log_loss_before),
        "chance_after": wording.chance_given(row.log_loss_after),
        "accepted": row.accepted,
        "is_in_use": fit.is_in_use,
        "verdict": wording.verdict(fit),
    }


@login_required
@require_POST
def fit(request: LearnerRequest) -> HttpResponse:
    """Ask for a fit; the page then waits for it."""
    now = timezone.now()
    refused = requests.ask(request.user, now=now)
    if refused is not None:
        messages.info(request, _why_not(refused))
        return redirect("quizzes:memory_learning")
    return redirect(f"{reverse('quizzes:memory_learning')}?asked={int(now.timestamp())}")


def _why_not(refused: Refused) -> str:
    if refused.missing:
        return ngettext(
            "It takes %(count)d more review on a later day before a fit can be judged.",
            "It takes %(count)d more reviews on later days before a fit can be judged.",
            refused.missing,
        ) % {"count": refused.missing}
    minutes = max(1, math.ceil(refused.wait.total_seconds() / 60))
    return ngettext(
        "Your reviews were fitted a moment ago. You can ask again in %(count)d minute.",
        "Your reviews were fitted a moment ago. You can ask again in %(count)d minutes.",
        minutes,
    ) % {"count": minutes}


@login_required
@require_POST
def weights(request: LearnerRequest) -> HttpResponse:
    """Go back to the published weights, or use those of a fit of the own history again."""
    if request.POST.get("use") == "published":
        own_weights.use_published(request.user)
        messages.success(request, _("The published weights are in use, and stay until you decide otherwise."))
    else:
        own_weights.use_again(request.user, number_in(request.POST, "use") or 0)
        messages.success(request, _("These weights are in use again."))
    return redirect("quizzes:memory_learning")


@login_required
@require_POST
def sharing(request: LearnerRequest) -> HttpResponse:
    """Consent, or its withdrawal."""
    shares = request.POST.get("shares") == "on"
    own_weights.share(request.user, shares)
    if shares:
        messages.success(request, _("Thank you. From the next night on your reviews help to teach your courses."))
    else:
        messages.success(request, _("From the next night on the weights of your courses are made without you."))
    return redirect("quizzes:memory_learning")


@login_required
@require_POST
def quizzes(request: LearnerRequest) -> HttpResponse:
    """Whether answers in quizzes move memory: the learner decides."""
    counts = request.POST.get("counts") == "yes"
    own_weights.count_quizzes(request.user, counts)
    if counts:
        messages.success(request, _("Answers in quizzes move your memory, and that stays so until you change it."))
    else:
        messages.success(request, _("Answers in quizzes are kept, and move your memory no longer."))
    return redirect("quizzes:memory_learning")
