"""Tables of questions, quizzes, attempts and memory.

Content (Question, Quiz, Slot) is archived, never deleted, because history hangs on it. History (QuestionVersion, Try,
Response, Review, Regrade, Correction) is never updated. Caches follow from it: MemoryState is the fold of a learner's
reviews of a question; `Response.mark` and `Attempt.score` are what the corrections leave.

Default orders name no other table: each would cost every query that reads the first row a chain of joins.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Avg, Count, F, Min, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from quizzes import kinds

# Django looks for tables here.
from quizzes.attempt_models import Attempt as Attempt  # noqa: PLC0414
from quizzes.attempt_models import Response as Response  # noqa: PLC0414
from quizzes.attempt_models import SavedAnswer as SavedAnswer  # noqa: PLC0414
from quizzes.attempt_models import Try as Try  # noqa: PLC0414
from quizzes.bank.models import QuestionFile as QuestionFile  # noqa: PLC0414
from quizzes.memory.anki.models import AnkiContent as AnkiContent  # noqa: PLC0414
from quizzes.memory.anki.models import AnkiPackage as AnkiPackage  # noqa: PLC0414
from quizzes.memory.anki.models import OwnPicture as OwnPicture  # noqa: PLC0414
from quizzes.memory.models import CardMark as CardMark  # noqa: PLC0414
from quizzes.memory.models import CoursePlan as CoursePlan  # noqa: PLC0414
from quizzes.memory.models import FittedWeights as FittedWeights  # noqa: PLC0414
from quizzes.memory.models import StudyPlan as StudyPlan  # noqa: PLC0414
from quizzes.regrading.models import Correction as Correction  # noqa: PLC0414
from quizzes.regrading.models import Regrade as Regrade  # noqa: PLC0414
from quizzes.rules import Rules


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> Self:
        return self.filter(archived_at=None, current__isnull=False)

    def visible_to(self, user_id: uuid.UUID) -> Self:
        """The published ones, and the learner's own: to be asked of `Question.every`."""
        return self.published().filter(Q(owner=None) | Q(owner=user_id))

    def with_facility(self) -> Self:
        """Adds `responses` (how often answered in attempts) and `facility` (the mean share of the mark, its index)."""
        graded = Q(versions__responses__attempt__counts=True)
        return self.annotate(
            responses=Count("versions__responses", filter=graded),
            facility=Avg(F("versions__responses__mark") / F("versions__responses__worth"), filter=graded),
        )


_QuestionManager = models.Manager.from_queryset(QuestionQuerySet)


class QuestionManager(_QuestionManager["Question"]):
    """The questions of courses. What learners wrote for themselves is nobody else's, and has to be asked for."""

    def get_queryset(self) -> QuestionQuerySet:
        return QuestionQuerySet(self.model, using=self._db).filter(owner=None)


class Question(models.Model):
    """One askable item. Its wording and key are in versions; `current` is the one that is asked now.

    `owner`: the learner who made this card for the own memory, and the only one who ever sees it; None for all that a
    course asks. `objects` knows only the latter, `every` both.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey("courses.Course", models.PROTECT, related_name="questions", verbose_name=_("course"))
    lesson = models.ForeignKey(
        "courses.Lesson", models.PROTECT, null=True, blank=True, related_name="questions", verbose_name=_("lesson")
    )
    section = models.ForeignKey(
        "courses.Section", models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("section")
    )
    slug = models.SlugField(_("stable id"), max_length=100)
    # Where it stands among the questions of its lesson, as they were written.
    position = models.PositiveIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=40)
    # As its author sees it: 1 easy, 2 medium, 3 hard. What the class finds hard is in the statistics.
    difficulty = models.PositiveSmallIntegerField(_("difficulty"), null=True, blank=True)
    concepts = models.ManyToManyField(
        "courses.Concept", blank=True, related_name="questions", verbose_name=_("concepts")
    )
    current = models.ForeignKey(
        "QuestionVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("current version")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="own_questions",
        verbose_name=_("owner"),
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = QuestionManager()
    every = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["course", "slug"], name="unique_question_in_course")]
        indexes = [models.Index(fields=["lesson", "kind"])]

    def __str__(self) -> str:
        return self.slug


class QuestionVersion(models.Model):
    """What was asked, as it was written. Immutable: `body` is a `kinds.Body` with Markdown texts, hashed.

    `rendered` is derived from `body`: locale → the same texts as safe HTML (`kinds.render`).
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="versions", verbose_name=_("question"))
    number = models.PositiveIntegerField(_("number"))
    body = models.JSONField(_("body"))
    rendered = models.JSONField(_("rendered texts"), default=dict)
    content_hash = models.CharField(_("content hash"), max_length=64)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="unique_version_of_question")]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"

    @cached_property
    def parsed(self) -> kinds.Body:
        return kinds.parse(self.body)

    def texts_in(self, locale: str, fallback: str) -> kinds.Texts:
        """The rendered texts in `locale`, else in the course's first."""
        return kinds.in_locale(self.rendered, locale, fallback)

    def public(self, locale: str, fallback: str) -> dict[str, Any]:
        """What a learner may see before answering, as JSON."""
        shown: dict[str, Any] = self.parsed.public(self.texts_in(locale, fallback)).model_dump()
        return shown


