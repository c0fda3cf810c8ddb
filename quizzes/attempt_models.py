"""One sitting of a quiz, and what was given in it. Written by `quizzes.attempts`; marks by `quizzes.regrading`, too."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from quizzes.rules import Rules


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def open(self) -> Self:
        return self.filter(submitted_at=None)

    def submitted(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def lock(self) -> Self:
        """Let nobody else answer or submit before this transaction ends (SQLite locks as a whole)."""
        return self.select_for_update(of=("self",))

    def counted(self) -> Self:
        """Without the previews of instructors."""
        return self.filter(counts=True)


class Attempt(models.Model):
    """One sitting of a quiz.

    `layout` fixes at the start which slots are asked in which version, for which mark: `[{"slot": uuid, "version": pk,
    "mark": number}, …]`, and `rules` how: so that an import in the middle of a sitting changes nothing for the learner.
    `seed` is what draws, values and the order of choices are made from. `expires_at` is when it ends by itself.
    `counts` is False for instructors' previews.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts", verbose_name=_("learner")
    )
    quiz = models.ForeignKey("quizzes.Quiz", models.PROTECT, related_name="attempts", verbose_name=_("quiz"))
    started_at = models.DateTimeField(_("started at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    score = models.FloatField(_("score"), null=True, blank=True)
    max_score = models.FloatField(_("maximum score"))
    layout = models.JSONField(_("layout"), default=list)
    rules = models.JSONField(_("rules"), default=dict)
    seed = models.PositiveBigIntegerField(_("seed"), default=0)
    expires_at = models.DateTimeField(_("ends by itself at"), null=True, blank=True)
    counts = models.BooleanField(_("counts as evidence"), default=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["user", "quiz", "-started_at"]),
            models.Index(
                fields=["expires_at"],
                name="attempt_running_out",
                condition=Q(submitted_at=None, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @cached_property
    def parsed_rules(self) -> Rules:
        return Rules.model_validate(self.rules)

    def ran_out(self, now: datetime) -> bool:
        """Whether its time is up, the grace included."""
        return self.expires_at is not None and now > self.parsed_rules.last_moment(self.expires_at)


class SavedAnswer(models.Model):
    """What stands in one slot and is not marked yet: kept while it is written, changed as often as one likes.

    `sequence` counts the writes of the learner's devices: an older one never overwrites a newer one.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="saved_answers", verbose_name=_("attempt"))
    slot = models.ForeignKey("quizzes.Slot", models.PROTECT, related_name="+", verbose_name=_("slot"))
    answer = models.JSONField(_("answer"))
    certainty = models.PositiveSmallIntegerField(_("certainty"), null=True)
    sequence = models.PositiveBigIntegerField(_("sequence"))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ["saved_at"]
        constraints = [models.UniqueConstraint(fields=["attempt", "slot"], name="unique_saved_answer_in_slot")]

    def __str__(self) -> str:
        return f"{self.attempt_id} / {self.slot_id}"


class Try(models.Model):
    """One try at a question that may be tried again. The last one is the response."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="tries", verbose_name=_("attempt"))
    slot = models.ForeignKey("quizzes.Slot", models.PROTECT, related_name="+", verbose_name=_("slot"))
    number = models.PositiveSmallIntegerField(_("number"))
    answer = models.JSONField(_("answer"))
    score = models.FloatField(_("score"))
    tried_at = models.DateTimeField(_("tried at"))

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["attempt", "slot", "number"], name="unique_try_in_slot")]

    def __str__(self) -> str:
        return f"{self.attempt_id} / {self.slot_id} #{self.number}"


class Response(models.Model):
    """What was given in one slot, the version it was judged by, and what grading gave (0…1).

    `worth` is the maximum mark of the slot, `certainty` what the learner stated, `tries` how many it took. `mark` is a
    cache: what the answer counts, in the units of `worth`, after penalties, certainty and every regrading since.
    """

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="responses", verbose_name=_("attempt"))
    slot = models.ForeignKey("quizzes.Slot", models.PROTECT, related_name="responses", verbose_name=_("slot"))
    version = models.ForeignKey(
        "quizzes.QuestionVersion", models.PROTECT, related_name="responses", verbose_name=_("question version")
    )
    answer = models.JSONField(_("answer"))
    score = models.FloatField(_("score"))
    worth = models.FloatField(_("maximum mark"), default=1)
    certainty = models.PositiveSmallIntegerField(_("certainty"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=1)
    mark = models.FloatField(_("mark"))
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["answered_at"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "slot"], name="unique_response_in_slot"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="response_score_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} / {self.slot_id}"
