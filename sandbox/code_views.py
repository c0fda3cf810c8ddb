"""Code of a lesson as the recipe of a new run: found by lesson, language and number, so that no code is in an address.

Beside `sandbox.views`, because only an entry point may know lessons.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest

from courses.models import LessonBody
from sandbox.code_wording import Explanation, explanations, sentence
from sandbox.keras_code import Translation, translate
from sandbox.models import TableQuerySet
from sandbox.recipes import STARTER, Recipe


@dataclass(frozen=True)
class LessonCode:
    """`ref` is the number of the code in the text, from 1."""

    body: LessonBody
    ref: str
    source: str
    translation: Translation

    @property
    def explanations(self) -> list[Explanation]:
        return explanations(self.source, self.translation.notes)

    def recipe(self, tables: TableQuerySet) -> Recipe:
        """What the code trains; the usual beginning and the reasons, where it can no longer be read."""
        if self.translation.spec is not None:
            return Recipe.of_spec(self.translation.spec, self.body.title, tables)
        recipe = Recipe.of_spec(STARTER, self.body.title)
        recipe.problems += [sentence(refusal) for refusal in self.translation.refusals]
        return recipe


def named_code(request: HttpRequest) -> LessonCode | None:
    """The code that the address or the form names, None if none is named; Http404 for one that is not there."""
    named = request.GET if request.method == "GET" else request.POST
    ref = named.get("code")
    if ref is None:
        return None
    bodies = LessonBody.objects.filter(lesson__archived_at=None, lesson__course__archived_at=None)
    bodies = bodies.filter(lesson=_lesson_id(named.get("lesson", "")), locale=named.get("locale", ""))
    body = bodies.select_related("lesson__course").defer("markdown", "contents").first()
    for part in body.parts if body else ():
        if body and part.get("directive") == "code" and part["ref"] == ref:
            return LessonCode(body, ref, part["code"], translate(part["code"]))
    raise Http404("There is no such code.")


def _lesson_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404("There is no such code.") from error
