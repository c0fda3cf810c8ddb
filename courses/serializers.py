"""Shapes of what the API tells of courses. Texts are in one language; `locale` says which it became."""

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema_field
from pydantic import BaseModel, ConfigDict, Field
from rest_framework import serializers

from courses.models import Course, Lesson, Progress


class ProgressBody(BaseModel):
    """How far one device has come. What is stored only grows, so reports may come late, twice or out of order."""

    model_config = ConfigDict(strict=True, extra="forbid")

    position: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    """The furthest point read, 0…1."""
    sections: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=500)] = []
    """Slugs of the sections that have been on the screen."""


class ProgressSerializer(serializers.ModelSerializer[Progress]):
    sections = serializers.ListField(child=serializers.CharField(), help_text="Slugs of the sections seen, in order.")

    class Meta:
        model = Progress
        fields = ["lesson", "position", "sections", "opened_at", "updated_at"]


class CourseSerializer(serializers.ModelSerializer[Course]):
    locale = serializers.SerializerMethodField(help_text="The language of title and summary.")
    locales = serializers.ListField(child=serializers.CharField(), help_text="The first is the one to fall back on.")
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ["id", "slug", "locale", "locales", "title", "summary", "licence", "content_hash"]

    def get_locale(self, course: Course) -> str:
        text = course.text(self.context["locale"])
        return text.locale if text else course.fallback

    def get_title(self, course: Course) -> str:
        text = course.text(self.context["locale"])
        return text.title if text else course.slug

    def get_summary(self, course: Course) -> str:
        text = course.text(self.context["locale"])
        return text.summary if text else ""


class LessonSummarySerializer(serializers.ModelSerializer[Lesson]):
    """A lesson in a list: everything but its text."""

    position = serializers.IntegerField(read_only=True, help_text="In its course, from 1.")
    course = serializers.SlugRelatedField[Course](slug_field="slug", read_only=True)
    locale = serializers.SerializerMethodField(help_text="The language of title and summary.")
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    minutes = serializers.SerializerMethodField(help_text="To read it.")
    content_hash = serializers.SerializerMethodField(help_text="Changes when the text changes.")
    progress = serializers.SerializerMethodField(help_text="Of the learner who asks; null before the first opening.")

    class Meta:
        model = Lesson
        fields = [
            "id", "course", "slug", "position", "locale", "title", "summary", "minutes", "content_hash", "progress",
        ]  # fmt: skip

    def _body(self, lesson: Lesson, name: str, default: Any) -> Any:
        return getattr(lesson.body(self.context["locale"]), name, default)

    def get_locale(self, lesson: Lesson) -> str:
        return str(self._body(lesson, "locale", lesson.course.fallback))

    def get_title(self, lesson: Lesson) -> str:
        return str(self._body(lesson, "title", lesson.slug))

    def get_summary(self, lesson: Lesson) -> str:
        return str(self._body(lesson, "summary", ""))

    def get_minutes(self, lesson: Lesson) -> int:
        return int(self._body(lesson, "minutes", 1))

    def get_content_hash(self, lesson: Lesson) -> str:
        return str(self._body(lesson, "content_hash", ""))

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, lesson: Lesson) -> dict[str, Any] | None:
        progress = self.context["progress"].get(lesson.pk)
        return dict(ProgressSerializer(progress).data) if progress else None


class SectionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField(help_text="Also the id of the heading in `html`.")
    title = serializers.CharField()
    level = serializers.IntegerField(help_text="2 or 3, as in HTML.")


class ConceptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField(help_text="Safe HTML.")
    recall = serializers.FloatField(
        allow_null=True,
        help_text="Predicted probability (0…1) that the learner recalls it now; null before any review.",
    )


class LessonPresetSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()


class LessonQuizSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    questions = serializers.IntegerField()
    best = serializers.FloatField(allow_null=True, help_text="The learner's best share of the marks, 0…1.")


class ChallengeTargetSerializer(serializers.Serializer[Any]):
    """One thing that a run must reach: a number within bounds, or nothing but what is allowed."""

    name = serializers.CharField(source="target.name", help_text="A measure of the last epoch, or a part of the spec.")
    at_least = serializers.FloatField(source="target.at_least", allow_null=True)
    at_most = serializers.FloatField(source="target.at_most", allow_null=True)
    allowed = serializers.ListField(source="target.allowed", child=serializers.CharField(), help_text="Only these.")
    title = serializers.CharField(source="name", help_text="What it is called, in the language asked for.")
    wanted = serializers.CharField(help_text="The condition in words.")
    met = serializers.BooleanField(allow_null=True, help_text="By the best try; null before the first.")
    reached = serializers.CharField(source="found", help_text="What the best try had, in words.")


class ChallengeSerializer(serializers.Serializer[Any]):
    """A training that must meet targets: start a run of the preset; it is judged when it has ended."""

    id = serializers.UUIDField(source="question.pk", help_text="The question, as in `GET /memory/{question}/`.")
    slug = serializers.CharField(source="question.slug")
    version = serializers.IntegerField(source="version.number")
    preset = serializers.UUIDField(source="preset_id", help_text="Name it in `PUT /sandbox/runs/{uuid}/`.")
    start = serializers.DictField(source="starts_with", help_text="The spec to begin with. Its data must not change.")
    title = serializers.CharField(source="shown.title")
    prompt = serializers.CharField(source="shown.prompt", help_text="Safe HTML, as hint and feedback.")
    hint = serializers.CharField(source="shown.hint", allow_null=True, help_text="The first of the hints.")
    hints = serializers.ListField(source="shown.hints", child=serializers.CharField())
    targets = ChallengeTargetSerializer(many=True, source="lines")
    state = serializers.ChoiceField(choices=["new", "tried", "met"], help_text="What was met once stays met.")
    best_run = serializers.UUIDField(source="run_id", allow_null=True)
    feedback = serializers.CharField(help_text="What it shows, for who has met it; else empty.")


class LessonSerializer(LessonSummarySerializer):
    """A lesson with its text in one language."""

    html = serializers.CharField(
        help_text="Safe HTML: formulas as MathML, diagrams as SVG, code with Pygments classes. A checkpoint is an "
        "element with `data-question`, the id of a question of the quiz; its answers go to `POST /reviews/`."
    )
    sections = SectionSerializer(many=True)
    concepts = ConceptSerializer(many=True, help_text="What this lesson explains, in reading order.")
    presets = LessonPresetSerializer(many=True, help_text="The experiments that the text offers.")
    quiz = LessonQuizSerializer(allow_null=True)
    flashcards = serializers.IntegerField(help_text="How many the lesson brings.")
    due = serializers.IntegerField(help_text="How many of its cards and questions the learner is to review today.")
    challenges = ChallengeSerializer(many=True, help_text="They stand where `data-challenge` is.")

    class Meta(LessonSummarySerializer.Meta):
        fields = [
            *LessonSummarySerializer.Meta.fields, "html", "sections", "concepts", "presets", "quiz", "flashcards",
            "due", "challenges",
        ]  # fmt: skip
