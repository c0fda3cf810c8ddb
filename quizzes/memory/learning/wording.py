"""Figures of predictions in plain words."""

import math

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.memory.learning.figures import KeptEvidence
from quizzes.memory.learning.fitting import Reason
from quizzes.memory.learning.presenting import Learning, Predicted, ShownFit


def percent(share: float) -> str:
    return f"{_number(share * 100, 0)}\N{NO-BREAK SPACE}%"


def loss(nats: float | None) -> str:
    return "–" if nats is None else _number(nats, 4)


def chance_given(nats: float | None) -> str:
    """The (geometric) mean chance that was given to what really happened: the log-loss in words."""
    return "–" if nats is None else f"{_number(math.exp(-nats) * 100, 1)}\N{NO-BREAK SPACE}%"


def finding(predicted: Predicted) -> str:
    """The title of the plot: how far expectation and truth lie apart, or that chance explains it."""
    values = {"expected": percent(predicted.expected), "recalled": percent(predicted.recalled)}
    error = math.sqrt(max(predicted.expected * (1 - predicted.expected), 0.01) / predicted.count)
    difference = predicted.expected - predicted.recalled
    if abs(difference) <= 2 * error:
        return _("Engram expected %(expected)s and you recalled %(recalled)s: as close as chance allows") % values
    if difference > 0:
        return _("Engram expected %(expected)s and you recalled %(recalled)s: it hoped for too much") % values
    return _("Engram expected %(expected)s and you recalled %(recalled)s: you know more than it thought") % values


def in_use(shown: Learning) -> str:
    if shown.in_use == "own":
        return _("Your own weights, fitted to your reviews")
    if shown.in_use == "course":
        return _("The weights of your course, fitted to learners who share their reviews")
    if shown.has_chosen_published:
        return _("The published weights, because you went back to them")
    return _("The published weights, made from the reviews of thousands of learners")


def verdict(fit: ShownFit) -> str:
    """Why a fit was taken, or not, in one sentence."""
    return {
        Reason.BETTER: _("Taken: it predicted these reviews better, by more than luck explains."),
        Reason.WITHIN_LUCK: _("Not taken: it predicted them a little better, which may be luck."),
        Reason.WORSE: _("Not taken: it predicted them no better than what was in use."),
        Reason.NOT_BETTER_THAN_PUBLISHED: _("Not taken: it did not clearly beat the published weights."),
        Reason.TOO_LITTLE_FORGOTTEN: _("Not taken: you forgot too few of them to learn how you forget."),
        Reason.FEW_LEARNERS_GAIN: _("Not taken: it helped fewer than half of the learners."),
    }[fit.figures.reason]


def evidence(shown: Learning) -> str:
    """What the comparison with and without quizzes found."""
    found: KeptEvidence | None = shown.evidence
    if found is None:
        return _("There is nothing to compare yet: no card of your daily review was answered in a quiz before.")
    values = {
        "count": found.outcomes,
        "with": chance_given(found.log_loss_with),
        "without": chance_given(found.log_loss_without),
    }
    if not found.is_enough:
        return (
            ngettext(
                "So far %(count)d review followed an answer in a quiz; too few to tell whether such answers help.",
                "So far %(count)d reviews followed an answer in a quiz; too few to tell whether such answers help.",
                found.outcomes,
            )
            % values
        )
    figures = (
        _(
            "In %(count)d reviews that followed an answer in a quiz, what happened was given a chance of %(with)s with "
            "these answers and %(without)s without."
        )
        % values
    )
    if found.hurts:
        return figures + " " + _("They made predictions worse, perhaps because a right answer can be a guess.")
    if found.helps:
        return figures + " " + _("They made predictions better.")
    return figures + " " + _("The difference is too small to tell from luck.")


def _number(value: float, digits: int) -> str:
    """Rounded: `number_format` alone cuts off."""
    return number_format(round(value, digits), digits)
