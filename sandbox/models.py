"""What the sandbox keeps: presets to start from, learners' tables, runs, and the append-only history of each run."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sandbox import tables


class PresetQuerySet(models.QuerySet["Preset"]):
    def offered(self) -> Self:
        """Presets that a learner may start from, in the order of their collection."""
        return self.filter(archived_at__isnull=True).order_by("collection", "position", "slug")

    def experiments(self) -> Self:
        """Those to play with: where a challenge starts belongs to its targets, and is found beside them."""
        return self.offered().filter(is_challenge=False)


class Preset(models.Model):
    """An experiment that a course offers: a spec with a title and what to look at, per locale.

    `collection` is the slug of the course; `lesson_id` is a plain id because the sandbox knows nothing of courses.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    collection = models.SlugField(_("collection"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=0)
    texts = models.JSONField(_("texts"), help_text=_("Title and summary per locale."))
    spec = models.JSONField(_("spec"))
    lesson_id = models.UUIDField(_("lesson"), null=True, blank=True, db_index=True)
    section = models.SlugField(_("section"), max_length=100, blank=True)
    is_challenge = models.BooleanField(
        _("start of a challenge"), default=False, help_text=_("The question of this slug says what to reach from here.")
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ["collection", "position", "slug"]
        constraints = [models.UniqueConstraint(fields=["collection", "slug"], name="preset_slug_in_collection")]

    def __str__(self) -> str:
        return f"{self.collection}/{self.slug}"

    def text(self, field: str, locale: str) -> str:
        """The title or summary in `locale`, else in the collection's first locale."""
        fallback: dict[str, str] = next(iter(self.texts.values()), {})
        return str(self.texts.get(locale, {}).get(field) or fallback.get(field, ""))


class TableQuerySet(models.QuerySet["Table"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner_id=user.pk)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def without_content(self) -> Self:
        """With the description alone: the bytes are only for those who train on them."""
        return self.defer("content")


class Table(models.Model):
    """A learner's own CSV as it was uploaded, and what `sandbox.tables` found in it. Never changed, only removed;
    written by `sandbox.uploads`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tables", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=200)
    content = models.BinaryField(_("content"))
    bytes = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    columns = models.JSONField(_("columns"), help_text=_("Those of use: names, kinds, classes with counts, bounds."))
    report = models.JSONField(_("report"), help_text=_("What was left out of the file, and why."))
    created_at = models.DateTimeField(_("created at"))

    objects = TableQuerySet.as_manager()

    class Meta:
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="table_once_per_owner")]

    def __str__(self) -> str:
        return self.name

    def described(self) -> tables.Table:
        """The columns and rows without the cells."""
        return tables.Table(tuple(map(tables.Column.of_json, self.columns)), self.rows)


class Status(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("training")
    SUCCEEDED = "succeeded", _("finished")
    DIVERGED = "diverged", _("diverged")
    CANCELLED = "cancelled", _("cancelled")
    TIMED_OUT = "timed_out", _("out of time")
    OUT_OF_MEMORY = "out_of_memory", _("out of memory")
    FAILED = "failed", _("failed")


class Failure(models.TextChoices):
    """Why a run did not succeed: what a page can explain. The child's own words go to the log."""

    NONE = "", "–"
    NONFINITE = "nonfinite", _("The loss left the range of numbers.")
    TIME_LIMIT = "time_limit", _("The run took longer than allowed.")
    MEMORY_LIMIT = "memory_limit", _("The run needed more memory than allowed.")
    WORKER_LOST = "worker_lost", _("The worker stopped twice while training this run.")
    CRASHED = "crashed", _("The training process ended unexpectedly.")
    REFUSED = "refused", _("The specification can no longer be trained.")


ACTIVE = (Status.QUEUED, Status.RUNNING)


class RunQuerySet(models.QuerySet["Run"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner_id=user.pk)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def queued(self) -> Self:
        return self.filter(status=Status.QUEUED).order_by("created_at", "id")

    def running(self) -> Self:
        return self.filter(status=Status.RUNNING)

    def expired(self, now: datetime) -> Self:
        """Runs whose worker has not renewed its lease in time."""
        return self.running().filter(lease_expires_at__lt=now)

    def leased(self, run_id: uuid.UUID, attempt: int, token: uuid.UUID) -> Self:
        """The one row a worker may write: nobody else has been given this attempt of this run since."""
        return self.running().filter(pk=run_id, attempt=attempt, lease_token=token)

    def last_succeeded(self) -> Self:
        return self.filter(status=Status.SUCCEEDED).order_by("-finished_at")

    def last_start_per_owner(self, owners: Iterable[uuid.UUID], since: datetime) -> dict[uuid.UUID, datetime]:
        """When each of these owners had their last turn, if after `since`: among the runs made up to a day before."""
        begun = self.filter(owner_id__in=set(owners), created_at__gte=since - timedelta(days=1), started_at__gte=since)
        rows = begun.order_by().values("owner_id").annotate(last=Max("started_at"))
        return {row["owner_id"]: row["last"] for row in rows}

    def running_per_owner(self) -> dict[uuid.UUID, int]:
        rows = self.running().order_by().values("owner_id").annotate(number=Count("pk"))
        return {row["owner_id"]: row["number"] for row in rows}


class Run(models.Model):
    """One training of one spec. Changed only by the verbs in `sandbox.runs`, which draw its states."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="runs", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    spec = models.JSONField(_("spec"))
    preset = models.ForeignKey(
        Preset, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs", verbose_name=_("preset")
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.QUEUED)
    estimated_seconds = models.FloatField(_("estimated seconds"), default=0)

    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    losses = models.PositiveSmallIntegerField(
        _("lost workers"), default=0, help_text=_("How often a worker died while training this run.")
    )
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_seq = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=_("Number of the newest event; moves in the same transaction as the event."),
    )
    epochs_done = models.PositiveIntegerField(_("epochs done"), default=0, editable=False)

    cancel_requested_at = models.DateTimeField(_("cancel requested at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    failure = models.CharField(_("failure"), max_length=20, choices=Failure.choices, blank=True, default="")
    failure_detail = models.CharField(_("failure detail"), max_length=500, blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="run_of_owner"),
            models.Index(fields=["created_at"], name="run_waiting", condition=Q(status="queued")),
            models.Index(fields=["lease_expires_at"], name="run_leased", condition=Q(status="running")),
            models.Index(fields=["-finished_at"], name="run_succeeded", condition=Q(status="succeeded")),
            models.Index(fields=["-finished_at"], name="run_of_preset_ended", condition=Q(preset__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("sandbox:run", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def epochs_planned(self) -> int:
        return int(self.spec.get("epochs", 0))


class EventQuerySet(models.QuerySet["Event"]):
    def after(self, run_id: uuid.UUID, seq: int) -> Self:
        return self.filter(run_id=run_id, seq__gt=seq).order_by("seq")

    def epochs_of(self, run: Run, after: int = 0) -> Self:
        """Epochs of the run's current attempt: what an earlier, lost attempt wrote is history, not a result."""
        return self.filter(run=run, attempt=run.attempt, kind=Event.EPOCH, number__gt=after).order_by("number")

    def boundary_of(self, run: Run, epoch: int | None) -> "Event | None":
        """The newest decision boundary of the run's current attempt, not later than `epoch`."""
        drawn = self.filter(run=run, attempt=run.attempt, kind=Event.BOUNDARY)
        if epoch is not None:
            drawn = drawn.filter(payload__epoch__lte=epoch)
        return drawn.order_by("-seq").first()


class Event(models.Model):
    """One numbered line of a run's history. Rows are only ever added; (run, seq) has no gaps."""

    CLAIMED, STARTED, EPOCH, RESET, END = "claimed", "started", "epoch", "reset", "end"
    CHANGED, LAYERS, BOUNDARY = "changed", "layers", "boundary"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events", verbose_name=_("run"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    seq = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20)
    number = models.PositiveIntegerField(_("epoch"), default=0, help_text=_("Of an epoch event: which one."))
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created at"))

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["run", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="event_once"),
            models.UniqueConstraint(
                fields=["run", "attempt", "number"], condition=Q(kind="epoch"), name="epoch_once_per_attempt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"

    def as_json(self) -> dict[str, Any]:
        """The one form in which an event leaves the server: live, polled or replayed."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "attempt": self.attempt,
            "at": self.created_at.isoformat(),
            "payload": self.payload,
        }


class Snapshot(models.Model):
    """The whole state of a network after an epoch (0: before the first), as `sandbox.engine.state` packs it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="snapshots", verbose_name=_("run"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    epoch = models.PositiveIntegerField(_("epoch"))
    state = models.BinaryField(_("state"))

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [models.UniqueConstraint(fields=["run", "attempt", "epoch"], name="snapshot_once")]

    def __str__(self) -> str:
        return str(self.epoch)


class Command(models.Model):
    """What a learner asked of a running training, in order; rows are only ever added by `sandbox.steering`."""

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(_("key"), help_text=_("Made by the client: the same command sent twice is one command."))
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="commands", verbose_name=_("run"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    kind = models.CharField(_("kind"), max_length=20)
    learning_rate = models.FloatField(_("learning rate"), null=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="command_once")]

    def __str__(self) -> str:
        return self.kind


class ProbeStatus(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("being answered")
    DONE = "done", _("answered")
    FAILED = "failed", _("failed")


class ProbeKind(models.TextChoices):
    FORWARD = "forward", _("forward pass")
    UPDATE = "update", _("weight update")
    PREDICT = "predict", _("predictions")
    MODEL = "model", _("model file")


OPEN = (ProbeStatus.QUEUED, ProbeStatus.RUNNING)


class ProbeQuerySet(models.QuerySet["Probe"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def free(self, now: datetime) -> Self:
        """Questions that may be taken, oldest first: those that wait, and those whose worker fell silent."""
        waiting = Q(status=ProbeStatus.QUEUED) | Q(status=ProbeStatus.RUNNING, lease_expires_at__lt=now)
        return self.filter(waiting).order_by("created_at", "id")

    def without_content(self) -> Self:
        return self.defer("parameters", "answer", "file")


class Probe(models.Model):
    """One question to a run's network as it was after an epoch, and its answer. Changed only by the verbs in
    `sandbox.probes`, which draw its states."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="probes", verbose_name=_("run"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    kind = models.CharField(_("kind"), max_length=20, choices=ProbeKind.choices)
    parameters = models.JSONField(_("parameters"))
    key = models.CharField(_("key"), max_length=64, help_text=_("SHA-256 of attempt, kind and parameters."))
    status = models.CharField(_("status"), max_length=20, choices=ProbeStatus.choices, default=ProbeStatus.QUEUED)
    answer = models.JSONField(_("answer"), null=True)
    file = models.BinaryField(_("file"), null=True)
    bytes = models.PositiveIntegerField(_("bytes"), default=0)
    problem = models.CharField(_("problem"), max_length=40, blank=True, help_text=_("Why there is no answer."))
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    lease_expires_at = models.DateTimeField(null=True, editable=False)

    objects = ProbeQuerySet.as_manager()

    class Meta:
        verbose_name = _("probe")
        verbose_name_plural = _("probes")
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="probe_once")]
        indexes = [
            models.Index(fields=["created_at"], name="probe_open", condition=Q(status__in=["queued", "running"])),
            models.Index(fields=["run", "-created_at"], name="probe_of_run"),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
