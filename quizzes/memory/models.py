"""What a learner decides about the own memory, and what was learnt about it.

`StudyPlan` and `CoursePlan` are written by `memory.plans`, `FittedWeights` by `memory.learning`, `CardMark` by
`memory.reviewing.marks`. A learner without a row has the defaults.
"""

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NEW_PER_DAY = 20


class StudyPlan(models.Model):
    """How much a learner wants to do in a day, and how the memory of this learner is predicted.

    `easy_days`: weekday ("0" Monday … "6" Sunday) → the share 0…1 of an ordinary day's reviews. `weights`: the 21 of
    FSRS-6 that are in use for this learner, null for the course's or the published ones. `quiz_evidence`: whether
    answers in quizzes move memory; None is yes, and nobody has decided.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="study_plan", verbose_name=_("learner")
    )
    new_per_day = models.PositiveSmallIntegerField(
        _("new cards a day"), default=NEW_PER_DAY, validators=[MaxValueValidator(500)]
    )
    reviews_per_day = models.PositiveSmallIntegerField(
        _("reviews a day at most"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    minutes_per_day = models.PositiveSmallIntegerField(
        _("minutes a day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    easy_days = models.JSONField(_("easy days"), default=dict, blank=True)
    weights = models.JSONField(_("weights"), null=True, blank=True)
    quiz_evidence = models.BooleanField(_("quiz answers move memory"), null=True, blank=True)
    shares_reviews = models.BooleanField(_("reviews may teach the course's weights"), default=False)

    class Meta:
        verbose_name = _("study plan")
        verbose_name_plural = _("study plans")

    def __str__(self) -> str:
        return str(self.user_id)


class CoursePlan(models.Model):
    """What a learner wants of one course. `desired_retention` null: the learner's own; `weights`: the course's prior,
    given to this learner, null for the published ones."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="course_plans", verbose_name=_("learner")
    )
    course = models.ForeignKey("courses.Course", models.CASCADE, related_name="plans", verbose_name=_("course"))
    desired_retention = models.FloatField(
        _("desired retention"), null=True, blank=True, validators=[MinValueValidator(0.7), MaxValueValidator(0.97)]
    )
    exam_on = models.DateField(_("exam on"), null=True, blank=True)
    weights = models.JSONField(_("weights"), null=True, blank=True)

    class Meta:
        verbose_name = _("course plan")
        verbose_name_plural = _("course plans")
        constraints = [
            models.UniqueConstraint(fields=["user", "course"], name="unique_plan_of_course"),
            models.CheckConstraint(
                condition=Q(desired_retention=None) | Q(desired_retention__range=(0.7, 0.97)),
                name="course_plan_retention_70_to_97",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} / {self.course_id}"


class FittedWeightsQuerySet(models.QuerySet["FittedWeights"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(user_id=user_id)


class FittedWeights(models.Model):
    """One fit of the 21 weights of FSRS-6, accepted or not, with its figures. Append-only.

    Of one learner, or (`user` null) of the learners of a course who share their reviews. `reviews` were fitted on,
    `unseen` later ones judged it: mean log-loss (nats) of the weights in use before, and of the fitted ones.
    `calibration`: of the unseen reviews, [{"predicted": mean, "actual": share, "count": n}, …] before and after, and
    all else that was found out: `quizzes.memory.learning.figures.FitFigures`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="fitted_weights", verbose_name=_("learner")
    )
    course = models.ForeignKey(
        "courses.Course", models.CASCADE, null=True, related_name="fitted_weights", verbose_name=_("course")
    )
    weights = models.JSONField(_("weights"))
    fitted_at = models.DateTimeField(_("fitted at"))
    reviews = models.PositiveIntegerField(_("reviews fitted on"))
    unseen = models.PositiveIntegerField(_("unseen reviews"))
    log_loss_before = models.FloatField(_("log-loss before"), null=True)
    log_loss_after = models.FloatField(_("log-loss after"), null=True)
    calibration = models.JSONField(_("calibration"), default=dict)
    accepted = models.BooleanField(_("accepted"))

    objects = FittedWeightsQuerySet.as_manager()

    class Meta:
        verbose_name = _("fitted weights")
        verbose_name_plural = _("fitted weights")
        ordering = ["-fitted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, course__isnull=True) | Q(user__isnull=True, course__isnull=False),
                name="weights_of_learner_or_course",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.course_id} {self.fitted_at:%Y-%m-%d}"


class CardMarkQuerySet(models.QuerySet["CardMark"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(user_id=user_id)


class CardMark(models.Model):
    """What a learner did to a card beside reviewing it; acts in the queue, never in the state.

    `buried_until`: not asked before. `suspended_at`: not asked until taken up again. `note`: the learner's own words,
    Markdown. `leech_seen`: how many lapses the card had when the learner was last told that it is a leech.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_marks", verbose_name=_("learner")
    )
    question = models.ForeignKey(
        "quizzes.Question", models.PROTECT, related_name="card_marks", verbose_name=_("question")
    )
    buried_until = models.DateTimeField(_("buried until"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    leech_seen = models.PositiveIntegerField(_("lapses when last told"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    objects = CardMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark of a card")
        verbose_name_plural = _("marks of cards")
        constraints = [models.UniqueConstraint(fields=["user", "question"], name="unique_mark_of_card")]

    def __str__(self) -> str:
        return f"{self.user_id} / {self.question_id}"
