"""The questions of a course as a file of another system."""

from dataclasses import dataclass

from django.db.models import Q

from courses.models import Course, Lesson
from quizzes.bank.formats import Format
from quizzes.exporting import concepts_of
from quizzes.interchange.items import Entry
from quizzes.models import Question


@dataclass(frozen=True)
class LeftOut:
    """A question that is not in the file, or only in part; `why` is an English sentence of the format."""

    question: Question
    why: str


@dataclass(frozen=True)
class Exported:
    """`asked`: how many questions the course has; `left_out`: what the file does not hold of them."""

    content: bytes
    asked: int
    left_out: tuple[LeftOut, ...]

    @property
    def incomplete(self) -> int:
        """How many questions are not in the file, or not as a whole."""
        return len({one.question.pk for one in self.left_out})

    @property
    def by_reason(self) -> list[tuple[str, list[Question]]]:
        """What is left out, the reason that concerns most questions first."""
        found: dict[str, list[Question]] = {}
        for one in self.left_out:
            found.setdefault(one.why, []).append(one.question)
        return sorted(found.items(), key=lambda reason: -len(reason[1]))


def export(course: Course, lesson: Lesson | None, locale: str, file_format: Format) -> Exported:
    """Write every published question of a course, or of one of its lessons, in the order in which they stand.

    The title of each is its stable id, its category is `course/lesson`. The same questions give the same bytes.
    """
    questions = _questions(course, lesson)
    concepts = concepts_of(questions)
    entries = [_entry(course, question, tuple(concepts.get(question.pk, ()))) for question in questions]
    written = file_format.write(entries, locale)
    by_slug = {question.slug: question for question in questions}
    left_out = tuple(LeftOut(by_slug[slug], why) for slug, why in written.left_out)
    return Exported(written.content, len(questions), left_out)


def _questions(course: Course, lesson: Lesson | None) -> list[Question]:
    shown = Q(lesson=None) | Q(lesson__archived_at=None)
    rows = Question.objects.published().filter(shown, course=course)
    if lesson is not None:
        rows = rows.filter(lesson=lesson)
    return list(
        rows.select_related("current", "lesson").order_by("lesson__position", "lesson__slug", "position", "slug")
    )


def _entry(course: Course, question: Question, concepts: tuple[str, ...]) -> Entry:
    assert question.current is not None
    category = f"{course.slug}/{question.lesson.slug}" if question.lesson else course.slug
    return Entry(question.slug, question.slug, question.current.parsed, concepts, category)
