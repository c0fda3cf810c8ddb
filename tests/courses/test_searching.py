"""Search over a course: what is found, in which language, in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.models import Course, Lesson, SearchEntry
from courses.search_words import excerpt, plain, section_texts, sqlite_query, terms, words
from courses.searching import find, index_course, index_lesson
from quizzes.searching import asked_in

pytestmark = pytest.mark.django_db


def titles(course: Course, query: str, locale: str = "en") -> list[str]:
    return [hit.entry.title for hit in find(course, query, locale).hits]


@pytest.mark.parametrize("query", ["学习率", "损失", "率", "梯度 学习率"])
def test_it_finds_chinese_words_of_any_length(shipped_course, query):
    found = find(shipped_course, query, "zh-hans")
    assert found.locale == "zh-hans"
    assert found.hits
    for hit in found.hits:
        text = hit.entry.title + hit.entry.body
        assert all(term in text for term in query.split())


def test_it_does_not_find_characters_that_only_stand_apart(shipped_course):
    assert titles(shipped_course, "率学", "zh-hans") == []


def test_a_concept_of_that_name_comes_first(shipped_course):
    first = find(shipped_course, "learning rate", "en").hits[0].entry
    assert (first.kind, first.title) == ("concept", "learning rate")
    first = find(shipped_course, "学习率", "zh-hans").hits[0].entry
    assert (first.kind, first.title) == ("concept", "学习率")


def test_it_finds_sections_concepts_and_questions(shipped_course):
    kinds = {hit.entry.kind for hit in find(shipped_course, "epoch", "en").hits}
    assert kinds == {"section", "concept", "question"}


def test_the_beginning_of_a_word_and_its_other_forms_are_enough(shipped_course):
    assert "hyperparameter" in titles(shipped_course, "hyperpar")
    assert "divergence" in titles(shipped_course, "diverging")


def test_every_term_must_be_there(shipped_course):
    assert titles(shipped_course, "epoch zebra") == []


def test_another_language_answers_where_the_own_has_nothing(shipped_course):
    found = find(shipped_course, "超参数", "en")
    assert found.locale == "zh-hans"
    assert found.hits


@pytest.mark.parametrize("query", ["", "   ", "***", '"', "…", "()"])
def test_a_query_without_words_finds_nothing(shipped_course, query):
    assert find(shipped_course, query, "en").hits == []


@pytest.mark.parametrize(
    "query", ['" OR title_words:"', "NEAR(a b)", "a AND", "-epoch", "epoch*", "^epoch", "{a}: b", "%"]
)
def test_no_query_is_an_error(shipped_course, query):
    find(shipped_course, query, "en")


def test_no_prompt_gives_an_answer_away(shipped_course):
    questions = SearchEntry.objects.filter(kind="question", locale="en")
    assert questions.exists()
    text = " ".join(entry.title + entry.body for entry in questions)
    assert "The learning rate belongs to the optimizer" not in text
    assert "[[" not in text


def test_what_is_archived_is_found_no_more(shipped_course):
    lesson = Lesson.objects.get(slug="learning-rate")
    lesson.sections.filter(slug="bowl").update(archived_at="2026-01-01T00:00Z")
    assert "Out of the bowl" in titles(shipped_course, "bowl")
    index_lesson(lesson, asked_in(lesson))
    assert "Out of the bowl" not in titles(shipped_course, "bowl")


def test_indexing_again_changes_nothing(shipped_course):
    entries = SearchEntry.objects.order_by("kind", "target", "locale").values_list("title", "body", "anchor")
    before = list(entries)
    assert index_course(shipped_course, asked_in(shipped_course)) == len(before)
    assert list(entries.all()) == before
    assert titles(shipped_course, "hyperparameter").count("hyperparameter") == 1


# --- words, without a database ---------------------------------------------------------------------------------------


def test_words_part_han_from_everything_else():
    assert words("学习率η与ＳＧＤ 0.01") == "学 习 率 η与sgd 0.01".replace("η与", "η 与 ")


def test_a_query_is_a_phrase_of_han_and_beginnings_of_words():
    assert sqlite_query(terms("学习率 Adam")) == '"学 习 率" AND "adam"*'


def test_an_excerpt_shows_the_hit_in_the_middle_of_a_long_text():
    text = "before " * 100 + "the learning rate " + "after " * 100
    pieces = excerpt(text, terms("learning"))
    assert ("learning", True) in pieces
    assert len("".join(piece for piece, _ in pieces)) < 190
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)


def test_section_texts_leave_pictures_and_headings_out():
    parts = [
        {"html": '<p>Before.</p><h2 id="a">Title</h2><p>One <b>two</b></p><svg><text>label</text></svg>'},
        {"directive": "preset", "ref": "x", "caption": "A caption"},
        {"html": '<h3 id="b">Other</h3><table><tr><td>x</td><td>y</td></tr></table>'},
    ]
    assert dict(section_texts(parts, ["a", "b"])) == {"a": "Before. One two A caption", "b": "x y"}


@given(st.text(max_size=200), st.text(max_size=30))
def test_an_excerpt_is_a_piece_of_the_text(text, query):
    shown = "".join(piece for piece, _ in excerpt(text, terms(query)))
    assert shown.strip("…") in text or shown.replace("…", "") in text.replace("…", "")


@given(st.text(max_size=200))
def test_words_and_plain_take_anything(text):
    words(text)
    plain(text)
    sqlite_query(terms(text))
