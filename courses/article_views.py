"""The text of a lesson with what it places: drawings of experiments, questions, challenges.

All but the tries is the same for everybody, and kept by the rows that it is made of (`courses.kept`).
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce
from django.http import Http404
from django.template.loader import render_to_string

from accounts.models import User
from config.prepared import Prepared
from courses.kept import MOST, Kept, StandIn, cut, filled, hole
from courses.models import Course, Lesson, LessonBody, in_locale
from quizzes import challenge_states, checkpoints
from quizzes.challenge_states import PlacedRow, Posed, Try
from quizzes.checkpoints import Checkpoint
from quizzes.models import Question
from sandbox.models import Preset
from sandbox.presentation import network_drawing

Rows = TypeVar("Rows", bound=QuerySet[Any])


# --- what page and API read ------------------------------------------------------------------------------------------


def with_flashcards(rows: Rows, lesson: str) -> Rows:
    """Rows with `flashcards`: how many the lesson brings whose id is in the column `lesson`."""
    cards = Question.objects.published().filter(lesson=OuterRef(lesson), kind="flashcard").order_by().values("lesson")
    return rows.annotate(flashcards=Coalesce(Subquery(cards.annotate(n=Count("pk")).values("n")), 0))


def presets_by_slug(course: Course) -> dict[str, Preset]:
    return {preset.slug: preset for preset in Preset.objects.offered().filter(collection=course.slug)}


def asked_in(body: LessonBody) -> list[str]:
    """The ids of the questions that a text places, challenges included."""
    return [part["ref"] for part in body.parts if part.get("directive") in {"question", "challenge"}]


def filled_parts(
    body: LessonBody,
    presets: Mapping[str, Preset],
    asked: Mapping[str, Checkpoint],
    posed: Mapping[str, Posed] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """The parts of a text with the rows that its directives name. A row that is gone leaves its caption."""
    return [{**part, **_filling(part, body, presets, asked, posed)} for part in body.parts]


def _filling(
    part: Mapping[str, str],
    body: LessonBody,
    presets: Mapping[str, Preset],
    asked: Mapping[str, Checkpoint],
    posed: Mapping[str, Posed],
) -> dict[str, Any]:
    directive, ref = part.get("directive"), part.get("ref", "")
    if directive == "question" and ref in asked:
        return {"checkpoint": asked[ref]}
    if directive == "challenge" and ref in posed:
        return {"challenge": posed[ref]}
    if directive == "preset" and ref in presets:
        preset = presets[ref]
        return {
            "preset": preset,
            "title": preset.text("title", body.locale),
            "summary": preset.text("summary", body.locale),
            "drawing": network_drawing(preset.spec),
        }
    return {}


# --- the rows of a text ----------------------------------------------------------------------------------------------


class Text(NamedTuple):
    """A lesson in one language. `body` has lesson and course, but not what stands here as JSON."""

    body: LessonBody
    flashcards: int
    contents: str
    parts: str


_TEXTS = Prepared(
    lambda course, lesson: (
        with_flashcards(LessonBody.objects.all(), "lesson_id")
        .filter(lesson__slug=lesson, lesson__archived_at=None)
        .filter(lesson__course__slug=course, lesson__course__archived_at=None)
        .annotate(headings=Cast("contents", TextField()), text=Cast("parts", TextField()))
        .values_list(
            "lesson__course_id", "lesson__course__locales", "lesson_id", "lesson__position", "locale", "title",
            "summary", "minutes", "flashcards", "headings", "text",
        )
    ),
    course=CharField(),
    lesson=CharField(),
)  # fmt: skip


def find_text(course_slug: str, slug: str, locale: str) -> Text:
    """Return the text of a published lesson in `locale` or the next best, or raise Http404; in one query."""
    texts: dict[str, Text] = {}
    for row in _TEXTS(course=course_slug, lesson=slug):
        course_id, locales, lesson_id, position, spoken, title, summary, minutes, *more = row
        course = Course(id=course_id, slug=course_slug, locales=locales)
        lesson = Lesson(id=lesson_id, course=course, slug=slug, position=position)
        body = LessonBody(lesson=lesson, locale=spoken, title=title, summary=summary, minutes=minutes)
        texts[spoken] = Text(body, *more)
    bodies = [text.body for text in texts.values()]
    best = in_locale(bodies, locale, bodies[0].lesson.course.fallback) if bodies else None
    if best is None:
        raise Http404
    return texts[best.locale]


class Directive(NamedTuple):
    """A part of a text that is to be filled. `ref`: the id of what it places; `caption`: HTML."""

    name: str
    ref: str
    caption: str


class PresetRow(NamedTuple):
    """A preset as it stands in the database: `texts` and `spec` are JSON."""

    id: uuid.UUID
    slug: str
    texts: str
    spec: str

    def preset(self) -> Preset:
        return Preset(id=self.id, slug=self.slug, texts=json.loads(self.texts), spec=json.loads(self.spec))


_PRESETS = Prepared(
    lambda collection, slugs: (
        Preset.objects.offered()
        .filter(collection=collection, slug__in=slugs)
        .annotate(words=Cast("texts", TextField()), recipe=Cast("spec", TextField()))
        .values_list("id", "slug", "words", "recipe")
    ),
    collection=CharField(),
    slugs=CharField(),
)


class Placed(NamedTuple):
    """What a text places, in the order of reading, and by slug the rows of it that are there.

    The tries are the learner's own; all else is the same for everybody.
    """

    directives: Sequence[Directive]
    questions: Mapping[str, PlacedRow]
    presets: Mapping[str, PresetRow]
    tries: Mapping[str, Try | None]

    def challenges(self) -> list[tuple[int, Directive]]:
        """The challenges that can be taken, with their places among the directives."""
        posed = {slug for slug, row in self.questions.items() if row.kind == "challenge" and slug in self.presets}
        found = enumerate(self.directives)
        return [(place, one) for place, one in found if one.name == "challenge" and one.ref in posed]


def find_placed(text: Text, learner: User | None) -> Placed:
    """Read what a text places, in two queries at most."""
    course = text.body.lesson.course
    directives = _directives.get(text.parts, lambda: tuple(_read_directives(text.parts)))
    asked = [one.ref for one in directives if one.name in {"question", "challenge"}]
    started = [one.ref for one in directives if one.name in {"preset", "challenge"}]
    questions = challenge_states.placed_rows(course, asked, learner)
    presets = [PresetRow(*row) for row in _PRESETS(collection=course.slug, slugs=started)]
    return Placed(
        directives,
        questions={row.slug: row for row in questions},
        presets={row.slug: row for row in presets},
        tries={row.slug: best for row, best in questions.items()},
    )


def _read_directives(parts: str) -> list[Directive]:
    found = [part for part in json.loads(parts) if "directive" in part]
    return [Directive(part["directive"], part["ref"], part.get("caption", "")) for part in found]


# --- the text as HTML ------------------------------------------------------------------------------------------------


class Article(NamedTuple):
    """A text in pieces (`kept.cut`). `reviews`: the holes for the ids of reviews. `drawn`: the places of questions that
    ask with other numbers each time."""

    pieces: tuple[str, ...]
    reviews: tuple[str, ...]
    drawn: tuple[int, ...]


_directives: Kept[tuple[Directive, ...]] = Kept()
_articles: Kept[Article] = Kept()
_untried: Kept[str] = Kept(MOST // 8)
TOKEN: Final = hole("token")


def article(text: Text, placed: Placed, locale: str, *, token: str, signed_in: bool) -> str:
    """The text on a page in `locale` as one person sees it now: with a token and new ids of reviews in its forms."""
    around = (locale, text.body.locale, text.body.lesson_id, text.body.lesson.course.fallback)
    key = (around, text.parts, tuple(placed.questions.values()), tuple(placed.presets.values()))
    made = _articles.get(key, lambda: _make_article(text, placed, locale))
    filling = {TOKEN: token} | {review: str(uuid.uuid4()) for review in made.reviews}
    for place in made.drawn:
        filling[hole("part", place)] = _drawn(text, placed, placed.directives[place], locale, token)
    for place, directive in placed.challenges():
        filling[hole("part", place)] = _challenge(text, placed, directive, locale, signed_in=signed_in)
    return filled(made.pieces, filling)


def _make_article(text: Text, placed: Placed, locale: str) -> Article:
    """Reads nothing but what is in the key above."""
    lesson = text.body.lesson
    body = LessonBody(lesson=lesson, locale=text.body.locale, parts=json.loads(text.parts))
    questions = [challenge_states.question_of(row, lesson.course, None) for row in placed.questions.values()]
    asked = checkpoints.in_text(questions, locale)
    shown = filled_parts(body, {slug: row.preset() for slug, row in placed.presets.items()}, asked)
    parts = [part for part in shown if "directive" in part]
    drawn = tuple(place for place, part in enumerate(parts) if "checkpoint" in part and _is_drawn(part["checkpoint"]))
    places = [*drawn, *(place for place, _ in placed.challenges())]
    for place in places:
        parts[place]["html"] = hole("part", place)
    html = render_to_string("courses/parts.html", {"parts": shown, "body": body, "csrf_token": TOKEN})
    # A checkpoint has been asked under a random id: that is its hole.
    reviews = tuple(str(one.review_id) for one in asked.values() if not _is_drawn(one))
    return Article(cut(html, [TOKEN, *(hole("part", place) for place in places), *reviews]), reviews, drawn)


def _is_drawn(checkpoint: Checkpoint) -> bool:
    """Whether what it shows is made from the id of the review that an answer will be."""
    first, *others = [checkpoint.version.parsed.asked(seed) for seed in range(8)]
    return any(other != first for other in others)


def _drawn(text: Text, placed: Placed, directive: Directive, locale: str, token: str) -> str:
    """A checkpoint with numbers of its own."""
    question = challenge_states.question_of(placed.questions[directive.ref], text.body.lesson.course, None)
    part = {"checkpoint": checkpoints.ask(question, locale), "caption": directive.caption}
    return render_to_string("courses/checkpoint.html", {"part": part, "csrf_token": token})


def _challenge(text: Text, placed: Placed, directive: Directive, locale: str, *, signed_in: bool) -> str:
    """A challenge with the reader's best try. One that was not tried is the same for everybody, and kept."""
    body, course = text.body, text.body.lesson.course
    row, preset, best = placed.questions[directive.ref], placed.presets[directive.ref], placed.tries[directive.ref]

    def make() -> str:
        question = challenge_states.question_of(row, course, best)
        posed = challenge_states.in_text([question], {preset.slug: preset.preset()}, body.locale)
        part = {"challenge": posed[row.slug], "ref": directive.ref, "caption": directive.caption}
        reader = StandIn(is_authenticated=signed_in)
        return render_to_string("courses/challenge.html", {"part": part, "body": body, "user": reader})

    key = (locale, body.locale, course.fallback, row, preset, directive, signed_in)
    return make() if best else _untried.get(key, make)
