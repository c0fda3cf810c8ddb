"""What instructors decided about questions that had been answered. Append-only; written by `quizzes.regrading`."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quizzes.attempt_models import Response


class RegradeQuerySet(models.QuerySet["Regrade"]):
    def standing(self) -> Self:
        """Neither taken back, nor the taking back of one."""
        return self.filter(undoes=None, undone_by=None)


class Regrade(models.Model):
    """An instructor's decision about a question, for everything that was ever answered to it. Append-only.

    With a `version`, answers are judged by it; without one, the question is kept out of memory. `undoes` takes an
    earlier decision back. `summary` is what the preview said and what was done. Ids grow: the last that stands wins.
    """

    question = models.ForeignKey(
        "quizzes.Question", models.PROTECT, related_name="regrades", verbose_name=_("question")
    )
    version = models.ForeignKey(
        "quizzes.QuestionVersion",
        models.PROTECT,
        null=True,
        related_name="regrades",
        verbose_name=_("question version"),
    )
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name=_("takes back")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author")
    )
    reason = models.TextField(_("reason"), blank=True)
    summary = models.JSONField(_("summary"), default=dict)
    made_at = models.DateTimeField(_("made at"))

    objects = RegradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("regrading")
        verbose_name_plural = _("regradings")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.question_id} #{self.pk}"


class Correction(models.Model):
    """What a regrading says of one response or one review. Append-only; the last one that stands wins.

    Of a response: `score` and `mark`. Of a review: `score` and `rating`, None where it is kept out of memory.
    """

    regrade = models.ForeignKey(Regrade, models.CASCADE, related_name="corrections", verbose_name=_("regrading"))
    response = models.ForeignKey(
        Response, models.CASCADE, null=True, related_name="corrections", verbose_name=_("response")
    )
    review = models.ForeignKey(
        "quizzes.Review", models.CASCADE, null=True, related_name="corrections", verbose_name=_("review")
    )
    score = models.FloatField(_("score"), null=True)
    mark = models.FloatField(_("mark"), null=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(response__isnull=False, review__isnull=True)
                | Q(response__isnull=True, review__isnull=False),
                name="correction_of_one_thing",
            ),
            models.UniqueConstraint(fields=["regrade", "response"], name="unique_correction_of_response"),
            models.UniqueConstraint(fields=["regrade", "review"], name="unique_correction_of_review"),
        ]

    def __str__(self) -> str:
        return f"{self.regrade_id} / {self.response_id or self.review_id}"
