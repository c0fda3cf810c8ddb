"""The history of a lesson: its versions, two of them compared, and an old one restored."""

import re

import pytest
from django.utils import timezone

from accounts.models import User
from courses.models import Course, LessonVersion
from sandbox.models import Preset
from tests.courses.editing import EDITOR, LESSON, body, numbers, save

pytestmark = pytest.mark.django_db
HISTORY, COMPARE = f"{EDITOR}history/", f"{EDITOR}compare/"


@pytest.fixture
def signed_in(client, teacher):
    client.force_login(teacher)
    return client


@pytest.fixture
def edited(signed_in):
    """Three versions: the import, a changed section, another title."""
    save(signed_in, "Its output is", "Its result is")
    save(signed_in, title="Nerves")
    return signed_in


def read(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def restore(client, number, based_on):
    return client.post(f"{EDITOR}restore/{number}/", {"based_on": based_on})


def test_it_says_who_changed_what_and_when(edited):
    page = read(edited, HISTORY)
    third, second, first = re.split(r'<li class="version"', page)[1:]
    assert "title changed" in third
    assert "+0" in third
    assert "+1" in second
    assert "−1" in second
    assert "Tea" in second
    assert "what the lesson says" not in second
    assert "what the lesson says" in third
    assert "Import" in first
    assert "25 lines" in first


def test_it_names_nobody_whose_account_is_gone(edited, teacher, admin_user):
    teacher.delete()
    edited.force_login(admin_user)
    assert "somebody whose account is gone" in read(edited, HISTORY)
    assert LessonVersion.objects.filter(author=None).count() == 6


def test_two_versions_stand_in_one_text_or_side_by_side(edited):
    page = read(edited, f"{COMPARE}?old=1&new=3")
    assert "<del>output</del><ins>result</ins>" in page
    assert "<del>Neurons</del><ins>Nerves</ins>" in page
    assert "lines are the same" in page
    side = read(edited, f"{COMPARE}?old=3&new=1&view=side")
    before, after = re.search(
        r'compared__old">(Its .*?)</td>.*?compared__new">(Its .*?)</td>', side, re.DOTALL
    ).groups()
    assert "<del>output</del>" in before
    assert "<ins>" not in before
    assert "<ins>result</ins>" in after
    assert "lines are the same" not in read(edited, f"{COMPARE}?old=1&new=3&all=1")


def test_without_being_asked_it_compares_the_last_two(edited):
    page = read(edited, COMPARE)
    assert "<ins>Nerves</ins>" in page
    assert "<ins>result</ins>" not in page


def test_it_compares_nothing_with_what_is_not_there(edited):
    for query in ("?old=1&new=9", "?old=x&new=1", "?old=1", "?old=1&new=99999999999999999999"):
        assert edited.get(COMPARE + query).status_code == 404, query


def test_a_comparison_lists_what_hangs_on_the_sections(edited):
    page = read(edited, f"{COMPARE}?old=1&new=2")
    hanging = page[page.index('class="hanging"') :]
    assert re.findall(r'hanging__kind">(\w+)</span>', hanging) == ["Question", "Flashcard", "Concept"]


def test_what_versions_say_is_escaped(signed_in):
    save(signed_in, "The end.", "<script>alert(1)</script> <b onclick=x>y</b>")
    for url in (f"{COMPARE}?old=1&new=2", f"{COMPARE}?old=1&new=2&view=side"):
        page = read(signed_in, url)
        assert "<script>alert" not in page
        assert "<b onclick" not in page


def test_an_old_version_comes_back_as_a_new_one(edited, teacher):
    answer = restore(edited, 1, 3)
    assert answer.headers["Location"] == HISTORY
    assert "The text of version 1 is back, as version 4." in read(edited, HISTORY)
    assert numbers() == [1, 2, 3, 4]
    new = LessonVersion.objects.get(number=4)
    old = LessonVersion.objects.get(number=1, lesson=new.lesson, locale="en")
    assert (new.source, new.author, new.content_hash) == ("restore", teacher, old.content_hash)
    assert (body().title, body().markdown) == (old.title, old.markdown)
    assert "Neurons" in read(edited, "/courses/small-course/neurons/")
    assert Course.objects.get().edited_at == new.created_at


def test_what_the_lesson_says_already_is_not_restored(edited):
    assert restore(edited, 3, 3).status_code == 302
    assert numbers() == [1, 2, 3]


def test_a_restore_does_not_overwrite_what_nobody_has_seen(edited):
    answer = restore(edited, 1, 2)
    assert answer.status_code == 409
    assert "Version 3 was saved while you were writing" in answer.content.decode()
    assert numbers() == [1, 2, 3]


def test_a_version_with_errors_by_now_goes_to_the_editor(signed_in):
    save(signed_in, "::preset[Train the *2-3-2* network]{two-three-two}\n", "")
    Preset.objects.update(archived_at=timezone.now())
    answer = restore(signed_in, 1, 2)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no preset" in page
    assert "{two-three-two}" in page
    assert numbers() == [1, 2]


def test_a_version_that_is_not_there_cannot_be_restored(edited):
    assert restore(edited, 9, 3).status_code == 404


def test_a_long_history_has_pages_and_costs_no_more_queries(signed_in, django_assert_max_num_queries):
    first = LessonVersion.objects.get(number=1, lesson__slug="neurons", locale="en")
    LessonVersion.objects.bulk_create(
        LessonVersion(
            lesson=first.lesson, locale="en", number=number, title="x", markdown=f"text {number}", source="editor",
            created_at=timezone.now(), content_hash="",
        )
        for number in range(2, 50)
    )  # fmt: skip
    signed_in.get(HISTORY)
    with django_assert_max_num_queries(10):
        page = read(signed_in, HISTORY)
    assert page.count('<li class="version"') == 20
    assert "?page=2" in page
    last = read(signed_in, f"{HISTORY}?page=3")
    assert last.count('<li class="version"') == 9
    assert "25 lines" in last
    with django_assert_max_num_queries(14):
        read(signed_in, f"{COMPARE}?old=1&new=49")


def test_an_author_takes_along_what_they_wrote_and_leaves_it_here(edited, teacher):
    answer = edited.get("/api/v1/me/export/").json()
    assert [(one["number"], one["title"]) for one in answer["courses"]["lesson_versions"]] == [
        (2, "Neurons"), (3, "Nerves"),
    ]  # fmt: skip
    assert edited.delete("/api/v1/me/").status_code == 204
    assert not User.objects.exists()
    assert LessonVersion.objects.filter(number=3, author=None).exists()


def test_the_other_languages_have_histories_of_their_own(edited):
    page = read(edited, f"{LESSON}/zh-hans/history/")
    assert page.count('<li class="version"') == 1
    assert f'href="{HISTORY}"' in page
