"""Shapes of the sandbox's answers, for the API and its description."""

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from django.utils.translation import get_language, gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sandbox import runs
from sandbox.datasets import Dataset
from sandbox.defaults import default_data
from sandbox.models import Event, Failure, Preset, Run, Status
from sandbox.spec.base import Initializer
from sandbox.spec.data import Scaling

INITIALIZERS, SCALINGS = get_args(Initializer), get_args(Scaling)


class FeatureSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    low = serializers.FloatField(help_text="Bounds of the values before any scaling.")
    high = serializers.FloatField()


class DatasetSerializer(serializers.Serializer[Dataset]):
    """A built-in data set; texts are in the language asked for."""

    kind = serializers.CharField()
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    teaches = serializers.SerializerMethodField()
    features = FeatureSerializer(many=True)
    classes = serializers.SerializerMethodField()
    is_regression = serializers.BooleanField(help_text="A number is to be predicted, and there are no classes.")
    is_whole = serializers.BooleanField(
        help_text="The unscaled inputs are whole numbers: an embedding can look them up."
    )
    is_sorted = serializers.BooleanField(help_text="The rows lie in the order of their classes: split them at random.")
    default_scaling = serializers.SerializerMethodField()
    default_rows = serializers.IntegerField()
    fewest_rows = serializers.IntegerField()
    most_rows = serializers.IntegerField()
    has_noise = serializers.BooleanField()

    def get_title(self, dataset: Dataset) -> str:
        return gettext(dataset.title)

    def get_summary(self, dataset: Dataset) -> str:
        return gettext(dataset.summary)

    def get_teaches(self, dataset: Dataset) -> str:
        return gettext(dataset.teaches)

    def get_classes(self, dataset: Dataset) -> list[str]:
        return [gettext(name) for name in dataset.classes]

    @extend_schema_field(serializers.ChoiceField(choices=SCALINGS))
    def get_default_scaling(self, dataset: Dataset) -> str:
        return default_data(dataset.kind).scaling


class PresetSerializer(serializers.ModelSerializer[Preset]):
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()

    class Meta:
        model = Preset
        fields = ["id", "collection", "slug", "lesson_id", "section", "title", "summary", "spec"]

    def get_title(self, preset: Preset) -> str:
        return preset.text("title", get_language() or "")

    def get_summary(self, preset: Preset) -> str:
        return preset.text("summary", get_language() or "")


class RemarkSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON Pointer into the body.")
    code = serializers.CharField()
    detail = serializers.CharField()


class EstimateSerializer(serializers.Serializer[Any]):
    """What a run would cost, without training anything."""

    seconds = serializers.FloatField(help_text="Expected on this server, from start to result.")
    parameters = serializers.IntegerField(help_text="Weights and biases.")
    training_rows = serializers.IntegerField()
    validation_rows = serializers.IntegerField()
    steps_per_epoch = serializers.IntegerField()
    steps = serializers.IntegerField()
    remarks = RemarkSerializer(many=True)


class PlaceSerializer(serializers.Serializer[runs.Place]):
    position = serializers.IntegerField(help_text="1 is next.")
    waiting = serializers.IntegerField(help_text="Runs that wait on this server.")
    seconds = serializers.IntegerField(help_text="Expected to start after so many, if nobody else comes.")


class RunSerializer(serializers.ModelSerializer[Run]):
    status = serializers.ChoiceField(choices=Status.choices)
    failure = serializers.ChoiceField(choices=Failure.choices, allow_blank=True)
    epochs_planned = serializers.IntegerField()
    place = serializers.SerializerMethodField()
    spec = serializers.DictField()
    outcome = serializers.DictField(help_text="Metrics, confusion matrix and versions, once the run has ended.")

    class Meta:
        model = Run
        fields = [
            "id",
            "title",
            "status",
            "spec",
            "preset",
            "estimated_seconds",
            "attempt",
            "epochs_done",
            "epochs_planned",
            "last_seq",
            "place",
            "cancel_requested_at",
            "created_at",
            "started_at",
            "finished_at",
            "failure",
            "outcome",
        ]
        read_only_fields = fields

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_place(self, run: Run) -> dict[str, int] | None:
        """The place in the queue while the run waits: computed once for all rows of a list."""
        places: Mapping[UUID, runs.Place] = self.context.get("places", {})
        return places[run.pk].as_json() if run.pk in places else None


class EpochSerializer(serializers.Serializer[Any]):
    """Losses and metrics as Keras reports them. A value that was not measured is null or missing; a loss that is no
    finite number is null, and named in `nonfinite`."""

    number = serializers.IntegerField()
    loss = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True, required=False)
    auc = serializers.FloatField(allow_null=True, required=False)
    precision = serializers.FloatField(allow_null=True, required=False)
    recall = serializers.FloatField(allow_null=True, required=False)
    mean_absolute_error = serializers.FloatField(allow_null=True, required=False)
    r2_score = serializers.FloatField(allow_null=True, required=False)
    val_loss = serializers.FloatField(allow_null=True, required=False)
    val_accuracy = serializers.FloatField(allow_null=True, required=False)
    val_auc = serializers.FloatField(allow_null=True, required=False)
    val_precision = serializers.FloatField(allow_null=True, required=False)
    val_recall = serializers.FloatField(allow_null=True, required=False)
    val_mean_absolute_error = serializers.FloatField(allow_null=True, required=False)
    val_r2_score = serializers.FloatField(allow_null=True, required=False)
    learning_rate = serializers.FloatField(allow_null=True, required=False, help_text="Of the epoch's last step.")
    seconds = serializers.FloatField()
    nonfinite = serializers.DictField(child=serializers.CharField())


class EpochsSerializer(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)
    epochs = EpochSerializer(many=True)


class EventSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField(help_text="Numbers of one run have no gaps; resume with `after` or Last-Event-ID.")
    kind = serializers.ChoiceField(choices=[Event.CLAIMED, Event.STARTED, Event.EPOCH, Event.RESET, Event.END])
    attempt = serializers.IntegerField()
    at = serializers.DateTimeField()
    payload = serializers.DictField()


class EventsSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Status.choices)
    place = PlaceSerializer(allow_null=True)
    events = EventSerializer(many=True)
