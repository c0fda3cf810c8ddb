"""Questions of a course in one language, files of them, and what an import leaves in the tables."""

from typing import Any

from courses.ids import content_id
from courses.models import Concept, Course, CourseText, Lesson, LessonBody, SearchEntry
from quizzes.bank.formats import FORMATS
from quizzes.bank.plan import Plan, plan
from quizzes.models import Question, QuestionVersion

GIFT = """// [id:rate] [tag:activation-function]
::Too large a rate::[markdown]What does the loss do if the rate is **far** too large?{
    =It grows#Each step jumps over the minimum.
    ~It falls faster
}

::Epoch::An epoch is one pass over the training set.{T}

What is the smallest prime?{#2}
"""


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row that an import may touch."""
    through = Question.concepts.through
    models = (Course, Question, QuestionVersion, SearchEntry, through)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def planned(
    course: Course, content: str | bytes = GIFT, name: str = "gift", locale: str = "en", lesson: str | None = "nets"
) -> Plan:
    content = content.encode() if isinstance(content, str) else content
    chosen = Lesson.objects.get(course=course, slug=lesson) if lesson else None
    return plan(course, chosen, FORMATS[name].read(content, locale), locale, FORMATS[name])


def statuses(found: Plan) -> list[str]:
    return [one.status for one in found.planned]


def empty_course(slug: str, locales: tuple[str, ...] = ("en",)) -> Course:
    """A course with a lesson and two concepts and not a single question."""
    course = Course.objects.create(id=content_id(slug, "course", slug), slug=slug, locales=list(locales))
    CourseText.objects.create(course=course, locale="en", title="Empty")
    lesson = Lesson.objects.create(id=content_id(slug, "lesson", "nets"), course=course, slug="nets", position=1)
    LessonBody.objects.create(lesson=lesson, locale="en", title="Nets")
    for concept in ("activation-function", "forward-pass"):
        Concept.objects.create(id=content_id(slug, "concept", concept), course=course, slug=concept)
    return course