class QuizQuerySet(models.QuerySet["Quiz"]):
    def published(self) -> Self:
        return self.filter(archived_at=None)


class Quiz(models.Model):
    """An ordered list of slots at the end of a lesson."""

    id = models.UUIDField(primary_key=True, editable=False)
    lesson = models.ForeignKey("courses.Lesson", models.PROTECT, related_name="quizzes", verbose_name=_("lesson"))
    slug = models.SlugField(_("stable id"), max_length=100)
    texts = models.JSONField(_("texts"), default=dict)
    # `rules.Rules`, as far as the author has set them.
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @cached_property
    def parsed_rules(self) -> Rules:
        return Rules.model_validate(self.rules)

    def title(self, locale: str, fallback: str) -> str:
        """The title in `locale`, else in the course's first."""
        texts: dict[str, dict[str, str]] = self.texts
        chosen = texts.get(locale) or texts.get(fallback) or {}
        return chosen.get("title", self.slug)


class SlotQuerySet(models.QuerySet["Slot"]):
    def active(self) -> Self:
        """Those that ask or draw a question."""
        asks = Q(question__archived_at=None, question__current__isnull=False)
        return self.filter(asks | Q(draw__isnull=False), archived_at=None)


class Slot(models.Model):
    """One place of a quiz: a question, or a random draw (`rules.Draw`) from those of the course.

    Its id hangs on the quiz and the question, or the number of the draw, so it survives reordering.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="slots", verbose_name=_("quiz"))
    position = models.PositiveIntegerField(_("position"))
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, blank=True, related_name="slots", verbose_name=_("question")
    )
    draw = models.JSONField(_("random draw"), null=True, blank=True)
    mark = models.FloatField(_("maximum mark"), default=1)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(question__isnull=False, draw__isnull=True) | Q(question__isnull=True, draw__isnull=False),
                name="slot_asks_or_draws",
            ),
            models.CheckConstraint(condition=Q(mark__gt=0), name="slot_mark_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} #{self.position}"


class ReviewQuerySet(models.QuerySet["Review"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(user_id=user_id)

    def in_fold_order(self) -> Self:
        """The order in which memory folds them, whatever the order of delivery."""
        return self.order_by("effective_at", "occurred_at", "review_id")


class Review(models.Model):
    """One piece of evidence about one learner and one question, or the undoing of one. Append-only.

    `effective_at` is fixed at the first receipt. `sequence` counts per learner and is taken under a lock.
    """

    class Source(models.TextChoices):
        FLASHCARD = "flashcard", _("flashcard")
        QUIZ = "quiz", _("quiz")
        CHECKPOINT = "checkpoint", _("checkpoint")
        IMPORT = "import", _("import")
        CHALLENGE = "challenge", _("challenge")
        PRACTICE = "practice", _("practice")

    review_id = models.UUIDField(_("review id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,  # the unique ones begin with it
        related_name="reviews",
        verbose_name=_("learner"),
    )
    question = models.ForeignKey(
        Question,
        models.PROTECT,
        db_index=False,  # the index with the learner begins with it
        related_name="reviews",
        verbose_name=_("question"),
    )
    version = models.ForeignKey(
        QuestionVersion, models.PROTECT, null=True, related_name="reviews", verbose_name=_("question version")
    )
    rating = models.PositiveSmallIntegerField(_("rating"), null=True)
    response = models.JSONField(_("response"), null=True)
    score = models.FloatField(_("score"), null=True)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    occurred_at = models.DateTimeField(_("occurred at"))
    effective_at = models.DateTimeField(_("effective at"))
    received_at = models.DateTimeField(_("received at"))
    elapsed_ms = models.PositiveIntegerField(_("elapsed milliseconds"), null=True)
    undoes = models.UUIDField(_("undoes"), null=True)
    body_hash = models.CharField(_("body hash"), max_length=64)
    sequence = models.PositiveBigIntegerField(_("sequence"))

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["user", "review_id"], name="unique_review_of_learner"),
            models.UniqueConstraint(fields=["user", "sequence"], name="unique_sequence_of_learner"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 4)), name="review_rating_1_to_4"),
        ]
        indexes = [
            models.Index(fields=["question", "user"], name="review_of_question"),
            models.Index(fields=["user", "undoes"], name="review_undoes", condition=Q(undoes__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.review_id)


class JudgementQuerySet(models.QuerySet["Judgement"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(user_id=user_id)

    def met(self) -> Self:
        return self.filter(score=1)


class Judgement(models.Model):
    """What one run was worth for the challenge that it was started from, judged once when it had ended.

    `parts`: target → whether it was met; `values`: target → what the run had. `counts` is False for instructors'.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="judgements", verbose_name=_("learner")
    )
    question = models.ForeignKey(Question, models.PROTECT, related_name="judgements", verbose_name=_("challenge"))
    version = models.ForeignKey(
        QuestionVersion, models.PROTECT, related_name="judgements", verbose_name=_("question version")
    )
    run = models.ForeignKey("sandbox.Run", models.CASCADE, related_name="judgements", verbose_name=_("run"))
    score = models.FloatField(_("score"))
    parts = models.JSONField(_("parts"))
    values = models.JSONField(_("values"))
    judged_at = models.DateTimeField(_("judged at"))
    counts = models.BooleanField(_("counts as evidence"), default=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        ordering = ["-judged_at"]
        constraints = [
            models.UniqueConstraint(fields=["question", "run"], name="unique_judgement_of_run"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="judgement_score_0_to_1"),
        ]
        indexes = [models.Index(fields=["user", "question"])]

    def __str__(self) -> str:
        return f"{self.question_id} / {self.run_id}"


class MemoryStateQuerySet(models.QuerySet["MemoryState"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(user_id=user_id)

    def due(self, at: datetime) -> Self:
        """Due at or before `at`, of questions that are still asked, the longest overdue first."""
        return self.filter(due__lte=at, question__archived_at=None).order_by("due", "question_id")

    def next_due(self, questions: Sequence[uuid.UUID]) -> datetime | None:
        """When the first of these questions comes back."""
        found: datetime | None = self.filter(question__in=questions).aggregate(first=Min("due"))["first"]
        return found


class MemoryState(models.Model):
    """Stability (days), difficulty (1…10) and due of one question for one learner: a cache of the fold."""

    class State(models.IntegerChoices):
        LEARNING = 1, _("learning")
        REVIEW = 2, _("review")
        RELEARNING = 3, _("relearning")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,  # the unique ones begin with it
        related_name="memory_states",
        verbose_name=_("learner"),
    )
    question = models.ForeignKey(Question, models.PROTECT, related_name="memory_states", verbose_name=_("question"))
    state = models.PositiveSmallIntegerField(_("state"), choices=State)
    step = models.PositiveSmallIntegerField(_("step"), null=True)
    stability = models.FloatField(_("stability in days"))
    difficulty = models.FloatField(_("difficulty"))
    due = models.DateTimeField(_("due"))
    last_review = models.DateTimeField(_("last review"))
    reps = models.PositiveIntegerField(_("reviews"))
    lapses = models.PositiveIntegerField(_("lapses"))
    state_hash = models.CharField(_("state hash"), max_length=64)

    objects = MemoryStateQuerySet.as_manager()

    class Meta:
        verbose_name = _("memory state")
        verbose_name_plural = _("memory states")
        ordering = ["due"]
        constraints = [models.UniqueConstraint(fields=["user", "question"], name="unique_memory_of_question")]
        indexes = [models.Index(fields=["user", "due"])]

    def __str__(self) -> str:
        return f"{self.user_id} / {self.question_id}"
