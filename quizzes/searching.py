"""What a search may find of the questions of a course: what is asked, never what is right."""

import re
from collections.abc import Iterator

from django.db.models import Q

from courses.models import Course, Lesson
from courses.searching import Asked
from quizzes.kinds import Texts
from quizzes.models import Question

# Where the texts of a kind say what is asked: the first of these that it has.
PROMPTS = ("prompt", "text", "front")
BLANK = re.compile(r"\[\[[^\[\]]*\]\]")
DRAWN = re.compile(r"\{[a-z][a-z0-9_]*\}")


def asked_in(place: Course | Lesson) -> Iterator[Asked]:
    """The prompts of every published question of a course or a lesson, in each of its languages."""
    own = Q(course=place) if isinstance(place, Course) else Q(lesson=place)
    questions = Question.objects.published().filter(own, lesson__isnull=False, current__isnull=False)
    for question in questions.select_related("current", "section").iterator(chunk_size=200):
        assert question.current is not None
        assert question.lesson_id is not None
        section = question.section
        anchor = section.slug if section and section.archived_at is None else "quiz"
        for locale, texts in question.current.rendered.items():
            if prompt := prompt_html(texts):
                yield Asked(question.pk, question.lesson_id, locale, anchor, prompt)


def prompt_html(texts: Texts) -> str:
    """What is asked, of the rendered texts of a question: blanks are left blank, and numbers that are drawn, too."""
    prompt = next((texts[path] for path in PROMPTS if path in texts), "")
    return DRAWN.sub("…", BLANK.sub("___", prompt))
