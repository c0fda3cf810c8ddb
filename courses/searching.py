"""Search in one course: its sections, concepts and questions, in the language of who asks, else in any other.

The index is a cache of the content. Whoever changes content calls `index_course`, or `index_lesson` for one lesson.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, When
from django.db.models.expressions import RawSQL

from courses.models import ConceptText, Course, Lesson, LessonBody, SearchEntry, SearchEntryQuerySet
from courses.search_words import Term, excerpt, plain, postgresql_query, section_texts, sqlite_query, terms, words

MOST_OF_A_KIND = 20
MOST_AT_ONCE = 200
VECTOR = "(setweight(to_tsvector('english', title_words), 'A') || setweight(to_tsvector('english', body_words), 'B'))"


@dataclass(frozen=True)
class Asked:
    """What a search may show of a question: its prompt, never its key."""

    question: uuid.UUID
    lesson: uuid.UUID
    locale: str
    anchor: str
    prompt_html: str


@dataclass(frozen=True)
class Hit:
    """`title` and `excerpt` in pieces; True marks what was asked for."""

    entry: SearchEntry
    title: Sequence[tuple[str, bool]]
    excerpt: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Group:
    """The best hits of one kind; `more`: whether there are others."""

    kind: str
    hits: Sequence[Hit]
    more: bool


@dataclass(frozen=True)
class Found:
    """Concepts, then sections, then questions; a group without hits is left out. `locale`: the language of the hits."""

    groups: Sequence[Group]
    locale: str

    @property
    def hits(self) -> list[Hit]:
        return [hit for group in self.groups for hit in group.hits]


# --- the index -------------------------------------------------------------------------------------------------------


@transaction.atomic
def index_course(course: Course, asked: Iterable[Asked]) -> int:
    """Make the index of a course anew and return the number of its entries. One lesson at a time is in memory."""
    SearchEntry.objects.filter(course=course).delete()
    count = _save(course, _concepts(course))
    for lesson in course.lessons.published().in_order().iterator():
        count += _save(course, _sections(lesson))
    titles = LessonBody.objects.filter(lesson__course=course).values_list("lesson", "locale", "title")
    return count + _save(course, _questions(asked, {(lesson, locale): title for lesson, locale, title in titles}))


@transaction.atomic
def index_lesson(lesson: Lesson, asked: Iterable[Asked]) -> None:
    """Make the entries of one lesson anew: its sections, and the questions given."""
    SearchEntry.objects.filter(lesson=lesson).delete()
    _save(lesson.course, _sections(lesson))
    titles = lesson.bodies.values_list("locale", "title")
    _save(lesson.course, _questions(asked, {(lesson.pk, locale): title for locale, title in titles}))


def _save(course: Course, entries: Iterable[SearchEntry]) -> int:
    count, left = 0, iter(entries)
    while rows := list(islice(left, MOST_AT_ONCE)):
        for entry in rows:
            entry.course = course
            entry.title = entry.title[:300]
            entry.title_words, entry.body_words = words(entry.title), words(entry.body)
        SearchEntry.objects.bulk_create(rows)
        count += len(rows)
    return count


def _sections(lesson: Lesson) -> Iterator[SearchEntry]:
    ids = dict(lesson.sections.filter(archived_at=None).values_list("slug", "pk"))
    for body in LessonBody.objects.filter(lesson=lesson).defer("markdown"):
        titles = {heading["id"]: heading["title"] for heading in body.contents}
        for section, text in section_texts(body.parts, titles):
            if section in ids:
                yield SearchEntry(
                    kind=SearchEntry.Kind.SECTION,
                    lesson=lesson,
                    locale=body.locale,
                    target=ids[section],
                    anchor=section,
                    title=titles[section],
                    context=body.title,
                    body=text,
                )


def _concepts(course: Course) -> Iterator[SearchEntry]:
    texts = ConceptText.objects.filter(concept__course=course, concept__archived_at=None).select_related("concept")
    for text in texts:
        yield SearchEntry(
            kind=SearchEntry.Kind.CONCEPT,
            locale=text.locale,
            target=text.concept_id,
            anchor=text.concept.slug,
            title=text.name,
            body=plain(text.definition_html),
        )


def _questions(asked: Iterable[Asked], titles: Mapping[tuple[uuid.UUID, str], str]) -> Iterator[SearchEntry]:
    for one in asked:
        yield SearchEntry(
            kind=SearchEntry.Kind.QUESTION,
            lesson_id=one.lesson,
            locale=one.locale,
            target=one.question,
            anchor=one.anchor,
            title=plain(one.prompt_html),
            context=titles.get((one.lesson, one.locale), ""),
        )


# --- finding ---------------------------------------------------------------------------------------------------------


def find(course: Course, query: str, locale: str) -> Found:
    """Return what every term of the query stands in, the best first; nothing for a query without letters or digits.

    Han terms are found wherever they stand, others where a word begins with them (and by their English stem).
    """
    asked = terms(query)
    if not asked:
        return Found([], locale)
    matching = _matching(SearchEntry.objects.filter(course=course), asked)
    groups = _groups(matching.in_language(locale), asked)
    if not groups and (best := matching.first()):
        locale = best.locale
        groups = _groups(matching.in_language(locale), asked)
    return Found(groups, locale)


def _groups(matching: SearchEntryQuerySet, asked: Sequence[Term]) -> list[Group]:
    groups = []
    for kind in (SearchEntry.Kind.CONCEPT, SearchEntry.Kind.SECTION, SearchEntry.Kind.QUESTION):
        entries = list(matching.filter(kind=kind).select_related("course", "lesson__course")[: MOST_OF_A_KIND + 1])
        hits = [Hit(entry, excerpt(entry.title, asked), excerpt(entry.body, asked)) for entry in entries]
        groups += [Group(kind, hits[:MOST_OF_A_KIND], len(hits) > MOST_OF_A_KIND)] if hits else []
    return groups


def _matching(entries: SearchEntryQuerySet, asked: Sequence[Term]) -> SearchEntryQuerySet:
    """The entries in which every term stands: those of just that title, then by rank; a hit in a title weighs ten."""
    title = " ".join(word for term in asked for word in term.words)
    found: Any = entries.annotate(other=Case(When(title_words=title, then=0), default=1))
    if connection.vendor == "postgresql":
        query = postgresql_query(asked)
        rank = RawSQL(f"-ts_rank('{{0, 0, 0.1, 1}}', {VECTOR}, to_tsquery('english', %s))", [query])  # noqa: S611
        found = found.extra(where=[f"{VECTOR} @@ to_tsquery('english', %s)"], params=[query])  # noqa: S610
    else:
        rank = RawSQL("bm25(courses_search_index, 10.0, 1.0)", [])
        found = found.extra(
            tables=["courses_search_index"],
            where=["courses_search_index.rowid = courses_searchentry.id", "courses_search_index MATCH %s"],
            params=[sqlite_query(asked)],
        )
    matching: SearchEntryQuerySet = found.annotate(rank=rank).order_by("other", "rank", "pk")
    return matching
